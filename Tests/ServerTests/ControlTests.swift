import Access
import DeviceSimulator
import GBCore
import HTTPAPI
import Registry
import TestSupport
import Testing

@testable import Server

@Suite("Cameras that move", .serialized)
struct ControlTests {
  /// A server with one device of two cameras.
  static func with(
    _ edition: GBVersion = .v2022, _ body: (RunningServer, ChannelKey, SimulatedFleet) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(
        sip: server.runtime.addresses.sip, channels: 2, edition: edition)
      let key = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await body(server, key, fleet)
      }
    }
  }

  private func move(_ server: RunningServer, _ key: ChannelKey, _ request: API.PTZRequest) async throws
    -> API.PTZAnswer
  {
    try await server.http.json("POST", "/api/v1/channels/\(key)/ptz", request, as: API.PTZAnswer.self)
  }

  private func camera(_ fleet: SimulatedFleet, _ key: ChannelKey) async -> CameraState? {
    await fleet.state(device: 0)?.cameras[key.channel]
  }

  @Test("A movement that nobody renews ends by itself, and its stop comes twice")
  func deadMan() async throws {
    try await Self.with { server, key, fleet in
      let answer = try await move(server, key, .init(action: .move, pan: 0.5, hold: 300))
      #expect(answer.command == "PTZCmd")
      #expect(answer.hex?.hasPrefix("A50F0101") == true)
      #expect(answer.holder?.moving == true)
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == true })
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == false })
      #expect(await eventually { await camera(fleet, key)?.stops == 2 })
      #expect(await camera(fleet, key)?.head.pan ?? 0 > 0)
    }
  }

  @Test("A held key keeps a camera moving, and letting it go stops it")
  func renewal() async throws {
    try await Self.with { server, key, fleet in
      // Long enough for a busy machine; that a hold ends by itself is another test.
      for _ in 0..<6 { _ = try await move(server, key, .init(action: .move, tilt: -1, hold: 5_000)) }
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == true })
      #expect(await camera(fleet, key)?.stops == 0)
      let stopped = try await move(server, key, .init(action: .stop))
      #expect(stopped.hex == "A50F0100000000B5" && stopped.holder?.moving == false)
      #expect(await eventually { await camera(fleet, key)?.stops == 2 })
      #expect(await camera(fleet, key)?.head.isMoving == false)
    }
  }

  @Test("Focus and iris end with the stop of their own")
  func lens() async throws {
    try await Self.with { server, key, fleet in
      let answer = try await move(server, key, .init(action: .lens, focus: 1, hold: 200))
      #expect(answer.hex?.hasPrefix("A50F0141") == true)
      #expect(await eventually { await camera(fleet, key)?.head.isFocusing == true })
      #expect(await eventually { await camera(fleet, key)?.head.isFocusing == false })
      #expect(await camera(fleet, key)?.stops == 0)
    }
  }

  @Test("The lower priority is told who moves the camera; the higher takes it")
  func priorities() async throws {
    try await Self.with { server, key, fleet in
      let gate = server.services.gatekeeper
      let (secret, _) = try await gate.addToken(name: "watch", role: .operator, by: "test")
      let operatorHTTP = HTTPClient(port: server.http.port, token: secret)
      _ = try await operatorHTTP.json(
        "POST", "/api/v1/channels/\(key)/ptz", API.PTZRequest(action: .move, pan: -1, hold: 5_000),
        as: API.PTZAnswer.self)
      // The administrator takes it over…
      let taken = try await move(server, key, .init(action: .move, tilt: 1, hold: 5_000))
      #expect(taken.holder?.by == "test" && taken.holder?.priority == 200)
      // …and the operator is refused, with who and until when.
      let refused = try await operatorHTTP.send(
        "POST", "/api/v1/channels/\(key)/ptz", API.PTZRequest(action: .presetCall, number: 1))
      #expect(refused.status == 409 && refused.text.contains("/problems/camera-held"))
      #expect(refused.text.contains("test (priority 200)"))
      #expect(refused.headers["retry-after"] != nil)
      let control = try await operatorHTTP.json(
        "GET", "/api/v1/channels/\(key)/ptz", as: API.CameraControl.self)
      #expect(control.holder?.by == "test" && control.edition == "3.0")
      _ = try await move(server, key, .init(action: .stop))
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == false })
    }
  }

  @Test("A movement ends with the session of who began it")
  func session() async throws {
    try await Self.with { server, key, fleet in
      try await server.services.gatekeeper.addAccount(
        name: "li", role: .operator, password: "correct horse battery")
      let anonymous = HTTPClient(port: server.http.port, token: nil)
      let signedIn = try await anonymous.json(
        "POST", "/api/v1/session", API.SignIn(user: "li", password: "correct horse battery"),
        as: API.SignedInSession.self)
      let http = HTTPClient(port: server.http.port, token: signedIn.token)
      _ = try await http.json(
        "POST", "/api/v1/channels/\(key)/ptz", API.PTZRequest(action: .move, pan: 1, hold: 5_000),
        as: API.PTZAnswer.self)
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == true })
      _ = try await http.send("DELETE", "/api/v1/session")
      #expect(await eventually { await camera(fleet, key)?.head.isMoving == false })
      #expect(await eventually { await server.services.control.holder(of: key) == nil })
    }
  }

  @Test(
    "Presets are set with a name, listed, called and deleted, in both editions",
    arguments: [GBVersion.v2016, .v2022])
  func presets(_ edition: GBVersion) async throws {
    try await Self.with(edition) { server, key, fleet in
      _ = try await move(server, key, .init(action: .presetSet, number: 3, name: "North gate"))
      _ = try await move(server, key, .init(action: .presetSet, number: 7))
      let list = try await server.http.json("GET", "/api/v1/channels/\(key)/presets", as: API.Presets.self)
      #expect(list.listed && list.complete)
      // An older device cannot keep the name: it is kept here.
      #expect(
        list.items == [
          .init(number: 3, name: "North gate", source: "device"), .init(number: 7, source: "device"),
        ])
      #expect(await camera(fleet, key)?.spots[3]?.name == (edition == .v2022 ? "North gate" : nil))
      _ = try await move(server, key, .init(action: .presetCall, number: 3))
      _ = try await move(server, key, .init(action: .presetDelete, number: 7))
      let rest = try await server.http.json("GET", "/api/v1/channels/\(key)/presets", as: API.Presets.self)
      #expect(rest.items.map(\.number) == [3])
    }
  }

  @Test("Cruises, switches, home position, precise position and drag zoom reach the camera and read back")
  func views() async throws {
    try await Self.with { server, key, fleet in
      let orders: [API.PTZRequest] = [
        .init(action: .presetSet, number: 1), .init(action: .cruiseAdd, number: 1, name: "Night", group: 2),
        .init(action: .cruiseStay, group: 2, value: 30), .init(action: .cruiseSpeed, group: 2, value: 4),
        .init(action: .auxiliary, number: 1, on: true), .init(action: .precise, pan: 90, tilt: 400, zoom: 2),
      ]
      for order in orders { _ = try await move(server, key, order) }
      let path = "/api/v1/channels/\(key)"
      let cruises = try await server.http.json("GET", path + "/cruises", as: API.Page<API.Cruise>.self)
      #expect(cruises.items == [.init(number: 2, name: "Night")])
      let cruise = try await server.http.json("GET", path + "/cruises/2", as: API.Cruise.self)
      #expect(cruise.points == [.init(preset: 1, stay: 30, speed: 4)])
      #expect(await camera(fleet, key)?.switches == [1])
      let position = try await server.http.json("GET", path + "/ptz-position", as: API.PTZPosition.self)
      #expect(position.pan == 90 && position.tilt == 90 && position.zoom == 2)
      let box = API.DragBox(
        windowWidth: 1_000, windowHeight: 500, centreX: 500, centreY: 250, width: 500, height: 250)
      _ = try await move(server, key, .init(action: .dragZoomIn, box: box))
      #expect(
        try await server.http.json("GET", path + "/ptz-position", as: API.PTZPosition.self).zoom == 4)
      let home = API.HomePosition(enabled: true, resetTime: 20, preset: 1)
      let set = try await server.http.json("PUT", path + "/home-position", home, as: API.ControlAnswer.self)
      #expect(set.confirmed == true)
      #expect(try await server.http.json("GET", path + "/home-position", as: API.HomePosition.self) == home)
      _ = try await move(server, key, .init(action: .cruiseStart, group: 2))
      #expect(await camera(fleet, key)?.runningCruise == 2)
      _ = try await move(server, key, .init(action: .cruiseStop))
      #expect(await camera(fleet, key)?.runningCruise == nil)
    }
  }

  @Test("Commands for recording, guard, alarms and key frames are answered; the target can be the device")
  func commands() async throws {
    try await Self.with { server, key, fleet in
      func send(_ request: API.ControlRequest) async throws -> API.ControlAnswer {
        try await server.http.json(
          "POST", "/api/v1/channels/\(key)/controls", request, as: API.ControlAnswer.self)
      }
      #expect(try await send(.init(command: .guardOn, target: "device")).confirmed == true)
      #expect(await fleet.state(device: 0)?.guarded == [key.device])
      #expect(try await send(.init(command: .recordStart)).confirmed == true)
      #expect(await fleet.state(device: 0)?.recording == [key.channel])
      #expect(try await send(.init(command: .recordStop)).confirmed == true)
      #expect(try await send(.init(command: .alarmReset, method: "2/5")).confirmed == true)
      #expect(try await send(.init(command: .keyFrame)).confirmed == nil)
      #expect(await eventually { await fleet.state(device: 0)?.keyFrames == 1 })
      #expect(await fleet.state(device: 0)?.alarmResets == 1)
      let refused = try await server.http.send(
        "POST", "/api/v1/channels/\(key)/controls", API.ControlRequest(command: .reboot))
      #expect(refused.status == 422)
    }
  }

  @Test("A device of 2016 is never sent what came with 2022, and the answer says why")
  func editions() async throws {
    try await Self.with(.v2016) { server, key, fleet in
      let path = "/api/v1/channels/\(key)"
      let before = server.services.ladder.messages(peer: "127.0.0.1", mentioning: nil).count
      let position = try await server.http.send(
        "POST", path + "/ptz", API.PTZRequest(action: .precise, zoom: 2))
      #expect(position.status == 409 && position.text.contains("/problems/edition-does-not-know"))
      #expect(position.text.contains("2022") && position.text.contains("2016"))
      for query in ["cruises", "cruises/1", "home-position", "ptz-position"] {
        let answer = try await server.http.send("GET", "\(path)/\(query)")
        #expect(answer.status == 409 && answer.text.contains("/problems/edition-does-not-know"), "\(query)")
      }
      let sent = server.services.ladder.messages(peer: "127.0.0.1", mentioning: nil).dropFirst(before)
      let texts = sent.map { String(decoding: $0.bytes, as: UTF8.self) }
      #expect(!texts.contains { $0.contains("PTZPreciseCtrl") || $0.contains("Cruise") })
      let control = try await server.http.json("GET", path + "/ptz", as: API.CameraControl.self)
      #expect(
        control.edition == "2.0" && control.unknown.contains("precise")
          && !control.unknown.contains("presets"))
    }
  }

  @Test("There is no way to let a camera follow somebody")
  func nothingFollows() async throws {
    try await Self.with { server, key, _ in
      for word in ["target-track", "track", "follow", "TargetTrack"] {
        let order = try await server.http.send("POST", "/api/v1/channels/\(key)/ptz", ["action": word])
        #expect(order.status == 400)
        let command = try await server.http.send(
          "POST", "/api/v1/channels/\(key)/controls", ["command": word])
        #expect(command.status == 400)
      }
    }
  }
}
