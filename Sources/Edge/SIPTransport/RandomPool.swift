import Glibc

/// Random numbers of the kernel, fetched many at a time instead of with one system call each.
public struct RandomPool: Sendable {
  /// What the kernel gives at once: 256 bytes.
  private static let size = 32

  private var numbers: [UInt64] = []

  public init() {}

  public mutating func next() -> UInt64 {
    if numbers.isEmpty { refill() }
    return numbers.popLast() ?? UInt64.random(in: .min ... .max)
  }

  /// Twelve hexadecimal digits: 48 random bits, and short enough to need no allocation.
  mutating func tag() -> String {
    let number = next()
    return String(unsafeUninitializedCapacity: 12) { buffer in
      for index in 0..<12 {
        let digit = UInt8(truncatingIfNeeded: number >> UInt64(index * 4)) & 15
        buffer[index] = digit < 10 ? 48 + digit : 87 + digit
      }
      return 12
    }
  }

  private mutating func refill() {
    var fresh = [UInt64](repeating: 0, count: Self.size)
    let result = fresh.withUnsafeMutableBytes { getentropy($0.baseAddress, $0.count) }
    if result == 0 { numbers = fresh }
  }
}
