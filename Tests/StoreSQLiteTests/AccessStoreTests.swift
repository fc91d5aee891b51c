import Access
import MediaTime
import Testing

@testable import StoreSQLite

@Suite struct AccessStoreTests {
  private static let start = StoreFixture.start

  @Test("Accounts, sessions and keys come back exactly, over a restart")
  func roundTrip() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    let user = UserRecord(
      name: "李 雷", role: .deviceManager, passwordHash: "$scrypt$", created: Self.start,
      passwordChanged: Self.start)
    let fresh = UserRecord(name: "admin", role: .administrator, passwordHash: nil, created: Self.start)
    let session = SessionRecord(
      tokenHash: "aa", user: "李 雷", firstRun: true, created: Self.start, expires: Self.start + .seconds(9),
      source: "192.0.2.1")
    let token = TokenRecord(
      id: "k1", name: "probe", role: .machine, tokenHash: "bb", created: Self.start, createdBy: "admin")
    try await store.saveUser(user)
    try await store.saveUser(fresh)
    try await store.saveSession(session)
    try await store.saveToken(token)
    try store.close()
    let again = try fixture.open()
    #expect(try await again.users() == [fresh, user])
    #expect(try await again.sessions() == [session])
    #expect(try await again.session(tokenHash: "aa") == session)
    #expect(try await again.session(tokenHash: "zz") == nil)
    #expect(try await again.tokens() == [token])
    #expect(try await again.token(tokenHash: "bb") == token)
    try await again.deleteUser(named: "李 雷")
    #expect(try await again.sessions().isEmpty)
    try await again.deleteToken(id: "k1")
    #expect(try await again.token(tokenHash: "bb") == nil)
  }

  @Test("A second factor comes back, sealed for its account, and goes with it")
  func secondFactor() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    try await store.saveUser(
      UserRecord(name: "li", role: .operator, passwordHash: nil, created: Self.start))
    var factor = SecondFactorRecord(user: "li", secret: [1, 2, 3])
    try await store.saveSecondFactor(factor)
    #expect(try await store.secondFactors() == [factor])
    (factor.confirmed, factor.lastCounter, factor.recovery) = (Self.start, 77, ["aa", "bb"])
    try await store.saveSecondFactor(factor)
    try store.close()
    let again = try fixture.open()
    #expect(try await again.secondFactors() == [factor])
    try await again.deleteSecondFactor(of: "li")
    #expect(try await again.secondFactors().isEmpty)
    try await again.saveSecondFactor(factor)
    try await again.deleteUser(named: "li")
    #expect(try await again.secondFactors().isEmpty)
  }

  @Test("Changing an account keeps its sessions, expired ones are swept")
  func sessions() async throws {
    let store = try StoreFixture().open()
    var user = UserRecord(name: "op", role: .operator, passwordHash: "x", created: Self.start)
    try await store.saveUser(user)
    for (hash, seconds) in [("a", 10), ("b", 20)] {
      try await store.saveSession(
        SessionRecord(
          tokenHash: hash, user: "op", firstRun: false, created: Self.start,
          expires: Self.start + .seconds(seconds),
          source: ""))
    }
    user.passwordHash = "y"
    try await store.saveUser(user)
    #expect(try await store.sessions().count == 2)
    try await store.deleteSessions(expiredBy: Self.start + .seconds(10))
    #expect(try await store.sessions().map(\.tokenHash) == ["b"])
    try await store.deleteSession(tokenHash: "b")
    #expect(try await store.sessions().isEmpty)
  }

  @Test("Of many that use a single-use link at once exactly one succeeds")
  func singleUse() async throws {
    let store = try StoreFixture().open()
    let link = FirstRunRecord(tokenHash: "t", created: Self.start, expires: Self.start + .seconds(60))
    try await store.saveFirstRun(link)
    let successes = try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<20 { group.addTask { try await store.consumeFirstRun(tokenHash: "t", now: Self.start) } }
      return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(successes == 1)
    try await store.saveFirstRun(link)
    #expect(try await store.consumeFirstRun(tokenHash: "t", now: Self.start + .seconds(60)) == false)
  }

  @Test("Looks are listed newest first by person, channel and time, page by page")
  func looks() async throws {
    let store = try StoreFixture().open()
    var ids: [Int64] = []
    for number in 0..<10 {
      ids.append(
        try await store.beginLook(
          LookRecord(
            user: number.isMultiple(of: 2) ? "a" : "b", role: .operator, channel: "c\(number % 3)",
            kind: .playback,
            purpose: "accident", source: "192.0.2.1", session: "s", started: Self.start + .seconds(number),
            footage: Self.start..<(Self.start + .seconds(60)))))
    }
    let all = try await store.looks(LookQuery())
    #expect(all.map(\.id) == ids.reversed())
    #expect(all.last?.footage == Self.start..<(Self.start + .seconds(60)))
    #expect(try await store.looks(LookQuery(user: "a")).count == 5)
    #expect(try await store.looks(LookQuery(user: "a", channel: "c0")).map(\.id) == [ids[6], ids[0]])
    let some = LookQuery(from: Self.start + .seconds(3), to: Self.start + .seconds(5))
    #expect(try await store.looks(some).map(\.id) == [ids[4], ids[3]])
    let page = try await store.looks(LookQuery(limit: 4))
    let next = try await store.looks(LookQuery(before: page.last?.id, limit: 4))
    #expect((page + next).map(\.id) == ids.reversed().prefix(8).map { $0 })
  }

  @Test("A look ends once, and a crash leaves none open")
  func ending() async throws {
    let store = try StoreFixture().open()
    let look = LookRecord(
      user: "a", role: .machine, channel: "c", kind: .live, purpose: "", source: "x", started: Self.start)
    let first = try await store.beginLook(look)
    _ = try await store.beginLook(look)
    try await store.endLook(id: first, at: Self.start + .seconds(5))
    try await store.endLook(id: first, at: Self.start + .seconds(50))
    try await store.endOpenLooks(at: Self.start - .seconds(9))
    #expect(try await store.looks(LookQuery()).map(\.ended) == [Self.start, Self.start + .seconds(5)])
  }

  @Test("Settings keep their history, and setting the same again leaves no trace")
  func settings() async throws {
    let store = try StoreFixture().open()
    try await store.set("retention.days", to: "30", by: "root", at: Self.start)
    try await store.set("retention.days", to: "30", by: "root", at: Self.start)
    try await store.set("retention.days", to: "60", by: "op", at: Self.start + .seconds(1))
    #expect(try await store.setting("retention.days") == "60")
    try await store.set("retention.days", to: nil, by: "root", at: Self.start + .seconds(2))
    #expect(try await store.setting("retention.days") == nil)
    #expect(try await store.settings().isEmpty)
    let history = try await store.history(of: "retention.days")
    #expect(history.map(\.value) == [nil, "60", "30"])
    #expect(history.map(\.changedBy) == ["root", "op", "root"])
  }
}
