import Foundation
import Synchronization

/// One step of a case: a message that went or came, or a remark of the tester.
public struct LadderEntry: Sendable, Hashable, Codable {
  public enum Direction: String, Sendable, Hashable, Codable {
    case sent
    case received
    /// What the tester did besides sending, or saw besides messages.
    case note
  }

  /// Seconds since the case began.
  public var time: Double
  public var direction: Direction
  /// Who of the tester's identities: `device 1`, `upper platform`.
  public var party: String
  /// `udp` or `tcp`; empty for a remark.
  public var transport: String
  /// The whole message, or the remark.
  public var text: String

  /// The first line, as a list of messages shows it.
  public var summary: String {
    let first = text.prefix { !$0.isNewline }
    guard direction != .note, let command = Self.command(in: text) else { return String(first) }
    return "\(first) · \(command)"
  }

  /// `CmdType` of the body, which says more than the start line of a MESSAGE.
  private static func command(in text: String) -> Substring? {
    guard let start = text.range(of: "<CmdType>"),
      let end = text.range(of: "</CmdType>", range: start.upperBound..<text.endIndex)
    else { return nil }
    return text[start.upperBound..<end.lowerBound]
  }
}

/// The messages of one case, in order. Bounded: the first and the last are kept, what lies between is counted.
final class Ladder: Sendable {
  /// Messages kept from the beginning and from the end.
  static let keptFirst = 200
  static let keptLast = 100
  /// Characters of one message.
  static let longest = 16_384

  private struct State {
    var first: [LadderEntry] = []
    var last: [LadderEntry] = []
    var left = 0
  }

  private let begin = ContinuousClock.now
  private let state = Mutex(State())

  func add(_ direction: LadderEntry.Direction, _ party: String, _ transport: String, _ text: String) {
    let passed = (ContinuousClock.now - begin).seconds
    let isLong = text.utf8.count > Self.longest
    let entry = LadderEntry(
      time: (passed * 1_000).rounded() / 1_000, direction: direction, party: party, transport: transport,
      text: isLong
        ? String(decoding: text.utf8.prefix(Self.longest), as: UTF8.self)
          + "\n… \(text.utf8.count - Self.longest) bytes more" : text)
    state.withLock { state in
      guard state.first.count >= Self.keptFirst else { return state.first.append(entry) }
      if state.last.count >= Self.keptLast {
        state.last.removeFirst()
        state.left += 1
      }
      state.last.append(entry)
    }
  }

  func note(_ text: String) { add(.note, "", "", text) }

  var entries: [LadderEntry] {
    state.withLock { state in
      guard state.left > 0, let next = state.last.first else { return state.first + state.last }
      let gap = LadderEntry(
        time: next.time, direction: .note, party: "", transport: "", text: "\(state.left) messages left out")
      return state.first + [gap] + state.last
    }
  }
}

extension Duration {
  /// Whole and broken seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
