import Alarms
import DeviceSimulator
import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

@Suite("Events of simulated devices", .serialized)
struct FleetEventTests {
  private let device: DeviceID

  init() throws { device = try #require(DeviceID(Cameras.first)) }

  /// A server and one device with two cameras whose subscriptions stand.
  private func with(
    edition: GBVersion = .v2016, settings: API.SubscriptionsChange? = nil,
    _ change: (inout SimulatorConfiguration) -> Void = { _ in },
    _ body: (RunningServer, SimulatedFleet, DeviceID) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      if let settings {
        let path = "/api/v1/devices/\(device)/subscriptions"
        #expect(try await server.http.send("PUT", path, settings).status == 200)
      }
      var configuration = try Cameras.configuration(
        sip: server.runtime.addresses.sip, channels: 2, edition: edition)
      change(&configuration)
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { server.services.directory.read { $0.channels(of: device).count } == 2 })
        #expect(await stands(server, .catalog))
        try await body(server, fleet, configuration.channelID(device: 0, channel: 0))
      }
    }
  }

  private func stands(_ server: RunningServer, _ kind: SubscriptionKind) async -> Bool {
    await eventually { server.services.subscriptions.entry(device, kind)?.machine.state == .active }
  }

  private func status(_ server: RunningServer, _ camera: DeviceID) -> ChannelStatus? {
    server.services.directory.channel(ChannelKey(device: device, channel: camera))?.status
  }

  /// What the API lists; nothing when it cannot.
  private func alarms(_ server: RunningServer) async -> [API.Alarm] {
    let page = try? await server.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self)
    return page?.items ?? []
  }

  private func alarm(_ camera: DeviceID, type: Int, method: AlarmMethod = .video) -> AlarmNotice {
    AlarmNotice(source: camera, priority: 1, method: method, type: type, time: nil, text: "东门")
  }

  @Test(
    "cameras that go off and come back are seen at once; with broken tags, too", arguments: [false, true])
  func catalog(breaksTags: Bool) async throws {
    try await with {
      $0.events.breaksTags = breaksTags
      $0.events.notifiesFirst = breaksTags
    } _: { server, fleet, camera in
      for status in [CatalogStatus.off, .on, .videoLost, .fault, .on] {
        fleet.setStatus(status, of: camera, device: 0)
        #expect(await eventually { self.status(server, camera) == status })
      }
    }
  }

  @Test("alarms arrive once by every way a device may choose", arguments: EventHabits.AlarmWay.allCases)
  func ways(way: EventHabits.AlarmWay) async throws {
    try await with {
      $0.events.alarms = way
    } _: { server, fleet, camera in
      #expect(await stands(server, .alarm))
      for type in 1...3 { fleet.raise(alarm(camera, type: type), device: 0) }
      #expect(await eventually { await alarms(server).count == 3 })
      #expect(await alarms(server).allSatisfy { $0.count == 1 && $0.text == "东门" && $0.camera != nil })
      let byMessage = way == .message || way == .both
      #expect(await eventually { fleet.snapshot().confirmedAlarms == (byMessage ? 3 : 0) })
      if way == .both {
        #expect(await eventually { server.services.alarms.counters.copies == 3 })
      }
    }
  }

  @Test("a device that reports only when it is armed is armed first; one that latches is reset")
  func guarded() async throws {
    let settings = API.SubscriptionsChange(resetsAlarms: true, armsGuard: true)
    try await with(settings: settings) {
      ($0.events.needsGuard, $0.events.needsReset) = (true, true)
    } _: { server, fleet, camera in
      #expect(await stands(server, .alarm))
      for type in 1...3 {
        // What is raised before the order to arm or the reset arrives is lost, as on a real device.
        #expect(
          await eventually {
            fleet.raise(alarm(camera, type: type, method: .device), device: 0)
            return await alarms(server).contains { $0.type == type }
          })
      }
    }
  }

  @Test("after a restart of the device everything is asked for again, and what changed meanwhile is known")
  func deviceRestart() async throws {
    try await with(edition: .v2022) { _ in
    } _: { server, fleet, camera in
      fleet.setPower(false, device: 0)
      fleet.setStatus(.off, of: camera, device: 0)
      fleet.setPower(true, device: 0)
      #expect(await eventually { status(server, camera) == .off })
      #expect(await stands(server, .alarm))
      #expect(
        await eventually {
          fleet.raise(alarm(camera, type: 2), device: 0)
          return await alarms(server).contains { $0.kind == "motion" }
        })
    }
  }

  @Test("after a restart of the server devices that are still registered are asked again")
  func serverRestart() async throws {
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      let port = server.runtime.addresses.sip
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: port, channels: 2)
      let camera = configuration.channelID(device: 0, channel: 0)
      try await Cameras.with(configuration) { fleet in
        #expect(await stands(server, .catalog))
        #expect(await eventually { server.services.directory.read { $0.channels(of: device).count } == 2 })
        try await server.stop()
        fleet.setStatus(.off, of: camera, device: 0)
        let again = try await RunningServer.start(folder: folder, sip: port)
        #expect(await stands(again, .catalog))
        #expect(await eventually { status(again, camera) == .off })
        fleet.setStatus(.on, of: camera, device: 0)
        #expect(await eventually { status(again, camera) == .on })
        try await again.stop()
      }
    }
  }

  @Test("positions and views are reported while they are asked for", arguments: [GBVersion.v2016, .v2022])
  func positions(edition: GBVersion) async throws {
    let settings = API.SubscriptionsChange(
      choices: ["position": "on", "ptz-position": "on"], positionInterval: 1)
    try await with(edition: edition, settings: settings) { _ in
    } _: { server, fleet, camera in
      #expect(await stands(server, .position))
      #expect(await stands(server, .ptzPosition))
      let key = ChannelKey(device: device, channel: camera)
      let place = try #require(GeoPosition(longitude: 118.5, latitude: 31.25))
      fleet.move(camera, to: place, device: 0)
      #expect(await eventually { server.services.positions.position(of: key)?.report.position == place })
      fleet.look(camera, PTZPosition(pan: 90, tilt: 5, zoom: 2), device: 0)
      #expect(await eventually { server.services.positions.view(of: key)?.position.pan == 90 })
      let channel = try await server.http.json("GET", "/api/v1/channels/\(key)", as: API.Channel.self)
      #expect(channel.position?.longitude == 118.5 && channel.view?.zoom == 2)
      // Again and again, without anything having happened.
      let before = server.services.positions.reports
      #expect(await eventually { server.services.positions.reports > before })
    }
  }

  @Test("a device that grants nothing is left alone, and its alarms by MESSAGE still count")
  func nothingGranted() async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      var configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      configuration.events.grants = []
      let camera = configuration.channelID(device: 0, channel: 0)
      try await Cameras.with(configuration) { fleet in
        #expect(
          await eventually { server.services.subscriptions.entry(device, .alarm)?.machine.lastRefusal == 489 }
        )
        fleet.raise(alarm(camera, type: 2), device: 0)
        #expect(await eventually { await alarms(server).count == 1 })
        let told = try await server.http.json(
          "GET", "/api/v1/devices/\(device)/subscriptions", as: API.Subscriptions.self)
        #expect(told.items.first { $0.kind == "alarm" }?.cause?.contains("489") == true)
        #expect(told.items.first { $0.kind == "alarm" }?.state == "pausing")
      }
    }
  }
}
