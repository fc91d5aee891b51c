import GBCore
import Logging
import MediaTime
import Recording
import Registry
import Synchronization

/// What a device says it has recorded, day by day, remembered for a while.
actor RecordLists {
  /// One day of one channel.
  private struct Key: Hashable {
    let channel: ChannelKey
    let day: WallTime
  }

  private struct Known {
    var items: [RecordItem]
    var isComplete: Bool
    var until: MonotonicTime
  }

  struct List: Sendable {
    var items: [RecordItem] = []
    /// Whether everything that the device announced came.
    var isComplete = true
    /// Why nothing, or not everything, is known.
    var failure: ExchangeFailure?
  }

  /// The longest interval that is asked for.
  static let longest: Duration = .seconds(31 * 86_400)
  /// Questions about one day, where a device tells of no more than so many recordings at once.
  private static let mostQuestions = 40
  /// Days kept.
  private static let kept = 512
  /// How long an answer about the present day, about a past one, and one with pieces missing is believed.
  private static let freshToday: Duration = .seconds(20)
  private static let freshBefore: Duration = .seconds(600)
  private static let freshPartial: Duration = .seconds(15)

  private let signalling: Signalling
  private let directory: DeviceDirectory
  private let logger: Logger
  private var known: [Key: Known] = [:]
  private var running: [Key: Task<Result<Known, ExchangeFailure>, Never>] = [:]

  init(signalling: Signalling, directory: DeviceDirectory, logger: Logger) {
    (self.signalling, self.directory, self.logger) = (signalling, directory, logger)
  }

  /// The recordings of a channel that touch an interval, by start.
  ///
  /// What is known is returned even when a part could not be had; `failure` then says why.
  ///
  /// - Parameter limit: after so long no further day is asked for.
  func list(_ channel: ChannelKey, _ range: WallInterval, within limit: Duration? = nil) async -> List {
    let now = SystemClock.wall()
    let deadline = limit.map { SystemClock.monotonic() + $0 }
    let whole = RecordQuery(
      channel: channel.channel, start: Self.midnight(before: range.start), end: range.end)
    var list = List()
    for day in whole.days where day.start < now {
      if let deadline, SystemClock.monotonic() > deadline {
        list.isComplete = false
        break
      }
      let key = Key(channel: channel, day: day.start)
      switch await self.day(key) {
      case .success(let found):
        list.items += found.items
        list.isComplete = list.isComplete && found.isComplete
      case .failure(let failure):
        list.isComplete = false
        list.failure = failure
        // A device that is silent now is silent for the other days, too.
        return finished(list, range)
      }
    }
    return finished(list, range)
  }

  private func finished(_ list: List, _ range: WallInterval) -> List {
    var list = list
    list.items = RecordAssembler.merged(list.items).filter { $0.end > range.start && $0.start < range.end }
    return list
  }

  /// Forgets what is known of a device.
  func forget(_ device: DeviceID) { known = known.filter { $0.key.channel.device != device } }

  private func day(_ key: Key) async -> Result<Known, ExchangeFailure> {
    if let found = known[key], found.until > SystemClock.monotonic() { return .success(found) }
    if let task = running[key] { return await task.value }
    let task = Task { await self.ask(key) }
    running[key] = task
    let result = await task.value
    running[key] = nil
    if case .success(let found) = result {
      if known.count >= Self.kept { known = known.filter { $0.value.until > SystemClock.monotonic() } }
      if known.count < Self.kept { known[key] = found }
    }
    return result
  }

  private func ask(_ key: Key) async -> Result<Known, ExchangeFailure> {
    let device = key.channel.device
    let zone = directory.device(device)?.settings.recordTimeOffset ?? directory.habits(of: device).timeOffset
    let clock = RecordClock(offset: .seconds(zone ?? 0))
    let end = key.day + .seconds(86_399)
    var query = RecordQuery(channel: key.channel.channel, start: key.day, end: end)
    var known = Known(items: [], isComplete: true, until: SystemClock.monotonic())
    for _ in 0..<Self.mostQuestions {
      let answer: RecordAssembler
      do throws(ExchangeFailure) {
        answer = try await ask(query, device, clock)
      } catch {
        guard known.items.isEmpty else {
          known.isComplete = false
          break
        }
        return .failure(error)
      }
      known.items += answer.list
      known.isComplete = known.isComplete && answer.isComplete
      guard answer.looksCapped, let reached = answer.items.map(\.end).max(),
        reached > query.start, reached < end
      else { break }
      // What lies across the cut is told twice; the merge makes one of it.
      query.start = reached
    }
    known.items = RecordAssembler.merged(known.items)
    let isToday = key.day + .seconds(86_400) > SystemClock.wall()
    let fresh = !known.isComplete ? Self.freshPartial : isToday ? Self.freshToday : Self.freshBefore
    known.until = SystemClock.monotonic() + fresh
    return .success(known)
  }

  private func ask(
    _ query: RecordQuery, _ device: DeviceID, _ clock: RecordClock
  ) async throws(ExchangeFailure) -> RecordAssembler {
    let edition = directory.edition(of: device, said: signalling.registration(of: device)?.version)
    let parts = CollectedParts(clock: clock)
    let exchange = Exchange(
      root: .query, command: .recordInfo, device: device, target: query.channel,
      fields: query.fields(for: edition, clock: clock), patience: .seconds(15), limit: .seconds(120)
    ) { parts.take($0) }
    do throws(ExchangeFailure) {
      _ = try await signalling.exchange(exchange)
    } catch {
      logger.notice(
        "a device did not tell of its recordings",
        metadata: ["device.id": "\(device)", "channel.id": "\(query.channel)", "cause": "\(error)"])
      throw error
    }
    guard !parts.isRefused else { throw .declined }
    return parts.assembler
  }

  private static func midnight(before moment: WallTime) -> WallTime {
    let civil = CivilTime(moment, offset: CivilTime.beijing)
    return CivilTime(year: civil.year, month: civil.month, day: civil.day).wallTime(offset: CivilTime.beijing)
  }
}

/// Reads the parts as they come, each once.
private final class CollectedParts: Sendable {
  private struct State {
    var assembler = RecordAssembler()
    var isRefused = false
    var read = 0
  }

  private let clock: RecordClock
  private let state = Mutex(State())

  init(clock: RecordClock) { self.clock = clock }

  /// Whether it said ERROR and named nothing.
  var isRefused: Bool { state.withLock { $0.isRefused && $0.assembler.items.isEmpty } }

  var assembler: RecordAssembler { state.withLock { $0.assembler } }

  /// - Returns: whether nothing more needs to be waited for.
  func take(_ messages: [MANSCDPMessage]) -> Bool {
    state.withLock { state in
      for message in messages.dropFirst(state.read) {
        if message.isBareRefusal { state.isRefused = true }
        if let part = RecordReply(message, clock: clock) { state.assembler.receive(part) }
      }
      state.read = messages.count
      return state.assembler.isWhole || state.isRefused
    }
  }
}
