import CharacterSets
import Conformance
import DeviceSimulator
import GBCore
import Logging
import Server
import Synchronization
import TestSupport

/// The lower platform of the list U when this program tests itself: a simulated recorder that registers at the tester.
final class LowerDevice: Sendable {
  /// Seconds between heartbeats.
  static let keepalive = 3

  let id: DeviceID
  let upperPort: Int
  private let edition: Edition
  private let password: String
  private let folder: String
  private let running = Mutex<(fleet: SimulatedFleet, task: Task<Void, Never>)?>(nil)

  init(edition: Edition, password: String, folder: String) {
    (self.edition, self.password, self.folder) = (edition, password, folder)
    id = DeviceID("34020000001180009001") ?? ServerConfiguration().platform.id
    upperPort = Int(FreePort.loopback() ?? 0)
  }

  func perform(_ order: LowerOrder) async throws {
    switch order {
    case .start: try await start(password)
    case .startWithWrongPassword: try await start("not-\(password)")
    case .stop: await end()
    case .raiseAlarm: raiseAlarm()
    case .cut: running.withLock { $0?.fleet }?.setPower(false, device: 0)
    }
  }

  /// Somebody opens the case of the first camera.
  private func raiseAlarm() {
    guard let fleet = running.withLock({ $0?.fleet }),
      let camera = fleet.description.peers.first?.channels.first
    else { return }
    fleet.raise(
      AlarmNotice(source: camera.id, priority: 1, method: .device, type: 2, time: nil, text: "case opened"),
      device: 0)
  }

  /// Registers, anew if it runs already.
  private func start(_ password: String) async throws {
    await end()
    guard let upper = DeviceID("34000000002000000001") else { return }
    var media = MediaSettings()
    media.cacheDirectory = folder + "/clips"
    (media.width, media.height, media.kilobits) = (640, 360, 500)
    var configuration = SimulatorConfiguration(
      serverHost: "127.0.0.1", sipPort: upperPort, platformID: upper, firstDeviceID: id, devices: 1,
      channelsPerDevice: 4, password: password, edition: edition == .edition2022 ? .v2022 : .v2016,
      media: media,
      expires: 3_600, keepaliveInterval: Self.keepalive)
    configuration.textCodec = .chinese
    configuration.retryInterval = 60
    var description = try configuration.fleet()
    for index in description.peers.indices { description.peers[index].recordings = OnBoardRecordings() }
    let fleet = SimulatedFleet(description, logger: Logger(label: "simulator"))
    let task = Task { _ = try? await fleet.run() }
    running.withLock { $0 = (fleet, task) }
  }

  /// Takes its leave.
  func end() async {
    let found = running.withLock { value in
      defer { value = nil }
      return value
    }
    found?.task.cancel()
    await found?.task.value
  }
}
