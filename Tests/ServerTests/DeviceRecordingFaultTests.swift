import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Recording
import Registry
import SIPTransport
import TestSupport
import Testing

@testable import Server

@Suite("Recordings on board of awkward devices, and their downloads", .serialized)
struct DeviceRecordingFaultTests: OnBoardTests {
  @Test("a device that takes no orders is paused and moved by new calls", arguments: [405, 481, 501])
  func noOrders(status: Int) async throws {
    try await with(Self.onBoard { $0.infoStatus = status }) { server, keys, fleet in
      let start = moment(ago: 3_000)
      let session = try await open(server, keys[0], start, start + .seconds(600))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(1) }
      try await order(server, session.session, .init(paused: true))
      let held = try #require(try await state(server, session.session).position)
      #expect(await eventually { server.services.calls.count == 0 })
      try await order(server, session.session, .init(paused: false))
      #expect(try await viewer.position { $0.wall > held.wall }.wall <= held.wall + .seconds(3))
      try await order(server, session.session, .init(position: API.Time(start + .seconds(300))))
      #expect(try await viewer.position { $0.wall >= start + .seconds(300) }.wall < start + .seconds(330))
      #expect(fleet.snapshot().calls >= 2)
      if status != 481 { #expect(try await state(server, session.session).rates == [1]) }
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test("a device that hangs up a paused replay is called again where it stood")
  func pauseSurvives() async throws {
    try await with(Self.onBoard { $0.pauseLimit = 300 }) { server, keys, fleet in
      let start = moment(ago: 3_000)
      let session = try await open(server, keys[0], start, start + .seconds(600))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(2) }
      try await order(server, session.session, .init(paused: true))
      let held = try #require(try await state(server, session.session).position)
      #expect(await eventually { server.services.calls.count == 0 })
      let paused = try await state(server, session.session)
      #expect(paused.paused == true && paused.state == .live)
      try await order(server, session.session, .init(paused: false))
      #expect(try await viewer.position { $0.wall > held.wall }.wall <= held.wall + .seconds(3))
      #expect(await eventually { fleet.snapshot().calls == 2 })
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test("a replay that the device ends in the middle is taken up where it stood")
  func takesUp() async throws {
    let ends = PlannedFault(.callEnds, duration: .milliseconds(2_500))
    try await with(faults: [ends]) { server, keys, fleet in
      let start = moment(ago: 3_000)
      let session = try await open(server, keys[0], start, start + .seconds(600))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(7) }
      #expect(fleet.snapshot().calls >= 3)
      let shown = try await viewer.shown()
      #expect(Set(shown).isSuperset(of: (0..<6).map { start.seconds + $0 }))
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
    }
  }

  @Test(
    "devices that send media one way only are replayed and fetched that way",
    arguments: [MediaTransportChoice.tcpPassive, .tcpActive])
  func transports(way: MediaTransportChoice) async throws {
    try await with(transports: [way]) { server, keys, _ in
      let start = moment(ago: 3_000)
      let session = try await open(server, keys[0], start, start + .seconds(600))
      let viewer = try await ReplayViewer(server, session)
      _ = try await viewer.position { $0.wall >= start + .seconds(2) }
      try await order(server, session.session, .init(position: API.Time(start + .seconds(300))))
      _ = try await viewer.position { $0.wall >= start + .seconds(301) }
      try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
      let job = try await fetched(server, keys[0], start, start + .seconds(30))
      #expect(job.state == .complete && job.cause == nil)
    }
  }

  @Test("forty openings and endings with faults leave nothing: calls, numbers, turns, streams, downloads")
  func leavesNothing() async throws {
    let faults = [
      PlannedFault(.callEnds, duration: .milliseconds(400), probability: 0.3),
      PlannedFault(.inviteRefused, number: 486, probability: 0.15),
      PlannedFault(.silentMedia, probability: 0.1), PlannedFault(.byeMissing, probability: 0.3),
    ]
    try await with(channels: 2, faults: faults) { server, keys, fleet in
      let start = moment(ago: 3_000)
      for index in 0..<40 {
        let key = keys[index % 2]
        if index % 4 == 3 {
          let job = try await server.http.json(
            "POST", "/api/v1/channels/\(key)/downloads",
            API.NewDownload(from: API.Time(start), to: API.Time(start + .seconds(600)), speed: 2),
            as: API.Download.self)
          #expect(try await server.http.send("DELETE", "/api/v1/downloads/\(job.id)").status == 204)
          continue
        }
        let session = try await open(server, key, start, start + .seconds(600))
        let viewer = try await ReplayViewer(server, session)
        // Some end while they wait or are called, some while they play.
        if index % 3 == 0 { _ = try? await viewer.anything() }
        if index % 5 == 0 {
          _ = try await server.http.send(
            "PATCH", "/api/v1/media-sessions/\(session.session)", API.PlaybackControl(paused: true))
        }
        #expect(
          try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)").status == 204)
      }
      #expect(await eventually { await figures(server).allSatisfy { $0.value == 0 } })
      #expect(await figures(server).count == 8)
      #expect(await eventually { fleet.snapshot().streams == 0 })
    }
  }

  /// What must be zero when nobody looks any more, by the metrics.
  private func figures(_ server: RunningServer) async -> [String: Double] {
    let names = [
      "tributary_device_replays", "tributary_device_downloads", "tributary_history_calls",
      "tributary_history_turns", "tributary_sip_calls", "tributary_media_streams", "tributary_sessions",
    ]
    guard let text = try? await server.http.send("GET", "/metrics").text else { return [:] }
    var found: [String: Double] = [:]
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      guard words.count == 2, let name = words[0].split(separator: "{").first else { continue }
      if names.contains(String(name)) { found[String(words[0])] = Double(words[1]) }
    }
    return found
  }

  // MARK: Downloads

  @Test(
    "a download becomes an MP4 of the right length and seconds, with digest and ranges",
    arguments: [true, false])
  func download(announcesSize: Bool) async throws {
    try await with(Self.onBoard { $0.announcesSize = announcesSize }) { server, keys, _ in
      let start = moment(ago: 3_000)
      var job = try await server.http.json(
        "POST", "/api/v1/channels/\(keys[0])/downloads",
        API.NewDownload(
          from: API.Time(start), to: API.Time(start + .seconds(40)), speed: 8, purpose: "evidence"),
        as: API.Download.self)
      #expect(job.state == .queued || job.state == .running)
      var seen: [Double] = []
      #expect(
        try await eventually {
          job = try await server.http.json("GET", "/api/v1/downloads/\(job.id)", as: API.Download.self)
          seen.append(job.progress)
          return job.state == .complete || job.state == .failed
        })
      #expect(job.state == .complete && job.progress == 1)
      #expect(zip(seen, seen.dropFirst()).allSatisfy { $0 <= $1 })
      #expect((job.expectedBytes != nil) == announcesSize)
      let file = try await server.http.send("GET", try #require(job.file))
      let size = Int(try #require(job.size))
      #expect(file.status == 200 && file.body.count == size)
      #expect(Decoded.digest(of: file.body) == job.sha256)
      let part = try await server.http.request(
        "GET", try #require(job.file), headers: ["Range": "bytes=100-199"])
      #expect(part.status == 206 && part.body == Array(file.body[100..<200]))
      #expect(try await Decoded.seconds(of: file.body) == (0..<40).map { start.seconds + $0 })
      #expect(abs(try await Decoded.duration(of: file.body) - 40) < 0.2)
      #expect(await eventually { server.services.calls.count == 0 })
      let looks = try await server.http.json("GET", "/api/v1/looks", as: List<API.Look>.self)
      #expect(looks.items.count == 3 && looks.items.allSatisfy { $0.kind == "export" })
      #expect(looks.items.contains { $0.purpose == "evidence" })
      #expect(try await server.http.send("DELETE", "/api/v1/downloads/\(job.id)").status == 204)
      #expect(try await server.http.send("GET", try #require(job.file)).status == 404)
    }
  }

  @Test("a download that the device breaks off is kept and says what is missing")
  func shortDownload() async throws {
    let ends = PlannedFault(.callEnds, duration: .milliseconds(2_000))
    try await with(faults: [ends]) { server, keys, _ in
      let start = moment(ago: 3_000)
      let job = try await fetched(server, keys[0], start, start + .seconds(120))
      #expect(job.state == .complete && job.cause?.code == "incomplete")
      let file = try await server.http.send("GET", try #require(job.file))
      let shown = try await Decoded.seconds(of: file.body)
      #expect(shown.count > 4 && shown.count < 60)
      #expect(shown == shown.indices.map { start.seconds + Int64($0) })
    }
  }

  @Test("a download that is cancelled hangs up and leaves nothing behind")
  func cancelDownload() async throws {
    try await with { server, keys, _ in
      let start = moment(ago: 3_000)
      let job = try await server.http.json(
        "POST", "/api/v1/channels/\(keys[0])/downloads",
        API.NewDownload(from: API.Time(start), to: API.Time(start + .seconds(600)), speed: 1),
        as: API.Download.self)
      #expect(
        try await eventually {
          try await server.http.json("GET", "/api/v1/downloads/\(job.id)", as: API.Download.self).bytes > 0
        })
      #expect(try await server.http.send("DELETE", "/api/v1/downloads/\(job.id)").status == 204)
      #expect(
        await eventually { server.services.calls.count == 0 && server.services.history.turns.count == 0 })
      let left = try FileManager.default.contentsOfDirectory(
        atPath: server.runtime.configuration.data + "/downloads")
      #expect(left.isEmpty)
    }
  }
}
