import MediaTime
import TestSupport
import Testing

@testable import Access

/// Each reason by an example that a person would recognise.
@Suite struct DecisionTests {
  /// Monday, 2026-09-21, 10:00 in Beijing.
  static let now = CivilTime(year: 2026, month: 9, day: 21, hour: 10).wallTime(offset: CivilTime.beijing)
  static let gate = ChannelFacts(
    key: "d1_gate", ancestors: ["d1", "3402"], groups: ["schools"], labels: ["gate"])

  static func grant(
    _ id: String = "g", _ grantee: Grantee = .person("li"), _ scope: GrantScope = .all,
    _ operations: Set<AccessOperation> = [.live, .replay], priority: Int? = nil,
    _ conditions: GrantConditions = GrantConditions()
  ) -> Grant {
    Grant(
      id: id, issuer: "34020000002000000001", grantee: grantee, scope: scope, operations: operations,
      priority: priority, conditions: conditions, created: now, createdBy: "root")
  }

  static func decide(
    _ grants: [Grant], _ operation: AccessOperation = .live,
    by asker: Asker = Asker(person: "li", role: .operator),
    purpose: StatedPurpose? = StatedPurpose(code: "patrol"), footage: Range<WallTime>? = nil,
    at moment: WallTime = now, running: Int = 0
  ) -> AccessDecision {
    GrantBook(grants).decide(
      AccessQuestion(
        asker: asker, operation: operation, channel: gate, purpose: purpose, footage: footage, moment: moment),
      purposes: PurposeList(Purpose.initial), running: { _ in running })
  }

  static func reason(_ decision: AccessDecision) -> Denial.Reason? { decision.denial?.reason }

  @Test("Nothing is allowed that nobody granted")
  func defaultDeny() {
    for role in Role.allCases {
      for operation in AccessOperation.allCases {
        let asker = Asker(person: "li", role: role)
        #expect(Self.decide([], operation, by: asker) == .denied(Denial(.noGrant)))
      }
    }
    #expect(Self.reason(Self.decide([Self.grant("g", .person("wang"))])) == .noGrant)
    #expect(Self.reason(Self.decide([Self.grant("g", .person("li"), .subtree("d2"))])) == .noGrant)
  }

  @Test("A grant for a level can be for some of its people or organisations alone")
  func visitors() throws {
    let level = "34000000002000000001"
    let li = try #require(Visitor(level: level, .person, "0123456789abcdef"))
    let traffic = try #require(Visitor(level: level, .organisation, "traffic"))
    let elsewhere = try #require(Visitor("34010000002000000001/person/0123456789abcdef"))
    func decide(_ asker: Set<Visitor>, _ named: Set<Visitor>?) -> AccessDecision {
      Self.decide(
        [
          Grant(
            id: "l", issuer: "i", grantee: .level(level), scope: .all, operations: [.live],
            conditions: GrantConditions(visitors: named), created: WallTime(seconds: 0), createdBy: "root")
        ], by: Asker(level: level, visitors: asker))
    }
    #expect(decide([li, traffic], [li]).allowance?.grant == "l")
    #expect(decide([li, traffic], [traffic]).allowance?.grant == "l")
    #expect(decide([], nil).allowance?.grant == "l")
    for asker in [[], [traffic], [elsewhere]] as [Set<Visitor>] {
      #expect(Self.reason(decide(asker, [li])) == .otherVisitor)
    }
    #expect(Self.reason(decide([li], [])) == .otherVisitor)
  }

  @Test("Visitors are written one way, and read no other")
  func visitorTexts() {
    var random = SeededRandom(seed: 5)
    let alphabet = Array("0a/é \u{1}\u{7f}")
    for _ in 0..<2_000 {
      let name = String(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in
          alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
        })
      let kind = Visitor.Kind.allCases.randomElement(using: &random) ?? .person
      let visitor = Visitor(level: "34000000002000000001", kind, name)
      let isPlain = !name.isEmpty && !name.contains("\u{1}") && !name.contains("\u{7f}")
      #expect((visitor != nil) == isPlain)
      if let visitor { #expect(Visitor(visitor.description) == visitor) }
    }
    for text in ["", "/", "//", "34000000002000000001/person/", "34000000002000000001/role/x", "34/person/x"]
    {
      #expect(Visitor(text) == nil)
    }
    #expect(Visitor("34000000002000000001/person/" + String(repeating: "x", count: 241)) == nil)
  }

  @Test("Grants reach people, roles, organisations, keys and levels, and nobody by the same name elsewhere")
  func grantees() {
    let from = Asker(person: "li", role: .administrator, level: "34000000002000000001")
    #expect(
      Self.reason(Self.decide([Self.grant(), Self.grant("r", .role(.administrator))], by: from)) == .noGrant)
    #expect(Self.decide([Self.grant("l", .level("34000000002000000001"))], by: from).allowance?.grant == "l")
    #expect(Self.reason(Self.decide([Self.grant()], by: Asker(key: "li", role: .machine))) == .noGrant)
    #expect(Self.decide([Self.grant("k", .key("li"))], by: Asker(key: "li")).allowance?.grant == "k")
    let bureau = [
      "bureau": Organisation(id: "bureau", name: "Bureau"),
      "station": Organisation(id: "station", name: "Station", parent: "bureau"),
    ]
    let officer = Asker(person: "zhao", organisations: Organisation.chain(from: "station", in: bureau))
    #expect(Self.decide([Self.grant("o", .organisation("bureau"))], by: officer).allowance?.grant == "o")
    #expect(Self.reason(Self.decide([Self.grant("o", .organisation("school"))], by: officer)) == .noGrant)
    let loop = [
      "a": Organisation(id: "a", name: "", parent: "b"), "b": Organisation(id: "b", name: "", parent: "a"),
    ]
    #expect(Organisation.chain(from: "a", in: loop) == ["a", "b"])
  }

  @Test("Scopes reach what hangs below a node, a group, a list and a label")
  func scopes() {
    for scope in [
      GrantScope.subtree("3402"), .subtree("d1"), .group("schools"), .label("gate"),
      .list(["d1_gate", "d9_x"]),
    ] { #expect(Self.decide([Self.grant("g", .person("li"), scope)]).allowance != nil) }
    for scope in [GrantScope.subtree("3403"), .group("gate"), .label("schools"), .list([])] {
      #expect(Self.reason(Self.decide([Self.grant("g", .person("li"), scope)])) == .noGrant)
    }
  }

  @Test("Each missing thing has its reason")
  func reasons() {
    func one(_ conditions: GrantConditions) -> [Grant] {
      [Self.grant("g", .person("li"), .all, [.live, .replay], conditions)]
    }
    #expect(Self.reason(Self.decide([Self.grant()], .control)) == .operationNotGranted)
    var revoked = Self.grant()
    revoked.revoke(at: Self.now, by: "root")
    #expect(Self.reason(Self.decide([revoked])) == .revoked)
    #expect(Self.decide([revoked], at: Self.now - .seconds(1)).allowance?.until == Self.now)
    #expect(Self.reason(Self.decide(one(.init(expires: Self.now)))) == .expired)
    #expect(Self.reason(Self.decide(one(.init(starts: Self.now + .seconds(1))))) == .notYet)
    let yesterday = Self.now - .seconds(86_400)..<Self.now
    #expect(
      Self.reason(
        Self.decide(one(.init(footage: .since(Self.now - .seconds(3_600)))), .replay, footage: yesterday))
        == .outsideFootage)
    #expect(
      Self.decide(one(.init(footage: .recent(.seconds(86_400)))), .replay, footage: yesterday).allowance
        != nil)
    #expect(Self.reason(Self.decide(one(.init(purposes: ["case"])))) == .wrongPurpose)
    let night = WeeklyHours(from: 22 * 60, to: 6 * 60)
    #expect(Self.reason(Self.decide(one(.init(hours: night)))) == .outsideHours)
    #expect(Self.reason(Self.decide(one(.init(viewers: 2)), running: 2)) == .tooManyViewers)
    #expect(Self.decide(one(.init(viewers: 2)), running: 1).allowance != nil)
  }

  @Test("What a purpose needs is asked for when everything else is there, and not before")
  func purposes() {
    #expect(Self.reason(Self.decide([Self.grant()], purpose: nil)) == .purposeNeeded)
    #expect(Self.reason(Self.decide([], purpose: nil)) == .noGrant)
    #expect(Self.reason(Self.decide([Self.grant()], purpose: .init(code: "curiosity"))) == .unknownPurpose)
    #expect(Self.reason(Self.decide([Self.grant()], purpose: .init(code: "case"))) == .caseNeeded)
    #expect(
      Self.reason(Self.decide([Self.grant()], purpose: .init(code: "case", caseNumber: " "))) == .caseNeeded)
    #expect(Self.decide([Self.grant()], purpose: .init(code: "case", caseNumber: "2026-7")).allowance != nil)
    #expect(Self.reason(Self.decide([Self.grant()], purpose: .init(code: "training"))) == .approverNeeded)
    let until = Self.now + .seconds(60)
    let timed = StatedPurpose(code: "patrol", until: until)
    #expect(Self.decide([Self.grant()], purpose: timed).allowance?.until == until)
    #expect(Self.reason(Self.decide([Self.grant()], purpose: timed, at: until)) == .purposeExpired)
  }

  @Test("A reserved purpose is carried only by a grant that names it")
  func reserved() {
    let glass = StatedPurpose(code: "break-glass")
    #expect(Self.reason(Self.decide([Self.grant()], purpose: glass)) == .wrongPurpose)
    let named = Self.grant("n", .person("li"), .all, [.live], GrantConditions(purposes: ["break-glass"]))
    #expect(Self.decide([Self.grant(), named], purpose: glass).allowance?.grant == "n")
  }

  @Test("The nearest reason is told, and the grant that failed by it")
  func nearest() {
    let far = Self.grant("a", .person("li"), .all, [.control])
    let near = Self.grant("b", .role(.operator), .all, [.live], GrantConditions(viewers: 1))
    #expect(Self.decide([far, near], running: 1) == .denied(Denial(.tooManyViewers, grant: "b")))
  }

  @Test("The allowance is of the grant that holds longest, for control of the highest priority")
  func best() {
    let short = Self.grant(
      "s", .person("li"), .all, [.live, .control], priority: 200,
      GrantConditions(expires: Self.now + .seconds(9)))
    let long = Self.grant("l", .role(.operator), .all, [.live, .control], priority: 10)
    #expect(Self.decide([short, long]).allowance?.grant == "l")
    #expect(
      Self.decide([short, long], .control).allowance
        == Allowance(
          grant: "s", until: Self.now + .seconds(9), priority: 200, earliestFootage: nil))
    #expect(Self.grant(priority: 900).priority == 254 && Self.grant(priority: 0).priority == 1)
  }

  @Test("Hours are those of the zone, over midnight too, and say when they end")
  func hours() throws {
    func at(_ day: Int, _ hour: Int, _ minute: Int = 0) -> WallTime {
      CivilTime(year: 2026, month: 9, day: day, hour: hour, minute: minute).wallTime(
        offset: CivilTime.beijing)
    }
    let office = try #require(WeeklyHours(weekdays: Set(1...5), from: 9 * 60, to: 17 * 60 + 30))
    #expect(office.end(at: at(21, 9)) == at(21, 17, 30))
    #expect(office.end(at: at(21, 17, 30)) == nil && office.end(at: at(21, 8, 59)) == nil)
    #expect(office.end(at: at(26, 10)) == nil)
    let night = try #require(WeeklyHours(weekdays: [5], from: 22 * 60, to: 6 * 60))
    #expect(night.end(at: at(25, 23)) == at(26, 6) && night.end(at: at(26, 5)) == at(26, 6))
    #expect(
      night.end(at: at(26, 6)) == nil && night.end(at: at(26, 23)) == nil && night.end(at: at(25, 5)) == nil)
    let always = try #require(WeeklyHours(from: 0, to: 1_440))
    #expect(always.end(at: at(21, 12)) == at(22, 0))
    #expect(office.end(at: WallTime(seconds: -4)) == nil)
    #expect(
      WeeklyHours(weekdays: [], from: 0, to: 1) == nil && WeeklyHours(weekdays: [8], from: 0, to: 1) == nil)
    #expect(WeeklyHours(from: 1_440, to: 1) == nil && WeeklyHours(from: 0, to: 0) == nil)
  }

  @Test("Reasons have stable names in their order, and purposes well-formed codes")
  func names() {
    #expect(
      Denial.Reason.allCases.map(\.rawValue) == [
        "no-grant", "operation-not-granted", "revoked", "expired", "other-visitor", "not-yet",
        "outside-footage",
        "wrong-purpose",
        "outside-hours", "too-many-viewers", "unknown-purpose", "purpose-expired", "purpose-needed",
        "case-needed",
        "approver-needed",
      ])
    #expect(Denial.Reason.noGrant < .approverNeeded)
    for purpose in Purpose.initial { #expect(Purpose.isCode(purpose.code) && !purpose.chinese.isEmpty) }
    for role in Role.allCases {
      if let standing = Purpose.standing(of: role) {
        #expect(PurposeList(Purpose.initial).objection(to: standing, at: Self.now) == nil)
      }
    }
    #expect(!Purpose.isCode("") && !Purpose.isCode("Ä") && !Purpose.isCode(String(repeating: "a", count: 33)))
  }
}
