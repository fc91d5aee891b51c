import Access
import AccessLog
import Cryptography
import Federation
import GBCore
import LevelCore
import Logging
import MediaTime
import Synchronization
import WireBytes

/// The keys of this level and of its neighbours: seals and checks what passes between them.
///
/// One key signs at a time. A replaced one is kept until every neighbour knows the next, because what a neighbour does
/// not know it cannot check.
final class LevelBook: Sendable {
  struct State {
    /// Ours, the latest first.
    var own: [OwnLevelKey] = []
    var neighbours: [LevelPeer: LevelNeighbour] = [:]
    var enrolment: EnrolmentBook
    /// Messages that came.
    var messages = SeenOnce()
    var tokens = SeenOnce()
    var refused: [String: UInt64] = [:]
    var accepted: UInt64 = 0
    var issued: UInt64 = 0
    var guests: [Visitor: Guest] = [:]
  }

  /// Somebody of another level, when last heard of.
  struct Guest: Sendable, Hashable {
    let person: Visitor
    let organisation: Visitor?
    let name: String
    let neighbour: LevelPeer
    let seen: WallTime
  }

  /// People of other levels that are remembered.
  static let mostGuests = 1_000

  /// The only kind that somebody may say who is not enrolled.
  static let enrolment = "enrol"
  /// How far clocks of neighbours may be apart.
  static let tolerance: Duration = .seconds(120)

  static let mac: EnrolmentBook.MAC = { Hash.sha256.authenticate($0, key: $1) }
  static let sha256: @Sendable ([UInt8]) -> [UInt8] = { Hash.sha256.digest($0) }

  let store: any LevelStore
  let journal: AccessLogService
  let routes: any LevelRoutes
  let platform: DeviceID
  let logger: Logger
  let state: Mutex<State>
  let check = TokenCheck(sha256: sha256) { SigningKey.verify($0, of: $1, by: $2) }
  /// Makes pseudonyms; see ``pseudonym(of:)``.
  private let pseudonyms: SigningKey
  private let listener = Mutex<(@Sendable (LevelPeer, Bool) async -> Void)?>(nil)

  init(
    store: any LevelStore, journal: AccessLogService, routes: any LevelRoutes, platform: DeviceID,
    pseudonyms: SigningKey, logger: Logger
  ) {
    (self.store, self.journal, self.routes) = (store, journal, routes)
    (self.platform, self.pseudonyms, self.logger) = (platform, pseudonyms, logger)
    state = Mutex(
      State(enrolment: EnrolmentBook(mac: Self.mac, isEqual: { equalInConstantTime($0, $1) })))
  }

  /// Tells when a neighbour was enrolled (true), and when it is not believed any more.
  func onChange(_ body: @escaping @Sendable (_ peer: LevelPeer, _ isEnrolled: Bool) async -> Void) {
    listener.withLock { $0 = body }
  }
  func changed(_ peer: LevelPeer, isEnrolled: Bool) async {
    if let tell = listener.withLock({ $0 }) { await tell(peer, isEnrolled) }
  }

  /// Reads everything; the first start makes the key.
  func load() async throws {
    let own = try await store.levelKeys()
    let neighbours = try await store.levelNeighbours()
    state.withLock { state in
      state.own = own
      state.neighbours = Dictionary(neighbours.map { ($0.peer, $0) }) { $1 }
    }
    if own.isEmpty { _ = try await makeKey("created") }
  }

  /// Makes a key of ours that signs from now on.
  func makeKey(_ what: String) async throws -> OwnLevelKey {
    let seed = SecureRandom.bytes(SigningKey.length)
    guard let pair = SigningKey(seed: seed), let key = LevelKey(pair.publicKey, sha256: Self.sha256) else {
      throw StartError("libcrypto does not offer Ed25519: is a restricted provider set?")
    }
    let made = OwnLevelKey(key: key, seed: seed, made: SystemClock.wall())
    try await journal.append(
      AccessEvent(.key, [.object: "levels/own", .operation: what, .key: key.id]))
    try await store.saveLevelKey(made)
    state.withLock { $0.own.insert(made, at: 0) }
    return made
  }

  // MARK: Neighbours

  var own: [OwnLevelKey] { state.withLock { $0.own } }
  var neighbours: [LevelNeighbour] { state.withLock { $0.neighbours.values.sorted { $0.peer < $1.peer } } }
  func neighbour(_ peer: LevelPeer) -> LevelNeighbour? { state.withLock { $0.neighbours[peer] } }

  /// Enrolled and not revoked.
  func isEnrolled(_ peer: LevelPeer) -> Bool {
    state.withLock { $0.neighbours[peer].map { $0.keys.revoked == nil } ?? false }
  }

  func save(_ neighbour: LevelNeighbour) async throws {
    try await store.saveLevelNeighbour(neighbour)
    state.withLock { $0.neighbours[neighbour.peer] = neighbour }
  }

  /// The key of ours that a neighbour can check.
  func signer(for peer: LevelPeer) -> (id: String, key: SigningKey)? {
    let own = state.withLock { state -> OwnLevelKey? in
      let known = state.neighbours[peer]?.knows
      return state.own.first { $0.key.id == known } ?? state.own.first
    }
    return own.flatMap { own in SigningKey(seed: own.seed).map { (own.key.id, $0) } }
  }

  /// What grants that pass between levels are signed and checked with.
  var grantKeys: LevelRequests.Keys {
    LevelRequests.Keys(
      own: { [self] in state.withLock { $0.own.first }.flatMap { SigningKey(seed: $0.seed) } },
      of: { [self] level in
        let known = state.withLock { state in
          LevelPeer.Role.allCases.compactMap { state.neighbours[LevelPeer($0, level)]?.keys }
        }
        let good = known.filter { $0.revoked == nil }
        // Grants outlive keys: what a replaced key has signed was signed then.
        return good.isEmpty ? nil : Set(good.flatMap { [$0.current.bytes] + $0.former.map(\.key.bytes) })
      }, pseudonym: { [self] in pseudonym(of: $0) })
  }

  /// What an account is called elsewhere: always the same, and nothing that can be traced back without our key.
  func pseudonym(of name: String) -> String {
    let digits = Hash.sha256.digest(pseudonyms.sign(Array("tributary-person/1\n\(name)".utf8))).prefix(8)
    return digits.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  var tokenFigures: (issued: UInt64, accepted: UInt64, refused: [String: UInt64]) {
    state.withLock { ($0.issued, $0.accepted, $0.refused) }
  }

  func count(refused reason: String) {
    state.withLock { $0.refused[reason, default: 0] += 1 }
  }

  // MARK: Messages

  /// How messages are sealed and believed.
  var trust: LevelTrust {
    LevelTrust(
      isEnrolled: { [self] in isEnrolled($0) }, isOpen: { $0 == Self.enrolment },
      seal: { [self] in seal($0, $1) }, objection: { [self] in objection(to: $0, from: $1) })
  }

  private func seal(_ envelope: LevelEnvelope, _ peer: LevelPeer) -> String? {
    guard envelope.kind != Self.enrolment, let (id, key) = signer(for: peer) else { return nil }
    return id + ":" + Base64.encode(key.sign(envelope.sealedBytes))
  }

  private func objection(to envelope: LevelEnvelope, from peer: LevelPeer) -> LevelRefusal? {
    // What enrolment says proves itself with the code.
    if envelope.kind == Self.enrolment { return nil }
    let refusal = weigh(envelope, peer)
    if let refusal { count(refused: refusal.code) }
    return refusal
  }

  private func weigh(_ envelope: LevelEnvelope, _ peer: LevelPeer) -> LevelRefusal? {
    let parts = envelope.seal?.split(separator: ":", omittingEmptySubsequences: false) ?? []
    guard parts.count == 2, let signature = Base64.decode(parts[1]) else {
      return LevelRefusal("unsealed", "The message has no seal.")
    }
    let now = SystemClock.wall()
    let verdict = neighbour(peer)?.keys.verdict(String(parts[0]), at: now) ?? .unknown
    guard case .good(let key) = verdict else {
      return LevelRefusal("seal-key", "The message was sealed with a key that is not good here.")
    }
    guard SigningKey.verify(signature, of: envelope.sealedBytes, by: key.bytes) else {
      return LevelRefusal("bad-seal", "The seal is wrong.")
    }
    guard envelope.at > now - Self.tolerance, envelope.at < now + Self.tolerance else {
      return LevelRefusal("clock", "The message is too old or from the future; do the clocks agree?")
    }
    let name = envelope.id + "/" + String(envelope.part?.number ?? 0)
    let outcome = state.withLock {
      $0.messages.use(name, of: peer.description, until: envelope.at + Self.tolerance, now: now)
    }
    switch outcome {
    case .new: return nil
    case .seen: return LevelRefusal("replayed", "The message came before.")
    case .full: return LevelRefusal("busy", "Too many messages came.")
    }
  }
}
