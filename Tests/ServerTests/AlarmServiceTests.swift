import Alarms
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

/// A store that notes what it is asked, holds up writing, and fails on request.
private final class SlowStore: AlarmStore {
  struct State: Sendable {
    var records: [Int64: AlarmRecord] = [:]
    var transactions: [Int] = []
    var isBroken = false
    var next: Int64 = 1
  }
  let state = Locked(State())
  let log: Collected<String>
  struct Broken: Error {}

  init(log: Collected<String>) { self.log = log }

  func write(_ alarms: [AlarmRecord]) async throws {
    let isBroken = state.with { state in
      guard !state.isBroken else { return true }
      state.transactions.append(alarms.count)
      for alarm in alarms {
        state.records[alarm.id] = alarm
        state.next = max(state.next, alarm.id + 1)
      }
      return false
    }
    if isBroken { throw Broken() }
    log.add("written")
  }
  func alarms(_ query: AlarmQuery) async throws -> [AlarmRecord] { Array(state.with { $0.records }.values) }
  func alarm(_ id: Int64) async throws -> AlarmRecord? { state.with { $0.records[id] } }
  func acknowledge(_ id: Int64, _ acknowledgement: AlarmAcknowledgement) async throws -> AlarmRecord? {
    state.with { state in
      state.records[id]?.acknowledgement = acknowledgement
      return state.records[id]
    }
  }
  func unacknowledgedAlarms() async throws -> Int { state.with { $0.records.count } }
  func deleteAlarms(before moment: WallTime, limit: Int) async throws -> Int { 0 }
  func nextAlarm() async throws -> Int64 { state.with { $0.next } }
}

@Suite struct AlarmServiceTests {
  private let log = Collected<String>()
  private let store: SlowStore
  private let service: AlarmService
  private let device: DeviceID
  private let resets = Collected<Int64>()

  init() throws {
    device = try #require(DeviceID("34020000001180000001"))
    let logger = Logger(label: "test") { _ in SilentLog() }
    store = SlowStore(log: log)
    service = AlarmService(
      store: store, directory: DeviceDirectory(store: RecordingStore(), logger: logger), logger: logger,
      publish: { [log] in log.add("shown \($0.id) ×\($0.count)") }, reset: { [resets] in resets.add($0.id) })
  }

  private func report(
    _ type: Int, method: AlarmMethod = .video, at second: Int64 = 0, by path: AlarmPath = .message
  ) {
    let notice = AlarmNotice(source: device, method: method, type: type, time: WallTime(seconds: second))
    service.receive(
      AlarmService.Report(notice: notice, device: device, path: path, arrived: SystemClock.monotonic()) {
        [log] in log.add($0 ? "answered" : "refused")
      })
  }

  /// Starts what runs beside the tests' own work, and stops it afterwards.
  private func running(_ body: () async throws -> Void) async throws {
    try await service.load()
    let run = Task { await service.run() }
    try await body()
    await service.stop()
    await run.value
  }

  @Test("An alarm is written, then shown, then answered; never in another order")
  func order() async throws {
    try await running {
      report(2)
      #expect(await eventually { log.all.count == 3 })
      #expect(log.all == ["written", "shown 1 ×1", "answered"])
    }
    let counters = service.counters
    #expect(counters.shown == 1 && counters.new == 1 && counters.received == [.video: 1])
    #expect(counters.slowestSeconds > 0 && counters.slowestSeconds == counters.shownSeconds)
  }

  @Test("A copy by the other path is answered and not shown again")
  func copies() async throws {
    try await running {
      report(2, by: .message)
      report(2, by: .notify)
      report(2, at: 1)
      #expect(await eventually { log.all.count { $0 == "answered" } == 3 })
    }
    #expect(log.all.filter { $0.hasPrefix("shown") } == ["shown 1 ×1", "shown 1 ×2"])
    #expect(service.counters.copies == 1)
    #expect(store.state.with { $0.records[1]?.paths } == [.message, .notify])
  }

  @Test("What cannot be written is neither shown nor answered well, and counts as new when it is repeated")
  func brokenStore() async throws {
    try await running {
      store.state.with { $0.isBroken = true }
      report(2)
      #expect(await eventually { log.all == ["refused"] })
      store.state.with { $0.isBroken = false }
      report(2)
      #expect(await eventually { log.all.count == 4 })
    }
    #expect(log.all == ["refused", "written", "shown 1 ×1", "answered"])
    #expect(service.counters.refused == 1)
  }

  @Test("A flood is written in few transactions, in order; beyond the limit it is refused at once")
  func flood() async throws {
    for second in 0..<Int64(AlarmService.mostWaiting + 5) { report(2, at: second) }
    #expect(log.all == Array(repeating: "refused", count: 5))
    try await running { service.receive(nothing()) }
    #expect(service.waiting == 0)
    #expect(log.all.count { $0 == "answered" } == AlarmService.mostWaiting)
    #expect(store.state.with { $0.transactions.count } <= AlarmService.mostWaiting / 500 + 1)
    #expect(store.state.with { $0.records[1]?.count } == AlarmService.mostWaiting)
  }

  /// One too many: refused, but it wakes the writer.
  private func nothing() -> AlarmService.Report {
    AlarmService.Report(
      notice: AlarmNotice(source: device, method: .sms, time: nil), device: device, path: .message,
      arrived: SystemClock.monotonic()
    ) { _ in }
  }

  @Test("Alarm inputs are reset after their alarm is written, others are not; an acknowledgement is shown")
  func resetting() async throws {
    try await running {
      report(1, method: .device)
      report(2)
      #expect(await eventually { log.all.count { $0 == "answered" } == 2 })
      #expect(resets.all == [1])
      let note = AlarmAcknowledgement(by: "chen", at: WallTime(seconds: 1), note: "")
      let (seen, none) = (try await service.acknowledge(2, note), try await service.acknowledge(9, note))
      #expect(seen?.acknowledgement == note && none == nil)
      #expect(log.all.count { $0 == "shown 2 ×1" } == 2)
    }
  }
}
