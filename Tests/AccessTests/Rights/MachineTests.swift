import MediaTime
import Testing

@testable import Access

@Suite struct AccessRequestTests {
  static let now = WallTime(seconds: 1_790_000_000)

  static func request(until: Duration = .seconds(86_400)) -> AccessRequest {
    AccessRequest(
      id: "r1", asker: "li", scope: .subtree("d1"), operations: [.live], purpose: .init(code: "incident"),
      until: now + until, created: now)
  }

  @Test("A decision makes a grant for the asker alone, for the stated purpose, with an end")
  func granted() throws {
    var request = Self.request()
    let end = Self.now + .seconds(3_600)
    let grant = try request.grant(
      "g1", issuer: "i", by: "root", words: "ok", narrowed: .init(until: end), at: Self.now)
    #expect(grant.grantee == .person("li") && grant.scope == .subtree("d1") && grant.operations == [.live])
    #expect(grant.conditions == GrantConditions(purposes: ["incident"], expires: end))
    #expect(request.state == .granted(.init(by: "root", at: Self.now, words: "ok"), grant: "g1"))
    var another = Self.request()
    let late = try another.grant(
      "g2", issuer: "i", by: "root", narrowed: .init(until: end + .seconds(900_000)), at: Self.now)
    #expect(late.conditions.expires == another.until)
  }

  @Test("An approver gives less than was asked for, never more and never nothing")
  func narrowed() throws {
    var request = AccessRequest(
      id: "r1", asker: "li", scope: .all, operations: [.live, .replay], purpose: .init(code: "incident"),
      until: Self.now + .seconds(86_400), created: Self.now)
    let hours = WeeklyHours(weekdays: [1], from: 480, to: 1_080)
    for operations: Set<AccessOperation> in [[.live, .control], []] {
      #expect(throws: AccessRequest.Misfit.wider) {
        try request.grant(
          "g", issuer: "i", by: "root", narrowed: .init(operations: operations), at: Self.now)
      }
    }
    #expect(request.state == .asked)
    let grant = try request.grant(
      "g", issuer: "i", by: "root",
      narrowed: .init(operations: [.replay], hours: hours, footage: .recent(.seconds(60)), viewers: 2),
      at: Self.now)
    #expect(grant.operations == [.replay])
    #expect(
      grant.conditions
        == GrantConditions(
          purposes: ["incident"], hours: hours, footage: .recent(.seconds(60)), expires: request.until,
          viewers: 2))
  }

  @Test("Whatever ended a request, nothing happens to it any more")
  func over() throws {
    var refused = Self.request()
    try refused.refuse(by: "root", words: "no", at: Self.now)
    var withdrawn = Self.request()
    try withdrawn.withdraw(by: "li", at: Self.now)
    var expired = Self.request()
    expired.tick(expired.deadline)
    #expect(expired.state == .expired(at: Self.now + .seconds(86_400)))
    for request in [refused, withdrawn, expired] {
      var request = request
      let state = request.state
      #expect(throws: AccessRequest.Misfit.over) {
        try request.grant("g", issuer: "i", by: "root", at: Self.now)
      }
      #expect(throws: AccessRequest.Misfit.over) { try request.refuse(by: "root", words: "", at: Self.now) }
      #expect(throws: AccessRequest.Misfit.over) { try request.withdraw(by: "li", at: Self.now) }
      request.tick(Self.now + .seconds(99_999_999))
      #expect(request.state == state)
    }
  }

  @Test("Nobody decides for himself, nobody withdraws for another, and a passed end grants nothing")
  func misfits() {
    var request = Self.request()
    #expect(throws: AccessRequest.Misfit.ownRequest) {
      try request.grant("g", issuer: "i", by: "li", at: Self.now)
    }
    #expect(throws: AccessRequest.Misfit.notYours) { try request.withdraw(by: "root", at: Self.now) }
    #expect(throws: AccessRequest.Misfit.endPassed) {
      try request.grant("g", issuer: "i", by: "root", narrowed: .init(until: Self.now), at: Self.now)
    }
    #expect(request.state == .asked)
    #expect(throws: AccessRequest.Misfit.over) {
      try request.grant("g", issuer: "i", by: "root", at: Self.now + .seconds(86_400))
    }
    #expect(request.state == .expired(at: Self.now + .seconds(86_400)))
    #expect(Self.request(until: .seconds(99_999_999)).deadline == Self.now + AccessRequest.patience)
  }
}

@Suite struct TwoPersonRuleTests {
  static let now = WallTime(seconds: 1_790_000_000)

  @Test("Another person confirms, once and in time")
  func confirmed() throws {
    var rule = TwoPersonRule(action: "a", proposer: "li", proposed: Self.now)
    #expect(throws: TwoPersonRule.Misfit.samePerson) { try rule.confirm(by: "li", at: Self.now) }
    #expect(rule.state == .proposed)
    try rule.confirm(by: "wang", at: Self.now + .seconds(899))
    #expect(rule.state == .confirmed(by: "wang", at: Self.now + .seconds(899)))
    #expect(throws: TwoPersonRule.Misfit.over) { try rule.confirm(by: "zhao", at: Self.now + .seconds(899)) }
    rule.tick(Self.now + .seconds(9_999))
    #expect(rule.state != .expired)
  }

  @Test("Too late is too late, and what was withdrawn stays so")
  func over() throws {
    var late = TwoPersonRule(action: "a", proposer: "li", proposed: Self.now)
    #expect(throws: TwoPersonRule.Misfit.over) { try late.confirm(by: "wang", at: Self.now + .seconds(900)) }
    #expect(late.state == .expired)
    var withdrawn = TwoPersonRule(action: "a", proposer: "li", proposed: Self.now)
    try withdrawn.withdraw(by: "wang", at: Self.now)
    #expect(throws: TwoPersonRule.Misfit.over) { try withdrawn.confirm(by: "wang", at: Self.now) }
    #expect(throws: TwoPersonRule.Misfit.over) { try withdrawn.withdraw(by: "li", at: Self.now) }
  }
}

@Suite struct BreakGlassTests {
  static let now = WallTime(seconds: 1_790_000_000)

  static func open(_ reason: String = "gas leak at the school") throws -> (glass: BreakGlass, grant: Grant) {
    try BreakGlass.open(
      id: "1", person: "li", reason: reason, scope: .all, operations: [.live], issuer: "i", at: now)
  }

  @Test("It comes with a grant of its own that ends by itself and carries no other purpose")
  func opened() throws {
    let (glass, grant) = try Self.open()
    #expect(glass.grant == grant.id && glass.review == nil)
    #expect(grant.grantee == .person("li"))
    #expect(
      grant.conditions
        == GrantConditions(purposes: ["break-glass"], expires: Self.now + BreakGlass.lifetime))
    #expect(!glass.isLate(at: Self.now) && glass.isLate(at: Self.now + BreakGlass.reviewWithin))
  }

  @Test("A reason is words, not noise", arguments: ["", "short", "          x", "xxxxxxxxxxxxxxxx"])
  func reason(text: String) {
    #expect(throws: BreakGlass.Misfit.reasonTooShort) { try Self.open(text) }
  }

  @Test("It stays open until somebody else has reviewed it, once")
  func reviewed() throws {
    var glass = try Self.open().glass
    #expect(throws: BreakGlass.Misfit.ownGlass) {
      try glass.close(by: "li", verdict: .justified, words: "", at: Self.now)
    }
    try glass.close(by: "chief", verdict: .unjustified, words: "no leak", at: Self.now)
    #expect(glass.review?.verdict == .unjustified && !glass.isLate(at: Self.now + .seconds(9_999_999)))
    #expect(throws: BreakGlass.Misfit.over) {
      try glass.close(by: "chief", verdict: .justified, words: "", at: Self.now)
    }
  }
}
