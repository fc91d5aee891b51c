import MediaTime
import Testing

@testable import Access

@Suite struct GatekeeperTests {
  @Test("A first-run link opens the first administrator's session exactly once")
  func firstRun() async throws {
    let house = House()
    #expect(house.gate.needsFirstRun)
    let token = try await house.gate.issueFirstRun()
    #expect(token.count >= 43)
    let signedIn = try await house.gate.redeemFirstRun(token: token, source: "a")
    #expect(signedIn.principal.name == "admin")
    #expect(signedIn.principal.role == .administrator)
    #expect(signedIn.principal.kind == .firstRun)
    await #expect(throws: AccessRefusal.wrongCredentials) {
      try await house.gate.redeemFirstRun(token: token, source: "a")
    }
    #expect(house.gate.needsFirstRun)
    try await house.gate.setPassword("long enough", present: nil, of: signedIn.principal, source: "a")
    #expect(!house.gate.needsFirstRun)
    #expect(await house.gate.authenticate(signedIn.token, source: "a")?.kind == .user)
  }

  @Test("A first-run link ends with its lifetime")
  func firstRunExpires() async throws {
    let house = House()
    let token = try await house.gate.issueFirstRun()
    house.clock.advance(86_401)
    await #expect(throws: AccessRefusal.wrongCredentials) {
      try await house.gate.redeemFirstRun(token: token, source: "a")
    }
  }

  @Test("A password opens a session, a wrong one or an unknown name does not, and neither says which")
  func signIn() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    let signedIn = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    #expect(await house.gate.authenticate(signedIn.token, source: "a")?.role == .operator)
    for (name, password) in [("op", "password 2"), ("nobody", "password 1"), ("op", ""), ("admin", "")] {
      await #expect(throws: AccessRefusal.wrongCredentials) {
        try await house.gate.signIn(user: name, password: password, source: "a")
      }
    }
    #expect(await house.gate.authenticate("nonsense nonsense", source: "a") == nil)
    #expect(await house.gate.authenticate("", source: "a") == nil)
  }

  @Test("An account without a password cannot sign in with one")
  func noPassword() async throws {
    let house = House()
    _ = try await house.gate.redeemFirstRun(token: try await house.gate.issueFirstRun(), source: "a")
    await #expect(throws: AccessRefusal.wrongCredentials) {
      try await house.gate.signIn(user: "admin", password: "", source: "a")
    }
  }

  @Test("Failures block the name for every source, and the block ends")
  func limit() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    for index in 0..<5 {
      _ = try? await house.gate.signIn(user: "op", password: "wrong", source: "source \(index)")
    }
    await #expect(throws: AccessRefusal.tooManyFailures(retryAfter: .seconds(5))) {
      try await house.gate.signIn(user: "op", password: "password 1", source: "elsewhere")
    }
    house.clock.advance(5)
    _ = try await house.gate.signIn(user: "op", password: "password 1", source: "elsewhere")
  }

  @Test("Old tabs that keep asking with a dead token lock nobody out and soon cost no look-up")
  func deadTokens() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    for _ in 0..<1_000 { #expect(await house.gate.authenticate("a token of yesterday", source: "a") == nil) }
    #expect(await house.store.lookups <= 60)
    _ = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
  }

  @Test("A session survives a restart, is carried on while it is used, and ends at its limit")
  func lifetime() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    let signedIn = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    let again = house.neighbour()
    try await again.gate.load()
    #expect(await again.gate.authenticate(signedIn.token, source: "a") != nil)

    let writes = await house.store.sessionWrites
    for _ in 0..<100 { _ = await house.gate.authenticate(signedIn.token, source: "a") }
    #expect(await house.store.sessionWrites == writes)
    var hours = 0
    while await house.gate.authenticate(signedIn.token, source: "a") != nil {
      house.clock.advance(3_600)
      hours += 1
    }
    #expect(hours == 7 * 24)
    #expect(await house.store.sessionWrites <= writes + 30)

    let idle = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    house.clock.advance(12 * 3_600)
    #expect(await house.gate.authenticate(idle.token, source: "a") == nil)
    #expect(!house.gate.stillGood(idle.principal))
  }

  @Test("Signing out ends the session at once")
  func signOut() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    let signedIn = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    #expect(house.gate.stillGood(signedIn.principal))
    try await house.gate.signOut(signedIn.principal)
    #expect(!house.gate.stillGood(signedIn.principal))
    #expect(await house.gate.authenticate(signedIn.token, source: "a") == nil)
  }

  @Test("A key works until it is revoked, also one that another process made")
  func tokens() async throws {
    let house = House()
    let (key, record) = try await house.neighbour().gate.addToken(name: "probe", role: .machine, by: "cli")
    #expect(key.hasPrefix("trb_"))
    let principal = try #require(await house.gate.authenticate(key, source: "a"))
    #expect(principal.kind == .token && principal.role == .machine && principal.name == "probe")
    #expect(principal.expires == nil)
    let stored = await house.store.keys.keys.first
    #expect(stored != key)
    try await house.gate.revokeToken(id: record.id)
    #expect(await house.gate.authenticate(key, source: "a") == nil)
    await #expect(throws: AccessRefusal.unknownToken) { try await house.gate.revokeToken(id: record.id) }
  }

  @Test("A key that another process revoked is gone after loading again")
  func reload() async throws {
    let house = House()
    let (key, record) = try await house.gate.addToken(name: "probe", role: .machine, by: "root")
    await house.store.deleteToken(id: record.id)
    try await house.gate.load()
    #expect(await house.gate.authenticate(key, source: "a") == nil)
  }

  @Test("A new password needs the present one, ends the other sessions and keeps this one")
  func changePassword() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    let here = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    let there = try await house.gate.signIn(user: "op", password: "password 1", source: "b")
    for present in [nil, "wrong one here"] {
      await #expect(throws: AccessRefusal.presentPasswordNeeded) {
        try await house.gate.setPassword("password 2", present: present, of: here.principal, source: "a")
      }
    }
    try await house.gate.setPassword("password 2", present: "password 1", of: here.principal, source: "a")
    #expect(house.gate.stillGood(here.principal))
    #expect(!house.gate.stillGood(there.principal))
    _ = try await house.gate.signIn(user: "op", password: "password 2", source: "a")
  }

  @Test("The last administrator stays, a removed account's sessions end")
  func removing() async throws {
    let house = House()
    try await house.gate.addAccount(name: "root", role: .administrator, password: "password 1")
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    let session = try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    await #expect(throws: AccessRefusal.lastAdministrator) {
      try await house.gate.removeAccount(name: "root")
    }
    try await house.gate.removeAccount(name: "op")
    #expect(!house.gate.stillGood(session.principal))
    await #expect(throws: AccessRefusal.unknownAccount) { try await house.gate.removeAccount(name: "op") }
    try await house.gate.addAccount(name: "second", role: .administrator, password: "password 1")
    try await house.gate.removeAccount(name: "root")
    #expect(house.gate.accounts().map(\.name) == ["second"])
  }

  @Test("When the store fails nothing is half done")
  func brokenStore() async throws {
    let house = House()
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    await house.store.setBroken(true)
    await #expect(throws: MemoryStore.Broken.self) {
      try await house.gate.addAccount(name: "new", role: .operator, password: "password 1")
    }
    await #expect(throws: MemoryStore.Broken.self) {
      try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    }
    await #expect(throws: MemoryStore.Broken.self) {
      _ = try await house.gate.addToken(name: "x", role: .machine, by: "op")
    }
    #expect(house.gate.accounts().map(\.name) == ["op"])
    #expect(house.gate.tokens().isEmpty)
    await house.store.setBroken(false)
    try await house.gate.addAccount(name: "new", role: .operator, password: "password 1")
  }

  @Test("No more passwords are checked at a time than configured")
  func busy() async throws {
    let house = House(checks: 0)
    try await house.gate.addAccount(name: "op", role: .operator, password: "password 1")
    await #expect(throws: AccessRefusal.busy) {
      try await house.gate.signIn(user: "op", password: "password 1", source: "a")
    }
  }

  @Test(
    "Weak passwords and unusable names are refused",
    arguments: [
      ("op", "short"), ("op", "aaaaaaaaaaaa"), ("longer name", "Longer Name"), ("", "password 1"),
      (" op", "password 1"), ("o\u{7}p", "password 1"), (String(repeating: "x", count: 65), "password 1"),
      ("op", String(repeating: "abcd", count: 65)),
    ])
  func rules(_ name: String, _ password: String) async throws {
    let house = House()
    await #expect(throws: AccessRefusal.self) {
      try await house.gate.addAccount(name: name, role: .operator, password: password)
    }
    #expect(house.gate.accounts().isEmpty)
  }

  @Test("Tokens are URL-safe Base64 without padding")
  func base64() {
    #expect(Base64URL.encode([]) == "")
    #expect(Base64URL.encode(Array("f".utf8)) == "Zg")
    #expect(Base64URL.encode(Array("foobar".utf8)) == "Zm9vYmFy")
    #expect(Base64URL.encode([0xfb, 0xff, 0xfe]) == "-__-")
  }
}
