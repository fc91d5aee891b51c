public import MediaTime

/// An action that one person proposes and another confirms, in a limited time.
///
/// ```text
/// proposed ──► confirmed (by somebody else; happens once)
///          ──► withdrawn (by either)
///          ──► expired
/// ```
public struct TwoPersonRule: Sendable, Hashable {
  public enum State: Sendable, Hashable {
    case proposed
    case confirmed(by: String, at: WallTime)
    case withdrawn(by: String, at: WallTime)
    case expired
  }

  /// Why an event does not fit.
  public enum Misfit: String, Error, Sendable, Hashable {
    case over
    /// The second person must be another one.
    case samePerson = "same-person"
  }

  /// What is proposed: the digest or id of exactly this action.
  public let action: String
  public let proposer: String
  public let proposed: WallTime
  public let expires: WallTime
  public private(set) var state: State = .proposed

  public init(action: String, proposer: String, proposed: WallTime, lifetime: Duration = .seconds(900)) {
    (self.action, self.proposer, self.proposed) = (action, proposer, proposed)
    expires = proposed + lifetime
  }

  /// Notices that nobody confirmed in time.
  public mutating func tick(_ moment: WallTime) {
    if state == .proposed, expires <= moment { state = .expired }
  }

  /// The second person's word. After it the action is carried out, once.
  public mutating func confirm(by person: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard state == .proposed else { throw .over }
    guard person != proposer else { throw .samePerson }
    state = .confirmed(by: person, at: moment)
  }

  public mutating func withdraw(by person: String, at moment: WallTime) throws(Misfit) {
    tick(moment)
    guard state == .proposed else { throw .over }
    state = .withdrawn(by: person, at: moment)
  }
}
