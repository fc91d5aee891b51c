import GBCore
import MediaTime
import Recording
import Registry
import Synchronization

/// The queues of all devices: lets a session in when its device can bear it.
final class HistoryTurns: Sendable {
  private struct State {
    var next: UInt64 = 0
    var queues: [DeviceID: HistoryQueue] = [:]
    var waiting: [HistoryQueue.Ticket: CheckedContinuation<Bool, Never>] = [:]
    /// What devices have taught us, kept when nobody is there.
    var limits: [DeviceID: Int] = [:]
  }

  private let limit: @Sendable (DeviceID) -> Int?
  private let state = Mutex(State())

  /// - Parameter limit: what an operator has set for a device.
  init(limit: @escaping @Sendable (DeviceID) -> Int?) { self.limit = limit }

  func newTicket() -> HistoryQueue.Ticket {
    state.withLock { state in
      state.next += 1
      return HistoryQueue.Ticket(number: state.next)
    }
  }

  /// Waits for the turn.
  ///
  /// - Returns: false when the wait was given up, or too many wait.
  func enter(_ ticket: HistoryQueue.Ticket, _ channel: ChannelKey, _ person: String) async -> Bool {
    let known = limit(channel.device)
    return await wait(ticket) { state in
      var queue =
        state.queues[channel.device]
        ?? HistoryQueue(limit: known ?? state.limits[channel.device])
      let entry = queue.enter(ticket, of: channel, as: person, now: SystemClock.wall())
      state.queues[channel.device] = queue
      return entry
    }
  }

  /// The device refused: waits again when one of ours is in the way.
  ///
  /// - Returns: whether it is worth another try.
  func refused(_ ticket: HistoryQueue.Ticket, _ channel: ChannelKey) async -> Bool {
    var hasPlace = true
    let admitted = await wait(ticket) { state in
      guard var queue = state.queues[channel.device], queue.refused(ticket) else {
        hasPlace = false
        return nil
      }
      state.queues[channel.device] = queue
      state.limits[channel.device] = queue.limit
      return false
    }
    return hasPlace && admitted
  }

  private func wait(
    _ ticket: HistoryQueue.Ticket, _ body: (inout State) -> Bool?
  ) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let known = state.withLock { state -> Bool? in
          guard let entry = body(&state) else { return .some(false) }
          if !entry { state.waiting[ticket] = continuation }
          return entry ? true : nil
        }
        if let known { continuation.resume(returning: known) }
        if Task.isCancelled { giveUp(ticket) }
      }
    } onCancel: {
      giveUp(ticket)
    }
  }

  private func giveUp(_ ticket: HistoryQueue.Ticket) {
    state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(returning: false)
  }

  /// A session is over, or does not wait any more. Those after it begin.
  func leave(_ ticket: HistoryQueue.Ticket, _ channel: ChannelKey) {
    let admitted = state.withLock { state -> [CheckedContinuation<Bool, Never>] in
      guard var queue = state.queues[channel.device] else { return [] }
      let tickets = queue.leave(ticket, now: SystemClock.wall())
      state.queues[channel.device] = queue.isEmpty ? nil : queue
      return tickets.compactMap { state.waiting.removeValue(forKey: $0) }
    }
    giveUp(ticket)
    for continuation in admitted { continuation.resume(returning: true) }
  }

  /// What somebody who waits is told; nil when the turn has come.
  func wait(of ticket: HistoryQueue.Ticket, _ channel: ChannelKey) -> HistoryQueue.Wait? {
    state.withLock { $0.queues[channel.device]?.wait(of: ticket) }
  }

  /// Sessions that hold, and those that wait.
  var counts: (holding: Int, waiting: Int) {
    state.withLock { state in
      state.queues.values.reduce((0, 0)) { ($0.0 + $1.holders.count, $0.1 + $1.waiting.count) }
    }
  }

  /// Sessions that hold or wait.
  var count: Int { counts.holding + counts.waiting }
}
