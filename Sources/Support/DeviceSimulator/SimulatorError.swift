/// Why the simulator cannot do what was asked, in one sentence for a person.
public struct SimulatorError: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
