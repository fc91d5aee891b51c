import MediaTime
import Testing

@testable import Access

@Suite struct IdentityRulesTests {
  static let now = WallTime(seconds: 1_790_000_000)
  static let rules = IdentityRules(
    issuer: "https://id.example", client: "tributary",
    roles: [.init(group: "chiefs", role: .administrator), .init(group: "desk", role: .operator)])

  static func claims(_ change: (inout IdentityClaims) -> Void = { _ in }) -> IdentityClaims {
    var claims = IdentityClaims(
      issuer: "https://id.example", audience: ["tributary"], subject: "42", expires: now + .seconds(300),
      issued: now, nonce: "n", name: "li", groups: ["others", "desk"])
    change(&claims)
    return claims
  }

  static func refusal(_ change: (inout IdentityClaims) -> Void) -> IdentityRules.Refusal? {
    do {
      _ = try rules.admit(claims(change), nonce: "n", at: now)
      return nil
    } catch { return error }
  }

  @Test("The first group that fits gives the role, and the person is issuer and subject, whatever the name")
  func admitted() throws {
    let person = try Self.rules.admit(Self.claims(), nonce: "n", at: Self.now)
    #expect(person == ExternalPerson(identity: "https://id.example|42", name: "li", role: .operator))
    let chief = try Self.rules.admit(
      Self.claims { $0.groups = ["desk", "chiefs"] }, nonce: "n", at: Self.now)
    #expect(chief.role == .administrator)
    let joint = try Self.rules.admit(
      Self.claims { ($0.audience, $0.authorizedParty) = (["tributary", "other"], "tributary") }, nonce: "n",
      at: Self.now)
    #expect(joint.identity == person.identity)
  }

  @Test("Whatever does not fit opens nothing, and says why")
  func refused() {
    #expect(Self.refusal { $0.issuer = "https://id.example/" } == .wrongIssuer)
    #expect(Self.refusal { $0.audience = ["other"] } == .wrongAudience)
    #expect(Self.refusal { $0.audience = ["tributary", "other"] } == .wrongAudience)
    #expect(Self.refusal { $0.authorizedParty = "other" } == .wrongAudience)
    #expect(Self.refusal { $0.expires = Self.now - .seconds(60) } == .expired)
    #expect(Self.refusal { $0.expires = Self.now - .seconds(59) } == nil)
    #expect(Self.refusal { $0.issued = Self.now + .seconds(61) } == .fromTheFuture)
    #expect(Self.refusal { $0.nonce = "m" } == .wrongNonce)
    #expect(Self.refusal { $0.nonce = nil } == .wrongNonce)
    #expect(Self.refusal { $0.subject = "" } == .noSubject)
    #expect(Self.refusal { $0.name = nil } == .noName)
    #expect(Self.refusal { $0.groups = ["others"] } == .noRole)
  }

  @Test("An account is made at the first log-in, follows its groups, and is never somebody who was there")
  func accounts() async throws {
    let house = House()
    try await house.gate.addAccount(name: "root", role: .administrator, password: "password 1")
    let first = try await house.gate.signIn(
      ExternalPerson(identity: "i|1", name: "li", role: .operator), source: "a")
    #expect(house.gate.stillGood(first.principal) && first.principal.role == .operator)
    let second = try await house.gate.signIn(
      ExternalPerson(identity: "i|1", name: "another name", role: .auditor), source: "a")
    #expect(second.principal.name == "li" && second.principal.role == .auditor)
    #expect(house.gate.role(of: "li") == .auditor && house.gate.accounts().count == 2)
    for taken in ["root", "li"] {
      await #expect(throws: AccessRefusal.nameTaken) {
        try await house.gate.signIn(
          ExternalPerson(identity: "i|2", name: taken, role: .administrator), source: "a")
      }
    }
    // The provider alone vouches for such an account: it gets no password of its own.
    await #expect(throws: AccessRefusal.unknownAccount) {
      try await house.gate.setPassword("password 2", present: nil, of: second.principal, source: "a")
    }
    await #expect(throws: AccessRefusal.wrongCredentials) {
      _ = try await house.gate.signIn(user: "li", password: "", source: "b")
    }
  }
}
