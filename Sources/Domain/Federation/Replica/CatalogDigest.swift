public import GBCore
import Registry

/// A fingerprint of a whole catalog, in buckets by code: two levels that compare it know whether they agree, and
/// where they do not.
///
/// Sums of 128-bit item hashes, so that the order does not matter and a change costs one subtraction and one addition.
/// It finds what was lost, not who lies: the hash is no cryptographic one.
public struct CatalogDigest: Sendable, Hashable {
  public static let bucketCount = 256

  struct Sum: Sendable, Hashable {
    var high: UInt64 = 0
    var low: UInt64 = 0
  }

  /// Items in it.
  public private(set) var count = 0
  private var sums = Array(repeating: Sum(), count: bucketCount)

  public init() {}

  /// Which bucket a code falls into.
  public static func bucket(of code: DeviceID) -> Int { Int(Mixing.hash(code.text.utf8) & 255) }

  mutating func add(_ print: ItemFingerprint) {
    count += 1
    sums[print.bucket].high &+= print.high
    sums[print.bucket].low &+= print.low
  }

  mutating func remove(_ print: ItemFingerprint) {
    count -= 1
    sums[print.bucket].high &-= print.high
    sums[print.bucket].low &-= print.low
  }

  /// The buckets in which two catalogs differ, ascending; empty when they agree.
  public func differences(from other: CatalogDigest) -> [Int] {
    (0..<Self.bucketCount).filter { sums[$0] != other.sums[$0] }
  }

  // MARK: As text

  /// The number of items and 32 hexadecimal digits for each bucket: what is sent to the other level.
  public var text: String {
    "\(count):" + sums.map { Self.hex($0.high) + Self.hex($0.low) }.joined()
  }

  /// - Returns: nil unless `text` is such a one.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), count >= 0,
      parts[1].utf8.count == Self.bucketCount * 32
    else { return nil }
    self.count = count
    let digits = Array(parts[1].utf8)
    guard digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
    for bucket in 0..<Self.bucketCount {
      sums[bucket].high = Self.number(digits[bucket * 32..<bucket * 32 + 16])
      sums[bucket].low = Self.number(digits[bucket * 32 + 16..<bucket * 32 + 32])
    }
  }

  private static func hex(_ number: UInt64) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64 {
    digits.reduce(0) { $0 << 4 | UInt64($1 < 58 ? $1 - 48 : $1 - 87) }
  }
}

/// The hash of one catalog item, the same at the level that sends it and at the one that received it.
struct ItemFingerprint: Sendable, Hashable {
  let bucket: Int
  let high: UInt64
  let low: UInt64

  /// As the lower level sends it in that edition.
  init(_ item: SharedItem, edition: GBVersion) {
    let values = item.catalogItem().values.filter { $0.key.exists(in: edition) }
    self.init(item.id, values, isOn: item.isOn ?? true)
  }

  /// As the upper level has it.
  init(_ channel: Channel) {
    let values = CatalogItem(rereading: channel.packedRaw)?.values ?? [:]
    self.init(channel.key.channel, values, isOn: channel.status == .on)
  }

  private init(_ code: DeviceID, _ values: [CatalogField: String], isOn: Bool) {
    bucket = CatalogDigest.bucket(of: code)
    var text = code.text + (isOn ? "+" : "-")
    for field in CatalogField.allCases {
      switch field {
      // The state may have changed since the item was written; the event belongs to the message.
      case .status, .event, .password, .deviceID: continue
      default: break
      }
      guard let value = values[field].map(Self.trimmed), !value.isEmpty, value.lowercased() != "null" else {
        continue
      }
      text += "\u{1}\(field.rawValue)\u{2}\(value)"
    }
    high = Mixing.hash(text.utf8)
    low = Mixing.hash(text.utf8, seed: 0x6A09_E667_F3BC_C908)
  }

  /// A document loses the blanks around a value.
  private static func trimmed(_ value: String) -> String {
    var bytes = value.utf8[...]
    while let first = bytes.first, first <= 32 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 32 { bytes = bytes.dropLast() }
    return String(bytes) ?? value
  }
}
