import Access
import MediaTime
import Synchronization

/// Accounts in memory, and whether writing works.
actor MemoryStore: AccessStore {
  struct Broken: Error {}

  private(set) var people: [String: UserRecord] = [:]
  private(set) var open: [String: SessionRecord] = [:]
  private(set) var keys: [String: TokenRecord] = [:]
  private var links: [String: FirstRunRecord] = [:]
  private(set) var sessionWrites = 0
  private(set) var lookups = 0
  var broken = false

  func setBroken(_ value: Bool) { broken = value }
  private func check() throws { if broken { throw Broken() } }

  func users() -> [UserRecord] { Array(people.values) }
  func saveUser(_ user: UserRecord) throws {
    try check()
    people[user.name] = user
  }
  func deleteUser(named name: String) throws {
    try check()
    people[name] = nil
    open = open.filter { $0.value.user != name }
  }
  func sessions() -> [SessionRecord] { Array(open.values) }
  func session(tokenHash: String) -> SessionRecord? {
    lookups += 1
    return open[tokenHash]
  }
  func saveSession(_ session: SessionRecord) throws {
    try check()
    sessionWrites += 1
    open[session.tokenHash] = session
  }
  func deleteSession(tokenHash: String) { open[tokenHash] = nil }
  func deleteSessions(expiredBy now: WallTime) { open = open.filter { $0.value.expires > now } }
  func tokens() -> [TokenRecord] { Array(keys.values) }
  func token(tokenHash: String) -> TokenRecord? { keys[tokenHash] }
  func saveToken(_ token: TokenRecord) throws {
    try check()
    keys[token.tokenHash] = token
  }
  func deleteToken(id: String) { keys = keys.filter { $0.value.id != id } }
  private(set) var factors: [String: SecondFactorRecord] = [:]
  func secondFactors() -> [SecondFactorRecord] { Array(factors.values) }
  func saveSecondFactor(_ factor: SecondFactorRecord) throws {
    try check()
    factors[factor.user] = factor
  }
  func deleteSecondFactor(of user: String) { factors[user] = nil }
  func saveFirstRun(_ link: FirstRunRecord) { links[link.tokenHash] = link }
  func consumeFirstRun(tokenHash: String, now: WallTime) -> Bool {
    links.removeValue(forKey: tokenHash).map { $0.expires > now } ?? false
  }
}

/// A gatekeeper with a clock that moves when told to.
struct House {
  final class Clock: Sendable {
    private let seconds = Mutex<Int64>(1_700_000_000)
    var now: Int64 { seconds.withLock { $0 } }
    func advance(_ duration: Int64) { seconds.withLock { $0 += duration } }
  }

  let store: MemoryStore
  let clock: Clock
  let gate: Gatekeeper

  init(store: MemoryStore = MemoryStore(), clock: Clock = Clock(), checks: Int = 4) {
    (self.store, self.clock) = (store, clock)
    let counter = Mutex<UInt64>(0)
    gate = Gatekeeper(
      store: store,
      cryptography: AccessCryptography(
        random: { count in
          let value = counter.withLock { value -> UInt64 in
            value += 1
            return value
          }
          return (0..<count).map {
            UInt8(truncatingIfNeeded: value &* 0x9e37_79b9_7f4a_7c15 >> (UInt64($0) % 8 * 8))
          }
        },
        fingerprint: { "print:" + String(decoding: $0, as: UTF8.self) }, sha1: { SHA1.digest($0) },
        hashPassword: { "hash:" + $0 },
        verifyPassword: { $1 == "hash:" + $0 }),
      clock: AccessClock(
        wall: { WallTime(seconds: clock.now) },
        monotonic: { MonotonicTime(nanoseconds: clock.now * 1_000_000_000) }),
      configuration: AccessConfiguration(concurrentChecks: checks))
  }

  /// Another process on the same store.
  func neighbour() -> House { House(store: store, clock: clock) }
}
