import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Profiles of makes", .serialized)
struct ProfileTests {
  private static let id = "34020000001180000001"
  private static let camera = "34020000001320000001"

  private func text(_ request: SIPRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  /// A recorder with one camera whose DeviceInfo names `maker`.
  private static func made(by maker: String) -> SIPPeer.Answer {
    { peer, request in
      guard request.method != .ack else { return }
      peer.reply(request, request.method == .invite ? 488 : 200)
      let text = String(decoding: request.body, as: UTF8.self)
      guard request.method == .message, text.contains("<Query>"),
        let sn = text.firstMatch(of: /<SN>(\d+)<\/SN>/).map({ String($0.1) }),
        let command = text.firstMatch(of: /<CmdType>(\w+)<\/CmdType>/).map({ String($0.1) })
      else { return }
      let item = "<Item><DeviceID>\(camera)</DeviceID><Name>Gate</Name><Status>ON</Status></Item>"
      let more =
        command == "Catalog"
        ? "<SumNum>1</SumNum><DeviceList Num=\"1\">\(item)</DeviceList>"
        : "<Result>OK</Result><Manufacturer>\(maker)</Manufacturer><Model>X</Model>"
      let body =
        "<Response><CmdType>\(command)</CmdType><SN>\(sn)</SN><DeviceID>\(peer.id)</DeviceID>\(more)</Response>"
      Task { try await peer.exchange(peer.request(.message, body: body)) }
    }
  }

  private func with(maker: String, _ body: (RunningServer, SIPPeer, DeviceID) async throws -> Void)
    async throws
  {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, answer: Self.made(by: maker))
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let directory = server.services.directory
      #expect(await eventually { directory.read { $0.channels(of: device).count } == 1 })
      #expect(await eventually { directory.device(device)?.dossier.manufacturer == maker })
      try await body(server, peer, device)
    }
  }

  /// What the next call of the camera asks for.
  private func invitation(_ server: RunningServer, _ peer: SIPPeer) async throws -> String {
    let before = peer.count(.invite)
    _ = try await server.http.send(
      "POST", "/api/v1/channels/\(Self.id)_\(Self.camera)/live", API.LiveRequest(stream: "sub"))
    #expect(await eventually { peer.count(.invite) > before })
    return text(try #require(peer.requests.last { $0.method == .invite }))
  }

  @Test("the make that a device names decides how it is asked, and what is set for it lies over that")
  func spoken() async throws {
    try await with(maker: "Dahua") { server, peer, device in
      let path = "/api/v1/devices/\(Self.id)/profile"
      var found = try await server.http.json("GET", path, as: API.DeviceProfile.self)
      #expect(found.profile == "dahua" && found.ground == "manufacturer")
      #expect(found.habits.first { $0.name == "stream" }?.from == "profile")
      var offer = try await invitation(server, peer)
      #expect(offer.contains("a=streamprofile:1") && !offer.contains("a=streamnumber"), "\(offer)")
      server.services.signalling.requestKeyFrame(
        ChannelKey(device: device, channel: try #require(DeviceID(Self.camera))))
      #expect(
        await eventually {
          peer.requests.contains { text($0).contains("<IFameCmd>") && text($0).contains("<IFrameCmd>") }
        })

      found = try await server.http.json(
        "PATCH", path,
        API.DeviceProfileChange(habits: ["stream": "stream", "charset": "UTF-8", "edition": "2022"]),
        as: API.DeviceProfile.self)
      #expect(found.profile == "dahua" && found.habits.first { $0.name == "stream" }?.from == "device")
      offer = try await invitation(server, peer)
      #expect(offer.contains("a=stream:1") && !offer.contains("a=streamprofile"), "\(offer)")
      #expect(offer.contains("a=rtpmap:100 H265/90000"), "the 2022 edition")
      _ = try await server.http.send("POST", "/api/v1/devices/\(Self.id)/refresh")
      #expect(await eventually { peer.requests.contains { text($0).contains("encoding=\"UTF-8\"") } })

      found = try await server.http.json(
        "PATCH", path, API.DeviceProfileChange(profile: "uniview", habits: ["stream": ""]),
        as: API.DeviceProfile.self)
      #expect(found.profile == "uniview" && found.ground == "setting")
      #expect(found.habits.first { $0.name == "stream" }?.from == "standard")
      for wrong in [
        API.DeviceProfileChange(profile: "nobody"), .init(habits: ["edition": "1999"]),
        .init(habits: ["x": "y"]),
      ] { #expect(try await server.http.send("PATCH", path, wrong).status == 422) }
      #expect(try await server.http.json("GET", path, as: API.DeviceProfile.self) == found)
    }
  }

  @Test("a Hikvision device is armed before it is asked for alarms; another is not")
  func armed() async throws {
    func guards(_ peer: SIPPeer) -> Int { peer.requests.count { text($0).contains("<GuardCmd>SetGuard<") } }
    func asked(_ peer: SIPPeer) -> Bool {
      peer.requests.contains { $0.method == .subscribe && text($0).contains("<CmdType>Alarm<") }
    }
    try await with(maker: "Hikvision") { server, peer, device in
      // The first subscription may go out before DeviceInfo has told the make.
      server.services.subscriptions.settingsChanged(device)
      let status = try await peer.register(password: RunningServer.password)
      #expect(status == 200)
      #expect(await eventually { asked(peer) && guards(peer) > 0 })
    }
    try await with(maker: "Uniview") { _, peer, _ in
      #expect(await eventually { asked(peer) })
      #expect(guards(peer) == 0)
    }
  }

  @Test("the times in a device's reports are read in the zone that is set for it")
  func zone() async throws {
    try await with(maker: "Acme") { server, peer, _ in
      let change = API.DeviceProfileChange(habits: ["time-zone": "+00:00"])
      #expect(try await server.http.send("PATCH", "/api/v1/devices/\(Self.id)/profile", change).status == 200)
      let alarm =
        "<Notify><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>\(Self.camera)</DeviceID><AlarmPriority>1</AlarmPriority>"
        + "<AlarmMethod>5</AlarmMethod><AlarmTime>2024-01-02T10:11:12</AlarmTime></Notify>"
      #expect(try await peer.exchange(peer.request(.message, body: alarm)).status == 200)
      func alarms() async throws -> [API.Alarm] {
        try await server.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self).items
      }
      var listed = try await alarms()
      for _ in 0..<50 where listed.isEmpty { listed = try await alarms() }
      let expected = CivilTime(year: 2024, month: 1, day: 2, hour: 10, minute: 11, second: 12)
        .wallTime(offset: .zero)
      #expect(listed.first?.time == API.Time(expected))
    }
  }

  @Test("a file adds profiles and changes built-in ones")
  func file() throws {
    let book = try ProfileFile.book(
      yaml: """
        acme:
          name: Acme
          marks: {manufacturers: [acme, "acme gmbh"], user-agents: AcmeSIP}
          habits: {media: [tcp-passive, udp], time-zone: "+00:00", edition: 2022}
        hikvision: {habits: {arms-guard: no}}
        """, named: "file")
    let acme = book.choice(setting: nil, dossier: DeviceDossier(manufacturer: "ACME GmbH")).profile
    #expect(acme.name == "Acme" && acme.habits.mediaTransports == [.tcpPassive, .udp])
    #expect(acme.habits.timeOffset == -28_800 && acme.habits.edition == .v2022)
    let known = try #require(book["hikvision"])
    #expect(known.habits.armsGuard == false && known.habits.streamSelector == .streamNumber)
    #expect(known.name == "Hikvision" && !known.marks.manufacturers.isEmpty)
  }

  @Test(
    "a mistake in a file is told with its place",
    arguments: [
      ("", "must be a YAML mapping"), ("- a", "must be a YAML mapping"), ("a: {", "not valid YAML"),
      ("Acme: {}", "lower-case"), ("acme: 1", "file: acme: must be a mapping"),
      ("acme: {mark: {}}", "unknown key 'mark'; did you mean 'marks'?"),
      ("acme: {habits: {editon: 2016}}", "unknown key 'editon'; did you mean 'edition'?"),
      ("acme: {habits: {edition: 2019}}", "edition must be `2011`, `2016`, `2022`, found '2019'"),
      ("acme: {marks: {models: [[]]}}", "must be a text"),
    ])
  func mistakes(_ yaml: String, _ expected: String) {
    let error = #expect(throws: ConfigurationError.self) { try ProfileFile.book(yaml: yaml, named: "file") }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }
}
