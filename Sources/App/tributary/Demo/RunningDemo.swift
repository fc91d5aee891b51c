import DeviceSimulator
import Foundation
import GBCore
import Logging
import MediaTime
import Recording
import Registry
import Server
import ServiceLifecycle
import Synchronization
import UnixSignals

/// The levels and their devices, running.
final class RunningDemo: Sendable {
  /// From the top; the last is the county.
  let levels: [DemoLevel]
  let fleet: DemoFleet
  private let task = Mutex<Task<Void, any Error>?>(nil)
  private let group = Mutex<ServiceGroup?>(nil)

  init(levels: [DemoLevel], fleet: DemoFleet) { (self.levels, self.fleet) = (levels, fleet) }

  /// There is always one.
  var county: DemoLevel { levels[levels.count - 1] }
  var hasLevelsAbove: Bool { levels.count > 1 }

  /// Starts everything; returns once all levels serve and know of each other.
  func start() async throws {
    try await announce()
    let group = ServiceGroup(
      services: levels.map(\.runtime) + [DeviceService(demo: self)],
      gracefulShutdownSignals: [.sigterm, .sigint], logger: Logger(label: "demo"))
    self.group.withLock { $0 = group }
    task.withLock { $0 = Task { try await group.run() } }
    for level in levels {
      guard await level.runtime.waitUntilReady() else {
        try await task.withLock { $0 }?.value
        throw StartError("the demo's \(level.name) did not start")
      }
    }
    try await join()
  }

  private func announce() async throws {
    for (id, name) in DemoFleet.sound.map({ ($0.id, $0.name) }) { try await add(id, name, at: county) }
    guard hasLevelsAbove else { return }
    for device in DemoFleet.faulty { try await add(device.id, device.name, at: county) }
    try await add(DemoFleet.foreign.id, DemoFleet.foreign.name, at: levels[1])
  }

  private func add(_ id: DeviceID, _ name: String, at level: DemoLevel) async throws {
    try await level.runtime.addDevice(
      Device(id: id, name: name, added: SystemClock.wall()), password: fleet.password)
  }

  /// The county grants the city the cameras that work, device by device; the city grants the region everything.
  private func join() async throws {
    guard hasLevelsAbove else { return }
    let (region, city) = (levels[0], levels[1])
    for device in DemoFleet.sound {
      try await county.runtime.share(device.id, with: city.id, note: "\(device.name), for the city")
    }
    try await city.runtime.share(nil, with: region.id, note: "Everything the city may see, for the region")
    try await county.runtime.join(below: city.runtime, password: fleet.password)
    try await city.runtime.join(below: region.runtime, password: fleet.password)
    try await enrol(county, with: city)
    try await enrol(city, with: region)
  }

  /// Lets two levels know each other's keys, so that the lower one knows who looks above and why.
  private func enrol(_ lower: DemoLevel, with upper: DemoLevel) async throws {
    let isRegistered = await poll(every: .milliseconds(50), seconds: 20) {
      await lower.runtime.upwardLink(to: upper.id)?.isRegistered ?? false
    }
    guard isRegistered else {
      throw StartError("the demo's \(lower.name) did not register with \(upper.name) in 20 seconds")
    }
    try await lower.runtime.enrol(with: upper.runtime)
  }

  /// Looks again and again: what is asked is known to servers inside, which tell nobody outside. False when it does
  /// not come true in time.
  private func poll(every pause: Duration, seconds: Int, _ body: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if await body() { return true }
      do { try await Task.sleep(for: pause) } catch { return false }
    }
    return false
  }

  /// Cameras of the county that work and are known at a level.
  func cameras(at level: DemoLevel) -> Int {
    let sound = Set(DemoFleet.sound.map(\.id))
    let isCounty = level.id == county.id
    let foreign = String(DemoFleet.foreign.id.text.prefix(8))
    return level.runtime.playableChannels.count {
      isCounty ? sound.contains($0.device) : !$0.channel.text.hasPrefix(foreign)
    }
  }

  /// Cameras of the county.
  static let cameraCount = DemoFleet.sound.reduce(0) { $0 + $1.cameras.count }

  /// Waits until all cameras are known at every level. False when it takes too long.
  func waitForCameras(seconds: Int) async -> Bool {
    await poll(every: .milliseconds(200), seconds: seconds) {
      levels.allSatisfy { cameras(at: $0) >= Self.cameraCount }
    }
  }

  /// Waits until one camera has so many seconds of recording. False when it takes more than two minutes longer.
  func waitForRecording(seconds: Int) async -> Bool {
    await poll(every: .milliseconds(500), seconds: seconds + 120) {
      await county.runtime.longestRecording() >= .seconds(Int64(seconds))
    }
  }

  func stop() async {
    await group.withLock { $0 }?.triggerGracefulShutdown()
    await waitForEnd()
  }

  func waitForEnd() async {
    _ = try? await task.withLock { $0 }?.value
  }
}

/// Starts the devices once the levels serve, and puts some cameras under a recording plan.
private struct DeviceService: Service {
  let demo: RunningDemo

  func run() async throws {
    for level in demo.levels { guard await level.runtime.waitUntilReady() else { return } }
    let county = demo.fleet.county(sip: demo.county.sip, hasFaults: demo.hasLevelsAbove)
    var fleets = [county]
    if demo.hasLevelsAbove {
      fleets.append(demo.fleet.foreign(city: demo.levels[1].id, sip: demo.levels[1].sip))
    }
    await cancelWhenGracefulShutdown { [fleets] in
      await withTaskGroup(of: Void.self) { group in
        for fleet in fleets {
          group.addTask {
            do { try await fleet.run() } catch is CancellationError {} catch {
              say("the simulated devices ended: \(error)")
            }
          }
        }
        group.addTask { await plan() }
        group.addTask { await alarm(county) }
        await group.waitForAll()
      }
    }
  }

  /// Three alarms of the first recorder, once there is something to show of the seconds before.
  private func alarm(_ fleet: SimulatedFleet) async {
    while await demo.county.runtime.longestRecording() < .seconds(20) {
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
    }
    guard let recorder = fleet.description.peers.first, recorder.channels.count >= 3 else { return }
    let alarms: [(AlarmMethod, Int, Int, String)] = [
      (.video, 2, 3, "Something moves at the pier"), (.device, 1, 2, "No picture for a moment"),
      (.video, 1, 1, "Somebody pressed the button"),
    ]
    for (channel, (method, type, priority, text)) in zip(recorder.channels, alarms) {
      fleet.raise(
        AlarmNotice(
          source: channel.id, priority: priority, method: method, type: type, time: nil, text: text),
        device: 0)
    }
  }

  /// Some cameras are recorded once they are known.
  private func plan() async {
    var wanted = Set(DemoFleet.recorded)
    for _ in 0..<300 where !wanted.isEmpty {
      for key in wanted.intersection(demo.county.runtime.playableChannels) {
        try? await demo.county.runtime.setPlan(.continuous, for: key)
        wanted.remove(key)
      }
      try? await Task.sleep(for: .milliseconds(200))
      if Task.isCancelled { return }
    }
  }
}
