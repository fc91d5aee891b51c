public import GBCore
import Synchronization

/// What chance decided in a run, so that two runs with one seed can be compared.
public final class DecisionLog: Sendable {
  /// One choice: of whom, about what, the how manieth, and how it came out.
  public struct Decision: Sendable, Hashable, CustomStringConvertible {
    public let peer: DeviceID
    public let subject: String
    /// 1 for a peer's first choice about the subject.
    public let ordinal: Int
    public let outcome: String

    public var description: String { "\(peer) \(subject) #\(ordinal): \(outcome)" }
  }

  private struct Key: Hashable {
    let peer: DeviceID
    let subject: String
  }

  /// Choices that are kept of each peer and subject; later ones are only counted.
  public static let longest = 4_096

  private let entries = Mutex<[Key: [String]]>([:])

  public init() {}

  func record(_ peer: DeviceID, _ subject: String, _ outcome: String) {
    entries.withLock {
      let key = Key(peer: peer, subject: subject)
      guard $0[key, default: []].count < Self.longest else { return }
      $0[key, default: []].append(outcome)
    }
  }

  /// All choices, in the order of peers, subjects and ordinals.
  public var decisions: [Decision] {
    let entries = entries.withLock { $0 }
    return entries.keys.sorted { ($0.peer, $0.subject) < ($1.peer, $1.subject) }.flatMap { key in
      (entries[key] ?? []).enumerated().map {
        Decision(peer: key.peer, subject: key.subject, ordinal: $0.offset + 1, outcome: $0.element)
      }
    }
  }
}
