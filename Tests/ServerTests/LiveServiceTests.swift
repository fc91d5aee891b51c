import GBCore
import Logging
import MPEGCore
import MediaTime
import MediaTransport
import Registry
import Streaming
import TestSupport
import Testing

@testable import Server

/// Answers calls as a test says.
final class ScriptedCalling: Calling {
  struct Placed: Sendable {
    let handle: CallHandle
    let request: CallRequest
    let events: @Sendable (CallEvent) -> Void
  }
  typealias Script = @Sendable (Placed, _ attempt: Int) -> Void

  private let script: Script
  private let calls = Collected<Placed>()
  private let ended = Collected<CallHandle>()

  init(_ script: @escaping Script) { self.script = script }

  var placed: [Placed] { calls.all }
  var hungUp: [CallHandle] { ended.all }

  func place(_ request: CallRequest, events: @escaping @Sendable (CallEvent) -> Void) async -> CallHandle? {
    let placed = Placed(
      handle: CallHandle(serial: UInt64(calls.all.count + 1)), request: request, events: events)
    calls.add(placed)
    script(placed, calls.all.count)
    return placed.handle
  }

  func hangUp(_ call: CallHandle) async { ended.add(call) }
}

/// Counts what a stream brings.
final class CountingSink: StreamSink {
  let units = Locked(0)
  let ends = Locked<[StreamEnd]>([])
  func formatsChanged(_ formats: [TrackFormat]) {}
  func receive(_ units: [AccessUnit]) { self.units.with { $0 += units.count } }
  func ended(_ reason: StreamEnd) { ends.with { $0.append(reason) } }
}

@Suite("Live pulls over a real media plane")
struct LiveServiceTests {
  /// Everything a pull needs, with time limits of fractions of a second.
  private struct World {
    let live: LiveService
    let calling: ScriptedCalling
    let plane: MediaPlane
    let directory: DeviceDirectory
    let channel: ChannelKey
    let failures: Collected<PullFailure>
  }

  private func with(
    grace: Duration = .milliseconds(200), _ script: @escaping ScriptedCalling.Script,
    _ body: (World) async throws -> Void
  ) async throws {
    try await Folder.with { path in
      let folder = try DataFolder(path: path)
      let logger = Logger(label: "test") { _ in SilentLog() }
      let directory = DeviceDirectory(store: folder.database, logger: logger)
      let device = try #require(DeviceID(Cameras.first))
      var record = Device(id: device, name: "Gate", added: SystemClock.wall())
      record.status = .online
      record.contact = DeviceContact(
        transport: .udp, address: PeerAddress(host: "127.0.0.1", port: 5_060), contactHeader: nil,
        registered: SystemClock.wall(), expires: SystemClock.wall() + .seconds(3_600), lastKeepalive: nil)
      try await directory.add(record, password: "x")

      let (events, continuation) = AsyncStream.makeStream(of: MediaEvent.self)
      var configuration = MediaPlaneConfiguration(mode: .singlePort(0)) { continuation.yield($0) }
      configuration.bindHost = "127.0.0.1"
      configuration.lossTimeout = .milliseconds(400)
      configuration.firstPacketTimeout = .seconds(5)
      let plane = MediaPlane(configuration)
      try plane.start()
      var limits = LivePull.Limits()
      (limits.answer, limits.firstMediaUDP, limits.firstMediaTCP) = (
        .seconds(3), .milliseconds(250), .milliseconds(250)
      )
      (limits.firstPicture, limits.grace) = (.seconds(10), grace)
      (limits.firstRest, limits.longestRest) = (.milliseconds(300), .milliseconds(600))
      let calling = ScriptedCalling(script)
      let failures = Collected<PullFailure>()
      let live = LiveService(
        plane: plane, calling: calling, directory: directory, domain: RunningServer.platformID,
        limits: limits,
        logger: logger
      ) { _, state, _ in
        if case .resting(let failure, _) = state { failures.add(failure) }
      }
      let pump = Task { for await event in events { await live.media(event) } }
      let world = World(
        live: live, calling: calling, plane: plane, directory: directory,
        channel: ChannelKey(device: device, channel: try #require(DeviceID("34020000001320000001"))),
        failures: failures)
      do { try await body(world) } catch {
        plane.stop()
        throw error
      }
      await live.close()
      #expect(await live.ssrcsInUse == 0)
      plane.stop()
      continuation.finish()
      await pump.value
      folder.close()
    }
  }

  private func isLive(_ world: World) async -> Bool {
    if case .live = await world.live.status(world.channel)?.state { true } else { false }
  }

  private static let answered = CallEvent.answered(ssrc: nil, host: "127.0.0.1", port: 4_000, connects: false)

  @Test(
    "without media the ladder climbs from UDP to TCP passive and active, then rests with the cause, and tries again"
  )
  func ladder() async throws {
    try await with { call, _ in
      call.events(Self.answered)
    } _: { world in
      let hold = await world.live.hold(world.channel, sink: nil)
      #expect(await eventually { world.calling.placed.count >= 4 })
      #expect(world.calling.placed.prefix(4).map(\.request.path) == [.udp, .tcpPassive, .tcpActive, .udp])
      #expect(world.failures.all.first == .noMedia)
      // Every call that was given up was hung up, and no two had the same stream number.
      #expect(await eventually { world.calling.hungUp.count >= 3 })
      let numbers = world.calling.placed.prefix(4).map(\.request.ssrc)
      #expect(Set(numbers).count == 4)
      await world.live.release(hold)
    }
  }

  @Test("488 goes to the next transport at once, 486 rests and says busy")
  func refusals() async throws {
    try await with { call, attempt in
      call.events(.refused(status: attempt == 1 ? 488 : 486))
    } _: { world in
      let hold = await world.live.hold(world.channel, sink: nil)
      #expect(await eventually { world.failures.all.contains(.busy) })
      #expect(world.calling.placed.prefix(2).map(\.request.path) == [.udp, .tcpPassive])
      await world.live.release(hold)
    }
  }

  @Test("one call serves many, media may use the answer's stream number, and after the grace all is hung up")
  func onePull() async throws {
    let cameras = Collected<TestCamera>()
    try await with { call, _ in
      // The device has a number of its own (§7.3).
      call.events(.answered(ssrc: 200_007_777, host: "127.0.0.1", port: 4_000, connects: false))
      cameras.add(TestCamera(to: call.request.port, ssrc: 200_007_777))
    } _: { world in
      let sinks = (0..<5).map { _ in CountingSink() }
      var holds: [HoldID] = []
      for sink in sinks { holds.append(await world.live.hold(world.channel) { sink }) }
      #expect(await world.live.readyStream(world.channel, within: .seconds(20)) != nil)
      #expect(await eventually { await isLive(world) })
      #expect(await eventually { sinks.allSatisfy { $0.units.with { $0 } > 10 } })
      #expect(world.calling.placed.count == 1)
      #expect(await world.live.status(world.channel)?.consumers == 5)
      #expect(world.directory.device(world.channel.device)?.settings.rememberedMediaTransport == .udp)
      #expect(await world.live.status(world.channel)?.firstPictureAfter != nil)
      for hold in holds { await world.live.release(hold) }
      #expect(sinks.allSatisfy { $0.ends.with { $0 } == [.closed] })
      #expect(await eventually { world.calling.hungUp.count == 1 })
      #expect(await eventually { await world.live.status(world.channel) == nil })
      #expect(await world.live.ssrcsInUse == 0)
      for camera in cameras.all { camera.stop() }
    }
  }

  @Test("a consumer that comes within the grace finds the stream still there")
  func grace() async throws {
    let cameras = Collected<TestCamera>()
    try await with(grace: .seconds(20)) { call, _ in
      call.events(Self.answered)
      cameras.add(TestCamera(to: call.request.port, ssrc: call.request.ssrc))
    } _: { world in
      let first = await world.live.hold(world.channel, sink: nil)
      let stream = await world.live.readyStream(world.channel, within: .seconds(20))
      #expect(stream != nil)
      await world.live.release(first)
      let second = await world.live.hold(world.channel, sink: nil)
      #expect(await world.live.readyStream(world.channel, within: .zero) == stream)
      #expect(world.calling.placed.count == 1 && world.calling.hungUp.isEmpty)
      await world.live.release(second)
      for camera in cameras.all { camera.stop() }
    }
  }

  @Test("silence hangs up and calls again; sinks go over to the new stream")
  func silence() async throws {
    let cameras = Collected<TestCamera>()
    try await with { call, _ in
      call.events(Self.answered)
      cameras.add(TestCamera(to: call.request.port, ssrc: call.request.ssrc))
    } _: { world in
      let made = Collected<CountingSink>()
      let hold = await world.live.hold(world.channel) {
        let sink = CountingSink()
        made.add(sink)
        return sink
      }
      #expect(await eventually { await isLive(world) })
      #expect(await eventually { (made.all.first?.units.with { $0 } ?? 0) > 0 })
      cameras.all.first?.stop()
      #expect(await eventually { world.calling.placed.count >= 2 && world.calling.hungUp.count >= 1 })
      #expect(await eventually { made.all.count >= 2 && (made.all.last?.units.with { $0 } ?? 0) > 0 })
      #expect(await eventually { made.all.first?.ends.with { $0 } == [.closed] })
      #expect(await eventually { await isLive(world) })
      await world.live.release(hold)
      for camera in cameras.all { camera.stop() }
    }
  }

  @Test("answers of a call that was given up change nothing")
  func lateAnswers() async throws {
    try await with { call, attempt in
      if attempt == 1 { call.events(.refused(status: 488)) }
    } _: { world in
      let hold = await world.live.hold(world.channel, sink: nil)
      #expect(await eventually { world.calling.placed.count == 2 })
      let first = try #require(world.calling.placed.first)
      first.events(.hungUp)
      first.events(.refused(status: 486))
      first.events(Self.answered)
      // Ordered behind the late events: the second call is still being placed.
      for _ in 0..<5 { await Task.yield() }
      guard case .connecting(.inviting, .tcpPassive, _) = await world.live.status(world.channel)?.state else {
        Issue.record("the state is \(String(describing: await world.live.status(world.channel)?.state))")
        return
      }
      #expect(world.failures.all.isEmpty)
      await world.live.release(hold)
      // The call that stands is given up when nobody wants it any more.
      #expect(await eventually { world.calling.hungUp.contains(world.calling.placed[1].handle) })
    }
  }

  @Test("a device that is offline is not called; when it comes it is called at once, and a BYE says so")
  func offline() async throws {
    try await with { call, _ in
      call.events(.hungUp)
    } _: { world in
      world.directory.note(world.channel.device) { $0.status = .offline }
      let hold = await world.live.hold(world.channel, sink: nil)
      #expect(await eventually { world.failures.all.contains(.deviceOffline) })
      #expect(world.calling.placed.isEmpty)
      #expect(await world.live.readyStream(world.channel, within: .milliseconds(50)) == nil)
      world.directory.note(world.channel.device) { $0.status = .online }
      await world.live.device(world.channel.device, isOnline: true)
      #expect(await eventually { world.failures.all.contains(.hungUp) })
      await world.live.release(hold)
    }
  }

  @Test("each who waits for a picture has a patience of its own")
  func patience() async throws {
    try await with { _, _ in
    } _: { world in
      let hold = await world.live.hold(world.channel, sink: nil)
      let patient = Task { await world.live.readyStream(world.channel, within: .seconds(20)) }
      #expect(await world.live.readyStream(world.channel, within: .milliseconds(20)) == nil)
      let call = try #require(world.calling.placed.first)
      call.events(Self.answered)
      let camera = TestCamera(to: call.request.port, ssrc: call.request.ssrc)
      #expect(await patient.value != nil)
      camera.stop()
      await world.live.release(hold)
    }
  }

  @Test("a fixed transport is the only one that is tried")
  func fixedTransport() async throws {
    try await with { call, _ in
      call.events(.refused(status: 488))
    } _: { world in
      world.directory.note(world.channel.device) { $0.settings.fixedMediaTransport = .tcpPassive }
      let hold = await world.live.hold(world.channel, sink: nil)
      #expect(await eventually { world.calling.placed.count >= 2 })
      #expect(Set(world.calling.placed.map(\.request.path)) == [.tcpPassive])
      await world.live.release(hold)
    }
  }
}
