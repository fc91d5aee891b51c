import AccessLog
import Cryptography
import Federation
import Foundation
import GBCore
import HTTPAPI
import LevelCore
import Logging
import MediaTime
import Synchronization

/// Exchanges keys with neighbours: by a code the first time, signed by the old key afterwards.
///
/// ```text
///   here: make a code ─► read out ─► there: enter it ─► enrol (their key, proof by the code)
///                                                     ◄─ our key, proof by the code
///   later: rotate ─► key (the new key, proof that we have it), sealed with the old key
/// ```
final class LevelEnrolment: Sendable {
  /// How long a replaced key is good for neighbours.
  static let overlap: Duration = .seconds(7 * 86_400)

  private struct Claim: Codable {
    var code: String
    var key: Data
    var nonce: Data
    var proof: Data
  }

  private struct Reply: Codable {
    var key: Data
    var proof: Data
  }

  private struct Rotation: Codable {
    var key: Data
    /// Seconds for which the old one is still good.
    var overlap: Int
    /// Signed with the new key: whoever sends it has it.
    var proof: Data
  }

  private struct Receipt: Codable { var key: String }

  private let book: LevelBook
  private let messages: LevelMessages

  init(book: LevelBook, messages: LevelMessages) {
    (self.book, self.messages) = (book, messages)
    messages.trust(book.trust)
    messages.handle(LevelBook.enrolment, Claim.self) { [self] peer, claim in try await accept(claim, peer) }
    messages.handle("key", Rotation.self) { [self] peer, rotation in try await accept(rotation, peer) }
  }

  // MARK: Codes

  /// Makes a code for a neighbour. An earlier one for it that was not used ends.
  func makeCode(for peer: LevelPeer, by user: String) async throws -> (code: String, expires: WallTime) {
    guard let own = book.routes.ownCode(towards: peer) else { throw Self.notConnected }
    guard let key = book.own.first?.key.id,
      let code = EnrolmentCode(
        platform: own, key: key, secret: SecureRandom.bytes(EnrolmentCode.secretLength))
    else { throw Problem.conflict("Only a platform whose code has 20 digits can be enrolled with.") }
    try await book.journal.append(
      AccessEvent(
        .configuration, [.object: "levels/\(peer.role.rawValue)/\(peer.id)", .operation: "code"],
        words: [.user: user]))
    let expires = book.state.withLock { $0.enrolment.add(code, for: peer, now: SystemClock.wall()) }
    return (code.text, expires)
  }

  /// Uses a code that a neighbour made.
  func enter(_ text: String, by user: String) async throws -> LevelNeighbour {
    guard let code = EnrolmentCode(text) else {
      throw Problem.invalid(
        "This is no enrolment code, or a letter of it is mistyped.",
        fix: "Compare it with what the other side shows: 20 digits and ten groups of four.")
    }
    let known = book.routes.connected.filter { $0.id == code.platform }
    guard known.count <= 1 else {
      throw Problem.conflict("This platform is above and below; make the code here and enter it there.")
    }
    guard let peer = known.first, let own = book.routes.ownCode(towards: peer),
      let ours = book.own.first
    else { throw Self.notConnected }
    let nonce = SecureRandom.bytes(EnrolmentBook.nonceLength)
    let proof = EnrolmentBook.proof(
      of: ours.key.bytes, nonce: nonce, from: own, to: peer.id, code, mac: LevelBook.mac)
    let claim = EnrolmentBook.Claim(
      code: EnrolmentBook.name(of: code, mac: LevelBook.mac), key: ours.key.bytes, nonce: nonce, proof: proof)
    let reply: Reply
    do throws(LevelFailure) {
      reply = try await messages.ask(
        peer, LevelBook.enrolment,
        Claim(code: claim.code, key: Data(claim.key), nonce: Data(nonce), proof: Data(proof)), as: Reply.self)
    } catch { throw Self.problem(error) }
    let expected = EnrolmentBook.answer(
      with: Array(reply.key), to: claim, from: peer.id, to: own, code, mac: LevelBook.mac)
    guard equalInConstantTime(expected, Array(reply.proof)),
      let key = LevelKey(Array(reply.key), sha256: LevelBook.sha256), key.id == code.key
    else {
      book.count(refused: "enrol-wrong-answer")
      throw Problem.conflict("The platform answered with a key that does not belong to this code.")
    }
    return try await enrol(peer, key, knows: ours.key.id, by: user)
  }

  private func accept(_ claim: Claim, _ peer: LevelPeer) async throws -> Reply {
    guard let own = book.routes.ownCode(towards: peer), let ours = book.own.first else {
      throw LevelRefusal("not-connected")
    }
    let given = EnrolmentBook.Claim(
      code: String(claim.code.prefix(64)), key: Array(claim.key), nonce: Array(claim.nonce),
      proof: Array(claim.proof))
    let proof: [UInt8]
    do throws(EnrolmentBook.Refusal) {
      proof = try book.state.withLock { state throws(EnrolmentBook.Refusal) in
        try state.enrolment.accept(given, from: peer, own: own, key: ours.key.bytes, now: SystemClock.wall())
      }
    } catch {
      book.count(refused: error.rawValue)
      await book.journal.note(
        AccessEvent(
          .denial, [.operation: "enrol", .reason: error.rawValue, .object: "levels/\(peer.id)"]))
      throw LevelRefusal(error.rawValue, error.text)
    }
    guard let key = LevelKey(given.key, sha256: LevelBook.sha256) else { throw LevelRefusal("malformed") }
    _ = try await enrol(peer, key, knows: ours.key.id, by: "code")
    return Reply(key: Data(ours.key.bytes), proof: Data(proof))
  }

  private func enrol(_ peer: LevelPeer, _ key: LevelKey, knows: String, by user: String) async throws
    -> LevelNeighbour
  {
    let neighbour = LevelNeighbour(
      peer: peer, keys: NeighbourKeys(key, enrolled: SystemClock.wall()), knows: knows)
    try await book.journal.append(
      AccessEvent(
        .key, [.object: "levels/\(peer.role.rawValue)/\(peer.id)", .operation: "enrolled", .key: key.id],
        words: [.user: user]))
    try await book.save(neighbour)
    await book.changed(peer, isEnrolled: true)
    book.logger.notice("a level was enrolled", metadata: ["level": "\(peer)", "key": "\(key.id)"])
    return neighbour
  }

  // MARK: Later

  /// Makes a new key of ours, and tells every neighbour that can be reached; the others are told when they can.
  func rotate(by user: String) async throws -> OwnLevelKey {
    let now = SystemClock.wall()
    for var old in book.own where old.retired == nil {
      old.retired = now
      try await book.store.saveLevelKey(old)
      book.state.withLock { [old] state in
        state.own = state.own.map { $0.key.id == old.key.id ? old : $0 }
      }
    }
    let key = try await book.makeKey("rotated")
    await tellKeys()
    return key
  }

  /// Tells our latest key to whoever does not know it. Call from time to time.
  func tellKeys() async {
    guard let latest = book.own.first, let key = SigningKey(seed: latest.seed) else { return }
    for neighbour in book.neighbours
    where neighbour.knows != latest.key.id && book.isEnrolled(neighbour.peer) {
      guard let own = book.routes.ownCode(towards: neighbour.peer) else { continue }
      let rotation = Rotation(
        key: Data(latest.key.bytes), overlap: Int(Self.overlap.inSeconds),
        proof: Data(key.sign(Self.statement(latest.key, from: own))))
      guard
        let receipt = try? await messages.ask(neighbour.peer, "key", rotation, as: Receipt.self),
        receipt.key == latest.key.id, var known = book.neighbour(neighbour.peer)
      else { continue }
      known.knows = latest.key.id
      try? await book.save(known)
    }
    await forgetKeys()
  }

  /// Forgets replaced keys that nobody needs any more.
  private func forgetKeys() async {
    let needed = Set(book.neighbours.filter { $0.keys.revoked == nil }.map(\.knows))
    for old in book.own.dropFirst() where !needed.contains(old.key.id) {
      guard (try? await book.store.deleteLevelKey(old.key.id)) != nil else { continue }
      book.state.withLock { $0.own.removeAll { $0.key.id == old.key.id } }
    }
  }

  private func accept(_ rotation: Rotation, _ peer: LevelPeer) async throws -> Receipt {
    guard var neighbour = book.neighbour(peer),
      let key = LevelKey(Array(rotation.key), sha256: LevelBook.sha256),
      SigningKey.verify(Array(rotation.proof), of: Self.statement(key, from: peer.id), by: key.bytes)
    else { throw LevelRefusal("bad-proof", "The sender of the new key does not have it.") }
    let before = neighbour.keys.current
    guard
      neighbour.keys.rotate(
        to: key, overlap: .seconds(max(0, min(rotation.overlap, 1 << 30))), at: SystemClock.wall())
    else { throw LevelRefusal("old-key", "This key was replaced before.") }
    if before != key {
      try await book.journal.append(
        AccessEvent(
          .key, [.object: "levels/\(peer.role.rawValue)/\(peer.id)", .operation: "rotated", .key: key.id]))
      try await book.save(neighbour)
    }
    return Receipt(key: key.id)
  }

  private static func statement(_ key: LevelKey, from: DeviceID) -> [UInt8] {
    Array("tributary-key/1\n\(from)\n\(key.id)\n".utf8)
  }

  /// Believes a neighbour no longer: what it says is refused, its looks end.
  func revoke(_ peer: LevelPeer, by user: String) async throws -> LevelNeighbour {
    guard var neighbour = book.neighbour(peer) else {
      throw Problem.notFound("This platform was never enrolled.")
    }
    try await book.journal.append(
      AccessEvent(
        .key,
        [
          .object: "levels/\(peer.role.rawValue)/\(peer.id)", .operation: "revoked",
          .key: neighbour.keys.current.id,
        ], words: [.user: user]))
    neighbour.keys.revoke(at: SystemClock.wall(), by: user)
    try await book.save(neighbour)
    messages.forget(peer)
    await book.changed(peer, isEnrolled: false)
    return neighbour
  }

  // MARK: Problems

  private static let notConnected = Problem.conflict(
    "This platform is not connected now; both must be registered before keys can be exchanged.")

  private static func problem(_ failure: LevelFailure) -> Problem {
    switch failure {
    case .declined(_, let text): Problem.conflict(text.isEmpty ? "The platform declined." : text)
    case .refused(let status):
      Problem.conflict(
        "The platform refused with \(status): it is no level of this kind, or does not know us as a neighbour."
      )
    case .notConnected: notConnected
    case .noAnswer, .busy, .cancelled:
      Problem.unavailable("The platform did not answer in time.", retryAfter: 10)
    case .notEnrolled, .tooLong, .malformed: Problem.conflict("The platform answered something else.")
    }
  }
}
