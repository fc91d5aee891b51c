import Federation
import GBCore
import MediaTime
import TestSupport
import Testing

@Suite("All links of a level")
struct LinkLedgerTests {
  private typealias Stream = LinkBudget<String>.Stream

  private static func link(_ direction: LinkLedger.Direction, _ number: Int = 1) throws -> LinkLedger.Link {
    LinkLedger.Link(direction, try #require(DeviceID("3401000000200000000\(number)")))
  }

  private static func stream(_ id: String, _ rate: Int, _ priority: Int = 100) -> Stream {
    Stream(id: id, rate: rate, priority: priority, user: "\(id) for li")
  }

  @Test("A refusal says how much is missing and who has the link")
  func refusal() throws {
    let up = try Self.link(.up)
    var ledger = LinkLedger()
    ledger.declare(up, .init(capacity: 10_000_000, reserve: 2_000_000))
    _ = try ledger.admit(Self.stream("gate", 5_000_000), over: up)
    _ = try ledger.admit(Self.stream("pier", 2_500_000), over: up)
    let refused = try #require(throws: LinkLedger.Refusal.self) {
      try ledger.admit(Self.stream("mall", 4_000_000), over: up)
    }
    #expect(refused.missing == 3_500_000 && refused.link == up)
    #expect(
      refused.words()
        == "the link lacks 3.5 Mbit/s; in use by gate for li (5.0 Mbit/s), pier for li (2.5 Mbit/s)")
    #expect(
      refused.words(limit: 1) == "the link lacks 3.5 Mbit/s; in use by gate for li (5.0 Mbit/s), 1 more")
    #expect(ledger[up]?.refused == 1)
    // Asking beforehand counts nothing.
    #expect(ledger.refusal(of: Self.stream("mall", 4_000_000), over: up)?.missing == 3_500_000)
    #expect(ledger[up]?.refused == 1 && ledger[up]?.budget.streams.count == 2)
  }

  @Test("The urgent take the reserve, and then the place of the others")
  func urgent() throws {
    let down = try Self.link(.down)
    var ledger = LinkLedger()
    ledger.declare(down, .init(capacity: 10, reserve: 4))
    #expect(try ledger.admit(Self.stream("a", 6), over: down).isEmpty)
    #expect(throws: LinkLedger.Refusal.self) { try ledger.admit(Self.stream("b", 4), over: down) }
    #expect(try ledger.admit(Self.stream("b", 4, 220), over: down).isEmpty)
    let victims = try ledger.admit(Self.stream("c", 5, 220), over: down)
    #expect(victims.map(\.id) == ["a"])
    #expect(ledger[down]?.displaced == 1 && ledger[down]?.budget.used == 9)
  }

  @Test("Links do not know of each other, and an undeclared one bears everything")
  func apart() throws {
    let (up, down, other) = (try Self.link(.up), try Self.link(.down), try Self.link(.up, 2))
    var ledger = LinkLedger()
    ledger.declare(up, .init(capacity: 1))
    #expect(throws: LinkLedger.Refusal.self) { try ledger.admit(Self.stream("a", 2), over: up) }
    for link in [down, other] { #expect(try ledger.admit(Self.stream("a", 1 << 40), over: link).isEmpty) }
    #expect(ledger.links.map(\.link) == [down, up, other])
    ledger.forget(other)
    #expect(ledger[other] == nil && ledger.links.count == 2)
  }

  @Test("What was measured counts, is remembered for the next time, and is kept for an hour")
  func measured() throws {
    let up = try Self.link(.up)
    var ledger = LinkLedger()
    #expect(ledger.expected("camera", isMain: true) > ledger.expected("camera", isMain: false))
    _ = try ledger.admit(Self.stream("call", 4_000_000), over: up)
    ledger.measured("call", of: "camera", rate: 1_300_000, over: up)
    ledger.measured("stranger", of: "other", rate: 9_000_000, over: up)
    #expect(ledger[up]?.rate == 1_300_000 && ledger[up]?.budget.used == 1_300_000)
    #expect(ledger.expected("camera", isMain: true) == 1_300_000)
    #expect(ledger.expected("other", isMain: true) != 9_000_000)
    for second in 0..<(LinkLedger.mostSamples + 5) {
      ledger.sample(at: WallTime(nanoseconds: Int64(second) * 10_000_000_000))
    }
    let samples = try #require(ledger[up]?.samples)
    #expect(samples.count == LinkLedger.mostSamples && samples[0].at.nanoseconds == 50_000_000_000)
    #expect(samples.allSatisfy { $0.rate == 1_300_000 && $0.streams == 1 })
    // A pause of the picture is no end of the stream.
    ledger.measured("call", of: "camera", rate: 0, over: up)
    #expect(ledger[up]?.rate == 0 && ledger[up]?.budget.used == 1_300_000)
    ledger.end("call", over: up)
    #expect(ledger[up]?.budget.used == 0)
  }

  @Test(
    "Whatever comes and goes, an ordinary stream never enters the reserve", arguments: Array(UInt64(1)...100))
  func neverOver(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let up = try Self.link(.up)
    var ledger = LinkLedger()
    let capacity = Int.random(in: 10...100, using: &random)
    let reserve = Int.random(in: 0...10, using: &random)
    ledger.declare(up, .init(capacity: capacity, reserve: reserve))
    for step in 0..<200 {
      if Int.random(in: 0..<3, using: &random) == 0 {
        ledger.end("\(Int.random(in: 0...step, using: &random))", over: up)
        continue
      }
      let priority = Int.random(in: 1...254, using: &random)
      let stream = Self.stream("\(step)", Int.random(in: 1...30, using: &random), priority)
      let before = ledger[up]?.budget.streams ?? []
      do throws(LinkLedger.Refusal) {
        let victims = try ledger.admit(stream, over: up)
        #expect(victims.allSatisfy { $0.priority < priority })
        let used = ledger[up]?.budget.used ?? 0
        #expect(used <= capacity && (priority >= 200 || used <= max(capacity - reserve, 0)))
      } catch {
        #expect(error.missing > 0 && ledger[up]?.budget.streams == before)
      }
    }
  }
}
