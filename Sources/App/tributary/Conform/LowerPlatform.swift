import CharacterSets
import Conformance
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import Logging
import Server
import Synchronization
import TestSupport

/// The lower platform of those cases of the list U that no device can pass: this program with a simulated recorder
/// below it, registered at the tester.
final class LowerPlatform: Sendable {
  /// The cases that are about platforms.
  static let cases = ["U14", "U40", "U42"]

  let id: DeviceID
  let upperPort: Int
  private let edition: Edition
  private let password: String
  private let folder: String
  private let running = Mutex<(server: ChildServer, fleet: SimulatedFleet, task: Task<Void, Never>)?>(nil)

  init(edition: Edition, password: String, folder: String) {
    (self.edition, self.password, self.folder) = (edition, password, folder)
    id = DeviceID("34020000002000000901") ?? ServerConfiguration().platform.id
    upperPort = Int(FreePort.loopback() ?? 0)
  }

  func perform(_ order: LowerOrder) async throws {
    switch order {
    case .start: try await start()
    case .stop: await end()
    case .cut: running.withLock { $0?.fleet }?.setPower(false, device: 0)
    case .startWithWrongPassword, .raiseAlarm:
      throw StartError("the cases about platforms do not ask for this")
    }
  }

  private func start() async throws {
    await end()
    guard let upper = DeviceID("34000000002000000001"), let first = DeviceID("34020000001180000901") else {
      return
    }
    let server = try await ChildServer.start(in: folder + "/platform", as: id)
    let http = LocalHTTP(port: server.http, token: server.token)
    let device = API.NewDevice(id: first.text, name: "Recorder", password: password, heartbeatInterval: 5)
    try tell(http, "POST", "/api/v1/devices", device)
    let grant = API.NewGrant(
      grantee: .init(kind: "level", name: upper.text), scope: .init(kind: "subtree", name: "34"),
      operations: ["live", "replay", "download", "control"])
    try tell(http, "POST", "/api/v1/grants", grant)
    let fleet = try fleet(at: server, first)
    let task = Task { _ = try? await fleet.run() }
    running.withLock { $0 = (server, fleet, task) }
    // What registers at the tester has its cameras.
    guard
      await eventually({
        (try? http.request("GET", "/api/v1/devices/\(first)").text.contains("\"online\"")) ?? false
      })
    else { throw StartError("the recorder did not register at the lower platform") }
    var superior = API.NewSuperior(
      name: "Tester", password: password, servers: ["127.0.0.1:\(upperPort)"])
    superior.gbVersion = edition == .edition2022 ? "3.0" : "2.0"
    try tell(http, "PUT", "/api/v1/superiors/\(upper)", superior)
  }

  private func tell(_ http: LocalHTTP, _ method: String, _ path: String, _ body: any Encodable) throws {
    let answer = try http.request(method, path, json: body)
    guard answer.status < 300 else { throw StartError("\(method) \(path): \(answer.status) \(answer.text)") }
  }

  private func fleet(at server: ChildServer, _ first: DeviceID) throws -> SimulatedFleet {
    var media = MediaSettings()
    media.cacheDirectory = folder + "/clips"
    (media.width, media.height, media.kilobits) = (640, 360, 500)
    var configuration = SimulatorConfiguration(
      serverHost: "127.0.0.1", sipPort: server.sip, platformID: server.platform, firstDeviceID: first,
      devices: 1, channelsPerDevice: 2, password: password, edition: .v2016, media: media, expires: 3_600,
      keepaliveInterval: 5)
    configuration.textCodec = .chinese
    return SimulatedFleet(try configuration.fleet(), logger: Logger(label: "simulator"))
  }

  /// Takes its leave.
  func end() async {
    let found = running.withLock { value in
      defer { value = nil }
      return value
    }
    found?.task.cancel()
    await found?.task.value
    found?.server.stop()
  }
}
