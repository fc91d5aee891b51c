import Access
import GRDB
import MediaTime
import Testing

@testable import StoreSQLite

@Suite struct RightsStoreTests {
  private static let start = StoreFixture.start

  private static func grant(
    _ id: String, _ grantee: Grantee, _ scope: GrantScope, _ conditions: GrantConditions = GrantConditions()
  ) -> Grant {
    Grant(
      id: id, issuer: "34020000002000000001", grantee: grantee, scope: scope, operations: [.live, .control],
      priority: 7, conditions: conditions, note: "for “spring”", created: start, createdBy: "root")
  }

  @Test("Every kind of grant comes back exactly, over a restart, and a revocation with it")
  func grants() async throws {
    let fixture = try StoreFixture()
    let store = try fixture.open()
    let hours = WeeklyHours(weekdays: [1, 7], from: 60, to: 30, offset: .seconds(-3_600))
    var grants = [
      Self.grant("a", .person("李 雷"), .all),
      Self.grant("b", .key("probe"), .subtree("3402"), .init(purposes: ["case"], hours: hours)),
      Self.grant("c", .role(.deviceManager), .group("g"), .init(footage: .since(Self.start), viewers: 3)),
      Self.grant(
        "d", .organisation("bureau"), .list(["x_y", "x_z"]),
        .init(footage: .recent(.seconds(60)), starts: Self.start, expires: Self.start + .seconds(1))),
      Self.grant("e", .level("34000000002000000001"), .label("gate"), .init(purposes: [])),
      Self.grant(
        "v", .level("34000000002000000001"), .all,
        .init(
          visitors: Set(
            ["person/ab", "organisation/b/c"].compactMap { Visitor("34000000002000000001/" + $0) }))),
    ]
    for grant in grants { try await store.saveGrant(grant) }
    grants[0].revoke(at: Self.start + .seconds(5), by: "root")
    try await store.saveGrant(grants[0])
    try store.close()
    #expect(try await fixture.open().grants() == grants)
  }

  @Test("A grant with a limit that cannot be read is not granted")
  func unreadable() async throws {
    let store = try StoreFixture().open()
    try await store.saveGrant(Self.grant("a", .person("li"), .all))
    for change in [
      #"conditions = '{"hours":{"weekdays":[9],"from":0,"to":1,"offset":0}}'"#, "conditions = 'x'",
      #"scope = '{"kind":"planet"}'"#, #"grantee = '{"kind":"role","name":"emperor"}'"#,
    ] {
      try await store.saveGrant(Self.grant("a", .person("li"), .all))
      #expect(try await store.grants().count == 1)
      try await store.pool.write { try $0.execute(sql: "UPDATE accessGrant SET \(change)") }
      #expect(try await store.grants().isEmpty, "\(change)")
    }
  }

  @Test("Organisations, people, purposes and labels come back, and go with their account")
  func people() async throws {
    let store = try StoreFixture().open()
    let bureau = Organisation(id: "bureau", name: "公安局")
    let station = Organisation(id: "station", name: "Station", parent: "bureau")
    for organisation in [bureau, station] { try await store.saveOrganisation(organisation) }
    #expect(try await store.organisations() == [bureau, station])
    try await store.deleteOrganisation("bureau")
    #expect(try await store.organisations() == [station])
    try await store.saveUser(
      UserRecord(name: "li", role: .operator, passwordHash: nil, created: Self.start))
    let person = PersonRecord(
      name: "li", organisation: "station",
      standing: StatedPurpose(code: "case", caseNumber: "1", approver: "b", words: "c", until: Self.start))
    try await store.savePerson(person)
    #expect(try await store.persons() == [person])
    try await store.savePerson(PersonRecord(name: "li"))
    #expect(try await store.persons() == [PersonRecord(name: "li")])
    try await store.deleteUser(named: "li")
    #expect(try await store.persons().isEmpty)
    for purpose in Purpose.initial { try await store.savePurpose(purpose) }
    #expect(try await store.purposes() == Purpose.initial.sorted { $0.code < $1.code })
    try await store.setLabels(["gate", "river"], of: "a_b")
    try await store.setLabels(["gate"], of: "a_c")
    #expect(try await store.channelLabels() == ["gate": ["a_b", "a_c"], "river": ["a_b"]])
    try await store.setLabels([], of: "a_b")
    #expect(try await store.channelLabels() == ["gate": ["a_c"]])
  }

  @Test("A decided request and its grant are written together, and an emergency with its own")
  func decisions() async throws {
    let store = try StoreFixture().open()
    func request(_ id: String) -> AccessRequest {
      AccessRequest(
        id: id, asker: "li", scope: .subtree("d"), operations: [.live], purpose: .init(code: "incident"),
        until: Self.start + .seconds(90), created: Self.start)
    }
    var requests = ["1", "2", "3", "4", "5"].map(request)
    let grant = try requests[1].grant("g", issuer: "i", by: "root", words: "ok", at: Self.start)
    try requests[2].refuse(by: "root", words: "no", at: Self.start)
    try requests[3].withdraw(by: "li", at: Self.start)
    requests[4].tick(Self.start + .seconds(90))
    for (number, request) in requests.enumerated() {
      try await store.saveAccessRequest(request, grant: number == 1 ? grant : nil)
    }
    #expect(try await store.accessRequests() == requests)
    #expect(try await store.grants() == [grant])
    var (glass, access) = try BreakGlass.open(
      id: "1", person: "li", reason: "smoke in the school", scope: .all, operations: [.live], issuer: "i",
      at: Self.start)
    try await store.saveBreakGlass(glass, grant: access)
    #expect(try await store.brokenGlasses() == [glass])
    #expect(try await store.grants().count == 2)
    try glass.close(by: "chief", verdict: .justified, words: "smoke", at: Self.start)
    try await store.saveBreakGlass(glass, grant: nil)
    #expect(try await store.brokenGlasses() == [glass])
  }
}
