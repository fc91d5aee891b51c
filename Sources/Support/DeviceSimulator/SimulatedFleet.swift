import GBCore
public import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Many simulated GB/T 28181 devices in one process, over real sockets.
///
/// Each device has its own UDP socket or TCP connection and speaks for itself;
/// the pictures are shared, so that fifty streams cost little more than one.
public final class SimulatedFleet: Sendable {
  /// What the fleet is doing; renewed four times a second.
  public struct Snapshot: Sendable, Hashable, Codable {
    public var devices = 0
    public var registered = 0
    /// Successful registrations, refreshes included, and refused or unanswered ones.
    public var registrations = 0
    public var refusedRegistrations = 0
    /// Times that a platform sent a device to another one.
    public var redirections = 0
    public var keepalives = 0
    public var missedKeepalives = 0
    /// Alarms raised, and those by MESSAGE that the platform confirmed by a document.
    public var alarms = 0
    public var confirmedAlarms = 0
    /// INVITEs that asked for media, and streams that run now.
    public var calls = 0
    public var streams = 0
    /// RTP packets and their bytes, sent so far.
    public var packets = 0
    public var bytes = 0

    public init() {}
  }

  public let description: FleetDescription
  private let logger: Logger
  private let latest = Mutex(Snapshot())
  private let devices = Mutex<[SimulatedDevice]>([])

  public init(_ description: FleetDescription, logger: Logger = Logger(label: "simulator")) {
    self.description = description
    self.logger = logger
  }

  /// A fleet of devices that are all alike.
  ///
  /// - Throws: ``SimulatorError`` when there are no codes for so many devices.
  public convenience init(
    _ configuration: SimulatorConfiguration, logger: Logger = Logger(label: "simulator")
  ) throws {
    self.init(try configuration.fleet(), logger: logger)
  }

  /// At most a quarter of a second old.
  public func snapshot() -> Snapshot { latest.withLock { $0 } }

  /// Cuts a device's power, or gives it back: the platform is not told.
  ///
  /// - Parameter device: 0…; others are ignored, and so is everything while the fleet does not run.
  public func setPower(_ isOn: Bool, device: Int) {
    perform(device) { isOn ? $0.plug() : $0.unplug() }
  }

  /// Does something to a device, on its event loop.
  func perform(_ device: Int, _ body: @escaping @Sendable (SimulatedDevice) -> Void) {
    let found = devices.withLock { $0.indices.contains(device) ? $0[device] : nil }
    guard let found else { return }
    found.loop.execute { body(found) }
  }

  /// What a device keeps of what it was told; nil while the fleet does not run or for another number.
  public func state(device: Int) async -> DeviceState? { await inspect(device) { $0.memory } }

  /// Reads something of a device, on its event loop.
  func inspect<Value: Sendable>(
    _ device: Int, _ body: @escaping @Sendable (SimulatedDevice) -> Value
  ) async -> Value? {
    guard let found = devices.withLock({ $0.indices.contains(device) ? $0[device] : nil }) else { return nil }
    return try? await found.loop.submit { body(found) }.get()
  }

  /// Prepares the pictures, starts every device and runs until the task is cancelled.
  ///
  /// - Throws: ``SimulatorError`` before anything starts when the configuration is wrong or FFmpeg is missing.
  public func run() async throws {
    try description.validate()
    DescriptorLimit.raise()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    do {
      try await run(signalling: group.next(), media: group.next())
    } catch {
      try? await group.shutdownGracefully()
      throw error
    }
    try? await group.shutdownGracefully()
  }

  private func run(signalling: any EventLoop, media: any EventLoop) async throws {
    logger.info("Pictures are prepared; the first time this can take a minute.")
    let engine = try await Self.prepare(description, media)
    try engine.start()
    let begun = NIODeadline.now()
    let devices = description.peers.map {
      SimulatedDevice($0, of: description, begun: begun, loop: signalling, engine: engine)
    }
    self.devices.withLock { $0 = devices }
    logger.info(
      "Simulated devices start.",
      metadata: [
        "devices": "\(devices.count)",
        "channels": "\(description.peers.reduce(0) { $0 + $1.channels.count })",
      ])
    let gap = 1e9 / Double(description.registrationsPerSecond)
    for (index, device) in devices.enumerated() {
      signalling.scheduleTask(in: .nanoseconds(Int64(Double(index) * gap))) { device.start() }
    }
    while !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(250))
      await report(devices, engine, signalling)
    }
    self.devices.withLock { $0 = [] }
    // Not under the cancelled task: the farewell must be waited for.
    await Task.detached { [description] in
      if description.unregistersAtEnd { await Self.unregister(devices, on: signalling) }
      try? await signalling.submit { for device in devices { device.stop() } }.get()
      engine.stop()
      try? await media.submit {}.get()
    }.value
  }

  /// Clips may have to be made, which takes seconds: not on a thread that others wait for.
  private static func prepare(
    _ fleet: FleetDescription, _ media: any EventLoop
  ) async throws -> MediaEngine {
    try await NIOThreadPool.singleton.runIfActive {
      try MediaEngine(fleet.scenes, zone: fleet.zone, loop: media)
    }
  }

  private func report(_ devices: [SimulatedDevice], _ engine: MediaEngine, _ signalling: any EventLoop) async
  {
    let counted = try? await signalling.submit { () -> Snapshot in
      var snapshot = Snapshot()
      snapshot.devices = devices.count
      for device in devices {
        if device.isRegistered { snapshot.registered += 1 }
        snapshot.registrations += device.counters.registrations
        snapshot.refusedRegistrations += device.counters.refusedRegistrations
        snapshot.redirections += device.counters.redirections
        snapshot.keepalives += device.counters.keepalives
        snapshot.missedKeepalives += device.counters.missedKeepalives
        snapshot.calls += device.counters.calls
        snapshot.alarms += device.events.raised
        snapshot.confirmedAlarms += device.events.confirmed
      }
      return snapshot
    }.get()
    let media = try? await engine.loop.submit { engine.counts() }.get()
    guard var counted, let media else { return }
    (counted.streams, counted.packets, counted.bytes) = (media.streams, media.packets, media.bytes)
    latest.withLock { $0 = counted }
  }

  /// Every device takes its leave; two seconds at most.
  private static func unregister(_ devices: [SimulatedDevice], on loop: any EventLoop) async {
    let farewell = loop.makePromise(of: Void.self)
    loop.scheduleTask(in: .seconds(2)) { farewell.succeed() }
    loop.execute {
      let futures = devices.map { device in
        let left = loop.makePromise(of: Void.self)
        device.unregister { left.succeed() }
        return left.futureResult
      }
      EventLoopFuture.andAllComplete(futures, on: loop).whenComplete { _ in farewell.succeed() }
    }
    try? await farewell.futureResult.get()
  }
}
