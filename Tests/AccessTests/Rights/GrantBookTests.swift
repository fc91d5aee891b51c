import MediaTime
import TestSupport
import Testing

@testable import Access

/// The book against an evaluator that looks at every grant, over random levels.
@Suite struct GrantBookTests {
  /// A small world: few names, so that grants and questions meet often.
  struct World {
    var random: SeededRandom
    let now = WallTime(seconds: 1_790_000_000)

    mutating func maybe<Value>(_ one: Int, in many: Int = 4, _ value: (inout World) -> Value) -> Value? {
      Int.random(in: 0..<many, using: &random) < one ? value(&self) : nil
    }
    mutating func pick<Value>(_ values: [Value]) -> Value {
      values[Int.random(in: 0..<values.count, using: &random)]
    }
    mutating func some<Value: Hashable>(_ values: [Value]) -> Set<Value> {
      Set(values.filter { _ in Bool.random(using: &random) })
    }
    mutating func time(_ spread: Int64) -> WallTime {
      now + .seconds(Int64.random(in: -spread...spread, using: &random))
    }

    static let people = ["li", "wang", "zhao"]
    static let nodes = ["34", "3402", "340200", "d1", "d2"]
    static let groups = ["g1", "g2"]
    static let labels = ["gate", "river"]
    static let channels = ["d1_a", "d1_b", "d2_a", "d2_b"]
    static let codes = ["patrol", "case", "training", "break-glass", "unheard-of"]

    mutating func grantee() -> Grantee {
      switch Int.random(in: 0..<5, using: &random) {
      case 0: .person(pick(Self.people))
      case 1: .key(pick(Self.people))
      case 2: .role(pick(Role.allCases))
      case 3: .organisation(pick(["bureau", "school"]))
      default: .level(pick(["34000000002000000001", "34020000002000000001"]))
      }
    }

    mutating func scope() -> GrantScope {
      switch Int.random(in: 0..<5, using: &random) {
      case 0: .all
      case 1: .subtree(pick(Self.nodes))
      case 2: .group(pick(Self.groups))
      case 3: .list(some(Self.channels))
      default: .label(pick(Self.labels))
      }
    }

    mutating func conditions() -> GrantConditions {
      GrantConditions(
        purposes: maybe(1) { $0.some(Self.codes) },
        hours: maybe(1) { world in
          WeeklyHours(
            weekdays: world.some(Array(1...7)).union([1]),
            from: Int.random(in: 0..<1_440, using: &world.random),
            to: Int.random(in: 1...1_440, using: &world.random))
        } ?? nil,
        footage: maybe(1) { world in
          Bool.random(using: &world.random) ? .since(world.time(100_000)) : .recent(.seconds(50_000))
        },
        starts: maybe(1) { $0.time(50_000) }, expires: maybe(1) { $0.time(100_000) },
        viewers: maybe(1) { Int.random(in: 0...3, using: &$0.random) }, visitors: maybe(1) { $0.visitors() })
    }

    mutating func grant(_ number: Int) -> Grant {
      Grant(
        id: "g\(number)", issuer: "34020000002000000001", grantee: grantee(), scope: scope(),
        operations: some(AccessOperation.allCases),
        priority: maybe(1) { Int.random(in: 1...254, using: &$0.random) },
        conditions: conditions(), created: time(1_000), createdBy: "root",
        revoked: maybe(1, in: 6) { Grant.Revocation(at: $0.time(10_000), by: "root") })
    }

    mutating func visitors() -> Set<Visitor> {
      Set(some(Self.people).compactMap { Visitor(level: "34000000002000000001", .person, $0) })
    }

    mutating func asker() -> Asker {
      if let level = maybe(1, { $0.pick(["34000000002000000001", "34020000002000000001"]) }) {
        return Asker(
          person: pick(Self.people), role: .administrator, level: level, visitors: visitors())
      }
      if let key = maybe(1, { $0.pick(Self.people) }) { return Asker(key: key, role: .machine) }
      return Asker(
        person: pick(Self.people), role: pick(Role.allCases),
        organisations: Array(some(["bureau", "school"])))
    }

    mutating func question() -> AccessQuestion {
      AccessQuestion(
        asker: asker(), operation: pick(AccessOperation.allCases),
        channel: ChannelFacts(
          key: pick(Self.channels), ancestors: some(Self.nodes), groups: some(Self.groups),
          labels: some(Self.labels)),
        purpose: maybe(3) { world in
          StatedPurpose(
            code: world.pick(Self.codes), caseNumber: world.maybe(2) { _ in "A-1" },
            approver: world.maybe(2) { _ in "chief" }, until: world.maybe(1) { $0.time(50_000) })
        },
        footage: maybe(2) { world in
          let begin = world.time(100_000)
          return begin..<(begin + .seconds(60))
        }, moment: time(20_000))
    }
  }

  static let purposes = PurposeList(Purpose.initial)
  static let running: @Sendable (String) -> Int = { $0.utf8.count % 3 }

  /// What the rules say, grant by grant, without any arrangement.
  static func naive(_ grants: [Grant], _ question: AccessQuestion) -> AccessDecision {
    var allowed: [Allowance] = []
    var denied: [Denial] = [Denial(.noGrant)]
    for grant in grants
    where question.asker.grantees.contains(grant.grantee) && grant.scope.contains(question.channel) {
      let objection =
        grant.objection(
          to: question, purpose: question.purpose.flatMap { purposes[$0.code] }, running: running(grant.id))
        ?? purposes.objection(to: question.purpose, at: question.moment)
      if let objection {
        denied.append(Denial(objection, grant: grant.id))
      } else {
        allowed.append(grant.allowance(for: question))
      }
    }
    let far = WallTime(nanoseconds: .max)
    let best = allowed.min { left, right in
      if question.operation == .control, left.priority != right.priority {
        return (left.priority ?? 0) > (right.priority ?? 0)
      }
      let (one, other) = (left.until ?? far, right.until ?? far)
      return one != other ? one > other : left.grant < right.grant
    }
    if let best { return .allowed(best) }
    let top = denied.map(\.reason).max() ?? .noGrant
    return .denied(Denial(top, grant: denied.filter { $0.reason == top }.compactMap(\.grant).min()))
  }

  @Test("The book decides as an evaluator does that looks at every grant", arguments: 0..<40 as Range<UInt64>)
  func reference(seed: UInt64) {
    var world = World(random: SeededRandom(seed: seed))
    let grants = (0..<60).map { world.grant($0) }
    var book = GrantBook(grants)
    #expect(book.count == 60)
    var yes = 0
    for _ in 0..<200 {
      let question = world.question()
      let decision = book.decide(question, purposes: Self.purposes, running: Self.running)
      #expect(decision == Self.naive(grants, question))
      if decision.allowance != nil { yes += 1 }
      let shown = grants.contains {
        question.asker.grantees.contains($0.grantee) && $0.scope.contains(question.channel)
          && $0.isInForce(at: question.moment)
      }
      #expect(book.shows(question.channel, to: question.asker, at: question.moment) == shown)
      if book.showsAll(to: question.asker, at: question.moment) { #expect(shown) }
    }
    #expect(yes > 0)
    for grant in grants { book.remove(grant.id) }
    #expect(book.count == 0)
    #expect(
      book.decide(world.question(), purposes: Self.purposes, running: Self.running)
        == .denied(Denial(.noGrant)))
  }

  @Test("Revoking never allows more, and giving never allows less", arguments: 0..<40 as Range<UInt64>)
  func monotony(seed: UInt64) {
    var world = World(random: SeededRandom(seed: seed &+ 1_000))
    let grants = (0..<30).map { world.grant($0) }
    let questions = (0..<60).map { _ in world.question() }
    var book = GrantBook(grants)
    var before = questions.map { book.decide($0, purposes: Self.purposes, running: Self.running) }
    for grant in grants {
      var revoked = grant
      revoked.revoke(at: WallTime(seconds: 0), by: "root")
      // The first revocation stays, so one of the world's may still lie ahead.
      book.save(revoked)
      let after = questions.map { book.decide($0, purposes: Self.purposes, running: Self.running) }
      for (old, new) in zip(before, after) where old.denial != nil { #expect(new.allowance == nil) }
      before = after
    }
    for grant in grants {
      book.save(grant)
      let after = questions.map { book.decide($0, purposes: Self.purposes, running: Self.running) }
      for (old, new) in zip(before, after) where old.allowance != nil { #expect(new.allowance != nil) }
      before = after
    }
  }

  @Test("An allowance holds until its end, and no longer", arguments: 0..<40 as Range<UInt64>)
  func ends(seed: UInt64) {
    var world = World(random: SeededRandom(seed: seed &+ 2_000))
    let book = GrantBook((0..<40).map { world.grant($0) })
    for _ in 0..<100 {
      var question = world.question()
      question.footage = nil
      guard let allowance = book.decide(question, purposes: Self.purposes, running: Self.running).allowance,
        let grant = book[allowance.grant]
      else { continue }
      let purpose = question.purpose.flatMap { Self.purposes[$0.code] }
      func objection(at moment: WallTime) -> Denial.Reason? {
        question.moment = moment
        return grant.objection(to: question, purpose: purpose, running: 0)
          ?? Self.purposes.objection(to: question.purpose, at: moment)
      }
      guard let until = allowance.until else {
        #expect(objection(at: question.moment + .seconds(40_000_000)) == nil)
        continue
      }
      #expect(until > question.moment)
      #expect(objection(at: WallTime(nanoseconds: until.nanoseconds - 1)) == nil)
      // Hours of days that touch go on; everything else is over.
      if objection(at: until) == nil { #expect(grant.conditions.hours != nil) }
    }
  }
}
