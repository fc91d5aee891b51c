import Cryptography
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

/// One platform above, made of a plain socket.
@Suite("What a platform above sees of us, byte by byte", .serialized)
struct SuperiorTests {
  static let above = "34010000002000000001"
  static let path = "/api/v1/superiors/\(above)"

  /// Challenges once, as real platforms do, and takes the right password alone.
  static let registrar: SIPPeer.Answer = { peer, request in
    guard request.method == .register else { return SIPPeer.agreeable(peer, request) }
    guard let digest = request.headers[.authorization].flatMap({ DigestCredentials($0) }) else {
      return peer.challenge(request)
    }
    let hash: DigestFunction = { ($0 == .md5 ? Hash.md5 : Hash.sha256).digest($1) }
    let isRight = Digest.verify(digest, password: "upward-1", method: .register, hash: hash)
    peer.reply(request, isRight && digest.username == RunningServer.platformID ? 200 : 403)
  }

  private func with(
    answer: @escaping SIPPeer.Answer = Self.registrar, password: String = "upward-1",
    _ body: (RunningServer, SIPPeer) async throws -> Void
  ) async throws {
    try await Folder.with { folder in
      let grants = UpwardGrants(sees: { _, _ in true }, looks: { _, key in key.channel.text.hasSuffix("1") })
      let server = try await RunningServer.start(folder: folder, grants: grants)
      do {
        let peer = try SIPPeer(Self.above, port: server.runtime.addresses.sip, answer: answer)
        defer { peer.close() }
        let saved = try await server.http.json(
          "PUT", Self.path, Self.described(peer, password: password), as: API.Superior.self)
        #expect(saved.id == Self.above && saved.ownId == RunningServer.platformID && saved.enabled)
        try await body(server, peer)
      } catch {
        try? await server.stop()
        throw error
      }
      try await server.stop()
    }
  }

  private static func described(_ peer: SIPPeer, password: String?) -> API.NewSuperior {
    API.NewSuperior(name: "City", password: password, servers: ["127.0.0.1:\(peer.localPort)"])
  }

  private func superior(_ server: RunningServer) async throws -> API.Superior {
    try await server.http.json("GET", Self.path, as: API.Superior.self)
  }

  private func registered(_ server: RunningServer) async throws {
    #expect(await eventually { (try? await superior(server).state) == .registered })
  }

  private func query(_ command: String, of code: String, root: String = "Query", more: String = "") -> String
  {
    "<?xml version=\"1.0\"?>\r\n<\(root)><CmdType>\(command)</CmdType><SN>17</SN>"
      + "<DeviceID>\(code)</DeviceID>\(more)</\(root)>"
  }

  private func documents(_ peer: SIPPeer, _ command: String) -> [String] {
    peer.requests.filter { $0.method == .message }.map { String(decoding: $0.body, as: UTF8.self) }
      .filter { $0.contains("<CmdType>\(command)</CmdType>") && $0.contains("<Response>") }
  }

  @Test(
    "We register with digest, say our edition, tell it in the API with the messages, and sign off when removed"
  )
  func registers() async throws {
    try await with { server, peer in
      try await registered(server)
      let first = peer.requests.filter { $0.method == .register }
      #expect(first.count == 2 && Set(first.compactMap(\.callID)).count == 1)
      #expect(first.compactMap { $0.cseq?.number } == [1, 2])
      #expect(first.allSatisfy { $0.headers[.gbVersion] == "3.0" && $0.expires == 86_400 })
      #expect(first.allSatisfy { $0.requestURI == "sip:\(Self.above)@3401000000" })
      let listed = try await server.http.json("GET", "/api/v1/superiors", as: API.Page<API.Superior>.self)
      #expect(listed.items.map(\.id) == [Self.above])
      let ladder = try await server.http.json("GET", Self.path + "/ladder", as: API.Ladder.self)
      #expect(ladder.messages.contains { $0.text.hasPrefix("REGISTER") })
      #expect(try await server.http.send("DELETE", Self.path).status == 204)
      #expect(await eventually { peer.requests.last { $0.method == .register }?.expires == 0 })
      #expect(try await server.http.send("GET", Self.path).status == 404)
    }
  }

  @Test("A wrong password is told with what to do, and a new description mends it")
  func wrongPassword() async throws {
    try await with(password: "wrong") { server, peer in
      #expect(await eventually { (try? await superior(server).state) == .waiting })
      let told = try await superior(server)
      #expect(told.lastStatus == 403 && told.cause?.code == "refused" && told.cause?.fix != nil)
      _ = try await server.http.send("PUT", Self.path, Self.described(peer, password: "upward-1"))
      try await registered(server)
      // Without a password the known one stays.
      _ = try await server.http.send("PUT", Self.path, Self.described(peer, password: nil))
      try await registered(server)
    }
  }

  @Test(
    "What cannot be a superior is refused with a sentence",
    arguments: [
      ("34020000001320000001", #"{"servers":["192.0.2.1:5060"],"password":"x"}"#),
      (RunningServer.platformID, #"{"servers":["192.0.2.1:5060"],"password":"x"}"#),
      (above, #"{"servers":[],"password":"x"}"#),
      (above, #"{"servers":["city.example:5060"],"password":"x"}"#),
      (above, #"{"servers":["192.0.2.1"],"password":"x"}"#), (above, #"{"servers":["192.0.2.1:5060"]}"#),
      (above, #"{"servers":["192.0.2.1:5060"],"password":"x","itemsPerMessage":0}"#),
      (above, #"{"servers":["192.0.2.1:5060"],"password":"x","controlPriority":255}"#),
      (above, #"{"servers":["192.0.2.1:5060"],"password":"x","transport":"tls"}"#),
      (above, #"{"servers":["192.0.2.1:5060"],"password":"x","gbVersion":"new"}"#),
    ])
  func refused(_ id: String, _ body: String) async throws {
    try await RunningServer.with { server in
      let answer = try await server.http.request(
        "PUT", "/api/v1/superiors/\(id)", body: Array(body.utf8),
        headers: ["Content-Type": "application/json"])
      #expect(answer.status == 422, "\(answer.text)")
      #expect(server.services.superiors.all.isEmpty)
    }
  }

  @Test(
    "A catalog is told in parts, ourselves first, without what is not there; a foreign scope is not found")
  func catalog() async throws {
    try await with { server, peer in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      try await Cameras.with(try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 6)) { _ in
        #expect(await eventually { server.services.directory.read { $0.channels(of: device).count } == 6 })
        try await registered(server)
        let items = 8
        #expect(await eventually { (try? await superior(server).items) == items })
        let asked = try await peer.exchange(
          peer.request(.message, body: query("Catalog", of: RunningServer.platformID)))
        #expect(asked.status == 200)
        #expect(await eventually { documents(peer, "Catalog").count == 2 })
        let parts = documents(peer, "Catalog")
        #expect(parts.allSatisfy { $0.contains("<SN>17</SN>") && $0.contains("<SumNum>\(items)</SumNum>") })
        let own = try #require(parts[0].components(separatedBy: "</Item>").first)
        #expect(
          own.contains("<DeviceID>\(RunningServer.platformID)</DeviceID>") && !own.contains("<ParentID>"))
        let all = parts.joined()
        #expect(all.components(separatedBy: "<Item>").count == items + 1)
        #expect(!all.contains("<Password>"))
        let foreign = try await peer.exchange(
          peer.request(.message, body: query("Catalog", of: "51010000002000000001")))
        #expect(foreign.status == 404)
        let info = try await peer.exchange(
          peer.request(.message, body: query("DeviceInfo", of: RunningServer.platformID)))
        #expect(info.status == 200)
        #expect(
          await eventually { documents(peer, "DeviceInfo").first?.contains("<Channel>6</Channel>") == true })
      }
    }
  }

  @Test("Changes are told to who subscribed: a camera that goes, and one that comes")
  func subscribed() async throws {
    try await with { server, peer in
      let device = try #require(DeviceID(Cameras.first))
      try await registered(server)
      var subscribe = peer.request(.subscribe, body: query("Catalog", of: RunningServer.platformID))
      subscribe.headers.append(.event, "Catalog;id=17")
      subscribe.headers.append(.expires, "600")
      let granted = try await peer.exchange(subscribe)
      #expect(granted.status == 200 && granted.headers[.expires] == "600")
      try await server.announce(device)
      try await Cameras.with(try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 1)) { _ in
        // The device itself is added when it is announced; its camera only when it has come.
        #expect(await eventually { !server.services.directory.read { $0.channels(of: device) }.isEmpty })
        let camera = try #require(server.services.directory.read { $0.channels(of: device) }.first)
        #expect(
          await eventually {
            notices(peer).contains {
              $0.contains("<Event>ADD</Event>") && $0.contains("<DeviceID>\(camera.key.channel)</DeviceID>")
            }
          })
      }
      #expect(await eventually { notices(peer).contains { $0.contains("<Event>OFF</Event>") } })
      try await server.services.directory.remove(device)
      #expect(await eventually { notices(peer).contains { $0.contains("<Event>DEL</Event>") } })
      // Of what nobody could ever hear, nobody is told that he will.
      var riddle = peer.request(.subscribe, body: query("Riddle", of: RunningServer.platformID))
      riddle.headers.append(.event, "presence")
      #expect(try await peer.exchange(riddle).status == 489)
    }
  }

  private func notices(_ peer: SIPPeer) -> [String] {
    peer.requests.filter { $0.method == .notify }.map { String(decoding: $0.body, as: UTF8.self) }
  }

  @Test("What was not granted, does not exist, or cannot be understood is refused, each in its own way")
  func bad() async throws {
    try await with { server, peer in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let cameras = try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 2)
      try await Cameras.with(cameras) { _ in
        try await registered(server)
        #expect(await eventually { (try? await superior(server).items) ?? 0 >= 4 })
        func call(_ code: String, _ body: String) async throws -> Int {
          var invite = peer.request(.invite)
          invite.requestURI = "sip:\(code)@3402000000"
          invite.headers.append(.contentType, "Application/SDP")
          invite.body = Array(body.utf8)
          return try await peer.exchange(invite).status
        }
        let sdp = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        let media = "m=video 9 RTP/AVP 96\r\na=recvonly\r\n"
        let camera = cameras.channelID(device: 0, channel: 0).text
        let closed = cameras.channelID(device: 0, channel: 1).text
        #expect(try await call("51010000001320000001", sdp + media) == 404)
        #expect(try await call(camera, "nonsense") == 400)
        #expect(try await call(camera, sdp + "m=audio 9 RTP/AVP 8\r\n") == 488)
        #expect(try await call(closed, sdp + media) == 403)
        #expect(server.services.relays.count == 0 && server.services.calls.count == 0)
        let order = query("DeviceControl", of: closed, root: "Control", more: "<TeleBoot>Boot</TeleBoot>")
        #expect(try await peer.exchange(peer.request(.message, body: order)).status == 200)
        #expect(
          await eventually {
            documents(peer, "DeviceControl").contains { $0.contains("<Result>ERROR</Result>") }
          })
        // Somebody else who claims nothing gets nothing.
        let stranger = try SIPPeer("34990000002000000001", port: server.runtime.addresses.sip)
        defer { stranger.close() }
        let asked = try await stranger.exchange(
          stranger.request(.message, body: query("Catalog", of: RunningServer.platformID)))
        #expect(asked.status == 403)
        #expect(try await superior(server).state == .registered)
      }
    }
  }

  @Test("A call that stands ends with a BYE when the link goes, and nothing stays open")
  func ended() async throws {
    try await with { server, peer in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let cameras = try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 1)
      try await Cameras.with(cameras) { _ in
        try await registered(server)
        #expect(await eventually { (try? await superior(server).items) ?? 0 >= 3 })
        var invite = peer.request(.invite)
        invite.requestURI = "sip:\(cameras.channelID(device: 0, channel: 0))@3402000000"
        invite.headers.append(.contentType, "Application/SDP")
        invite.body = Array(
          ("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            + "m=video \(peer.localPort) RTP/AVP 96\r\na=recvonly\r\ny=0100001234\r\n").utf8)
        let answer = try await peer.exchange(invite)
        #expect(answer.status == 200)
        #expect(answer.headers[.routePath] == RunningServer.platformID)
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(text.contains("y=0100001234") && text.contains("a=sendonly"))
        #expect(server.services.relays.count == 1)
        // The superior is gone: what it was sent ends, with a BYE, and so does the camera's call.
        await server.services.relays.endAll()
        #expect(await eventually { peer.count(.bye) == 1 })
        #expect(await eventually { server.services.calls.count == 0 })
        #expect(server.services.relays.count == 0)
      }
    }
  }
}

extension SIPPeer {
  fileprivate func challenge(_ request: SIPRequest) {
    var response = SIPResponse(to: request, status: 401, toTag: "peer")
    response.headers.set(
      .wwwAuthenticate, DigestChallenge(realm: "3401000000", nonce: "n0nce").headerValue)
    response.headers.set(.contentLength, "0")
    send(response.serialised())
  }
}
