/// Why the media plane refused. The text says what to do about it.
public struct MediaPlaneError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure, an open set.
  public struct Code: Sendable, Hashable {
    let text: String
    /// The port belongs to another program.
    public static let portOccupied = Code(text: "port-occupied")
    /// No port of the configured range is free.
    public static let noFreePort = Code(text: "no-free-port")
    /// The address to listen on is not one of this machine, or not an address.
    public static let badAddress = Code(text: "bad-address")
    /// Another open stream uses this SSRC.
    public static let duplicateSSRC = Code(text: "duplicate-ssrc")
    /// The plane is not running.
    public static let notRunning = Code(text: "not-running")
    /// The kernel refused something else.
    public static let system = Code(text: "system")
  }

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
