import HTTPAPI
import MediaTime
import Synchronization
import WireBytes

/// The last messages exchanged with each peer, for the ladder that people read when something does not work.
///
/// Heartbeats and our plain 200s to messages are left out: they say nothing and would push out what matters.
/// Bounded by peers, messages per peer and bytes per message.
final class MessageLadder: Sendable {
  struct Entry: Sendable {
    let time: WallTime
    let isIncoming: Bool
    let bytes: [UInt8]
  }

  private struct Peer {
    var entries: [Entry] = []
    var lastUse: UInt64 = 0

    /// - Returns: whether this is its first entry.
    mutating func add(_ entry: Entry, at clock: UInt64) -> Bool {
      lastUse = clock
      entries.append(entry)
      // Cut down now and then only: removing from the front moves everything.
      if entries.count >= perPeer * 2 { entries.removeFirst(entries.count - perPeer) }
      return entries.count == 1
    }
  }

  static let mostPeers = 2_000
  static let perPeer = 64
  static let longestMessage = 8_192

  private struct State {
    var peers: [String: Peer] = [:]
    var clock: UInt64 = 0
  }
  private let state = Mutex(State())

  /// - Parameter peer: numeric address without port: media calls and heartbeats of one device share it.
  func record(peer: String, time: WallTime, isIncoming: Bool, bytes: [UInt8]) {
    guard isIncoming ? !Self.isHeartbeat(bytes) : !Self.isPlainAnswer(bytes) else { return }
    // Kept as it is, not copied, unless it is one of the few that are too long.
    let kept = bytes.count <= Self.longestMessage ? bytes : Array(bytes.prefix(Self.longestMessage))
    let entry = Entry(time: time, isIncoming: isIncoming, bytes: kept)
    state.withLock { state in
      state.clock += 1
      let isNew = state.peers[peer, default: Peer()].add(entry, at: state.clock)
      guard isNew, state.peers.count > Self.mostPeers,
        let oldest = state.peers.min(by: { $0.value.lastUse < $1.value.lastUse })?.key
      else { return }
      state.peers[oldest] = nil
    }
  }

  /// The messages with `peer` that mention `code`, oldest first.
  func messages(peer: String, mentioning code: String?) -> [Entry] {
    let entries = state.withLock { $0.peers[peer]?.entries ?? [] }
    guard let code else { return entries.suffix(Self.perPeer) }
    let wanted = Array(code.utf8)
    return Array(entries.filter { Self.contains($0.bytes, wanted) }.suffix(Self.perPeer))
  }

  /// The messages of one call.
  func call(_ id: String) -> [Entry] {
    let wanted = Array(id.utf8)
    let all = state.withLock { state in state.peers.values.flatMap(\.entries) }
    return all.filter { Self.contains($0.bytes, wanted) }.sorted { $0.time < $1.time }
  }

  private static let heartbeat = Array("<CmdType>Keepalive<".utf8)
  private static let success = Array("SIP/2.0 200".utf8)
  private static let messageInCSeq = Array(" MESSAGE\r\n".utf8)

  private static func isHeartbeat(_ bytes: [UInt8]) -> Bool {
    // A MESSAGE, in any case: devices write it as they like.
    (bytes.first ?? 0) | 0x20 == UInt8(ascii: "m") && contains(bytes, heartbeat, from: bytes.count - 600)
  }

  /// Our 200 to a MESSAGE: one follows every heartbeat.
  private static func isPlainAnswer(_ bytes: [UInt8]) -> Bool {
    bytes.starts(with: success) && contains(bytes, messageInCSeq)
  }

  /// Whether `wanted` is in `bytes`, at or after `start`.
  private static func contains(_ bytes: [UInt8], _ wanted: [UInt8], from start: Int = 0) -> Bool {
    guard let first = wanted.first, bytes.count >= wanted.count else { return false }
    let span = bytes.span
    let last = bytes.count - wanted.count
    var position = max(0, start)
    while let hit = ByteScan.firstIndex(of: first, in: span, from: position, to: last + 1) {
      var matched = 1
      while matched < wanted.count, span[hit + matched] == wanted[matched] { matched += 1 }
      if matched == wanted.count { return true }
      position = hit + 1
    }
    return false
  }
}

extension MessageLadder.Entry {
  /// As the API tells it. Credentials in Authorization are cut out.
  func message(decode: ([UInt8]) -> String) -> API.LadderMessage {
    // Devices quote it or not, and put blanks around the sign.
    let text = decode(bytes).replacing(/(?i)\bresponse\s*=\s*"?[0-9a-f]+"?/) { _ in "response=\"…\"" }
    // Carriage return and line feed are one character, and it is not "\n".
    let lines = text.split(maxSplits: 1) { $0.isNewline }
    let first = lines.first.map { String($0).trimmed } ?? ""
    return API.LadderMessage(
      time: API.Time(time), direction: isIncoming ? .in : .out, summary: Self.summary(first, text), text: text
    )
  }

  /// `INVITE`, `200 OK (INVITE)`, `MESSAGE Catalog`.
  private static func summary(_ first: String, _ text: String) -> String {
    let words = first.split(separator: " ")
    if first.hasPrefix("SIP/2.0") {
      let method = text.firstMatch(of: /(?im)^CSeq\s*:\s*\d+\s+(\w+)/).map { String($0.1) } ?? ""
      return words.dropFirst().joined(separator: " ") + (method.isEmpty ? "" : " (\(method))")
    }
    let command = text.firstMatch(of: /<CmdType>\s*(\w+)/).map { " \($0.1)" } ?? ""
    return (words.first.map(String.init) ?? "?") + command
  }
}
