import Access
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MPEGCore
import Registry
import TestSupport
import Testing

@testable import Server

/// A microphone: the client's end of `…/voice`, and a tone to say.
struct Microphone {
  /// 440 Hz, half as loud as can be, at 8 000 samples a second.
  static func tone(seconds: Double) -> [Int16] {
    (0..<Int(seconds * 8_000)).map { Int16((sin(Double($0) * 2 * .pi * 440 / 8_000) * 16_000).rounded()) }
  }

  let socket: WebSocket

  /// Says samples as a browser does, 20 ms after 20 ms, a little ahead of time.
  func say(_ samples: [Int16]) async throws {
    let clock = ContinuousClock()
    var due = clock.now - .milliseconds(100)
    for start in stride(from: 0, to: samples.count, by: 160) {
      let part = samples[start..<min(start + 160, samples.count)]
      send(.binary, part.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] })
      // A microphone that was held up does not speak faster afterwards.
      due = max(due + .milliseconds(20), clock.now - .milliseconds(100))
      try await clock.sleep(until: due)
    }
  }

  enum Opcode: UInt8 {
    case text = 1
    case binary = 2
    case close = 8
  }

  func send(_ opcode: Opcode, _ bytes: [UInt8]) {
    let mask: [UInt8] = [7, 1, 9, 3]
    var frame: [UInt8] = [0x80 | opcode.rawValue]
    if bytes.count < 126 {
      frame.append(0x80 | UInt8(bytes.count))
    } else {
      frame += [0x80 | 126, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xff)]
    }
    frame += mask
    frame += bytes.indices.map { bytes[$0] ^ mask[$0 & 3] }
    socket.connection.send(frame)
  }
}

/// How far two voices are the same, whatever silence lies around and between.
enum Voices {
  /// What was heard without the packets of silence that fill every pause of the sender.
  static func spoken(_ heard: [Int16]) -> [Int16] {
    stride(from: 0, to: heard.count, by: 160).flatMap { start -> ArraySlice<Int16> in
      let packet = heard[start..<min(start + 160, heard.count)]
      return packet.allSatisfy { abs($0) <= 8 } ? [] : packet
    }
  }

  /// The place where `said` begins in `heard`, when all of it is there within the tolerance of G.711.
  ///
  /// - Parameter part: one part in so many may differ; coding by two laws differs more than by one.
  static func place(of said: [Int16], in all: [Int16], within part: Int = 24) -> Int? {
    let heard = spoken(all)
    guard heard.count >= said.count else { return nil }
    return (0...heard.count - said.count).first { start in
      said.indices.allSatisfy { index in
        // One part in 32 by one law, and a little for the smallest steps.
        abs(Int(heard[start + index]) - Int(said[index])) <= max(20, abs(Int(said[index])) / part)
      }
    }
  }
}

@Suite("Voices", .serialized)
struct VoiceTests {
  /// A server with one device of two cameras, spoken through in its way.
  static func with(
    _ habits: VoiceHabits = VoiceHabits(), transport: SimulatorConfiguration.Transport = .udp,
    mediaHost: String = "127.0.0.1", _ body: (RunningServer, ChannelKey, SimulatedFleet) async throws -> Void
  ) async throws {
    let change: (inout ServerConfiguration) -> Void = { $0.media.host = mediaHost }
    try await RunningServer.with(change) { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      var configuration = try Cameras.configuration(
        sip: server.runtime.addresses.sip, channels: 2, transport: transport)
      configuration.voice = habits
      let key = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { fleet in
        #expect(await eventually { server.runtime.playableChannels.contains(key) })
        try await body(server, key, fleet)
      }
    }
  }

  static func open(
    _ server: RunningServer, _ key: ChannelKey, _ request: API.VoiceRequest = .init(purpose: "test")
  ) async throws -> API.VoiceOpened {
    try await server.http.json("POST", "/api/v1/channels/\(key)/voice", request, as: API.VoiceOpened.self)
  }

  static func heard(_ fleet: SimulatedFleet) async -> HeardVoice {
    await fleet.heardVoice(device: 0) ?? HeardVoice()
  }

  /// Says a second through what was opened, and waits until all of it was heard.
  static func speak(_ server: RunningServer, _ opened: API.VoiceOpened, _ fleet: SimulatedFleet) async throws
  {
    let microphone = Microphone(socket: try await server.http.webSocket(opened.url))
    let said = Microphone.tone(seconds: 1)
    let before = await heard(fleet).samples.count
    try await microphone.say(said)
    #expect(
      await eventually {
        Voices.place(of: said, in: Array(await heard(fleet).samples.dropFirst(before))) != nil
      })
  }

  @Test("What is said in the browser comes out of the loudspeaker, sample by sample")
  func broadcast() async throws {
    try await Self.with { server, key, fleet in
      let opened = try await Self.open(server, key)
      #expect(opened.voice.state == .speaking && opened.voice.by == "test" && opened.listen == nil)
      #expect(opened.voice.coding == "pcma" && opened.voice.transport == "udp")
      #expect(opened.url == "/media/\(opened.session)/voice")
      try await Self.speak(server, opened, fleet)
      let heard = await Self.heard(fleet)
      #expect(heard.beganWithMarker && heard.markers == 1 && heard.gaps == 0 && heard.early == 0)
      #expect(heard.payloadTypes == [8] && heard.standing == 1)
      #expect(heard.description.contains("m=audio") && heard.description.contains("a=sendonly"))
      #expect(heard.description.contains("y=0200005678") && heard.description.contains("f=v/////a/1/8/1"))
      let other = try await server.http.send("DELETE", "/api/v1/channels/\(key)/voice")
      #expect(other.status == 204)
      #expect(await eventually { await Self.heard(fleet).byes == 1 })
      #expect(await Self.heard(fleet).standing == 0)
      #expect(try await server.http.send("GET", "/api/v1/channels/\(key)/voice").status == 404)
      #expect(server.services.voice.all.isEmpty)
    }
  }

  static let variants: [(String, VoiceHabits)] = [
    ("INVITE before the Response, no Subject", VoiceHabits(order: .callFirst, hasSubject: false)),
    ("no Response at all", VoiceHabits(answer: .silent)),
    ("the recorder calls for its camera", VoiceHabits(caller: .device, hasSubject: false)),
    ("half a second between Response and INVITE", VoiceHabits(delay: .milliseconds(500))),
    ("TCP, the device connects", VoiceHabits(transport: .tcpPassive)),
    ("TCP, the device waits", VoiceHabits(transport: .tcpActive)),
    ("µ-law", VoiceHabits(codings: [.pcmu])),
    ("a program stream under m=video", VoiceHabits(codings: [.ps], asksAsVideo: true)),
    ("A-law where several are offered", VoiceHabits(codings: [.ps, .pcmu, .pcma])),
    ("no ACK", VoiceHabits(acknowledges: false)),
  ]

  @Test("Every variant of the field is heard", arguments: variants.indices)
  func variant(_ index: Int) async throws {
    let (name, habits) = Self.variants[index]
    try await Self.with(habits) { server, key, fleet in
      let opened = try await Self.open(server, key)
      try await Self.speak(server, opened, fleet)
      let heard = await Self.heard(fleet)
      #expect(heard.early == 0 && heard.beganWithMarker && heard.gaps == 0, "\(name)")
      let type: UInt8 = habits.codings == [.ps] ? 96 : habits.codings == [.pcmu] ? 0 : 8
      #expect(heard.payloadTypes == [type], "\(name)")
      let word = habits.transport.rawValue
      #expect(opened.voice.transport == word, "\(name)")
      // The device ends it.
      fleet.hangUpVoices(device: 0)
      #expect(await eventually { server.services.voice.all.isEmpty }, "\(name)")
    }
  }

  @Test(
    "A device that refuses one code is called by its next one; one that refuses all is reported with advice")
  func refusals() async throws {
    let device = try #require(DeviceID(Cameras.first))
    var habits = VoiceHabits()
    let channel = try Cameras.configuration(sip: 5_060, channels: 2).channelID(device: 0, channel: 0)
    habits.deafCodes = [channel]
    try await Self.with(habits) { server, key, fleet in
      let opened = try await Self.open(server, key)
      #expect(opened.voice.target == device.text)
      #expect(await Self.heard(fleet).broadcasts == 2)
    }
    habits.deafCodes = [channel, device]
    try await Self.with(habits) { server, key, _ in
      let refused = try await server.http.send("POST", "/api/v1/channels/\(key)/voice")
      #expect(refused.status == 502 && refused.text.contains("/problems/voice-refused"))
      #expect(refused.text.contains("loudspeaker"))
      #expect(server.services.voice.figures.ended == ["failed": 1])
      // Nothing stays: neither the session nor its open entry in the log of looks.
      #expect(server.services.voice.all.isEmpty)
      let looks = try await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.count == 1 && looks[0].kind == "voice")
      #expect(
        await eventually {
          (try? await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items[0].ended)
            .flatMap { $0 } != nil
        })
    }
  }

  @Test(
    "One speaks at a device; the second is told who, the higher takes it, and the old session gets its BYE first"
  )
  func oneSpeaker() async throws {
    try await Self.with { server, key, fleet in
      let gate = server.services.gatekeeper
      let (secret, _) = try await gate.addToken(name: "watch", role: .operator, by: "test")
      let watch = HTTPClient(port: server.http.port, token: secret)
      let first = try await watch.json(
        "POST", "/api/v1/channels/\(key)/voice", API.VoiceRequest(), as: API.VoiceOpened.self)
      let held = try await server.http.send("POST", "/api/v1/channels/\(key)/voice", API.VoiceRequest())
      #expect(held.status == 409 && held.text.contains("/problems/speaker-held"))
      #expect(held.text.contains("watch (priority 100)"))
      let socket = try await watch.webSocket(first.url)
      let taken = try await Self.open(server, key, .init(take: true))
      #expect(taken.voice.by == "test")
      #expect(try await socket.text(containing: "\"ended\"").text.contains("conflict"))
      // Without the BYE before it, the device would have refused: it has one loudspeaker.
      let heard = await Self.heard(fleet)
      #expect(heard.byes == 1 && heard.standing == 1 && heard.broadcasts == 2)
      #expect(try await watch.send("DELETE", "/api/v1/channels/\(key)/voice").status == 409)
      // The same person begins anew.
      let again = try await Self.open(server, key)
      #expect(again.session != taken.session)
      #expect(await eventually { await Self.heard(fleet).byes == 2 })
    }
  }

  @Test("Roles without the permission cannot speak; purposes and ends are in the log; the event stream tells")
  func accounts() async throws {
    try await Self.with { server, key, fleet in
      let gate = server.services.gatekeeper
      for role in [Role.machine, .auditor, .deviceManager] {
        let (secret, _) = try await gate.addToken(name: role.rawValue, role: role, by: "test")
        let answer = try await HTTPClient(port: server.http.port, token: secret).send(
          "POST", "/api/v1/channels/\(key)/voice", API.VoiceRequest())
        #expect(answer.status == 403, "\(role)")
      }
      let events = server.services.hub.listen()
      _ = try await Self.open(server, key, .init(purpose: "children on the ice"))
      let looks = try await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.map(\.kind) == ["voice"] && looks[0].purpose == "children on the ice")
      #expect(looks[0].ended == nil && looks[0].channel == key.description)
      server.runtime.services.voice.endAll()
      var states: [API.VoiceState] = []
      for await case .voice(let voice) in events {
        states.append(voice.state)
        if voice.state == .ended { break }
      }
      #expect(states == [.waiting, .speaking, .ended])
      let metrics = try await server.http.send("GET", "/metrics").text
      #expect(metrics.contains("tributary_voices_ended_total{end=\"released\"} 1"))
    }
  }

  @Test("A session ends with the log-in of who speaks, and when the device goes away")
  func credentials() async throws {
    try await Self.with { server, key, fleet in
      try await server.services.gatekeeper.addAccount(
        name: "li", role: .operator, password: "correct horse battery")
      let signedIn = try await HTTPClient(port: server.http.port, token: nil).json(
        "POST", "/api/v1/session", API.SignIn(user: "li", password: "correct horse battery"),
        as: API.SignedInSession.self)
      let http = HTTPClient(port: server.http.port, token: signedIn.token)
      let path = "/api/v1/channels/\(key)/voice"
      _ = try await http.json("POST", path, API.VoiceRequest(), as: API.VoiceOpened.self)
      _ = try await http.send("DELETE", "/api/v1/session")
      #expect(await eventually { await Self.heard(fleet).byes == 1 })
      _ = try await Self.open(server, key)
      fleet.setPower(false, device: 0)
      #expect(await eventually { server.services.voice.all.isEmpty })
      let offline = try await server.http.send("POST", path, API.VoiceRequest())
      #expect(offline.status == 409 && offline.text.contains("device-offline"))
    }
  }

  @Test("A talk in two sessions has the camera's picture beside it, and both end together")
  func twoSessions() async throws {
    try await Self.with { server, key, fleet in
      let opened = try await Self.open(server, key, .init(mode: .talk, purpose: "help"))
      let picture = try #require(opened.listen)
      #expect(server.services.desk.table.find(picture.session)?.channel == key)
      try await Self.speak(server, opened, fleet)
      #expect(await eventually { fleet.snapshot().calls == 1 })
      #expect(try await server.http.send("DELETE", "/api/v1/channels/\(key)/voice").status == 204)
      #expect(await eventually { server.services.desk.table.find(picture.session) == nil })
      let looks = try await server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(Set(looks.map(\.kind)) == ["voice", "live"])
    }
  }

  @Test("A talk in one session carries sound both ways where the profile says so; others refuse it")
  func single() async throws {
    for takes in [true, false] {
      var habits = VoiceHabits()
      habits.takesTalk = takes
      try await Self.with(habits) { server, key, fleet in
        _ = try await server.http.send(
          "PATCH", "/api/v1/devices/\(key.device)/profile", ["habits": ["talk": "single"]])
        let path = "/api/v1/channels/\(key)/voice"
        guard takes else {
          let refused = try await server.http.send("POST", path, API.VoiceRequest(mode: .talk))
          #expect(refused.status == 502 && refused.text.contains("488"))
          return #expect(await eventually { server.services.voice.all.isEmpty })
        }
        let opened = try await Self.open(server, key, .init(mode: .talk))
        #expect(opened.listen == nil)
        let microphone = Microphone(socket: try await server.http.webSocket(opened.url))
        let said = Microphone.tone(seconds: 1)
        async let speaking: Void = microphone.say(said)
        // The device sends back what it hears.
        var back: [Int16] = []
        while Voices.place(of: Array(said.prefix(4_000)), in: back) == nil, back.count < 80_000 {
          guard case .binary(let bytes) = try await microphone.socket.next() else { continue }
          back += stride(from: 0, to: bytes.count - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
          }
        }
        try await speaking
        #expect(Voices.place(of: Array(said.prefix(4_000)), in: back) != nil)
        let heard = await Self.heard(fleet)
        #expect(heard.talks == 1 && heard.broadcasts == 0 && heard.description.contains("s=Talk"))
        #expect(heard.description.contains("a=sendrecv"))
        #expect(try await server.http.send("DELETE", path).status == 204)
        #expect(await eventually { await Self.heard(fleet).byes == 1 })
      }
    }
  }
}
