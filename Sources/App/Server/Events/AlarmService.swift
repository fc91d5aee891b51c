import Alarms
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import Synchronization

/// Takes the alarms of devices: writes them, then tells people, then tells the device that it has been heard.
///
/// ```text
///   receive (SIP loop) ──► queue ──► book ──► database ──► event stream ──► answer to the device
/// ```
/// Whatever came while the database was writing goes into the next transaction: one alarm is on the screen after one
/// write, a thousand at once cost a few. An alarm that could not be written is not acknowledged, so the device
/// reports it again.
final class AlarmService: Sendable {
  /// A report that waits to be written.
  struct Report: Sendable {
    let notice: AlarmNotice
    let device: DeviceID
    let path: AlarmPath
    let arrived: MonotonicTime
    /// Called once, with whether it is stored.
    let answer: @Sendable (Bool) -> Void
  }

  struct Counters: Sendable {
    var received: [AlarmMethod: UInt64] = [:]
    var new: UInt64 = 0
    var copies: UInt64 = 0
    /// Refused because too many waited, or because they could not be written.
    var refused: UInt64 = 0
    /// From arrival to the event stream.
    var shown: UInt64 = 0
    var shownSeconds = 0.0
    var slowestSeconds = 0.0
  }

  private struct State {
    var book: AlarmBook?
    var queue: [Report] = []
    var counters = Counters()
  }

  /// Reports that may wait for the database.
  static let mostWaiting = 10_000
  /// Reports written in one transaction.
  private static let atOnce = 500

  private let store: any AlarmStore
  private let directory: DeviceDirectory
  private let publish: @Sendable (API.Alarm) -> Void
  private let logger: Logger
  private let rules: AlarmRules
  private let reset: @Sendable (AlarmRecord) -> Void
  private let follower = Mutex<(@Sendable (AlarmRecord) -> Void)?>(nil)
  private let state = Mutex(State())
  private let writing = Turnstile()
  private let wake: AsyncStream<Void>
  private let waker: AsyncStream<Void>.Continuation

  /// - Parameters:
  ///   - publish: tells everybody who listens.
  ///   - reset: sets an alarm input back after its alarm is stored, when the device wants that.
  init(
    store: any AlarmStore, directory: DeviceDirectory, rules: AlarmRules = AlarmRules(), logger: Logger,
    publish: @escaping @Sendable (API.Alarm) -> Void, reset: @escaping @Sendable (AlarmRecord) -> Void
  ) {
    (self.store, self.directory, self.rules) = (store, directory, rules)
    (self.publish, self.logger, self.reset) = (publish, logger, reset)
    (wake, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Tells every new alarm, once it is stored.
  func follow(_ body: @escaping @Sendable (AlarmRecord) -> Void) { follower.withLock { $0 = body } }

  var counters: Counters { state.withLock { $0.counters } }
  /// Reports that wait.
  var waiting: Int { state.withLock { $0.queue.count } }

  // MARK: Life

  /// Takes up the alarms of before a restart that may go on. Call before devices are heard.
  func load() async throws {
    let next = try await store.nextAlarm()
    let since = SystemClock.wall() - rules.longest
    let recent = try await store.alarms(AlarmQuery(from: since, limit: 1_000))
    state.withLock { $0.book = AlarmBook(rules: rules, nextID: next, recent: recent) }
  }

  /// Writes until the task is cancelled or ``stop()`` is called.
  func run() async {
    for await _ in wake { await flush() }
  }

  /// Writes what is left.
  func stop() async {
    waker.finish()
    await flush()
  }

  // MARK: Reports

  /// A device reports an alarm. Returns at once.
  func receive(_ report: Report) {
    let isTaken = state.withLock { state in
      state.counters.received[report.notice.method, default: 0] += 1
      guard state.queue.count < Self.mostWaiting else {
        state.counters.refused += 1
        return false
      }
      state.queue.append(report)
      return true
    }
    guard isTaken else { return report.answer(false) }
    waker.yield()
  }

  private func flush() async {
    await writing.pass {
      while true {
        let (reports, decisions) = take()
        guard !reports.isEmpty else { return }
        await conclude(reports, decisions)
      }
    }
  }

  private func take() -> ([Report], [AlarmBook.Decision]) {
    let now = SystemClock.wall()
    return state.withLock { state in
      guard state.book != nil else { return ([], []) }
      let reports = Array(state.queue.prefix(Self.atOnce))
      state.queue.removeFirst(reports.count)
      let decisions = reports.compactMap { report in
        state.book?.receive(report.notice, from: report.device, by: report.path, now: now) {
          camera(of: report.notice, device: report.device)
        }
      }
      return (reports, decisions)
    }
  }

  private func conclude(_ reports: [Report], _ decisions: [AlarmBook.Decision]) async {
    // The last state of each is enough for the database.
    var latest: [Int64: AlarmRecord] = [:]
    for decision in decisions { latest[decision.record.id] = decision.record }
    do {
      try await store.write(latest.values.sorted { $0.id < $1.id })
    } catch {
      logger.error(
        "alarms could not be written; their devices will repeat them", metadata: ["error": "\(error)"])
      // What was decided is not true: the numbers are free again, and a repetition must count as new.
      try? await load()
      state.withLock { $0.counters.refused += UInt64(reports.count) }
      for report in reports { report.answer(false) }
      return
    }
    for (report, decision) in zip(reports, decisions) {
      tell(report, decision)
      report.answer(true)
    }
  }

  private func tell(_ report: Report, _ decision: AlarmBook.Decision) {
    let record = decision.record
    // Also after a copy: a device that repeats its report waits for what it did not hear.
    if record.notice.method == .device { reset(record) }
    switch decision {
    case .copy:
      state.withLock { $0.counters.copies += 1 }
      return
    case .new, .counted:
      publish(resource(record))
    }
    let seconds = (SystemClock.monotonic() - report.arrived).inSeconds
    state.withLock { state in
      state.counters.shown += 1
      state.counters.shownSeconds += seconds
      state.counters.slowestSeconds = max(state.counters.slowestSeconds, seconds)
      if case .new = decision { state.counters.new += 1 }
    }
    if case .new = decision {
      follower.withLock { $0 }?(record)
      logger.notice(
        "alarm",
        metadata: [
          "device.id": "\(record.device)", "alarm": "\(record.id)", "source": "\(record.source)",
          "method": "\(record.notice.method.word)",
          "kind": "\(record.notice.kind ?? record.notice.typeName ?? "")",
          "priority": "\(record.notice.priority)",
        ])
    }
  }

  // MARK: People

  /// A person has taken note. Nil when there is no such alarm; the first acknowledgement stands.
  func acknowledge(_ id: Int64, _ acknowledgement: AlarmAcknowledgement) async throws -> AlarmRecord? {
    guard let record = try await store.acknowledge(id, acknowledgement) else { return nil }
    state.withLock { $0.book?.acknowledged(record) }
    publish(resource(record))
    return record
  }

  /// Deletes what is older than the rules keep.
  func sweep() async {
    let limit = SystemClock.wall() - rules.kept
    do {
      let deleted = try await store.deleteAlarms(before: limit, limit: 10_000)
      if deleted > 0 { logger.info("old alarms were deleted", metadata: ["count": "\(deleted)"]) }
    } catch {
      logger.error("old alarms could not be deleted", metadata: ["error": "\(error)"])
    }
  }

  // MARK: Places

  /// The camera that shows the place: what raised the alarm, the camera an input belongs to, or the only camera.
  private func camera(of notice: AlarmNotice, device: DeviceID) -> ChannelKey? {
    directory.read { directory in
      let key = ChannelKey(device: device, channel: notice.source)
      let cameras = directory.channels(of: device).filter { directory.isPlayable($0) }
      if let source = directory[key] {
        if directory.isPlayable(source) { return key }
        if let parent = source.placement.parent {
          if let camera = cameras.first(where: { $0.key.channel == parent }) { return camera.key }
          let beside = cameras.filter { $0.placement.parent == parent }
          if beside.count == 1 { return beside[0].key }
        }
      }
      return cameras.count == 1 ? cameras[0].key : nil
    }
  }

  /// The alarm as the API tells it.
  func resource(_ record: AlarmRecord) -> API.Alarm {
    let name = directory.read { directory in
      directory[ChannelKey(device: record.device, channel: record.source)]?.name
        ?? directory[record.device]?.name
    }
    let notice = record.notice
    return API.Alarm(
      id: String(record.id), device: record.device.text, source: record.source.text, name: name,
      camera: record.camera?.description, method: notice.method.word, type: notice.type,
      kind: notice.kind, typeName: notice.typeName, event: notice.event, priority: notice.priority,
      time: notice.time.map { API.Time($0) }, moment: API.Time(record.moment),
      received: API.Time(record.received),
      last: API.Time(record.last), count: record.count, text: notice.text,
      longitude: notice.position?.longitude, latitude: notice.position?.latitude,
      acknowledged: record.acknowledgement.map {
        API.AlarmAcknowledgement(by: $0.by, at: API.Time($0.at), note: $0.note)
      })
  }
}
