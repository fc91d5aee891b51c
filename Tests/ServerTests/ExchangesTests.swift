import GBCore
import MediaTime
import Testing

@testable import Server

@Suite struct ExchangesTests {
  private let device: DeviceID
  private let now = MonotonicTime(nanoseconds: 1_000_000_000)

  init() throws { device = try #require(DeviceID("34020000001180000001")) }

  private func reply(_ command: String, sn: Int, more: String = "") throws -> MANSCDPMessage {
    try MANSCDPMessage(
      text:
        "<Response><CmdType>\(command)</CmdType><SN>\(sn)</SN><DeviceID>\(device)</DeviceID>\(more)</Response>"
    )
  }

  /// Opens a question, does something, and returns what became of the question.
  private func ask(
    _ exchanges: Exchanges, _ exchange: Exchange, sn: Int, then act: () -> Void
  ) async -> Result<ExchangeReplies, ExchangeFailure> {
    await withCheckedContinuation { done in
      exchanges.begin(exchange, sn: sn, now: now, done: done)
      act()
    }
  }

  @Test("An answer with a foreign number is taken, but not the late one of the question before")
  func matches() async throws {
    let exchanges = Exchanges()
    let exchange = Exchange(command: .presetQuery, device: device, target: device)
    let deaf = await ask(exchanges, exchange, sn: 6) { exchanges.tick(now: now + .seconds(10)) }
    #expect(throws: ExchangeFailure.noAnswer) { try deaf.get() }
    let silent = await ask(exchanges, exchange, sn: 7) {
      exchanges.delivered(exchange.key, sn: 6)
      exchanges.delivered(exchange.key, sn: 7)
      exchanges.tick(now: now + .seconds(10))
    }
    #expect(throws: ExchangeFailure.noReply) { try silent.get() }
    let (late, other, odd) = try (
      reply("PresetQuery", sn: 7), reply("RecordInfo", sn: 8), reply("PresetQuery", sn: 0)
    )
    let answered = try await ask(exchanges, exchange, sn: 8) {
      #expect(!exchanges.receive(late, from: device, now: now))
      #expect(!exchanges.receive(other, from: device, now: now))
      #expect(exchanges.receive(odd, from: device, now: now))
    }.get()
    #expect(answered.isComplete && answered.messages.first?.sn == 0)
    #expect(exchanges.count == 0)
  }

  @Test("Parts are collected; each gives more time, and what came before silence is handed out as incomplete")
  func parts() async throws {
    let exchanges = Exchanges()
    var exchange = Exchange(command: .recordInfo, device: device, target: device)
    exchange.isComplete = { $0.count == 3 }
    let part = try reply("RecordInfo", sn: 1)
    let partial = try await ask(exchanges, exchange, sn: 1) {
      #expect(exchanges.receive(part, from: device, now: now + .seconds(9)))
      exchanges.tick(now: now + .seconds(15))
      #expect(exchanges.receive(part, from: device, now: now + .seconds(18)))
      exchanges.tick(now: now + .seconds(28))
    }.get()
    #expect(!partial.isComplete && partial.messages.count == 2)
  }

  @Test("A device that is gone ends all its questions")
  func gone() async throws {
    let exchanges = Exchanges()
    let exchange = Exchange(command: .deviceStatus, device: device, target: device)
    let result = await ask(exchanges, exchange, sn: 1) { exchanges.endAll(of: device) }
    #expect(throws: ExchangeFailure.notRegistered) { try result.get() }
  }

  @Test("One is inside, sixteen wait, the next is sent away")
  func turns() async throws {
    let exchanges = Exchanges()
    let key = Exchanges.Key(device: device, command: .presetQuery)
    try await exchanges.enter(key)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0...Exchanges.mostWaiting {
        group.addTask {
          do {
            try await exchanges.enter(key)
            exchanges.leave(key)
            return true
          } catch {
            #expect(error as? ExchangeFailure == .busy)
            exchanges.leave(key)
            return false
          }
        }
      }
      var outcomes: [Bool] = []
      for await outcome in group { outcomes.append(outcome) }
      #expect(outcomes.filter { $0 }.count == Exchanges.mostWaiting)
    }
    // Free again.
    try await exchanges.enter(key)
  }
}
