/// What is wrong with the description of a network, and where.
public struct PlanFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of mistake it is.
  public enum Kind: Sendable, Hashable {
    case syntax
    /// Another shape than a mapping, a list or a plain value.
    case wrongShape
    /// `nearest` is the key that is most like it.
    case unknownKey(nearest: String)
    case missingKey
    case wrongValue
    /// Two levels have the same name.
    case twice
    case tooLarge
  }

  public let kind: Kind
  /// From 1; 0 when no line can be named.
  public let line: Int
  public let message: String

  init(_ kind: Kind, line: Int, _ message: String) {
    (self.kind, self.line, self.message) = (kind, line, message)
  }

  public var description: String { line > 0 ? "line \(line): \(message)" : message }
}
