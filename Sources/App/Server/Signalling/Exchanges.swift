import GBCore
import MediaTime
import Synchronization

/// Why a device did not do what it was asked.
enum ExchangeFailure: Error, Hashable, Sendable {
  /// It is not registered, so nobody knows where it is.
  case notRegistered
  /// Its SIP side did not answer in time, or the connection broke.
  case noAnswer
  /// Its SIP side refused with this status.
  case refused(status: Int)
  /// It took the message and then said nothing more: what it does not know, a device often leaves unanswered.
  case noReply
  /// It answered with a `Result` of ERROR and nothing else.
  case declined
  /// Too many wait to ask it the same.
  case busy
  /// Whoever asked went away.
  case cancelled
}

/// A question whose answer is one or more documents (§4.3).
struct Exchange: Sendable {
  var root: MANSCDPRoot = .query
  var command: CmdType
  /// Whom it is sent to.
  var device: DeviceID
  /// What it is about: a channel, or the device itself.
  var target: DeviceID
  var fields: [XMLElement] = []
  /// The longest silence, before the first document and between two.
  var patience: Duration = .seconds(10)
  /// The longest it may take as a whole.
  var limit: Duration = .seconds(120)
  /// Whether the documents so far are the whole answer.
  var isComplete: @Sendable ([MANSCDPMessage]) -> Bool = { !$0.isEmpty }
}

/// The documents that answered an exchange, in the order of their arrival.
struct ExchangeReplies: Sendable {
  var messages: [MANSCDPMessage]
  /// False when the device fell silent before all was told.
  var isComplete: Bool
}

/// Which questions are open, and who waits for his turn: one question of a kind per device (§4.3), since two at
/// once confuse many devices, and since an answer with a wrong `SN` then still finds its question (§14.2 #13).
final class Exchanges: Sendable {
  struct Key: Hashable, Sendable {
    let device: DeviceID
    let command: CmdType
  }

  private struct Open {
    let sn: Int
    let exchange: Exchange
    let limit: MonotonicTime
    var deadline: MonotonicTime
    /// Its SIP side has taken the message.
    var isDelivered = false
    var replies: [MANSCDPMessage] = []
    let done: CheckedContinuation<Result<ExchangeReplies, ExchangeFailure>, Never>
  }

  private struct State {
    var open: [Key: Open] = [:]
    /// Everybody who is inside or waits, per kind.
    var turns: [Key: [CheckedContinuation<Void, Never>]] = [:]
    /// Numbers of late questions, whose answers must not be taken for those of the present one.
    var ended: [Key: [Int]] = [:]
  }

  /// How many may wait for a question of one kind to one device.
  static let mostWaiting = 16
  private static let remembered = 4

  private let state = Mutex(State())

  /// Questions that are open now.
  var count: Int { state.withLock { $0.open.count } }

  // MARK: Turns

  func enter(_ key: Key) async throws(ExchangeFailure) {
    enum Entry { case inside, full, waits }
    var entry = Entry.inside
    await withCheckedContinuation { continuation in
      entry = state.withLock { state in
        guard let waiting = state.turns[key] else {
          state.turns[key] = []
          return .inside
        }
        guard waiting.count < Self.mostWaiting else { return .full }
        state.turns[key, default: []].append(continuation)
        return .waits
      }
      if entry != .waits { continuation.resume() }
    }
    if entry == .full { throw .busy }
  }

  func leave(_ key: Key) {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      guard var waiting = state.turns[key], !waiting.isEmpty else {
        state.turns[key] = nil
        return nil
      }
      let next = waiting.removeFirst()
      state.turns[key] = waiting
      return next
    }
    next?.resume()
  }

  // MARK: Questions

  func begin(
    _ exchange: Exchange, sn: Int, now: MonotonicTime,
    done: CheckedContinuation<Result<ExchangeReplies, ExchangeFailure>, Never>
  ) {
    let open = Open(
      sn: sn, exchange: exchange, limit: now + exchange.limit, deadline: now + exchange.patience, done: done)
    state.withLock { $0.open[exchange.key] = open }
  }

  /// The device's SIP side took the message.
  func delivered(_ key: Key, sn: Int) {
    state.withLock { state in
      guard state.open[key]?.sn == sn else { return }
      state.open[key]?.isDelivered = true
    }
  }

  /// A document of a device that may be an answer.
  ///
  /// - Returns: whether a question waited for it.
  func receive(_ message: MANSCDPMessage, from device: DeviceID, now: MonotonicTime) -> Bool {
    let key = Key(device: device, command: message.cmdType)
    var finished: (Open, ExchangeReplies)?
    let isWanted = state.withLock { state -> Bool in
      guard let sn = state.open[key]?.sn else { return false }
      if let other = message.sn, other != sn, state.ended[key]?.contains(other) == true { return false }
      // Taken out while it changes: a second reference would copy a thousand documents for each that comes.
      guard var open = state.open.removeValue(forKey: key) else { return false }
      open.replies.append(message)
      open.deadline = now + open.exchange.patience
      guard open.exchange.isComplete(open.replies) else {
        state.open[key] = open
        return true
      }
      finished = (open, ExchangeReplies(messages: open.replies, isComplete: true))
      Self.close(key, open, &state)
      return true
    }
    if let (open, replies) = finished { open.done.resume(returning: .success(replies)) }
    return isWanted
  }

  /// Ends a question without a (further) answer.
  func end(_ key: Key, sn: Int, _ failure: ExchangeFailure) {
    let open = state.withLock { state -> Open? in
      guard let open = state.open[key], open.sn == sn else { return nil }
      Self.close(key, open, &state)
      return open
    }
    open?.done.resume(returning: .failure(failure))
  }

  /// Ends every question to a device that is gone.
  func endAll(of device: DeviceID) {
    let all = state.withLock { state in
      state.ended = state.ended.filter { $0.key.device != device }
      return state.open.filter { $0.key.device == device }.map { ($0.key, $0.value.sn) }
    }
    for (key, sn) in all { end(key, sn: sn, .notRegistered) }
  }

  /// Ends the questions whose time is over. Call about once a second.
  func tick(now: MonotonicTime) {
    let late = state.withLock { state -> [Open] in
      let late = state.open.filter { min($0.value.deadline, $0.value.limit) <= now }
      for (key, open) in late { Self.close(key, open, &state) }
      return Array(late.values)
    }
    for open in late {
      // What has come is worth more than nothing; the asker is told that more was announced.
      open.done.resume(
        returning: open.replies.isEmpty
          ? .failure(open.isDelivered ? .noReply : .noAnswer)
          : .success(ExchangeReplies(messages: open.replies, isComplete: false)))
    }
  }

  private static func close(_ key: Key, _ open: Open, _ state: inout State) {
    state.open[key] = nil
    var ended = state.ended[key] ?? []
    ended.append(open.sn)
    state.ended[key] = Array(ended.suffix(remembered))
  }
}

extension Exchange {
  var key: Exchanges.Key { Exchanges.Key(device: device, command: command) }
}

extension Signalling {
  /// Asks a device and waits for what it says.
  ///
  /// Questions of one kind to one device go out one after the other.
  func exchange(_ exchange: Exchange) async throws(ExchangeFailure) -> ExchangeReplies {
    try await exchanges.enter(exchange.key)
    defer { exchanges.leave(exchange.key) }
    guard let registration = registration(of: exchange.device) else { throw .notRegistered }
    let sn = state.withLock { $0.queries.nextSN() }
    let document = MANSCDPDocument(
      exchange.root, exchange.command, sn: sn, deviceID: exchange.target, fields: exchange.fields)
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { done in
        exchanges.begin(exchange, sn: sn, now: SystemClock.monotonic(), done: done)
        guard !Task.isCancelled else { return exchanges.end(exchange.key, sn: sn, .cancelled) }
        send(document, to: registration) { [exchanges] delivery in
          guard let failure = delivery.failure else { return exchanges.delivered(exchange.key, sn: sn) }
          exchanges.end(exchange.key, sn: sn, failure)
        }
      }
    } onCancel: {
      exchanges.end(exchange.key, sn: sn, .cancelled)
    }
    return try result.get()
  }

  /// Tells a device something that it answers with nothing but a SIP response.
  func tell(
    _ root: MANSCDPRoot, _ command: CmdType, device: DeviceID, target: DeviceID, fields: [XMLElement]
  ) async throws(ExchangeFailure) {
    guard let registration = registration(of: device) else { throw .notRegistered }
    let sn = state.withLock { $0.queries.nextSN() }
    let document = MANSCDPDocument(root, command, sn: sn, deviceID: target, fields: fields)
    let delivery = await withCheckedContinuation { done in
      send(document, to: registration) { done.resume(returning: $0) }
    }
    if let failure = delivery.failure { throw failure }
  }
}

/// What became of a MESSAGE.
enum Delivery: Sendable, Hashable {
  case accepted
  case refused(status: Int)
  case noAnswer

  var failure: ExchangeFailure? {
    switch self {
    case .accepted: nil
    case .refused(let status): .refused(status: status)
    case .noAnswer: .noAnswer
    }
  }
}
