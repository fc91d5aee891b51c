/// Why a scenario cannot be played: where, and one sentence for a person.
public struct ScenarioError: Error, Sendable, Hashable, CustomStringConvertible {
  public enum Code: Sendable, Hashable {
    /// The text is no YAML.
    case syntax
    /// A key that nothing reads; the nearest known one.
    case unknownKey(nearest: String)
    /// A key that must be there.
    case missingKey
    /// A mapping, list or plain value stands where another of them belongs.
    case wrongShape
    /// A value that is no value of its key; the nearest known one where there is a list.
    case wrongValue(nearest: String?)
    /// More than the simulator plays.
    case tooLarge
  }

  public let code: Code
  /// 1 for the first line; 0 when the place is not known.
  public let line: Int
  public let sentence: String

  init(_ code: Code, line: Int, _ sentence: String) {
    (self.code, self.line, self.sentence) = (code, line, sentence)
  }

  public var description: String { line > 0 ? "line \(line): \(sentence)" : sentence }
}
