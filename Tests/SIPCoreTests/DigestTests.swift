import SIPCore
import Testing

/// The vectors of the reference, §2.3.
struct DigestTests {
  private let nonce = "6fe9ba44a76be22a9d1c3b7e5f204a10"
  private let uri = "sip:34020000002000000001@3402000000"
  private let user = "34020000001320000001"
  private let password = "Gb28181@pw"

  private func credentials(_ rest: String) throws -> DigestCredentials {
    try #require(
      DigestCredentials(
        "Digest username=\"\(user)\", realm=\"3402000000\", nonce=\"\(nonce)\", uri=\"\(uri)\", \(rest)"))
  }

  @Test("The test hashes are right")
  func hashes() {
    #expect(hexadecimal(testHash(.md5, Array("abc".utf8))) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(
      hexadecimal(testHash(.sha256, Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test("HA1 is that of the reference")
  func secret() {
    let secret = Digest.secret(
      username: user, realm: "3402000000", password: password, algorithm: .md5, hash: testHash)
    #expect(secret == "9225a17a5a9c511923f157b0dc26a711")
  }

  @Test("The response without qop is that of the reference")
  func plain() throws {
    let given = try credentials("response=\"349c2650bb89e0a4bb58bc9ba78534eb\", algorithm=MD5")
    #expect(Digest.verify(given, password: password, method: .register, hash: testHash))
    #expect(!Digest.verify(given, password: "other", method: .register, hash: testHash))
    #expect(!Digest.verify(given, password: password, method: .message, hash: testHash))
  }

  @Test("The response with qop is that of the reference")
  func withQop() throws {
    let given = try credentials(
      "response=\"d10a048eb08d01bd0e88e8cce98d6039\", algorithm=MD5, "
        + "cnonce=\"0a4f113b\", qop=auth, nc=00000001"
    )
    #expect(Digest.verify(given, password: password, method: .register, hash: testHash))
  }

  @Test("The SHA-256 response is that of the reference")
  func sha() throws {
    let given = try credentials(
      "response=\"b73251adf09b0490dfc4971b3c56e407964883f3342270f219fc8402adfe51eb\", algorithm=SHA-256")
    #expect(Digest.verify(given, password: password, method: .register, hash: testHash))
  }

  @Test("A client's answer verifies and survives its own text")
  func answer() throws {
    for offersAuth in [true, false] {
      let challenge = DigestChallenge(realm: "3402000000", nonce: nonce, offersAuth: offersAuth)
      #expect(DigestChallenge(challenge.headerValue) == challenge)
      let made = DigestCredentials(
        answering: challenge, username: user, password: password, method: .register, uri: uri,
        cnonce: "0a4f113b",
        hash: testHash)
      #expect(
        made.response
          == (offersAuth ? "d10a048eb08d01bd0e88e8cce98d6039" : "349c2650bb89e0a4bb58bc9ba78534eb"))
      #expect(DigestCredentials(made.headerValue) == made)
    }
  }

  @Test(
    "Fields are hashed as the device wrote them: nc=1, quoted qop, lower-case algorithm, no commas' blanks")
  func literal() throws {
    let challenge = DigestChallenge(realm: "3402000000", nonce: nonce)
    var made = DigestCredentials(
      answering: challenge, username: user, password: password, method: .register, uri: "sip:other@10.0.0.1",
      cnonce: "x", hash: testHash)
    made.nc = "1"
    let secret = Digest.secret(
      username: user, realm: "3402000000", password: password, algorithm: .md5, hash: testHash)
    made.response = Digest.response(made, secret: secret, method: .register, hash: testHash)
    let text =
      "digest username=\"\(user)\",realm=\"3402000000\",nonce=\"\(nonce)\",uri=\"sip:other@10.0.0.1\","
      + "response=\"\(made.response)\",algorithm=md5,cnonce=\"x\",qop=\"auth\",nc=1"
    let given = try #require(DigestCredentials(text))
    #expect(Digest.verify(given, password: password, method: .register, hash: testHash))
  }

  @Test("The challenge names its algorithm and quotes what must be quoted")
  func challengeText() {
    let text = DigestChallenge(realm: "3402000000", nonce: "n", isStale: true).headerValue
    #expect(text == "Digest realm=\"3402000000\", qop=\"auth\", nonce=\"n\", stale=true, algorithm=MD5")
  }

  @Test(
    "Other schemes are told apart by their token",
    arguments: ["Capability algorithm=\"RSA\"", "Bidirection a=b"])
  func schemes(_ text: String) throws {
    #expect(DigestCredentials(text) == nil)
    #expect(try #require(AuthenticationFields(text)).isDigest == false)
  }

  @Test("auth-int and unknown algorithms are refused")
  func unsupported() throws {
    let made = try credentials("response=\"x\", qop=auth-int")
    #expect(!Digest.verify(made, password: password, method: .register, hash: testHash))
    #expect(DigestCredentials("Digest username=\"a\", nonce=\"n\", response=\"r\", algorithm=SM3") == nil)
  }
}

struct NoncePolicyTests {
  private func policy(capacity: Int = 100) -> NoncePolicy {
    NoncePolicy(
      key: Array(repeating: 7, count: 32), lifetime: .seconds(300), capacity: capacity, hash: testHash)
  }

  @Test("A nonce counts for its holder, for its lifetime, and only if made here")
  func lifetime() {
    let policy = policy()
    let nonce = policy.issue(for: "a", now: .seconds(1000), random: 1)
    #expect(policy.check(nonce, for: "a", now: .seconds(1000)) == .accepted)
    #expect(policy.check(nonce, for: "a", now: .seconds(1300)) == .accepted)
    #expect(policy.check(nonce, for: "a", now: .seconds(1301)) == .stale)
    #expect(policy.check(nonce, for: "b", now: .seconds(1000)) == .forged)
    #expect(policy.check(String(nonce.dropLast()) + "x", for: "a", now: .seconds(1000)) == .forged)
    #expect(policy.check("", for: "a", now: .seconds(1000)) == .forged)
    let other = NoncePolicy(key: Array(repeating: 8, count: 32), hash: testHash)
    #expect(other.check(nonce, for: "a", now: .seconds(1000)) == .forged)
  }

  @Test("A count may only rise, and without a count a nonce is good once")
  func replay() {
    var policy = policy()
    let nonce = policy.issue(for: "a", now: .zero, random: 2)
    #expect(policy.consume(nonce, count: "00000001", for: "a", now: .zero) == .accepted)
    #expect(policy.consume(nonce, count: "00000001", for: "a", now: .zero) == .replayed)
    #expect(policy.consume(nonce, count: "0000000a", for: "a", now: .zero) == .accepted)
    #expect(policy.consume(nonce, count: "9", for: "a", now: .zero) == .replayed)
    let single = policy.issue(for: "a", now: .zero, random: 3)
    #expect(policy.consume(single, count: nil, for: "a", now: .zero) == .accepted)
    #expect(policy.consume(single, count: nil, for: "a", now: .zero) == .replayed)
  }

  @Test("Asking for challenges stores nothing, and used nonces are bounded without becoming usable again")
  func bounded() {
    var policy = policy(capacity: 10)
    var nonces: [String] = []
    for index in 0..<50 {
      let now = Duration.milliseconds(index * 10)
      let nonce = policy.issue(for: "a", now: now, random: UInt64(index))
      #expect(policy.consume(nonce, count: nil, for: "a", now: now) == .accepted)
      nonces.append(nonce)
      #expect(policy.remembered <= 10)
    }
    for nonce in nonces {
      #expect(policy.consume(nonce, count: nil, for: "a", now: .milliseconds(500)) != .accepted)
    }
  }
}
