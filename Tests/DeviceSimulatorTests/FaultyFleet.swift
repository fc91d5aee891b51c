import GBCore
import SIPCore
import Testing

@testable import DeviceSimulator

/// One recorder with two cameras, its faults, and the platform that sees them.
struct FaultyFleet {
  static let device = "34020000001180000001"
  static let camera = "34020000001320000001"

  let platform: TestPlatform
  let fleet: SimulatedFleet

  var cameraID: DeviceID {
    get throws { try #require(DeviceID(Self.camera)) }
  }

  /// Runs a recorder with these faults while `body` works.
  static func with(
    _ faults: [PlannedFault], dialect: Dialect = .generic, manner: TestPlatform.Manner = .init(),
    seed: UInt64 = 1, decisions: DecisionLog? = nil, codec: TextCodec = .utf8,
    registers: Bool = true, _ body: (FaultyFleet) async throws -> Void
  ) async throws {
    let platform = try TestPlatform(manner)
    defer { platform.close() }
    let id = try #require(DeviceID(device))
    let cameras = try ["34020000001320000001", "34020000001320000002"].enumerated().map { index, code in
      ChannelDescription(id: try #require(DeviceID(code)), name: "北门 \(index + 1)", place: "Gate Road")
    }
    var peer = PeerDescription(
      .nvr, id: id, name: "Recorder", password: "secret", dialect: dialect, media: try SampleFile.media(),
      channels: cameras)
    (peer.faults, peer.keepaliveInterval, peer.retryInterval) = (FaultPlan(faults), 1, 1)
    var description = FleetDescription(
      sipPort: Int(platform.port), platformID: try #require(DeviceID(TestPlatform.id)), peers: [peer])
    (description.seed, description.decisions, description.textCodec) = (seed, decisions, codec)
    description.unregistersAtEnd = false
    let fleet = SimulatedFleet(description)
    let running = Task { try await fleet.run() }
    do {
      if registers { #expect(await eventually { fleet.snapshot().registered == 1 }) }
      try await body(FaultyFleet(platform: platform, fleet: fleet))
    } catch {
      running.cancel()
      _ = try? await running.value
      throw error
    }
    running.cancel()
    try await running.value
  }

  /// The bytes of the answers to a query.
  func answers(_ command: CmdType, count: Int = 1) async throws -> [[UInt8]] {
    try platform.query(command, of: Self.device, sn: 7)
    #expect(await eventually { platform.bodies.count >= count })
    return platform.bodies
  }

  func call(
    _ transport: MediaTransportChoice = .udp, acknowledges: Bool = true,
    edit: (String) -> String = { $0 }
  ) async throws -> TestCall {
    try await TestCall(
      platform, device: Self.device, channel: cameraID, transport: transport, acknowledges: acknowledges,
      edit: edit)
  }
}
