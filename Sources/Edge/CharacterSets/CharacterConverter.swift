import Glibc
import Synchronization

/// One direction of glibc's `iconv`, usable from any thread.
///
/// A descriptor keeps state and must not be shared, and opening one costs
/// microseconds: idle ones wait in a small pool.
final class CharacterConverter: Sendable {
  /// GB18030 to UTF-8.
  static let decoder = CharacterConverter(to: "UTF-8", from: "GB18030")
  /// UTF-8 to GB18030.
  static let encoder = CharacterConverter(to: "GB18030", from: "UTF-8")

  private let target: String
  private let source: String
  private let idle = Mutex<[Descriptor]>([])
  private static let mostIdle = 8

  init(to target: String, from source: String) { (self.target, self.source) = (target, source) }

  var isAvailable: Bool {
    guard let descriptor = take() else { return false }
    give(descriptor)
    return true
  }

  /// Converts all of `bytes`; what cannot be converted becomes `replacement`, byte by byte.
  func convert(_ bytes: ArraySlice<UInt8>, replacement: [UInt8]) -> [UInt8] {
    guard !bytes.isEmpty else { return [] }
    guard let descriptor = take() else { return Self.withoutTable(bytes, replacement) }
    defer { give(descriptor) }
    return descriptor.convert(bytes, replacement: replacement)
  }

  private func take() -> Descriptor? {
    idle.withLock { $0.popLast() } ?? Descriptor(to: target, from: source)
  }

  private func give(_ descriptor: Descriptor) {
    idle.withLock { if $0.count < Self.mostIdle { $0.append(descriptor) } }
  }

  /// ASCII survives even on a machine without the table.
  private static func withoutTable(_ bytes: ArraySlice<UInt8>, _ replacement: [UInt8]) -> [UInt8] {
    bytes.flatMap { $0 < 0x80 ? [$0] : replacement }
  }
}

/// An open conversion.
private final class Descriptor: @unchecked Sendable {
  // Proof for @unchecked: a descriptor is in the pool or with exactly one caller, never both.
  private let handle: iconv_t

  init?(to target: String, from source: String) {
    guard let handle = iconv_open(target, source), Int(bitPattern: handle) != -1 else { return nil }
    self.handle = handle
  }

  deinit { _ = iconv_close(handle) }

  func convert(_ bytes: ArraySlice<UInt8>, replacement: [UInt8]) -> [UInt8] {
    // Back to the initial state, whatever the last caller left.
    _ = iconv(handle, nil, nil, nil, nil)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count * 3 / 2 + 16)
    bytes.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      // iconv takes a pointer to mutable bytes but does not write through it.
      var input: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(mutating: base)
        .assumingMemoryBound(to: CChar.self)
      var left = source.count
      while left > 0 {
        let error = step(&input, &left, into: &output)
        guard left > 0, error != 0, error != E2BIG else { continue }
        output.append(contentsOf: replacement)
        // A character cut off at the end is one damage, not one per byte.
        guard error != EINVAL else { return }
        input = input.map { $0 + 1 }
        left -= 1
      }
    }
    return output
  }

  /// Converts as much as fits a chunk.
  /// - Returns: 0 or `errno`.
  private func step(
    _ input: inout UnsafeMutablePointer<CChar>?, _ left: inout Int, into output: inout [UInt8]
  ) -> Int32 {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 4_096) { chunk in
      var target = chunk.baseAddress
      var room = chunk.count
      let result = iconv(handle, &input, &left, &target, &room)
      let error = result == -1 ? errno : 0
      output.append(contentsOf: UnsafeRawBufferPointer(chunk).prefix(chunk.count - room))
      return error
    }
  }
}
