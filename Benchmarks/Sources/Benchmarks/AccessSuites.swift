import Access
import Benchmark
import MediaTime

/// What a decision about access costs in a level with ten thousand grants.
func accessSuites() -> [BenchmarkSuite] { [decisions()] }

private func decisions() -> BenchmarkSuite {
  let level = Level()
  return BenchmarkSuite(name: "access") { suite in
    suite.benchmark("allowed, 10 000 grants") { keep(level.decide(level.allowed)) }
    suite.benchmark("denied, 10 000 grants") { keep(level.decide(level.denied)) }
    suite.benchmark("allowed, of another level") { keep(level.decide(level.foreign)) }
    suite.benchmark("peer: each of 10 000 looked at") { keep(level.lookAtAll(level.allowed)) }
    suite.benchmark("shown in a list") {
      keep(level.book.shows(level.allowed.channel, to: level.allowed.asker, at: Level.now))
    }
  }
}

/// Two thousand people in a hundred organisations, five thousand cameras below a hundred devices and areas; each grant
/// has hours, purposes and an end.
private struct Level {
  static let now = WallTime(seconds: 1_790_000_000)
  let book: GrantBook
  let grants: [Grant]
  let purposes = PurposeList(Purpose.initial)

  init() {
    let hours = WeeklyHours(from: 0, to: 1_440)
    let conditions = GrantConditions(
      purposes: ["patrol", "incident"], hours: hours, footage: .recent(.seconds(864_000)),
      expires: Self.now + .seconds(86_400), viewers: 1_000)
    grants = (0..<10_000).map { number in
      let grantee: Grantee =
        switch number % 4 {
        case 0: .person("person \(number % 2_000)")
        case 1: .organisation("office-\(number % 100)")
        case 2: .level("3402000000200000\(1_000 + number % 50)")
        default: .role(.operator)
        }
      let scope: GrantScope =
        switch number / 4 % 3 {
        case 0: .subtree("device \(number % 100)")
        case 1: .list([Self.channel(number % 5_000), Self.channel(number % 4_999)])
        default: .group("group \(number % 100)")
        }
      return Grant(
        id: "grant \(number)", issuer: "34020000002000000001", grantee: grantee, scope: scope,
        operations: [.live, .replay], conditions: conditions, created: Self.now, createdBy: "root")
    }
    book = GrantBook(grants)
  }

  private static func channel(_ number: Int) -> String { "device \(number % 100)_\(number)" }

  private func question(_ asker: Asker, _ operation: AccessOperation) -> AccessQuestion {
    AccessQuestion(
      asker: asker, operation: operation,
      channel: ChannelFacts(
        key: Self.channel(300),
        ancestors: ["device 0", "device 8", "34", "3402", "340200", "area", Self.channel(300)],
        groups: ["group 0", "group 1", "group 16"], labels: ["gate"]),
      purpose: StatedPurpose(code: "patrol"), moment: Self.now)
  }

  private var person: Asker {
    Asker(person: "person 300", role: .operator, organisations: ["office-1", "office-8", "office-16"])
  }
  var allowed: AccessQuestion { question(person, .live) }
  var denied: AccessQuestion { question(person, .control) }
  var foreign: AccessQuestion { question(Asker(level: "34020000002000001000"), .live) }

  /// What a decision costs without an index, with the same rules.
  func lookAtAll(_ question: AccessQuestion) -> Int {
    let (purpose, names) = (question.purpose.flatMap { purposes[$0.code] }, Set(question.asker.grantees))
    return grants.count {
      names.contains($0.grantee) && $0.scope.contains(question.channel)
        && $0.objection(to: question, purpose: purpose, running: 3) == nil
    }
  }

  func decide(_ question: AccessQuestion) -> AccessDecision {
    book.decide(question, purposes: purposes, running: { _ in 3 })
  }
}
