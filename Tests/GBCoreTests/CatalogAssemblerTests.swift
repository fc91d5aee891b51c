import MediaTime
import Testing

@testable import GBCore

@Suite struct CatalogAssemblerTests {
  private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)

  private func at(_ seconds: Int) -> MonotonicTime { start + .seconds(seconds) }

  private func part(_ serials: [Int], total: Int?, name: String = "camera") throws -> CatalogReply {
    let items = serials.map {
      "<Item><DeviceID>3402000000132000\($0 + 1_000)</DeviceID><Name>\(name)</Name></Item>"
    }
    return try CatalogTests.reply(items.joined(), total: total.map(String.init) ?? "")
  }

  @Test("Parts that add up to the announced total finish at once")
  func complete() throws {
    var assembler = CatalogAssembler(sn: 248, started: start)
    #expect(assembler.receive(try part([1, 2], total: 3), now: at(1)) == nil)
    let finished = assembler.receive(try part([3], total: 3), now: at(2))
    let assembly = try #require(finished)
    #expect(assembly.isComplete)
    #expect(assembly.items.count == 3)
    #expect(assembly.expected == 3)
    #expect(assembler.deadline == nil)
    #expect(assembler.tick(now: at(500)) == nil)
  }

  @Test("An empty catalog finishes with its only message")
  func empty() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    let text = "<Response><CmdType>Catalog</CmdType><SN>1</SN><SumNum>0</SumNum></Response>"
    let reply = try #require(CatalogReply(try MANSCDPMessage(text: text)))
    #expect(assembler.receive(reply, now: at(1))?.isComplete == true)
  }

  @Test("A retransmitted part is counted once, and silence ends what never gets whole")
  func idle() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    for second in 1...3 { #expect(assembler.receive(try part([1, 2], total: 4), now: at(second)) == nil) }
    #expect(assembler.received == 2)
    #expect(assembler.deadline == at(18))
    #expect(assembler.tick(now: at(17)) == nil)
    let finished = assembler.tick(now: at(18))
    let assembly = try #require(finished)
    #expect(!assembly.isComplete)
    #expect(assembly.items.count == 2)
  }

  @Test("However slowly parts trickle in, 120 s end it")
  func overall() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    for step in 0..<11 { _ = assembler.receive(try part([step], total: 100), now: at(step * 11)) }
    #expect(assembler.deadline == at(120))
    #expect(assembler.tick(now: at(120))?.items.count == 11)
  }

  @Test("Totals that contradict each other or what came wait for a short silence")
  func settling() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    #expect(assembler.receive(try part([1], total: 2), now: at(1)) == nil)
    #expect(assembler.receive(try part([2, 3], total: 3), now: at(2)) == nil)
    #expect(assembler.deadline == at(4))
    #expect(assembler.receive(try part([4], total: 3), now: at(3)) == nil)
    let finished = assembler.tick(now: at(5))
    let assembly = try #require(finished)
    #expect(assembly.isComplete)
    #expect(assembly.items.count == 4)
  }

  @Test("A late part is merged and handed out again, a repeated one is not")
  func late() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    #expect(assembler.receive(try part([1], total: 1), now: at(1)) != nil)
    #expect(assembler.receive(try part([1], total: 1), now: at(2)) == nil)
    #expect(assembler.receive(try part([2], total: 1), now: at(3))?.items.count == 2)
    #expect(!assembler.isSpent(now: at(62)) && assembler.isSpent(now: at(63)))
  }

  @Test("Channels that share a code count, so that the catalog of such a recorder can be complete")
  func sharedCodes() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    #expect(assembler.receive(try part([1], total: 3, name: "a"), now: at(1)) == nil)
    #expect(assembler.receive(try part([1], total: 3, name: "b"), now: at(1)) == nil)
    let finished = assembler.receive(try part([1], total: 3, name: "c"), now: at(2))
    let assembly = try #require(finished)
    #expect(assembly.isComplete)
    #expect(assembly.items.map(\.name) == ["c"])
  }

  @Test("Unreadable items count towards the total")
  func problems() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    let reply = try CatalogTests.reply("<Item><DeviceID>1</DeviceID></Item><Item/>", total: "2")
    let finished = assembler.receive(reply, now: at(1))
    let assembly = try #require(finished)
    #expect(assembly.isComplete)
    #expect(assembly.items.count == 1)
    #expect(assembly.problems.count == 1)
  }

  @Test("Without any total the end is silence, and the catalog is not called complete")
  func noTotal() throws {
    var assembler = CatalogAssembler(sn: 1, started: start)
    #expect(assembler.receive(try part([1], total: nil), now: at(1)) == nil)
    #expect(assembler.tick(now: at(16))?.isComplete == false)
  }

  @Test("Memory is bounded")
  func bounded() throws {
    var limits = CatalogAssembler.Limits()
    (limits.items, limits.problems) = (2, 1)
    var assembler = CatalogAssembler(sn: 1, started: start, limits: limits)
    _ = assembler.receive(try part(Array(0..<5), total: 9), now: at(1))
    _ = assembler.receive(
      try CatalogTests.reply("<Item><A/></Item><Item><B/></Item>", total: "9"), now: at(1))
    let finished = assembler.tick(now: at(60))
    let assembly = try #require(finished)
    #expect(assembly.items.count == 2)
    #expect(assembly.problems.count == 1)
  }
}
