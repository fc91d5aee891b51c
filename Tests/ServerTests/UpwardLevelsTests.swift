import AccessLog
import Alarms
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry
import TestSupport
import Testing
import VoiceTransport

@testable import Server

/// The region works with the county's camera, through the city: everything but the live picture.
@Suite("Recordings, orders and events through three levels", .serialized)
struct UpwardLevelsTests: OnBoardTests {
  /// Three levels, and at the county a recorder with one camera.
  private func with(
    areEnrolled: Bool = false, _ body: (Levels, SimulatedFleet, ChannelKey) async throws -> Void
  ) async throws {
    try await Levels.with(areEnrolled: areEnrolled) { levels in
      let device = try #require(DeviceID(Cameras.first))
      try await levels.county.announce(device)
      var configuration = try Cameras.configuration(
        sip: levels.county.runtime.addresses.sip, channels: 1, edition: .v2022)
      configuration.platformID = levels.countyID
      var fleet = try configuration.fleet()
      fleet.peers[0].recordings = Self.onBoard { _ in }
      try await SimulatedPeers.with(fleet) { fleet in
        let key = try await levels.camera(configuration)
        try await body(levels, fleet, key)
      }
    }
  }

  private func isQuiet(_ levels: Levels) async -> Bool {
    await eventually {
      [levels.county, levels.city, levels.region].allSatisfy { server in
        server.services.relays.count == 0 && server.services.calls.count == 0
          && server.services.history.lines.count == 0 && server.services.history.turns.count == 0
      }
    }
  }

  @Test(
    "What the device recorded is listed, replayed, moved about in and fetched whole at the region",
    arguments: [false, true])
  func recordings(areEnrolled: Bool) async throws {
    try await with(areEnrolled: areEnrolled) { levels, _, key in
      let region = levels.region
      let start = moment(ago: 3_600)
      let list = try await region.http.json(
        "GET",
        "/api/v1/channels/\(key)/records?from=\(start.rfc3339)&to=\((start + .seconds(1_800)).rfc3339)&source=device",
        as: API.RecordList.self)
      #expect(list.complete && (3...5).contains(list.records.count))
      #expect(list.records.allSatisfy { $0.type == "time" && ($0.size ?? 0) > 0 })

      let opened = try await open(region, key, start, start + .seconds(900))
      let viewer = try await ReplayViewer(region, opened)
      _ = try await viewer.position { $0.wall >= start + .seconds(2) }
      #expect(Array(try await viewer.shown().prefix(2)) == [start.seconds, start.seconds + 1])
      let target = start + .seconds(300)
      try await order(region, opened.session, API.PlaybackControl(position: API.Time(target)))
      _ = try await viewer.position { $0.wall >= target && $0.wall < target + .seconds(20) }
      for server in [levels.county, levels.city] {
        let looks = try await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
        #expect(looks.count == 1 && looks[0].kind == "playback")
        #expect(looks[0].from?.wall == WallTime(seconds: start.seconds))
      }
      #expect(
        try await region.http.send("DELETE", "/api/v1/media-sessions/\(opened.session)").status == 204)
      #expect(await isQuiet(levels))

      // Every second of it, in order, and the end is told from below.
      let job = try await fetched(region, key, start, start + .seconds(20))
      #expect(job.state == .complete && job.cause == nil)
      let file = try await region.http.send("GET", try #require(job.file))
      let shown = try await Decoded.seconds(of: file.body)
      #expect(shown.count >= 20 && shown == shown.indices.map { start.seconds + Int64($0) })
      let looks = try await levels.county.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.map(\.kind).sorted() == ["export", "playback"])
      #expect(await isQuiet(levels))
    }
  }

  @Test(
    "What the county recorded itself is listed, replayed and fetched at the region", arguments: [false, true])
  func ownRecordings(areEnrolled: Bool) async throws {
    try await with(areEnrolled: areEnrolled) { levels, _, key in
      let device = try #require(DeviceID(Cameras.first))
      let local = ChannelKey(device: device, channel: key.channel)
      let recording = levels.county.services.recording
      try await recording.setPlan(.continuous, for: local)
      let from = SystemClock.wall() - .seconds(60)
      func recorded() async throws -> IntervalSet {
        try await recording.timeline(local, WallInterval(from, SystemClock.wall())).recorded
      }
      #expect(try await eventually { try await recorded().intervals.last?.duration ?? .zero > .seconds(5) })
      try await recording.setPlan(.off, for: local)
      let span = try #require(try await recorded().intervals.last)
      #expect(await eventually { levels.county.services.calls.count == 0 })

      let list = try await levels.region.http.json(
        "GET",
        "/api/v1/channels/\(key)/records?from=\(span.start.rfc3339)&to=\(span.end.rfc3339)&source=device",
        as: API.RecordList.self)
      #expect(!list.records.isEmpty)
      // Ours comes first: the device is not asked, and not called.
      let opened = try await open(levels.region, key, span.start, span.end)
      let viewer = try await ReplayViewer(levels.region, opened)
      _ = try await viewer.position { $0.wall >= span.start }
      try await viewer.text(containing: "\"ended\"")
      #expect(levels.county.services.calls.count == 0)
      #expect(await isQuiet(levels))
      let job = try await fetched(levels.region, key, span.start, span.end)
      #expect(job.state == .complete)
      let file = try await levels.region.http.send("GET", try #require(job.file))
      let length = try await Decoded.duration(of: file.body)
      #expect(length > 3 && length < span.duration.inSeconds + 2)
      #expect(await isQuiet(levels))
    }
  }

  @Test(
    "The region moves the camera within its priority; who is higher here keeps it; a revoked grant stops it",
    arguments: [false, true])
  func orders(areEnrolled: Bool) async throws {
    try await with(areEnrolled: areEnrolled) { levels, fleet, key in
      let local = ChannelKey(device: try #require(DeviceID(Cameras.first)), channel: key.channel)
      func camera() async -> CameraState? { await fleet.state(device: 0)?.cameras[key.channel] }
      func move(_ server: RunningServer, _ key: ChannelKey, _ request: API.PTZRequest) async throws {
        _ = try await server.http.json(
          "POST", "/api/v1/channels/\(key)/ptz", request, as: API.PTZAnswer.self)
      }
      try await move(levels.region, key, .init(action: .move, pan: 0.5, hold: 5_000))
      #expect(await eventually { await camera()?.head.isMoving == true })
      let holder = await levels.county.services.control.holder(of: local)?.holder
      // The city says who orders.
      #expect(holder?.name.hasPrefix(levels.cityID.text + " ") == true)
      #expect(holder?.priority == UpwardGate.usualPriority)
      try await move(levels.region, key, .init(action: .stop))
      #expect(await eventually { await camera()?.head.isMoving == false })

      try await move(levels.region, key, .init(action: .presetSet, number: 7, name: "Gate"))
      #expect(
        try await eventually {
          let presets = try await levels.region.http.json(
            "GET", "/api/v1/channels/\(key)/presets?again=true", as: API.Presets.self)
          return presets.items.contains { $0.number == 7 && $0.source == "device" }
        })
      _ = try await levels.region.http.json(
        "GET", "/api/v1/channels/\(key)/ptz-position", as: API.PTZPosition.self)

      // An operator of the county takes it, and keeps it.
      try await move(levels.county, local, .init(action: .move, tilt: 1, hold: 5_000))
      let refused = levels.county.services.superiors.entry(levels.cityID)?.figures.refused ?? 0
      try await move(levels.region, key, .init(action: .move, pan: -1, hold: 5_000))
      #expect(
        await eventually {
          levels.county.services.superiors.entry(levels.cityID)?.figures.refused ?? 0 > refused
        })
      #expect(await levels.county.services.control.holder(of: local)?.holder.name == "test")
      try await move(levels.county, local, .init(action: .stop))
      #expect(await eventually { await levels.county.services.control.holder(of: local) == nil })

      // Orders are in the access log of the owner, each hand once.
      let orders = try await levels.county.services.accessLog.find(
        LogQuery(kinds: [.control]))
      #expect(
        orders.contains {
          $0.facts[.operation] == "ptz" && $0.facts[.channel] == local.description
            && $0.words[.user]?.hasPrefix(levels.cityID.text) == true
        })

      // What moves for somebody whose grant ends, stops.
      try await move(levels.region, key, .init(action: .move, pan: -1, hold: 5_000))
      #expect(await eventually { await camera()?.head.isMoving == true })
      levels.granted.with { $0 = false }
      #expect(await eventually { await camera()?.head.isMoving == false })
      #expect(await eventually { await levels.county.services.control.holder(of: local) == nil })
    }
  }

  @Test(
    "Somebody at the region is heard at the county's camera, and the end ends it at every level",
    arguments: [false, true])
  func speech(areEnrolled: Bool) async throws {
    try await with(areEnrolled: areEnrolled) { levels, fleet, key in
      let opened = try await levels.region.http.json(
        "POST", "/api/v1/channels/\(key)/voice", API.VoiceRequest(mode: .broadcast, purpose: "test"),
        as: API.VoiceOpened.self)
      let servers = [levels.region, levels.city, levels.county]
      #expect(servers.allSatisfy { $0.services.voice.all.count == 1 })
      let tone = (0..<1_600).map { Int16(truncatingIfNeeded: $0 * 900) }
      #expect(
        await eventually {
          levels.region.services.voice.say(tone, in: opened.session)
          guard let figures = levels.county.services.voice.all.first?.line?.figures else { return false }
          return figures.packets > figures.silent + 10
        })
      #expect(await eventually { await fleet.heardVoice(device: 0)?.packets ?? 0 > 10 })
      let looks = try await levels.county.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.map(\.kind) == ["voice"])
      // Of a platform that is not enrolled it is known what its header says.
      let who = areEnrolled ? " test" : " \(levels.cityID)-\(levels.regionID)-"
      #expect(looks[0].user.hasPrefix(levels.cityID.text + who))
      if areEnrolled {
        let entry = try await levels.county.services.accessLog.find(LogQuery(kinds: [.lookBegin])).first
        let route = [levels.countyID, levels.cityID, levels.regionID].map(\.text).joined(separator: ">")
        #expect(entry?.facts[.route] == route && entry?.facts[.digest] != nil)
      }
      levels.region.services.voice.end(opened.session)
      #expect(await eventually { servers.allSatisfy { $0.services.voice.all.isEmpty } })
      #expect(await eventually { servers.allSatisfy { $0.services.superiors.voices.count == 0 } })
    }
  }

  @Test(
    "An alarm, a position and a view of the county's camera arrive at the region, and nothing after revocation"
  )
  func events() async throws {
    try await with { levels, fleet, key in
      let device = try #require(DeviceID(Cameras.first))
      for (server, lower) in [
        (levels.county, device), (levels.city, levels.countyID), (levels.region, levels.cityID),
      ] {
        let wanted = API.SubscriptionsChange(
          choices: ["position": "on", "ptz-position": "on"], positionInterval: 1)
        #expect(
          try await server.http.send("PUT", "/api/v1/devices/\(lower)/subscriptions", wanted).status < 300)
        for kind in [SubscriptionKind.alarm, .position, .ptzPosition] {
          #expect(
            await eventually {
              server.services.subscriptions.entry(lower, kind)?.machine.state == .active
            }, "\(lower) \(kind)")
        }
      }
      fleet.raise(
        AlarmNotice(source: key.channel, priority: 2, method: .video, type: 2, time: nil), device: 0)
      #expect(
        try await eventually {
          let alarms = try await levels.region.http.json(
            "GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self)
          return alarms.items.contains {
            $0.source == key.channel.text && $0.device == levels.cityID.text && $0.type == 2
          }
        })
      let place = try #require(GeoPosition(longitude: 118.376, latitude: 31.326))
      fleet.move(key.channel, to: place, device: 0)
      #expect(
        await eventually {
          levels.region.services.positions.position(of: key)?.report.position == place
        })
      fleet.look(key.channel, PTZPosition(pan: 12, tilt: 3, zoom: 2), device: 0)
      #expect(await eventually { levels.region.services.positions.view(of: key)?.position.pan == 12 })
      #expect(
        await eventually { levels.county.services.superiors.entry(levels.cityID)?.figures.news ?? 0 >= 3 })

      levels.granted.with { $0 = false }
      let told = levels.county.services.superiors.entry(levels.cityID)?.figures.news
      fleet.raise(
        AlarmNotice(source: key.channel, priority: 1, method: .video, type: 5, time: nil), device: 0)
      #expect(
        try await eventually {
          try await levels.county.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self).items.count
            == 2
        })
      await levels.county.services.superiors.update()
      #expect(levels.county.services.superiors.entry(levels.cityID)?.figures.news == told)
    }
  }
}
