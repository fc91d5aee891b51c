import MediaTime
import Testing

@testable import Access

/// SHA-1 (FIPS 180-4), so that these tests need no library.
enum SHA1 {
  static func digest(_ message: [UInt8]) -> [UInt8] {
    var hash: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0]
    var bytes = message + [0x80]
    while bytes.count % 64 != 56 { bytes.append(0) }
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: UInt64(message.count * 8) >> UInt64(shift)))
    }
    func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 { word << bits | word >> (32 - bits) }
    for start in stride(from: 0, to: bytes.count, by: 64) {
      var words = (0..<16).map { index in
        (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(bytes[start + 4 * index + $1]) }
      }
      for index in 16..<80 {
        words.append(turned(words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1))
      }
      var (a, b, c, d, e) = (hash[0], hash[1], hash[2], hash[3], hash[4])
      for index in 0..<80 {
        let (choice, constant): (UInt32, UInt32) =
          switch index / 20 {
          case 0: (b & c | ~b & d, 0x5a82_7999)
          case 1: (b ^ c ^ d, 0x6ed9_eba1)
          case 2: (b & c | b & d | c & d, 0x8f1b_bcdc)
          default: (b ^ c ^ d, 0xca62_c1d6)
          }
        let next = turned(a, 5) &+ choice &+ e &+ constant &+ words[index]
        (a, b, c, d, e) = (next, a, turned(b, 30), c, d)
      }
      for (index, word) in [a, b, c, d, e].enumerated() { hash[index] &+= word }
    }
    return hash.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
  }
}

@Suite struct TOTPTests {
  static let secret = Array("12345678901234567890".utf8)

  @Test(
    "The vectors of RFC 6238",
    arguments: [
      (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
      (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
    ] as [(Int64, String)])
  func vectors(seconds: Int64, code: String) {
    let counter = TOTP.counter(at: WallTime(nanoseconds: 0) + .seconds(seconds))
    // The last vector lies beyond what 64-bit nanoseconds reach.
    let step = seconds > 9_000_000_000 ? UInt64(seconds / 30) : counter
    #expect(TOTP.code(secret: Self.secret, counter: step, digits: 8, sha1: { SHA1.digest($0) }) == code)
  }

  @Test("The vectors of RFC 4226")
  func counters() {
    let codes = (0..<10).map { TOTP.code(secret: Self.secret, counter: $0, sha1: { SHA1.digest($0) }) }
    #expect(
      codes == [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
      ])
  }

  @Test("A clock may be half a minute wrong, and a code counts once")
  func tolerance() {
    let now = WallTime(seconds: 1_790_000_010)
    let counter = TOTP.counter(at: now)
    func match(_ step: UInt64, after used: UInt64? = nil) -> UInt64? {
      TOTP.match(
        TOTP.code(secret: Self.secret, counter: step, sha1: { SHA1.digest($0) }), secret: Self.secret,
        at: now,
        after: used, sha1: { SHA1.digest($0) })
    }
    #expect(
      match(counter - 1) == counter - 1 && match(counter) == counter && match(counter + 1) == counter + 1)
    #expect(match(counter - 2) == nil && match(counter + 2) == nil)
    #expect(match(counter, after: counter) == nil && match(counter, after: counter - 1) == counter)
    for wrong in ["", "12345", "1234567", "abcdef"] {
      #expect(
        TOTP.match(wrong, secret: Self.secret, at: now, after: nil, sha1: { SHA1.digest($0) }) == nil)
    }
  }

  @Test("The secret as text and as an address")
  func texts() {
    #expect(TOTP.text(of: Array("foobar".utf8)) == "MZXW6YTBOI")
    #expect(TOTP.text(of: Array("f".utf8)) == "MY")
    #expect(
      TOTP.address(secret: Array("foobar".utf8), account: "李 l", issuer: "A&B")
        == "otpauth://totp/A%26B:%E6%9D%8E%20l?secret=MZXW6YTBOI&issuer=A%26B&algorithm=SHA1&digits=6&period=30"
    )
  }
}

@Suite struct SecondFactorTests {
  /// An account with a factor in force, and its secret.
  static func enrolled(_ house: House) async throws -> (
    principal: Principal, secret: [UInt8], codes: [String]
  ) {
    try await house.gate.addAccount(name: "li", role: .operator, password: "correct horse")
    let principal = try await house.gate.signIn(user: "li", password: "correct horse", source: "s").principal
    _ = try await house.gate.enrolSecondFactor(of: principal, issuer: "T")
    let secret = try #require(await house.store.factors["li"]?.secret)
    let codes = try await house.gate.confirmSecondFactor(
      code(house, secret), of: principal, source: "s")
    return (principal, secret, codes)
  }

  static func code(_ house: House, _ secret: [UInt8]) -> String {
    TOTP.code(secret: secret, counter: UInt64(house.clock.now / 30), sha1: { SHA1.digest($0) })
  }

  static func refusal(_ house: House, _ otp: String?) async -> AccessRefusal? {
    await #expect(throws: AccessRefusal.self) {
      try await house.gate.signIn(user: "li", password: "correct horse", otp: otp, source: "s")
    }
  }

  @Test("Until its first right code a factor is not asked for, afterwards always, over a restart too")
  func enrolment() async throws {
    let house = House()
    try await house.gate.addAccount(name: "li", role: .operator, password: "correct horse")
    let principal = try await house.gate.signIn(user: "li", password: "correct horse", source: "s").principal
    _ = try await house.gate.enrolSecondFactor(of: principal, issuer: "T")
    #expect(!house.gate.hasSecondFactor("li"))
    _ = try await house.gate.signIn(user: "li", password: "correct horse", source: "s")
    await #expect(throws: AccessRefusal.wrongSecondFactor) {
      try await house.gate.confirmSecondFactor("000000", of: principal, source: "s")
    }
    let secret = try #require(await house.store.factors["li"]?.secret)
    let codes = try await house.gate.confirmSecondFactor(Self.code(house, secret), of: principal, source: "s")
    #expect(Set(codes).count == Gatekeeper.recoveryCodes)
    #expect(await house.store.factors["li"].map { $0.recovery.isDisjoint(with: codes) } == true)
    await #expect(throws: AccessRefusal.secondFactorExists) {
      try await house.gate.enrolSecondFactor(of: principal, issuer: "T")
    }
    let neighbour = house.neighbour()
    try await neighbour.gate.load()
    #expect(await Self.refusal(neighbour, nil) == .secondFactorNeeded)
    house.clock.advance(30)
    _ = try await neighbour.gate.signIn(
      user: "li", password: "correct horse", otp: Self.code(house, secret), source: "s")
  }

  @Test(
    "A code and a recovery code work once, wrong ones count towards the lock, and a wrong password asks for none"
  )
  func use() async throws {
    let house = House()
    let (_, secret, codes) = try await Self.enrolled(house)
    #expect(await Self.refusal(house, Self.code(house, secret)) == .wrongSecondFactor)
    house.clock.advance(60)
    let code = Self.code(house, secret)
    _ = try await house.gate.signIn(user: "li", password: "correct horse", otp: code, source: "s")
    #expect(await Self.refusal(house, code) == .wrongSecondFactor)
    _ = try await house.gate.signIn(
      user: "li", password: "correct horse", otp: codes[0].lowercased(), source: "s")
    #expect(await Self.refusal(house, codes[0]) == .wrongSecondFactor)
    let wrong = await #expect(throws: AccessRefusal.self) {
      try await house.gate.signIn(user: "li", password: "wrong horse!", otp: nil, source: "s")
    }
    #expect(wrong == .wrongCredentials)
    for _ in 0..<3 { _ = await Self.refusal(house, "123456") }
    guard case .tooManyFailures = await Self.refusal(house, codes[1]) else {
      Issue.record("five failures lock the name")
      return
    }
  }

  @Test("The own factor goes with a code, an administrator resets it, and it goes with the account")
  func removal() async throws {
    let house = House()
    let (principal, _, codes) = try await Self.enrolled(house)
    await #expect(throws: AccessRefusal.wrongSecondFactor) {
      try await house.gate.removeSecondFactor("000000", of: principal, source: "s")
    }
    try await house.gate.removeSecondFactor(codes[0], of: principal, source: "s")
    _ = try await house.gate.signIn(user: "li", password: "correct horse", source: "s")
    await #expect(throws: AccessRefusal.unknownAccount) { try await house.gate.resetSecondFactor(of: "zhao") }
    #expect(await house.store.factors.isEmpty)
  }
}
