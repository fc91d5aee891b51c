import DeviceSimulator
import Foundation
import GBCore
import Logging
import TestSupport

@testable import Server

/// Simulated devices that send two seconds of real H.264 over and over.
enum Cameras {
  static let first = "34020000001180000001"

  static let fixture: String = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/media/plain.h264").path

  static func configuration(
    sip port: Int, devices: Int = 1, channels: Int = 1, transport: SimulatorConfiguration.Transport = .udp,
    edition: GBVersion = .v2016, password: String = RunningServer.password
  ) throws -> SimulatorConfiguration {
    guard let platform = DeviceID(RunningServer.platformID), let first = DeviceID(first) else {
      throw CancellationError()
    }
    var media = MediaSettings(source: .file(fixture))
    media.cacheDirectory = NSTemporaryDirectory() + "tributary-test-clips"
    var configuration = SimulatorConfiguration(
      sipPort: port, platformID: platform, firstDeviceID: first, devices: devices,
      channelsPerDevice: channels,
      password: password, transport: transport, edition: edition, media: media, keepaliveInterval: 1)
    configuration.registrationsPerSecond = 1_000
    configuration.retryInterval = 1
    return configuration
  }

  /// Runs a fleet while `body` works.
  static func with(
    _ configuration: SimulatorConfiguration, _ body: (SimulatedFleet) async throws -> Void
  ) async throws {
    let fleet = try SimulatedFleet(configuration, logger: Logger(label: "test") { _ in SilentLog() })
    let running = Task { try await fleet.run() }
    do { try await body(fleet) } catch {
      running.cancel()
      _ = try? await running.value
      throw error
    }
    running.cancel()
    try await running.value
  }
}
