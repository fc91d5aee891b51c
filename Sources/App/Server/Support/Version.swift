/// The version of this build.
public enum TributaryVersion {
  public static let text = "0.1.0"
}

/// Why the server could not start: one sentence that says what to do.
public struct StartError: Error, CustomStringConvertible, Sendable, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }
}
