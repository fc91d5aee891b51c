import DeviceSimulator
import Foundation
import GBCore
import LoadGenerator
import Logging
import MediaTime
import Server
import Synchronization

/// Our simulated devices, as load for the whole server.
final class FleetTarget: BenchTarget {
  private let options: FleetTargetOptions
  private let fleet: SimulatedFleet
  private var task: Task<Void, any Error>?
  private let watch = Watch()

  /// When all devices were registered.
  private final class Watch: Sendable {
    let allRegisteredAfter = Mutex<Double?>(nil)
  }

  init(_ options: FleetTargetOptions) throws {
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .critical, json: false) }
    self.options = options
    // A device that begins with its last key frame takes the wait for a key frame out of the measure.
    let media = MediaSettings(
      source: .streetLoop(scenes: 1), hasAudio: !options.isSilent, start: .atLastKeyFrame)
    let platform = DeviceID(BenchIdentity.platform)
    let first = DeviceID(BenchIdentity.firstDevice)
    guard let platform, let first else { exitWithSentence("the codes of the measurement are wrong") }
    var configuration = SimulatorConfiguration(
      sipPort: options.sipPort, platformID: platform, firstDeviceID: first, devices: options.devices,
      channelsPerDevice: options.channels, password: BenchIdentity.password,
      transport: options.overTCP ? .tcp : .udp, media: media)
    configuration.catalogItemsPerPart = options.catalogItemsPerPart
    configuration.registrationsPerSecond = options.registrationsPerSecond
    configuration.unregistersAtEnd = false
    configuration.retryInterval = 5
    fleet = try SimulatedFleet(configuration, logger: Logger(label: "bench"))
  }

  /// Ready at once; the pictures are prepared first, then the devices register.
  func start() async throws -> TargetReady {
    let (fleet, options, watch) = (fleet, options, watch)
    task = Task { try await fleet.run() }
    Task {
      while fleet.snapshot().devices == 0 { try await Task.sleep(for: .milliseconds(5)) }
      // The snapshot is renewed four times a second: the measured time is that much too long at most.
      let began = SystemClock.monotonic()
      while fleet.snapshot().registered < options.devices { try await Task.sleep(for: .milliseconds(5)) }
      let seconds = (SystemClock.monotonic() - began).inSeconds + 0.25
      watch.allRegisteredAfter.withLock { $0 = seconds }
    }
    return TargetReady()
  }

  func report() async -> TargetReport {
    let snapshot = fleet.snapshot()
    var report = TargetReport()
    report.registered = snapshot.registered
    report.refused = snapshot.refusedRegistrations
    report.packets = snapshot.packets
    report.allRegisteredAfter = watch.allRegisteredAfter.withLock { $0 }
    return report
  }

  func stop() async {
    task?.cancel()
    _ = try? await task?.value
  }
}
