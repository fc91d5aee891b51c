/// Why the log cannot be read or written. The message is one sentence that says what to do.
public struct LogStoreError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure; more may be added.
  public struct Code: Sendable, Hashable {
    let name: String
    /// The log is not what its signed head says: shorter, changed or of another origin.
    public static let changed = Code(name: "changed")
    /// The head is not signed by the key of this log.
    public static let untrusted = Code(name: "untrusted")
    /// The disk refused.
    public static let disk = Code(name: "disk")
    /// Another process writes this log.
    public static let busy = Code(name: "busy")
    /// More entries wait than are held in memory.
    public static let overloaded = Code(name: "overloaded")
    /// The log was closed, or a failed write left it in doubt until the next start.
    public static let closed = Code(name: "closed")
    /// There is no such entry, or it is too long.
    public static let range = Code(name: "range")
  }

  public let code: Code
  public let message: String
  public var description: String { message }

  init(_ code: Code, _ message: String) { (self.code, self.message) = (code, message) }
}
