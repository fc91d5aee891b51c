import DeviceSimulator
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Signalling over real sockets", .serialized)
struct SignallingTests {
  private static let id = Cameras.first

  private var device: DeviceID {
    get throws { try #require(DeviceID(Self.id)) }
  }

  @Test("simulated devices of both editions register over both transports and tell their catalog")
  func registers() async throws {
    try await RunningServer.with { server in
      for (index, transport) in [SimulatorConfiguration.Transport.udp, .tcp].enumerated() {
        for (offset, edition) in [GBVersion.v2016, .v2022].enumerated() {
          var configuration = try Cameras.configuration(
            sip: server.runtime.addresses.sip, channels: 5, transport: transport, edition: edition)
          let id = try #require(DeviceID("3402000000118000001\(index * 2 + offset)"))
          configuration.firstDeviceID = id
          try await server.announce(id)
          try await Cameras.with(configuration) { _ in
            #expect(await server.reaches(.online, id))
            #expect(await eventually { server.services.directory.read { $0.channels(of: id).count } == 5 })
            let known = try #require(server.services.directory.device(id))
            #expect(known.contact?.transport.rawValue == transport.rawValue)
            #expect(known.dossier.version == edition && known.dossier.manufacturer != nil)
            let before = server.services.signalling.counters.heartbeats
            #expect(await eventually { server.services.signalling.counters.heartbeats > before })
          }
          // They take their leave.
          #expect(await server.reaches(.offline, id))
        }
      }
      #expect(await eventually { await server.services.signalling.interrogation.count == 0 })
    }
  }

  @Test(
    "a wrong password is refused with 403 and remembered as the reason; the right one is accepted afterwards")
  func wrongPassword() async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: "wrong") == 403)
      #expect(server.services.signalling.lastRefusal(try device) != nil)
      #expect(try await peer.heartbeat() == 403)
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(server.services.signalling.lastRefusal(try device) == nil)
      #expect(try await peer.heartbeat() == 200)
      #expect(await server.reaches(.online, try device))
      #expect(try await peer.register(password: RunningServer.password, expires: 0) == 200)
      #expect(await server.reaches(.offline, try device))
    }
  }

  @Test("an unknown device waits in quarantine until somebody approves it")
  func quarantine() async throws {
    try await RunningServer.with { server in
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      for _ in 0..<2 { #expect([403, 404].contains(try await peer.register(password: "x"))) }
      let waiting = try await server.http.json(
        "GET", "/api/v1/quarantine", as: List<API.QuarantinedDevice>.self)
      #expect(waiting.items.map(\.id) == [Self.id] && (waiting.items.first?.attempts ?? 0) >= 2)
      let health = try await server.http.json("GET", "/api/v1/health", as: API.Health.self)
      #expect(health.checks.contains { $0.name == "quarantine" && $0.status == .warn })
      let approved = try await server.http.json(
        "POST", "/api/v1/quarantine/\(Self.id)/approve", API.Approval(name: "Gate", password: "new"),
        as: API.Device.self)
      #expect(approved.name == "Gate")
      #expect(try await peer.register(password: "new") == 200)
      #expect(await server.reaches(.online, try device))
      let rest = try await server.http.json("GET", "/api/v1/quarantine", as: List<API.QuarantinedDevice>.self)
      #expect(rest.items.isEmpty)
    }
  }

  @Test("of a catalog with broken items the rest arrives, and what was wrong is kept over a restart")
  func brokenCatalog() async throws {
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip) { peer, request in
        peer.reply(request, 200)
        let text = String(decoding: request.body, as: UTF8.self)
        if text.contains("<CmdType>DeviceInfo") {
          let body = "<Response><CmdType>DeviceInfo</CmdType><DeviceID>\(peer.id)</DeviceID></Response>"
          Task { try await peer.exchange(peer.request(.message, body: body)) }
        }
        guard request.method == .message, text.contains("<CmdType>Catalog"),
          let sn = text.firstMatch(of: /<SN>(\d+)<\/SN>/).map({ String($0.1) })
        else { return }
        let body = """
          <?xml version="1.0" encoding="GB2312"?>\r
          <Response><CmdType>Catalog</CmdType><SN>\(sn)</SN><DeviceID>\(peer.id)</DeviceID><SumNum>4</SumNum>\r
          <DeviceList Num="4">\r
          <Item><DeviceID>34020000001320000001</DeviceID><Name>A & B</Name><Status>ON</Status></Item>\r
          <Item><Name>no code</Name><Status>ON</Status></Item>\r
          <Item><DeviceID>34020000001320000002</DeviceID><Name>C</Nam></Item>\r
          <Item><DeviceID>34020000001320000003</DeviceID><Name>D</Name><Status>OFF</Status></Item>\r
          </DeviceList></Response>\r\n
          """
        Task { try await peer.exchange(peer.request(.message, body: body)) }
      }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let directory = server.services.directory
      #expect(
        await eventually {
          let codes = directory.read { $0.channels(of: peer.id).map(\.key.channel.text) }
          return codes.contains("34020000001320000001") && codes.contains("34020000001320000003")
        })
      #expect(directory.read { $0.channels(of: peer.id).first { $0.catalogName == "A & B" } } != nil)
      let problems = directory.problems(of: peer.id)
      #expect(!problems.isEmpty && problems.allSatisfy { !$0.reason.isEmpty && !$0.raw.isEmpty })
      #expect(server.services.signalling.counters.catalogItemsBroken > 0)
      try await server.stop()
      peer.close()
      let again = try await RunningServer.start(folder: folder)
      #expect(again.services.directory.problems(of: try device).count == problems.count)
      try await again.stop()
    }
  }

  @Test("a body that is no XML is 400, an unknown method 405, an INVITE to us 403; the device stays online")
  func nonsense() async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(try await peer.exchange(peer.request(.message, body: "nonsense")).status == 400)
      #expect(server.services.signalling.counters.malformedBodies == 1)
      let publish = try await peer.exchange(peer.request(try #require(SIPMethod("PUBLISH"))))
      #expect(publish.status == 405 && publish.headers[.allow]?.contains("MESSAGE") == true)
      #expect(try await peer.exchange(peer.request(.options)).status == 200)
      #expect(try await peer.exchange(peer.request(.subscribe)).status == 489)
      #expect(try await peer.exchange(peer.request(.bye)).status == 481)
      #expect(server.services.directory.device(peer.id)?.status == .online)
    }
  }

  @Test("a device whose TCP connection breaks is not online any more, and comes back by registering")
  func connectionDrop() async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, tcp: true)
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, try device))
      peer.close()
      #expect(await eventually { server.services.directory.device(peer.id)?.status != .online })
      let again = try SIPPeer(Self.id, port: server.runtime.addresses.sip, tcp: true)
      defer { again.close() }
      #expect(try await again.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, try device))
    }
  }

  @Test("after a restart a registered device is suspect until it is heard, then online without registering")
  func restart() async throws {
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      let port = server.runtime.addresses.sip
      try await server.runtime.addDevice(
        Device(id: device, name: "Gate", added: SystemClock.wall()), password: RunningServer.password)
      let peer = try SIPPeer(Self.id, port: port)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await server.reaches(.online, try device))
      try await server.stop()
      let again = try await RunningServer.start(folder: folder, sip: port)
      #expect(again.services.directory.device(peer.id)?.status == .suspect)
      #expect(again.services.directory.reachable(peer.id)?.port == peer.localPort)
      let registrations = peer.responses.count { $0.headers[.cseq]?.contains("REGISTER") == true }
      #expect(try await peer.heartbeat() == 200)
      #expect(await again.reaches(.online, try device))
      #expect(peer.responses.count { $0.headers[.cseq]?.contains("REGISTER") == true } == registrations)
      try await again.stop()
    }
  }

  @Test("what the command line changes is noticed: a new device, another password, a removal")
  func commandLine() async throws {
    try await Folder.with { path in
      let server = try await RunningServer.start(folder: path)
      let command = try DataFolder(path: path)
      var record = Device(id: try device, name: "Gate", added: SystemClock.wall())
      try await command.registry.save([record])
      try await command.registry.setPassword("first", of: record.id)
      try await command.announceChange()
      let directory = server.services.directory
      #expect(await eventually { directory.password(record.id) == "first" })
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: "first") == 200)
      #expect(await server.reaches(.online, record.id))

      record.name = "North gate"
      try await command.registry.setPassword("second", of: record.id)
      try await command.announceChange()
      #expect(await server.reaches(.offline, record.id))
      #expect(try await peer.heartbeat() == 403)
      #expect(try await peer.register(password: "first") == 403)
      #expect(try await peer.register(password: "second") == 200)
      #expect(await server.reaches(.online, record.id))

      try await command.registry.deleteDevice(record.id)
      try await command.announceChange()
      #expect(await eventually { directory.device(peer.id) == nil })
      #expect(await eventually { server.services.signalling.registration(of: peer.id) == nil })
      #expect([403, 404].contains(try await peer.register(password: "second")))
      command.close()
      try await server.stop()
    }
  }

  @Test("a changed password and a removal through the API end the registration")
  func changes() async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let path = "/api/v1/devices/\(Self.id)"
      #expect(try await server.http.send("PATCH", path, ["password": "other"]).status == 200)
      #expect(await server.reaches(.offline, try device))
      #expect(try await peer.register(password: RunningServer.password) == 403)
      #expect(try await peer.register(password: "other") == 200)
      #expect(try await server.http.send("DELETE", path).status < 300)
      #expect(server.services.directory.device(peer.id) == nil)
      #expect(try await peer.heartbeat() == 403)
      #expect(try await server.http.send("GET", path).status == 404)
    }
  }
}

struct List<Item: Decodable>: Decodable {
  var items: [Item]
}
