import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry

/// Moves cameras, and sees to it that what moves stops.
///
/// A movement ends when it is told to, when nobody renews it in time, when the session of who moves is over, when
/// somebody with a higher priority takes the camera, and when this server ends. Every stop goes out twice: one lost
/// datagram must not leave a camera turning (§4.9.1).
actor ControlService {
  /// The second stop comes so much later.
  static let repetition: Duration = .milliseconds(300)
  /// How often the sessions of those who move are looked at.
  private static let look: Duration = .milliseconds(250)
  /// A movement that is renewed is sent again after so long.
  private static let refresh: Duration = .seconds(1)

  private var grips = CameraGrips()
  /// Counts the orders to each camera: a second stop must not end what was ordered after the first.
  private var turns: [ChannelKey: Int] = [:]
  private var sent: [ChannelKey: (command: PTZCommand, at: MonotonicTime)] = [:]
  private let questions: DeviceQuestions
  /// Whether a session that was good still is.
  private let isSignedIn: @Sendable (String) -> Bool
  /// Who moves a camera changed.
  private let changed: @Sendable (ChannelKey, CameraGrips.Grip?) -> Void
  private let logger: Logger
  private let work: AsyncStream<@Sendable () async -> Void>
  private let start: AsyncStream<@Sendable () async -> Void>.Continuation
  private var isWatching = false

  init(
    questions: DeviceQuestions, logger: Logger, isSignedIn: @escaping @Sendable (String) -> Bool,
    changed: @escaping @Sendable (ChannelKey, CameraGrips.Grip?) -> Void = { _, _ in }
  ) {
    (self.questions, self.logger, self.isSignedIn, self.changed) = (questions, logger, isSignedIn, changed)
    (work, start) = AsyncStream.makeStream()
  }

  /// Carries out what happens by itself, until it is cancelled.
  func run() async {
    await withDiscardingTaskGroup { group in
      for await job in work { group.addTask { await job() } }
      group.cancelAll()
    }
  }

  func holder(of channel: ChannelKey) -> CameraGrips.Grip? {
    grips.grip(channel, now: SystemClock.monotonic())
  }

  // MARK: Orders

  /// Carries out one order.
  ///
  /// - Returns: the command as it was sent.
  /// - Throws: `Problem`.
  func perform(
    _ order: CameraOrder, on channel: ChannelKey, by holder: CameraGrips.Holder
  ) async throws -> DeviceControl {
    let control = order.control
    let spoken = questions.edition(of: channel.device)
    guard control.isKnown(to: spoken) else {
      throw Problem.editionUnaware(channel.device, control.name, speaks: spoken, since: control.edition)
    }
    try await take(channel, holder, for: order)
    switch order {
    case .stop:
      try await stop(channel)
    case .once:
      if case .ptz(let command, _) = control, command.action == .lensStop { grips.stopped(channel, .lens) }
      try await questions.order(
        control, device: channel.device, target: channel.channel, priority: holder.priority)
    case .motion(let motion, let command, let hold):
      try await move(channel, motion, command, hold, holder)
    }
    return control
  }

  private func take(_ channel: ChannelKey, _ holder: CameraGrips.Holder, for order: CameraOrder) async throws
  {
    let now = SystemClock.monotonic()
    switch grips.take(channel, holder, now: now) {
    case .held(let grip):
      let remaining = grip.release - now
      throw Problem.cameraHeld(
        grip.holder.name, priority: grip.holder.priority, for: remaining,
        until: SystemClock.wall() + remaining)
    case .granted(let left):
      turns[channel, default: 0] += 1
      changed(channel, grips.grip(channel, now: now))
      watch()
      // In order: a stop that came behind the new order would end that one.
      for motion in left where motion != order.motion { await send(motion.stop, channel) }
    }
  }

  private func move(
    _ channel: ChannelKey, _ motion: CameraGrips.Motion, _ command: PTZCommand, _ hold: Duration,
    _ holder: CameraGrips.Holder
  ) async throws {
    let now = SystemClock.monotonic()
    let isMoving = grips.grips[channel]?.motions[motion] != nil
    grips.moves(channel, motion, until: now + hold)
    // A renewal: the camera knows. Now and then it is told again, for those that stop by themselves.
    if isMoving, let last = sent[channel], last.command == command, now - last.at < Self.refresh { return }
    sent[channel] = (command, now)
    let turn = turns[channel]
    do {
      try await questions.order(
        .ptz(command), device: channel.device, target: channel.channel, priority: holder.priority)
    } catch {
      grips.stopped(channel, motion)
      // Whether the camera heard it is unknown.
      if turns[channel] == turn { end(channel, motion) }
      throw error
    }
    // Stopped while this was on its way, perhaps overtaken by the stop: the camera must hear one after it.
    if grips.grips[channel]?.motions[motion] == nil { end(channel, motion) }
  }

  private func stop(_ channel: ChannelKey) async throws {
    let hasLens = grips.grips[channel]?.motions[.lens] != nil
    for motion in CameraGrips.Motion.allCases { grips.stopped(channel, motion) }
    changed(channel, grips.grip(channel, now: SystemClock.monotonic()))
    if hasLens { end(channel, .lens) }
    start.yield { [self] in await repeatAfterAWhile(channel, .view) }
    try await questions.order(.ptz(.stop), device: channel.device, target: channel.channel)
  }

  // MARK: What ends by itself

  /// Sends a stop and its repetition without anybody waiting for it.
  private func end(_ channel: ChannelKey, _ motion: CameraGrips.Motion) {
    start.yield { [self] in
      await send(motion.stop, channel)
      await repeatAfterAWhile(channel, motion)
    }
  }

  private func repeatAfterAWhile(_ channel: ChannelKey, _ motion: CameraGrips.Motion) async {
    let turn = turns[channel]
    // Also when the server ends: better at once than not at all.
    try? await Task.sleep(for: Self.repetition)
    guard turns[channel] == turn, grips.grips[channel]?.motions[motion] == nil else { return }
    await send(motion.stop, channel)
  }

  private func send(_ command: PTZCommand, _ channel: ChannelKey) async {
    do {
      try await questions.order(.ptz(command), device: channel.device, target: channel.channel)
    } catch {
      logger.notice(
        "a camera may still be moving: its stop was not delivered",
        metadata: ["channel.id": "\(channel)", "error": "\(error)"])
    }
  }

  private func watch() {
    guard !isWatching else { return }
    isWatching = true
    start.yield { [self] in await watchOver() }
  }

  private func watchOver() async {
    while !Task.isCancelled, let next = grips.next {
      let wait = min(Self.look, max(next - SystemClock.monotonic(), .milliseconds(1)))
      try? await Task.sleep(for: wait)
      sweep()
    }
    isWatching = false
  }

  private func sweep() {
    let before = Set(grips.grips.keys)
    let gone = grips.holders.filter { !isSignedIn($0.credential) }
    if !gone.isEmpty {
      for (channel, motion) in grips.release(where: { gone.contains($0) }) { end(channel, motion) }
    }
    let now = SystemClock.monotonic()
    for (channel, motion) in grips.expire(now: now) {
      logger.info("a movement ended because nobody renewed it", metadata: ["channel.id": "\(channel)"])
      end(channel, motion)
      changed(channel, grips.grip(channel, now: now))
    }
    for channel in before where grips.grips[channel] == nil {
      (turns[channel], sent[channel]) = (nil, nil)
      changed(channel, nil)
    }
  }

  /// Stops everything that moves, and returns when every camera was told.
  func stopAll() async {
    let moving = grips.release { _ in true }
    for (channel, motion) in moving { await send(motion.stop, channel) }
    start.finish()
  }
}

extension CameraOrder {
  /// What it sets going.
  var motion: CameraGrips.Motion? {
    switch self {
    case .motion(let motion, _, _): motion
    case .stop, .once: nil
    }
  }

  /// What is sent for it.
  var control: DeviceControl {
    switch self {
    case .motion(_, let command, _): .ptz(command)
    case .stop: .ptz(.stop)
    case .once(let control): control
    }
  }
}

extension CameraGrips.Motion {
  /// What ends it (§4.9.1: focus and iris with a stop of their own).
  var stop: PTZCommand {
    switch self {
    case .view: .stop
    case .lens: .lens()
    }
  }
}
