import Foundation
import GBCore
import MPEGCore
import MediaTime
import SDPCore
import SIPCore
import Testing
import WireBytes

@testable import DeviceSimulator

@Suite("A fleet of simulated devices")
struct FleetTests {
  private static let first = "34020000001180000001"

  private func configuration(
    _ platform: TestPlatform, devices: Int = 1, channels: Int = 1, media: MediaSettings? = nil
  ) throws -> SimulatorConfiguration {
    var configuration = SimulatorConfiguration(
      sipPort: Int(platform.port), platformID: try #require(DeviceID(TestPlatform.id)),
      firstDeviceID: try #require(DeviceID(Self.first)), devices: devices, channelsPerDevice: channels,
      password: "secret", media: try media ?? SampleFile.media(), keepaliveInterval: 1)
    configuration.registrationsPerSecond = 2_000
    configuration.retryInterval = 1
    return configuration
  }

  /// Runs a fleet while `body` works, then ends it.
  private func with(
    _ configuration: SimulatorConfiguration, _ body: (SimulatedFleet) async throws -> Void
  ) async throws {
    let fleet = try SimulatedFleet(configuration)
    let running = Task { try await fleet.run() }
    do { try await body(fleet) } catch {
      running.cancel()
      _ = try? await running.value
      throw error
    }
    running.cancel()
    try await running.value
  }

  @Test("every device registers with digest, keeps alive and takes its leave")
  func registers() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    try await with(try configuration(platform, devices: 20)) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 20 })
      #expect(await eventually { fleet.snapshot().keepalives >= 20 })
      #expect(platform.documents.allSatisfy { $0.cmdType == .keepalive })
    }
    let farewells = platform.requests.filter {
      $0.method == .register && $0.expires == 0 && $0.headers.contains(.authorization)
    }
    #expect(Set(farewells.compactMap { $0.from?.uri.user }).count == 20)
  }

  @Test("a wrong password is tried again, not hammered")
  func refused() async throws {
    let platform = try TestPlatform(password: "another")
    defer { platform.close() }
    try await with(try configuration(platform)) { fleet in
      #expect(await eventually { fleet.snapshot().refusedRegistrations >= 2 })
      #expect(fleet.snapshot().registered == 0)
    }
    // Two requests per attempt, and attempts at least a second apart.
    #expect(platform.requests.count <= 10)
  }

  @Test("the catalog comes in parts, one after the other, and DeviceInfo describes the device")
  func answersQueries() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    let configuration = try configuration(platform, channels: 10)
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      try platform.query(.catalog, of: Self.first, sn: 42)
      func replies() -> [CatalogReply] { platform.documents.compactMap { CatalogReply($0) } }
      #expect(await eventually { replies().map(\.items.count).reduce(0, +) >= 10 })
      #expect(replies().map(\.items.count) == [4, 4, 2])
      #expect(replies().allSatisfy { $0.sn == 42 && $0.total == 10 })
      let ids = replies().flatMap { $0.items.map(\.id) }
      #expect(ids == (0..<10).map { configuration.channelID(device: 0, channel: $0) })
      #expect(replies().flatMap(\.items).allSatisfy { !$0.name.isEmpty && $0[.parentID] == Self.first })
      try platform.query(.deviceInfo, of: Self.first, sn: 43)
      #expect(await eventually { platform.documents.contains { DeviceInfoReply($0)?.channels == 10 } })
    }
  }

  @Test("a device registers again when its heartbeats are refused, and after a power cut")
  func recovers() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    try await with(try configuration(platform)) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      fleet.setPower(false, device: 0)
      #expect(await eventually { fleet.snapshot().registered == 0 })
      let before = platform.requests.count
      try await Task.sleep(for: .milliseconds(300))
      #expect(platform.requests.count == before)
      fleet.setPower(true, device: 0)
      #expect(await eventually { fleet.snapshot().registered == 1 })
    }
  }

  @Test(
    "a call brings whole pictures of the file, beginning with a key frame",
    arguments: [MediaTransportChoice.udp, .tcpPassive, .tcpActive], [false, true])
  func call(transport: MediaTransportChoice, signallingOverTCP: Bool) async throws {
    let platform = try TestPlatform(tcp: signallingOverTCP)
    defer { platform.close() }
    var configuration = try configuration(platform)
    configuration.transport = signallingOverTCP ? .tcp : .udp
    let channel = configuration.channelID(device: 0, channel: 0)
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      let call = try await TestCall(platform, device: Self.first, channel: channel, transport: transport)
      #expect(call.answer.ssrc?.value == 200_001_234)
      #expect(call.answer.format?.video?.codec == "2")
      #expect(await eventually { call.receiver.pictures.count >= 12 })
      let pictures = call.receiver.pictures
      #expect(pictures[0].isKeyFrame)
      #expect(call.receiver.result.sequenceGaps == 0)
      #expect(call.receiver.result.ssrcs == [200_001_234])
      for (one, next) in zip(pictures, pictures.dropFirst()) { #expect(next.dts - one.dts == 3_600) }
      // Bit for bit what the file holds.
      let reader = try #require(ElementaryStreamReader(SampleFile.bytes, codec: .h264))
      let offset = reader.unit(0).payload.array == pictures[0].payload.array ? 0 : 5
      for (index, picture) in pictures.prefix(12).enumerated() {
        let isSame = picture.payload.array == reader.unit((offset + index) % 10).payload.array
        #expect(isSame, "picture \(index)")
      }
      #expect(await eventually { fleet.snapshot().streams == 1 })
      call.hangUp()
      #expect(await eventually { fleet.snapshot().streams == 0 })
      #expect(
        await eventually { platform.responses.contains { $0.cseq?.method == .bye && $0.status == 200 } })
    }
  }

  @Test("many streams run beside each other without losing a packet")
  func manyStreams() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    let configuration = try configuration(platform, devices: 10)
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 10 })
      var calls: [TestCall] = []
      for index in 0..<10 {
        calls.append(
          try await TestCall(
            platform, device: configuration.deviceID(index).text,
            channel: configuration.channelID(device: index, channel: 0), transport: .udp))
      }
      #expect(await eventually { calls.allSatisfy { $0.receiver.pictures.count >= 10 } })
      #expect(calls.allSatisfy { $0.receiver.result.sequenceGaps == 0 })
      #expect(fleet.snapshot().calls == 10)
      for call in calls { call.hangUp() }
    }
  }

  @Test("faults: a refusal, another SSRC, a stream that never comes")
  func faults() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    var configuration = try configuration(platform)
    let channel = configuration.channelID(device: 0, channel: 0)
    configuration.faults.add(.inviteRefused(486))
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      await #expect(throws: TestCall.Refused(status: 486)) {
        _ = try await TestCall(platform, device: Self.first, channel: channel, transport: .udp)
      }
    }
    configuration.faults = FaultPlan()
    configuration.faults.add(.wrongSSRC)
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      let call = try await TestCall(platform, device: Self.first, channel: channel, transport: .udp)
      #expect(await eventually { call.receiver.result.packets > 3 })
      #expect(call.receiver.result.ssrcs != [200_001_234])
      call.hangUp()
    }
  }

  @Test("recorded material and unknown channels are refused")
  func refusesHistory() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    let configuration = try configuration(platform)
    try await with(configuration) { fleet in
      #expect(await eventually { fleet.snapshot().registered == 1 })
      let channel = configuration.channelID(device: 0, channel: 0)
      await #expect(throws: TestCall.Refused(status: 488)) {
        _ = try await TestCall(
          platform, device: Self.first, channel: channel, transport: .udp,
          session: .playback(start: 1, end: 2))
      }
      let unknown = try #require(DeviceID("34020000001329999999"))
      await #expect(throws: TestCall.Refused(status: 404)) {
        _ = try await TestCall(platform, device: Self.first, channel: unknown, transport: .udp)
      }
    }
  }

  @Test("a configuration that makes no sense is one clear sentence")
  func validates() async throws {
    let id = try #require(DeviceID(Self.first))
    let configuration = SimulatorConfiguration(
      platformID: id, firstDeviceID: try #require(DeviceID("34020000001189999999")), devices: 2, password: "")
    await #expect(throws: SimulatorError.self) { try await SimulatedFleet(configuration).run() }
    var missing = try SampleFile.media()
    missing.source = .file("/nonexistent.mp4")
    let other = SimulatorConfiguration(platformID: id, firstDeviceID: id, password: "", media: missing)
    let error = await #expect(throws: SimulatorError.self) { try await SimulatedFleet(other).run() }
    #expect(error?.description.contains("/nonexistent.mp4") == true)
  }
}
