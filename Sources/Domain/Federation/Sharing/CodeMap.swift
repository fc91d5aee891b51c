public import GBCore
public import Registry

/// Under which code each thing is shown to one superior, one to one (§11.1): applied to everything that crosses the
/// link, in both directions.
///
/// A thing keeps its own code unless another one has it already, or it is reserved. Then it gets a code of the same
/// area, industry and type with another serial number, found from its name alone, so that the same network comes to
/// the same codes again. An assignment never changes while it is kept; keep ``takeChanges()`` on disk.
public struct CodeMap: Sendable, Hashable {
  /// One row to keep.
  public struct Assignment: Sendable, Hashable {
    public let key: ChannelKey
    /// Nil: the row is gone.
    public let code: DeviceID?

    public init(key: ChannelKey, code: DeviceID?) { (self.key, self.code) = (key, code) }
  }

  private var outwards: [ChannelKey: DeviceID] = [:]
  private var inwards: [DeviceID: ChannelKey] = [:]
  private var changes: [ChannelKey: DeviceID?] = [:]
  /// Codes that mean something else on this link: the superior's and ours.
  private let reserved: Set<DeviceID>
  /// The first ten digits of codes made for things whose own code follows no rule.
  private let domain: String

  /// - Parameters:
  ///   - reserved: codes that are never given to anything, such as the superior's own.
  ///   - own: our code there: its domain is used for things whose code follows no rule.
  ///   - assignments: what was kept; rows that contradict each other or the reserved codes are left out.
  public init(own: DeviceID, reserved: Set<DeviceID> = [], assignments: [Assignment] = []) {
    self.reserved = reserved.union([own])
    domain = own.domain ?? "0000000000"
    for row in assignments {
      guard let code = row.code, !self.reserved.contains(code), inwards[code] == nil,
        outwards[row.key] == nil
      else { continue }
      (outwards[row.key], inwards[code]) = (code, row.key)
    }
  }

  public var count: Int { outwards.count }

  /// The code the superior knows it by; nil when it was never shown.
  public func outward(_ key: ChannelKey) -> DeviceID? { outwards[key] }

  /// What the superior means by a code; nil when it was never given one of that code.
  public func inward(_ code: DeviceID) -> ChannelKey? { inwards[code] }

  /// All rows, by key.
  public var assignments: [Assignment] {
    outwards.sorted { $0.key < $1.key }.map { Assignment(key: $0.key, code: $0.value) }
  }

  /// The code for a thing, given now if it has none.
  ///
  /// - Returns: nil when all codes of its kind are taken.
  public mutating func assign(_ key: ChannelKey) -> DeviceID? {
    if let code = outwards[key] { return code }
    guard let code = isFree(key.channel) ? key.channel : search(key) else { return nil }
    (outwards[key], inwards[code]) = (code, key)
    changes[key] = .some(code)
    return code
  }

  /// Forgets a thing that is gone for good.
  public mutating func release(_ key: ChannelKey) {
    guard let code = outwards.removeValue(forKey: key) else { return }
    inwards[code] = nil
    changes[key] = .some(nil)
  }

  /// The rows that changed since the last call, by key.
  public mutating func takeChanges() -> [Assignment] {
    defer { changes = [:] }
    return changes.sorted { $0.key < $1.key }.map { Assignment(key: $0.key, code: $0.value) }
  }

  private func isFree(_ code: DeviceID) -> Bool { inwards[code] == nil && !reserved.contains(code) }

  private func search(_ key: ChannelKey) -> DeviceID? {
    let code = key.channel
    // Area, industry, type and network stay, so that everything that reads them from the code still does.
    let prefix = code.isStandard ? String(code.text.prefix(14)) : domain + "131" + "0"
    let start = Mixing.hash(key.description.utf8) % 1_000_000
    for step in 0..<1_000_000 as Range<UInt64> {
      let serial = String((start + step) % 1_000_000)
      let text = prefix + String(repeating: "0", count: 6 - serial.utf8.count) + serial
      if let candidate = DeviceID(text), isFree(candidate) { return candidate }
    }
    return nil
  }
}
