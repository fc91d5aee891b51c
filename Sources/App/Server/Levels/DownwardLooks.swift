import Access
import Federation
import GBCore
import HTTPAPI
import LevelCore
import Logging
import MediaTime
import Registry
import SIPCore
import Synchronization

/// The owner, or a level on the way to it, said no.
struct LookRefused: Error, Sendable, Hashable {
  /// As ``Denial/Reason`` or ``TokenRefusal`` have it, or what became of the question.
  let reason: String
  let text: String
}

/// Looks at what belongs to levels below: each is asked about there when it begins, whoever else looks already, and
/// told when it ends. What the owner ends ends here, for exactly that viewer.
///
/// ```text
///   begin ─► look (token) ─► allowed ─► the picture ─► end ─► look-end
///                │ denied, silence: refused           └─ look-ended from below: cut
/// ```
final class DownwardLooks: Sendable {
  struct Question: Codable, Sendable {
    var id: String
    var token: String
    /// Milliseconds that the asker waits.
    var within: Int
  }

  struct Answer: Codable, Sendable {
    /// The look's number in the owner's log.
    var entry: String?
  }

  struct End: Codable, Sendable {
    var id: String
    var reason: String?
  }

  struct List: Codable, Sendable {
    var ids: [String]
  }

  struct Entry {
    let channel: ChannelKey
    let looker: Looker
    /// The neighbour allowed it.
    var isAsked: Bool
    var ended: (@Sendable (LookRefused) async -> Void)?
  }

  /// Somebody who has just ordered something there.
  struct Recent: Hashable {
    let channel: ChannelKey
    let operation: AccessOperation
  }

  struct State {
    var entries: [String: Entry] = [:]
    var recent: [Recent: (looker: Looker, until: MonotonicTime)] = [:]
    var refused: UInt64 = 0
    var cut: UInt64 = 0
  }

  /// How long the owner may take.
  static let patience: Duration = .seconds(8)
  /// How long an order is taken for the reason of what follows it.
  private static let memory: Duration = .seconds(10)
  private static let mostRecent = 10_000

  private let book: LevelBook
  private let messages: LevelMessages
  let state = Mutex(State())

  init(book: LevelBook, messages: LevelMessages) {
    (self.book, self.messages) = (book, messages)
    messages.hear("look-ended", End.self) { [self] peer, end in await ended(end, peer) }
  }

  /// Looks that go on below, those that were refused there, those that were cut from there.
  var figures: (open: Int, refused: UInt64, cut: UInt64) {
    state.withLock { ($0.entries.count, $0.refused, $0.cut) }
  }

  // MARK: Beginning and end

  /// Asks for a live look at a channel of a platform below.
  ///
  /// - Returns: its name; nil where there is nobody to ask.
  func begin(_ channel: ChannelKey, _ looker: Looker, within limit: Duration = patience)
    async throws(LookRefused)
    -> String?
  {
    guard channel.device.isPlatform else { return nil }
    let id = Signalling.token() + Signalling.token()
    let peer = LevelPeer.lower(channel.device)
    let isAsked = book.isEnrolled(peer)
    if isAsked {
      do throws(LookRefused) { try await ask(id, channel, looker, peer, limit) } catch {
        state.withLock { $0.refused += 1 }
        throw error
      }
    }
    state.withLock {
      $0.entries[id] = Entry(channel: channel, looker: looker, isAsked: isAsked)
    }
    return id
  }

  private func ask(
    _ id: String, _ channel: ChannelKey, _ looker: Looker, _ peer: LevelPeer, _ limit: Duration
  ) async throws(LookRefused) {
    guard let chain = book.issue(looker, .live, channel.channel, to: peer) else {
      throw book.routes.ownCode(towards: peer) == nil
        ? LookRefused(reason: "not-connected", text: "The level that the camera belongs to is not connected.")
        : LookRefused(reason: "too-far", text: "The look has passed too many levels.")
    }
    let milliseconds = Int(limit.inSeconds * 1_000)
    do throws(LevelFailure) {
      _ = try await messages.ask(
        peer, "look", Question(id: id, token: chain.header, within: milliseconds), as: Answer.self,
        within: limit)
    } catch {
      switch error {
      case .declined(let code, let text): throw LookRefused(reason: code, text: text)
      case .noAnswer, .cancelled:
        // It may have been allowed all the same.
        Task { try? await messages.tell(peer, "look-end", End(id: id)) }
        throw LookRefused(
          reason: "no-answer", text: "The level that the camera belongs to did not answer in time.")
      default:
        throw LookRefused(reason: error.word, text: "The level that the camera belongs to cannot be asked.")
      }
    }
  }

  /// Says how the look is ended when the owner ends it.
  func attach(_ id: String?, ended: @escaping @Sendable (LookRefused) async -> Void) {
    guard let id else { return }
    state.withLock { $0.entries[id]?.ended = ended }
  }

  /// Whether a look goes on; true for one that nobody below knows of.
  func isOpen(_ id: String?) -> Bool { id.map { id in state.withLock { $0.entries[id] != nil } } ?? true }

  /// The viewer is gone.
  func end(_ id: String?) async {
    guard let id, let entry = state.withLock({ $0.entries.removeValue(forKey: id) }), entry.isAsked else {
      return
    }
    try? await messages.tell(.lower(entry.channel.device), "look-end", End(id: id))
  }

  /// The owner ended a look.
  private func ended(_ end: End, _ peer: LevelPeer) async {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries[end.id], LevelPeer.lower(entry.channel.device) == peer else {
        return nil
      }
      state.entries[end.id] = nil
      state.cut += 1
      return entry
    }
    await entry?.ended?(
      LookRefused(reason: end.reason ?? "ended", text: "The level that the camera belongs to ended the look.")
    )
  }

  /// A neighbour below is not believed any more, and may not be told of looks: they end.
  func endAll(below peer: LevelPeer) async {
    let all = state.withLock { state in
      let all = state.entries.filter { LevelPeer.lower($0.value.channel.device) == peer && $0.value.isAsked }
      for id in all.keys { state.entries[id] = nil }
      return all.values.compactMap(\.ended)
    }
    for ended in all { await ended(LookRefused(reason: "revoked", text: "The level was revoked.")) }
  }

  // MARK: Agreement

  /// Tells each neighbour which looks go on, and asks again for those that it has forgotten. Call twice a minute.
  func settle() async {
    let now = SystemClock.monotonic()
    let byPeer = state.withLock { state in
      state.recent = state.recent.filter { $0.value.until > now }
      return Dictionary(grouping: state.entries.filter(\.value.isAsked)) {
        LevelPeer.lower($0.value.channel.device)
      }
    }
    for (peer, entries) in byPeer where book.isEnrolled(peer) {
      let ids = entries.map(\.key).sorted()
      guard let missing = try? await messages.ask(peer, "looks", List(ids: ids), as: List.self) else {
        continue
      }
      for id in missing.ids where ids.contains(id) { await repeatAsking(id, peer) }
    }
  }

  private func repeatAsking(_ id: String, _ peer: LevelPeer) async {
    guard let entry = state.withLock({ $0.entries[id] }) else { return }
    do throws(LookRefused) { try await ask(id, entry.channel, entry.looker, peer, Self.patience) } catch {
      guard error.reason != "no-answer", error.reason != "not-connected" else { return }
      await ended(End(id: id, reason: error.reason), peer)
    }
  }

  // MARK: Requests that go down

  /// Remembers who orders something, for the requests that follow from it.
  func note(_ looker: Looker, _ channel: ChannelKey, _ operation: AccessOperation) {
    guard channel.device.isPlatform else { return }
    let now = SystemClock.monotonic()
    state.withLock { state in
      if state.recent.count >= Self.mostRecent { state.recent = state.recent.filter { $0.value.until > now } }
      guard state.recent.count < Self.mostRecent else { return }
      state.recent[Recent(channel: channel, operation: operation)] = (looker, now + Self.memory)
    }
  }

  /// Who is behind a request: somebody who looks, or who has just ordered it, or this platform itself.
  private func looker(_ channel: ChannelKey, _ operation: AccessOperation) -> Looker {
    let now = SystemClock.monotonic()
    return state.withLock { state in
      if operation == .live,
        let entry = state.entries.filter({ $0.value.channel == channel }).min(by: { $0.key < $1.key })
      {
        return entry.value.looker
      }
      let recent = state.recent[Recent(channel: channel, operation: operation)]
      return recent.flatMap { $0.until > now ? $0.looker : nil } ?? book.ownLooker
    }
  }

  /// Says in a request to a platform below who is behind it.
  func dress(_ request: inout SIPRequest, _ channel: ChannelKey, _ operation: AccessOperation) {
    guard channel.device.isPlatform else { return }
    let looker = looker(channel, operation)
    request.headers.append(.monitorUserIdentity, String(looker.identity.prefix(Looker.longestIdentity)))
    if let chain = book.issue(looker, operation, channel.channel, to: .lower(channel.device)) {
      request.headers.append(.lookToken, chain.header)
    }
  }
}

extension LookRefused {
  static let ended = LookRefused(
    reason: "ended", text: "The level that the camera belongs to ended the look.")

  /// What the person is told who asked.
  var problem: Problem {
    if let known = Denial.Reason(rawValue: reason) { return .accessDenied(Denial(known), .live) }
    var problem = Problem(
      slug: "access-denied", status: 403, title: "Access was not granted", detail: "live: \(text)",
      fix: "Ask whoever runs the level that the camera belongs to.")
    problem.reason = reason
    return problem
  }

  /// What the viewer is told whose picture ended.
  var cause: API.Cause {
    if let known = Denial.Reason(rawValue: reason) { return Problem.accessEnded(known) }
    return API.Cause(code: "access-\(reason)", text: "The picture was ended: \(text)")
  }
}

extension SIPHeaderName {
  /// The tokens of a request between two levels of our kind.
  static let lookToken: SIPHeaderName = "X-Tributary-Token"
}
