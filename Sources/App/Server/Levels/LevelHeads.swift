import AccessLog
import Federation
import Foundation
import GBCore
import HTTPAPI
import LogStore
import LogTree
import LogVerifier
import Logging
import MediaTime
import Synchronization

/// Shows the head of our access log to every enrolled neighbour and keeps theirs: each is the other's witness.
///
/// ```text
///   every minute: head (what they know, proof, our head) ─► it only grew ─► kept, logged, cosigned ─► kept here
///                                                        ─► it did not  ─► forked: an alarm there, and here
/// ```
final class LevelHeads: Sendable {
  private struct Question: Codable {
    /// The key that heads are signed with; pinned when it is first seen.
    var verifier: String
    /// As a C2SP witness takes it.
    var request: String
  }

  private struct Answer: Codable {
    /// A line to put below the head.
    var name: String
    var keyID: UInt32
    var signature: Data
    /// The witness's key, to check it with.
    var verifier: String
  }

  struct Seen: Sendable, Hashable {
    var size: UInt64
    var at: WallTime
    var verifier: String
  }

  private struct State {
    var witness: Witness
    var heads: [LevelPeer: LevelHead] = [:]
    /// What each neighbour has cosigned of ours.
    var cosigned: [LevelPeer: Seen] = [:]
    var logged: [LevelPeer: WallTime] = [:]
    var forks: UInt64 = 0
    /// Neighbours that say that our log does not go on from what they know.
    var accusers: Set<LevelPeer> = []
  }

  /// An accepted head is an entry of our log at most so often.
  private static let pause: Duration = .seconds(900)

  private let store: any LevelStore
  private let log: AccessLogService
  private let messages: LevelMessages
  private let hub: EventHub
  private let logger: Logger
  private let state: Mutex<State>

  init(store: any LevelStore, log: AccessLogService, messages: LevelMessages, hub: EventHub, logger: Logger) {
    (self.store, self.log, self.messages, self.hub, self.logger) = (store, log, messages, hub, logger)
    let tools = LogSigner.tools
    state = Mutex(
      State(witness: Witness(keys: [:], known: [], hasher: LogSigner.hasher) { tools.verify($0, $1, $2) }))
    messages.handle("head", Question.self) { [self] peer, question in try await witness(question, of: peer) }
  }

  /// Reads what is known. Call before the SIP port is open.
  func load() async throws {
    let heads = try await store.levelHeads()
    let tools = LogSigner.tools
    state.withLock { state in
      state.heads = Dictionary(heads.map { ($0.peer, $0) }) { $1 }
      let known = heads.compactMap { head in
        LogHash(head.root).map {
          Witness.Memory(origin: head.origin, size: head.size, root: $0, note: head.note)
        }
      }
      let keys = heads.compactMap { head in
        NoteVerifier(text: head.verifier, hasher: LogSigner.hasher).map { (head.origin, $0) }
      }
      state.witness = Witness(
        keys: Dictionary(keys) { $1 }, known: known, hasher: LogSigner.hasher
      ) { tools.verify($0, $1, $2) }
    }
  }

  /// What is known of neighbours' logs, and what they have cosigned of ours.
  var all: [(head: LevelHead, cosigned: Seen?)] {
    state.withLock { state in
      state.heads.values.sorted { $0.peer < $1.peer }.map { ($0, state.cosigned[$0.peer]) }
    }
  }

  var figures: (witnessed: Int, cosigned: Int, forks: UInt64) {
    state.withLock { ($0.heads.count, $0.cosigned.count, $0.forks) }
  }

  // MARK: Ours

  /// Shows our head to every neighbour that can be reached. Call once a minute.
  func show() async {
    for peer in messages.neighbours { await show(to: peer) }
  }

  private func show(to peer: LevelPeer) async {
    // The first answer may say what the neighbour knows; then once more from there.
    var old = state.withLock { $0.cosigned[peer]?.size } ?? 0
    for _ in 0..<2 {
      do {
        let note = try await log.store.signedHead()
        guard let head = Checkpoint(body: note.body), old <= head.size else { return accuse(peer, old) }
        let proof = old == 0 ? [] : try log.store.consistency(from: old, to: head.size)
        let question = Question(
          verifier: log.signer.keys[0].text, request: Witness.Request(old: old, proof: proof, note: note).text
        )
        let answer = try await messages.ask(peer, "head", question, as: Answer.self)
        return try keep(answer, below: note, of: peer, head)
      } catch LevelFailure.declined("conflict", let text) {
        guard let size = UInt64(text), size != old else { return }
        old = size
      } catch LevelFailure.declined("forked", _) {
        return accuse(peer, old)
      } catch {
        logger.debug("a head was not witnessed", metadata: ["level": "\(peer)", "error": "\(error)"])
        return
      }
    }
  }

  private func keep(
    _ answer: Answer, below note: SignedNote, of peer: LevelPeer, _ head: Checkpoint
  ) throws {
    guard let verifier = NoteVerifier(text: answer.verifier, hasher: LogSigner.hasher),
      answer.signature.count == 72
    else { return }
    let signature = SignedNote.Signature(
      name: answer.name, keyID: answer.keyID, bytes: Array(answer.signature))
    let seconds = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard verifier.name == signature.name, verifier.keyID == signature.keyID, verifier.kind == .cosignature,
      verifier.name != log.signer.origin,
      LogSigner.tools.verify(Array(signature.bytes.dropFirst(8)), note.cosigned(at: seconds), verifier.key)
    else {
      logger.warning("a cosignature of a neighbour is wrong", metadata: ["level": "\(peer)"])
      return
    }
    state.withLock {
      $0.cosigned[peer] = Seen(size: head.size, at: SystemClock.wall(), verifier: answer.verifier)
      $0.accusers.remove(peer)
    }
    // Several neighbours may have seen the same head.
    var kept = note
    if let known = try log.store.witnessed(), known.body == note.body { kept.signatures = known.signatures }
    kept.signatures.removeAll { $0.name == signature.name && $0.keyID == signature.keyID }
    kept.signatures.append(signature)
    try log.store.keep(witnessed: kept)
    try LogStore.write(keys: [verifier], in: log.folder)
  }

  /// A neighbour has seen another past of ours: that of a log that was replaced or set back.
  private func accuse(_ peer: LevelPeer, _ size: UInt64) {
    let isNew = state.withLock { $0.accusers.insert(peer).inserted }
    guard isNew else { return }
    logger.critical(
      "a neighbour has witnessed a longer or another past of this access log: was it restored or changed?",
      metadata: ["level": "\(peer)", "size": "\(size)"])
    let text = "Level \(peer.id) knows another past of this access log."
    hub.publish(.health(API.HealthEvent(status: .fail, text: text)))
  }

  // MARK: Theirs

  private func witness(_ question: Question, of peer: LevelPeer) async throws -> Answer {
    guard let request = Witness.Request(text: question.request),
      let head = Checkpoint(body: request.note.body),
      let verifier = NoteVerifier(text: question.verifier, hasher: LogSigner.hasher),
      verifier.name == head.origin
    else { throw LevelRefusal("malformed", "This is no head of an access log.") }
    guard head.origin != log.signer.origin else { throw LevelRefusal("own-log", "This is our own log.") }
    let answer = try state.withLock { state in
      if let known = state.heads[peer] {
        guard known.origin == head.origin, known.verifier == question.verifier else {
          throw LevelRefusal("other-log", "The log or its key is another one than before.")
        }
      } else {
        // One log has one neighbour, and one neighbour one log; but it may be above and below.
        let other = state.heads.values.first { $0.origin == head.origin }
        guard other.map({ $0.peer.id == peer.id && $0.verifier == question.verifier }) ?? true else {
          throw LevelRefusal("other-log", "This log belongs to another neighbour.")
        }
        state.witness.trust(head.origin, verifier)
      }
      return state.witness.add(request)
    }
    switch answer {
    case .accept(let memory): return try await accept(memory, request.note, question.verifier, peer)
    case .conflict(let size): throw LevelRefusal("conflict", String(size))
    case .forked(let known): throw await forked(known, request.note, peer)
    case .notSigned: throw LevelRefusal("not-signed", "The head is not signed by its log.")
    case .unknownOrigin, .malformed: throw LevelRefusal("malformed", "This is no head of an access log.")
    }
  }

  private func accept(
    _ memory: Witness.Memory, _ note: SignedNote, _ verifier: String, _ peer: LevelPeer
  ) async throws -> Answer {
    let now = SystemClock.wall()
    var head = LevelHead(
      peer: peer, origin: memory.origin, verifier: verifier, size: memory.size, root: memory.root.bytes,
      note: memory.note, seen: now)
    head.fork = state.withLock { $0.heads[peer]?.fork }
    // On the disk before the answer leaves: a witness never forgets what it signed.
    try await store.saveLevelHead(head)
    let isDue = state.withLock { [head] state in
      state.heads[peer] = head
      guard state.logged[peer].map({ now - $0 >= Self.pause }) ?? true else { return false }
      state.logged[peer] = now
      return true
    }
    if isDue {
      await log.note(
        AccessEvent(
          .headReceived,
          [
            .object: "levels/\(peer.role.rawValue)/\(peer.id)", .origin: memory.origin,
            .size: String(memory.size), .root: memory.root.description,
          ]))
    }
    let signature = log.signer.cosign(note, at: UInt64(max(0, now.seconds)))
    return Answer(
      name: signature.name, keyID: signature.keyID, signature: Data(signature.bytes),
      verifier: log.signer.keys[1].text)
  }

  /// The neighbour's log has another past than it had: an alarm, an entry, and the proof of it is kept.
  private func forked(_ known: Witness.Memory, _ note: SignedNote, _ peer: LevelPeer) async -> LevelRefusal {
    let now = SystemClock.wall()
    let isNew = state.withLock { state in
      guard let head = state.heads[peer], head.fork == nil else { return false }
      state.heads[peer]?.fork = LevelHead.Fork(note: note.text, at: now)
      state.forks += 1
      return true
    }
    if isNew {
      let head = state.withLock { $0.heads[peer] }
      await log.note(
        AccessEvent(
          .denial,
          [
            .operation: "head", .reason: "forked", .object: "levels/\(peer.role.rawValue)/\(peer.id)",
            .origin: known.origin, .size: String(known.size), .root: known.root.description,
          ]))
      if let head { try? await store.saveLevelHead(head) }
      logger.critical(
        "the access log of a neighbour has another past than it had: it was changed or set back",
        metadata: ["level": "\(peer)", "origin": "\(known.origin)", "size": "\(known.size)"])
      let text = "The access log of level \(peer.id) was changed or set back."
      hub.publish(.health(API.HealthEvent(status: .fail, text: text)))
    }
    return LevelRefusal("forked", "The head does not go on from the one that is known here.")
  }
}
