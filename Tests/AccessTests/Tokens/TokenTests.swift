import GBCore
import LevelCore
import MediaTime
import TestSupport
import Testing

@testable import Access

@Suite struct TokenTests {
  static let now = WallTime(milliseconds: 1_775_003_415_000)
  static let check = TokenCheck(
    sha256: { ToySigner.sha256($0) }, verify: { ToySigner.verify($0, $1, $2) })

  let county = DeviceID("34020000002000000001") ?? .none
  let city = DeviceID("34010000002000000001") ?? .none
  let region = DeviceID("34000000002000000001") ?? .none
  let gate = DeviceID("34020000001310000001") ?? .none
  let bearer = LookToken.Bearer(
    person: "5be1c0ffee5be1c0", name: "李 Wei", organisation: "Traffic police", role: "operator",
    purpose: "case",
    caseNumber: "2026-117", until: now + .seconds(900))

  private func key(of level: DeviceID) -> [UInt8] { Array(("key of " + level.text).utf8) }

  private func issue(
    _ chain: TokenChain? = nil, from issuer: DeviceID, to audience: DeviceID, id: String = "t1",
    operation: AccessOperation = .live, life: Duration = .seconds(60), now: WallTime = now
  ) -> TokenChain? {
    Self.check.issue(
      from: chain, id: id, issuer: issuer, audience: audience, bearer: bearer, operation: operation,
      channel: gate, now: now, life: life, key: "k-" + issuer.text
    ) { ToySigner.sign($0, key(of: issuer)) }
  }

  private func verdict(_ id: String) -> KeyVerdict {
    id.hasPrefix("k-") ? DeviceID(id.dropFirst(2)).map { .good(key(of: $0)) } ?? .unknown : .unknown
  }

  private func expectation(
    issuer: DeviceID? = nil, own: Set<DeviceID>? = nil, channel: DeviceID? = nil,
    operation: AccessOperation = .live
  ) -> TokenCheck.Expectation {
    TokenCheck.Expectation(
      issuer: issuer ?? city, own: own ?? [county], channel: channel ?? gate, operation: operation)
  }

  private func refusal(
    _ chain: TokenChain?, _ expected: TokenCheck.Expectation? = nil, at now: WallTime = now,
    key: ((String) -> KeyVerdict)? = nil
  ) -> TokenRefusal? {
    guard let chain else { return .missing }
    do throws(TokenRefusal) {
      try Self.check.check(chain, expected ?? expectation(), now: now, key: key ?? verdict)
      return nil
    } catch { return error }
  }

  @Test("A look goes through two levels, and the owner reads who and why, and the way it came")
  func passedOn() throws {
    let first = try #require(issue(from: region, to: city))
    #expect(refusal(first, expectation(issuer: region, own: [city])) == nil)
    let second = try #require(issue(first, from: city, to: county, id: "t2"))
    #expect(refusal(second) == nil)
    let read = try #require(TokenChain(header: second.header))
    #expect(read == second && read.latest.path == [region, city] && read.latest.bearer == bearer)
    #expect(read.first.issuer == region && read.latest.inner == Self.check.digest(of: first.latest))
  }

  @Test("Each way in which a token can be wrong is a refusal of its own")
  func refusals() throws {
    let good = try #require(
      issue(issue(from: region, to: city), from: city, to: county, id: "t2"))
    #expect(refusal(good) == nil)
    #expect(refusal(good, expectation(issuer: region)) == .wrongIssuer)
    #expect(refusal(good, expectation(own: [region])) == .wrongAudience)
    #expect(refusal(good, expectation(channel: city)) == .wrongChannel)
    #expect(refusal(good, expectation(operation: .control)) == .wrongOperation)
    #expect(refusal(good, key: { _ in .unknown }) == .unknownKey)
    #expect(refusal(good, key: { _ in .retired }) == .retiredKey)
    #expect(refusal(good, key: { _ in .revoked }) == .revokedKey)
    #expect(refusal(good, key: { _ in .good(key(of: region)) }) == .badSignature)
    #expect(refusal(good, at: Self.now + .seconds(121)) == .expired)
    #expect(refusal(good, at: Self.now + .seconds(119)) == nil)
    #expect(refusal(good, at: Self.now - .seconds(61)) == .notYet)
    #expect(refusal(issue(from: city, to: county, life: .seconds(301))) == .tooLong)
    #expect(refusal(issue(from: city, to: county, life: .seconds(-1))) == .tooLong)
    // It went through us once: whoever sends it back has made a circle.
    let circle = try #require(issue(issue(from: county, to: city), from: city, to: county))
    #expect(refusal(circle) == .loop)
  }

  @Test("Whoever changes one letter of a token, or puts another inside, is found out")
  func forged() throws {
    let inner = try #require(issue(from: region, to: city))
    let good = try #require(issue(inner, from: city, to: county, id: "t2"))
    let bytes = good.latest.bytes
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      var changed = bytes
      changed[Int.random(in: 0..<changed.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      guard let token = LookToken(parsing: changed), let chain = TokenChain([token, inner.latest]) else {
        continue
      }
      #expect(refusal(chain) != nil)
    }
    #expect(refusal(TokenChain([good.latest])) == .brokenChain)
    let other = try #require(issue(from: region, to: city, id: "t9"))
    #expect(refusal(TokenChain([good.latest, other.latest])) == .brokenChain)
    #expect(refusal(TokenChain([good.latest, inner.latest, inner.latest])) == .brokenChain)
    // Another person than the one inside.
    var stranger = good.latest
    stranger.bearer.name = "Nobody"
    stranger.signature = ToySigner.sign(stranger.signedBytes, key(of: city))
    #expect(refusal(TokenChain([stranger, inner.latest])) == .brokenChain)
    // A shorter way than it came.
    var short = good.latest
    short.path = [city]
    short.signature = ToySigner.sign(short.signedBytes, key(of: city))
    #expect(refusal(TokenChain([short, inner.latest])) == .brokenChain)
  }

  @Test("No more levels than a token may pass")
  func depth() throws {
    let levels = try (0..<9).map { try #require(DeviceID("340\($0)0000002000000001")) }
    var chain: TokenChain?
    for number in 0..<8 {
      chain = issue(chain, from: levels[number], to: levels[number + 1], id: "t\(number)")
    }
    let deepest = try #require(chain)
    #expect(refusal(deepest, expectation(issuer: levels[7], own: [levels[8]])) == nil)
    #expect(TokenChain(header: deepest.header) == deepest)
    #expect(issue(deepest, from: levels[8], to: county) == nil)
    #expect(TokenChain(header: deepest.header + "." + deepest.header) == nil)
  }

  @Test("What is written is read again as it was, and nothing otherwise written is read")
  func text() throws {
    let chain = try #require(issue(issue(from: region, to: city), from: city, to: county))
    let bytes = chain.latest.bytes
    #expect(LookToken(parsing: bytes) == chain.latest)
    for length in 0..<bytes.count { #expect(LookToken(parsing: Array(bytes[..<length])) == nil) }
    for header in [
      "", ".", chain.header + ".", chain.header + "=", "AAAA", String(repeating: "A", count: 40_000),
    ] {
      #expect(TokenChain(header: header) == nil)
    }
    let wide = LookToken.Bearer(
      person: "a b\n", name: "\n\u{85}", organisation: String(repeating: "县", count: 200), purpose: "")
    #expect(
      wide.person == "a_b_" && wide.name == "–" && wide.organisation?.utf8.count == 240 && wide.purpose == nil
    )
  }

  @Test("What was used is refused until it is too old anyway, and a full store takes nothing new")
  func once() {
    var seen = SeenOnce(capacity: 3)
    let end = Self.now + .seconds(60)
    func use(
      _ id: String, _ neighbour: String, _ end: WallTime, _ now: WallTime, _ expected: SeenOnce.Outcome
    ) {
      let outcome = seen.use(id, of: neighbour, until: end, now: now)
      #expect(outcome == expected, "\(id) of \(neighbour)")
    }
    use("a", "x", end, Self.now, .new)
    use("a", "x", end, Self.now, .seen)
    use("a", "y", end, Self.now, .new)
    use("b", "x", end + .seconds(9), Self.now, .new)
    use("c", "x", end, Self.now, .new)
    use("d", "x", end, Self.now, .full)
    use("d", "y", end, Self.now, .new)
    use("d", "x", end + .seconds(60), end, .new)
    use("b", "x", end + .seconds(60), end, .seen)
    use("a", "x", end + .seconds(60), end, .new)
    seen.forget("x")
    #expect(seen.count == 2)
  }
}

extension DeviceID {
  fileprivate static var none: DeviceID {
    guard let code = DeviceID("0") else { fatalError("0 is a code") }
    return code
  }
}
