import CLoad

/// Why a measurement could not be made, in one sentence for a person.
public struct LoadError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  init(_ error: load_error) {
    description = withUnsafeBytes(of: error.text) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

/// Quantiles of a set of times, in milliseconds; all 0 when nothing was measured.
public struct Quantiles: Sendable, Hashable, Codable {
  public var median: Double
  public var percentile99: Double
  public var maximum: Double

  init(_ microseconds: (UInt32, UInt32, UInt32)) {
    median = Double(microseconds.0) / 1_000
    percentile99 = Double(microseconds.1) / 1_000
    maximum = Double(microseconds.2) / 1_000
  }
}

/// Descriptors a running job announces itself on.
public enum ReadyDescriptor {
  /// Nobody is told.
  public static let none: Int32 = -1
  /// Standard output: a line `ready` or `ready PORT` (see ``LoadChild``).
  public static let standardOutput: Int32 = 1
}

/// Ends every loop of this process soon. Safe in a signal handler.
public func stopLoad() { load_stop() }

/// The monotonic clock that results refer to, in nanoseconds; the same in all processes of a machine.
public func loadClock() -> Int64 { load_now() }
