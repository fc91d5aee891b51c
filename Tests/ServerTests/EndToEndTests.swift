import Cryptography
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import MediaTransport
import Recording
import Registry
import SIPTransport
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("The whole server over HTTP", .serialized)
struct EndToEndTests {
  /// A server with one device of two cameras that are ready to be called.
  private func with(_ body: (RunningServer, [ChannelKey], SimulatedFleet) async throws -> Void) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 2)
      let keys = (0..<2).map {
        ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: $0))
      }
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { Set(server.runtime.playableChannels).isSuperset(of: keys) })
        try await body(server, keys, fleet)
      }
    }
  }

  private func open(_ server: RunningServer, _ key: ChannelKey) async throws -> API.MediaSessionOpened {
    try await server.http.json(
      "POST", "/api/v1/channels/\(key)/live", API.LiveRequest(purpose: "test"),
      as: API.MediaSessionOpened.self)
  }

  private func close(_ server: RunningServer, _ session: String) async throws {
    #expect(try await server.http.send("DELETE", "/api/v1/media-sessions/\(session)").status < 300)
  }

  @Test("a first-run link signs in once")
  func firstRun() async throws {
    try await RunningServer.with { server in
      let link = try await server.runtime.firstRunLink()
      let token = String(try #require(link.split(separator: "/").last))
      let anonymous = HTTPClient(port: server.http.port, token: nil)
      let signedIn = try await anonymous.json(
        "POST", "/api/v1/session", API.SignIn(firstRunToken: token), as: API.SignedInSession.self)
      #expect(signedIn.user.role == "administrator" && signedIn.needsPassword)
      let again = try await anonymous.send("POST", "/api/v1/session", API.SignIn(firstRunToken: token))
      #expect(again.status == 401)
      #expect(try await anonymous.send("GET", "/api/v1/devices").status == 401)
      #expect(try await anonymous.send("GET", "/").status == 200)
      #expect(
        try await HTTPClient(port: try #require(server.runtime.addresses.metrics)).send("GET", "/metrics")
          .text
          .contains("tributary_build_info{version="))
      let running = try JSONDecoder().decode(
        RunFile.self,
        from: Data(contentsOf: URL(fileURLWithPath: server.runtime.configuration.data + "/run.json")))
      #expect(running.http == server.http.port && running.process == getpid())
    }
  }

  @Test("live pictures over chunked HTTP, WebSocket and HLS come from one call")
  func live() async throws {
    try await with { server, keys, fleet in
      let session = try await open(server, keys[0])
      let http = try await server.http.stream(session.urls.fmp4, bytes: 30_000)
      #expect(http.status == 200 && http.headers["content-type"] == "video/mp4")
      #expect(boxTypes(http.body).prefix(4) == ["ftyp", "moov", "moof", "mdat"])

      let second = try await open(server, keys[0])
      let socket = try await server.http.webSocket(second.urls.websocket)
      guard case .text(let tracks) = try await socket.next() else {
        Issue.record("the first message is no text")
        return
      }
      #expect(tracks.contains(#""type":"tracks""#) && tracks.contains("avc1."))
      guard case .binary(let first) = try await socket.next() else {
        Issue.record("the second message is not binary")
        return
      }
      #expect(boxTypes(first).contains("moov"))
      var fragments: [UInt8] = []
      while fragments.count < 5_000 {
        if case .binary(let bytes) = try await socket.next() { fragments += bytes }
      }
      #expect(boxTypes(fragments).contains("moof"))

      let third = try await open(server, keys[0])
      let path = try #require(third.urls.hls)
      // Two players' first requests at the same time share one window.
      async let other = server.http.send("GET", path)
      let list = try await server.http.send("GET", path)
      #expect(list.status == 200 && list.text.contains("#EXT-X-MAP:URI=\"init-1.mp4\""))
      #expect(try await other.status == 200)
      let base = path.split(separator: "/").dropLast().joined(separator: "/")
      let name = try #require(list.text.split(separator: "\n").last { $0.hasPrefix("segment-") })
      let segment = try await server.http.send("GET", "/\(base)/\(name)")
      #expect(boxTypes(segment.body).contains("moof"))
      #expect(boxTypes(try await server.http.send("GET", "/\(base)/init-1.mp4").body).contains("moov"))
      #expect(try await server.http.send("GET", "/\(base)/segment-99999.m4s").status == 404)

      #expect(await eventually { fleet.snapshot().calls == 1 } && server.services.calls.count == 1)
      let state = try await server.http.json(
        "GET", "/api/v1/media-sessions/\(second.session)", as: API.MediaSession.self)
      #expect(state.state == .live && state.kind == .live)
      #expect(
        try await eventually {
          let now = try await server.http.json(
            "GET", "/api/v1/media-sessions/\(second.session)", as: API.MediaSession.self)
          return now.codec == "h264" && now.width == 320 && now.height == 180 && now.viewers == 1
        })
      // A camera that is called again sends a new stream; the playlist goes on with it.
      await server.services.live.device(keys[0].device, isOnline: false)
      await server.services.live.device(keys[0].device, isOnline: true)
      #expect(
        try await eventually(interval: .milliseconds(100)) {
          let again = try await server.http.send("GET", path)
          return again.status == 200 && !again.text.contains("#EXT-X-ENDLIST") && fleet.snapshot().calls == 2
        })
      for id in [session, second, third].map(\.session) { try await close(server, id) }
      #expect(try await server.http.send("GET", session.urls.fmp4).status == 410)
      #expect(try await server.http.send("GET", path).status == 410)
      let looks = try await server.http.json("GET", "/api/v1/looks", as: List<API.Look>.self)
      #expect(looks.items.count == 3 && looks.items.allSatisfy { $0.purpose == "test" && $0.ended != nil })
    }
  }

  @Test("events tell of devices and sessions")
  func events() async throws {
    try await with { server, keys, fleet in
      let events = try await server.http.events("/api/v1/events")
      #expect(await eventually { server.services.hub.listenerCount == 1 })
      let session = try await open(server, keys[1])
      let states = try await offPool {
        var states: [String] = []
        while !states.contains("live") {
          let line = try events.line()
          guard line.hasPrefix("data:"), line.contains(session.session),
            let match = line.firstMatch(of: /"state":"(\w+)"/)
          else { continue }
          states.append(String(match.1))
        }
        return states
      }
      #expect(states.last == "live")
      try await close(server, session.session)
      fleet.setPower(false, device: 0)
      let offline = try await offPool {
        while true {
          let line = try events.line()
          if line.hasPrefix("data:"), line.contains("\"offline\""), line.contains(Cameras.first) {
            return line
          }
        }
      }
      #expect(offline.contains("since"))
    }
  }

  @Test("a recording is replayed with seek, rates and pause, and exported with ranges and a digest")
  func replayAndExport() async throws {
    try await with { server, keys, _ in
      let key = keys[0]
      let start = SystemClock.wall()
      try await server.runtime.setPlan(.continuous, for: key)
      func spans() async throws -> API.Timeline {
        try await server.http.json(
          "GET",
          "/api/v1/channels/\(key)/timeline?from=\((start - .seconds(60)).rfc3339)&to=\((start + .seconds(60)).rfc3339)",
          as: API.Timeline.self)
      }
      #expect(
        try await eventually(interval: .milliseconds(100)) { try await spans().totals.recordedSeconds >= 5 })
      try await server.runtime.setPlan(.off, for: key)
      #expect(
        try await eventually { try await server.services.store.segments(state: .open, limit: 1).isEmpty })
      let span = try #require(try await spans().recorded.first)

      let session = try await server.http.json(
        "POST", "/api/v1/channels/\(key)/playback", API.PlaybackRequest(from: span.from, to: span.to),
        as: API.MediaSessionOpened.self)
      #expect(session.from == span.from)
      let path = "/api/v1/media-sessions/\(session.session)"
      let socket = try await server.http.webSocket(session.urls.websocket)
      _ = try await socket.text(containing: "tracks")
      let position = try await socket.text(containing: #""type":"position""#)
      #expect(position.text.contains(#""rate":1"#))

      let paused = try await server.http.json(
        "PATCH", path, API.PlaybackControl(paused: true), as: API.MediaSession.self)
      #expect(paused.paused == true)
      let target = API.Time(span.from.wall + .seconds(3))
      _ = try await server.http.json(
        "PATCH", path, API.PlaybackControl(position: target), as: API.MediaSession.self)
      _ = try await server.http.json(
        "PATCH", path, API.PlaybackControl(rate: 4, paused: false), as: API.MediaSession.self)
      let fast = try await socket.text(containing: #""rate":4"#)
      let wall = try #require(
        fast.text.firstMatch(of: /"wall":"([^"]+)"/).flatMap { WallTime(rfc3339: String($0.1)) })
      #expect(wall >= span.from.wall + .seconds(1) && wall <= span.to.wall)
      _ = try await socket.text(containing: #""type":"ended""#)
      #expect(try await server.http.json("GET", path, as: API.MediaSession.self).state == .ended)
      _ = try await server.http.json("PATCH", path, API.PlaybackControl(rate: -1), as: API.MediaSession.self)
      let back = try await socket.text(containing: #""rate":-1"#)
      #expect(back.text.contains("position"))
      for rate in [0, 33, 0.01] {
        #expect(try await server.http.send("PATCH", path, ["rate": rate]).status == 422)
      }
      try await close(server, session.session)
      let nothing = try await server.http.send(
        "POST", "/api/v1/channels/\(key)/playback",
        API.PlaybackRequest(from: API.Time(start - .seconds(900)), to: API.Time(start - .seconds(800))))
      #expect(nothing.status == 404)

      let file =
        "/api/v1/channels/\(key)/export.mp4?from=\(span.from.wall.rfc3339)&to=\(span.to.wall.rfc3339)"
      let whole = try await server.http.send("GET", file)
      #expect(whole.status == 200 && boxTypes(whole.body).prefix(2) == ["ftyp", "moov"])
      let digest = Data(Hash.sha256.digest(whole.body)).base64EncodedString()
      #expect(whole.headers["digest"] == "sha-256=\(digest)")
      #expect(whole.headers["content-disposition"]?.contains(".mp4") == true)
      let part = try await server.http.request("GET", file, headers: ["Range": "bytes=100-299"])
      #expect(part.status == 206 && part.body == Array(whole.body[100..<300]))
      #expect(part.headers["content-range"] == "bytes 100-299/\(whole.body.count)")
      let beyond = try await server.http.request(
        "GET", file, headers: ["Range": "bytes=\(whole.body.count)-"])
      #expect(beyond.status == 416)
      let looks = try await server.http.json("GET", "/api/v1/looks", as: List<API.Look>.self)
      #expect(looks.items.contains { $0.kind == "export" } && looks.items.contains { $0.kind == "playback" })
    }
  }

  @Test("after fifty openings and closings nothing is left: streams, calls, numbers, sessions, sockets")
  func leavesNothing() async throws {
    try await with { server, keys, fleet in
      let services = server.services
      func isEmpty() async -> Bool {
        let snapshot = services.plane.snapshot()
        let pulls = await services.live.states.count
        let numbers = await services.live.ssrcsInUse
        return snapshot.streams.isEmpty && pulls == 0 && numbers == 0 && services.calls.count == 0
          && services.desk.table.all.isEmpty && fleet.snapshot().streams == 0
      }
      // The first round opens what stays open: database readers, threads.
      for index in 0..<50 {
        let session = try await open(server, keys[index % 2])
        switch index % 5 {
        case 0: _ = try await server.http.stream(session.urls.fmp4, bytes: 2_000)
        case 1: _ = try await server.http.webSocket(session.urls.websocket).next()
        case 2: _ = try await server.http.webSocket(session.urls.websocket)
        default: break
        }
        try await close(server, session.session)
      }
      #expect(services.calls.count <= 2)
      #expect(await eventually(timeout: .seconds(40), interval: .milliseconds(100)) { await isEmpty() })
      #expect(await services.endpoint.counters().clientTransactions < 100)
      let figures = try await server.http.json("GET", "/api/v1/health", as: API.Health.self)
      #expect(figures.streams.live == 0 && figures.streams.viewers == 0 && figures.sip["calls"] == 0)
      let descriptors = openDescriptors()
      for index in 0..<10 {
        let session = try await open(server, keys[index % 2])
        _ = try await server.http.stream(session.urls.fmp4, bytes: 2_000)
        try await close(server, session.session)
      }
      #expect(await eventually(timeout: .seconds(40), interval: .milliseconds(100)) { await isEmpty() })
      #expect(await eventually { openDescriptors() <= descriptors + 4 })
    }
  }

  @Test("a session that ends while its picture is on the way lets its viewer go")
  func endsWhileWaiting() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      var configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      configuration.faults.add(.answerDelay(.seconds(1)))
      let key = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        let kept = try await open(server, key)
        let ended = try await open(server, key)
        async let refused = server.http.stream(ended.urls.fmp4, bytes: .max)
        async let watched = server.http.stream(kept.urls.fmp4, bytes: 20_000)
        #expect(await eventually { await server.services.live.status(key) != nil })
        try await close(server, ended.session)
        #expect(try await watched.status == 200)
        // The connection of the session that is over ends; nothing of it is left on the stream.
        _ = try? await refused
        #expect(await eventually { server.services.desk.table.all.count == 1 })
        try await close(server, kept.session)
        #expect(
          await eventually { server.services.plane.snapshot().streams.allSatisfy { $0.viewers.isEmpty } })
      }
    }
  }

  @Test("stills need the program's worker", .enabled(if: Program.path != nil))
  func still() async throws {
    try await with { server, keys, _ in
      let still = try await server.http.send("GET", "/api/v1/channels/\(keys[0])/snapshot.jpg")
      #expect(still.status == 200 && still.body.starts(with: [0xFF, 0xD8, 0xFF]))
    }
  }

  @Test("the media doctor names what is wrong")
  func doctor() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      var configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      configuration.faults.add(.inviteRefused(486))
      let key = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        let diagnosis = try await server.http.json(
          "GET", "/api/v1/channels/\(key)/doctor", as: API.MediaDiagnosis.self)
        #expect(diagnosis.verdict.contains("486"))
        #expect(diagnosis.sdpSent?.contains("y=") == true && !diagnosis.messages.isEmpty)
        #expect(diagnosis.messages.contains { $0.summary.hasPrefix("486") })
      }
    }
  }

  @Test("an occupied port is one sentence, and nothing stays open")
  func occupied() async throws {
    try await RunningServer.with { server in
      let addresses = server.runtime.addresses
      for change in [
        { (c: inout ServerConfiguration) in c.http.port = addresses.http },
        { (c: inout ServerConfiguration) in c.media.port = addresses.media },
        { (c: inout ServerConfiguration) in c.sip.port = addresses.sip },
      ] {
        try await Folder.with { folder in
          do {
            let second = try await RunningServer.start(folder: folder, sip: 0, change)
            try await second.stop()
            Issue.record("the port was given twice")
          } catch let error as StartError {
            #expect(error.description.contains("port") && !error.description.contains("\n"), "\(error)")
          }
        }
      }
    }
  }

  private func openDescriptors() -> Int {
    (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
  }
}
