import Cryptography
import Foundation
import GBCore
import Registry
import SIPCore
import StoreSQLite
import TestSupport
import Testing

@testable import Server

/// Devices as they are, byte by byte. The numbers are those of `docs/ref/deviations.md`.
@Suite("What devices get wrong, over real sockets", .serialized)
struct DeviceTraceTests {
  private static let id = Cameras.first
  static let camera = "34020000001320000001"

  private func text(_ request: SIPRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  /// A registered device that answers as `answer` says.
  func with(
    tcp: Bool = false, contactHost: String = "127.0.0.1", _ answer: @escaping SIPPeer.Answer,
    _ body: (RunningServer, SIPPeer) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(
        Self.id, port: server.runtime.addresses.sip, tcp: tcp, contactHost: contactHost, answer: answer)
      defer { peer.close() }
      let status = try await peer.register(password: RunningServer.password)
      #expect(status == 200)
      try await body(server, peer)
    }
  }

  /// A MESSAGE as `user` writes it. Its Call-ID is `mark`.
  static func mail(_ mark: String, from user: String, _ body: [UInt8]) -> [UInt8] {
    Trace.message(
      head: """
        MESSAGE sip:\(RunningServer.platformID)@3402000000 SIP/2.0
        Via: SIP/2.0/UDP 192.168.1.64:5060;branch=z9hG4bK\(mark)
        From: <sip:\(user)@3402000000>;tag=1090467142
        To: <sip:\(RunningServer.platformID)@3402000000>
        Call-ID: \(mark)
        CSeq: 20 MESSAGE
        Content-Type: Application/MANSCDP+xml
        Max-Forwards: 70
        User-Agent: IP Camera
        Content-Length: *
        """, body: body)
  }

  /// The status that a peer got for the message with this Call-ID.
  func status(_ peer: SIPPeer, _ mark: String) async -> Int? {
    func final() -> SIPResponse? { peer.responses.first { $0.callID == mark && $0.status >= 200 } }
    _ = await eventually { final() != nil }
    return final()?.status
  }

  /// The command of a query and its number.
  private static func query(_ request: SIPRequest) -> (command: String, number: String)? {
    let text = String(decoding: request.body, as: UTF8.self)
    guard request.method == .message, text.contains("<Query>"),
      let number = text.firstMatch(of: /<SN>(\d+)<\/SN>/),
      let command = text.firstMatch(of: /<CmdType>(\w+)</)
    else { return nil }
    return (String(command.1), String(number.1))
  }

  @Test("5, 6: behind a router, with a wrong Via, no rport and a private Contact, it is answered and asked")
  func behindRouter() async throws {
    try await RunningServer.with { server in
      try await server.announce(try #require(DeviceID(Self.id)))
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { peer.close() }
      func register(_ sequence: Int, _ authorization: String) async -> SIPResponse? {
        peer.send(
          Trace.message(
            """
            REGISTER sip:\(RunningServer.platformID)@3402000000 SIP/2.0
            Via: SIP/2.0/UDP 192.168.1.64:65476;branch=z9hG4bK20548\(sequence)
            From: <sip:\(Self.id)@3402000000>;tag=1183405296
            To: <sip:\(Self.id)@3402000000>
            Call-ID: 1299036212
            CSeq: \(sequence) REGISTER
            Contact: <sip:\(Self.id)@192.168.1.64:65476>
            \(authorization)
            Max-Forwards: 70
            User-Agent: IP Camera
            Expires: 3600
            Content-Length: 0
            """))
        func final() -> SIPResponse? { peer.responses.first { $0.cseq?.number == UInt32(sequence) } }
        _ = await eventually { final() != nil }
        return final()
      }
      let first = await register(1, "")
      let challenge = try #require(first?.headers[.wwwAuthenticate].flatMap { DigestChallenge($0) })
      let credentials = DigestCredentials(
        answering: challenge, username: Self.id, password: RunningServer.password, method: .register,
        uri: "sip:\(RunningServer.platformID)@3402000000", cnonce: "c0ffee",
        hash: { ($0 == .md5 ? Hash.md5 : Hash.sha256).digest($1) })
      let second = await register(2, "Authorization: \(credentials.headerValue)")
      #expect(second?.status == 200 && second?.via?.received == "127.0.0.1")
      // Its Contact leads nowhere from here, and yet the first question arrives.
      #expect(await eventually { peer.requests.contains { Self.query($0)?.command == "DeviceInfo" } })
    }
  }

  @Test("7: an answer from another port is taken, and later questions go where requests come from")
  func answersFromElsewhere() async throws {
    let mouth = Locked<SIPPeer?>(nil)
    try await with { peer, request in
      guard request.method != .ack else { return }
      let answer = SIPResponse(to: request, status: 200, toTag: "elsewhere")
      guard let mouth = mouth.with({ $0 }) else { return peer.send(answer.serialised()) }
      mouth.send(answer.serialised())
    } _: { server, peer in
      let other = try SIPPeer("34020000001180000077", port: server.runtime.addresses.sip)
      defer { other.close() }
      mouth.with { $0 = other }
      for _ in 0..<2 {
        let before = peer.requests.count { text($0).contains("TeleBoot") }
        // Done when its 200 was taken: nothing else would end it within the test.
        try await server.services.signalling.tell(
          .control, .deviceControl, device: peer.id, target: peer.id, fields: [XMLElement("TeleBoot", "Boot")]
        )
        #expect(peer.requests.count { text($0).contains("TeleBoot") } == before + 1)
      }
      #expect(other.requests.isEmpty)
      let remote = server.services.signalling.registration(of: peer.id)?.source.remote
      #expect(remote?.port == peer.localPort)
    }
  }

  @Test(
    "8: heartbeats with no body, under a channel's code, under a stranger's, and from a new port all count")
  func heartbeats() async throws {
    try await with(SIPPeer.agreeable) { server, peer in
      func body(_ code: String) -> [UInt8] {
        Array(
          "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>9</SN>\r\n<DeviceID>\(code)</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"
            .utf8)
      }
      let before = server.services.signalling.counters.heartbeats
      let beats: [(String, String, [UInt8])] = [
        ("empty", Self.id, []), ("channel", Self.camera, body(Self.camera)),
        ("stranger", "admin", body(Self.id)), ("plain", Self.id, body(Self.id)),
      ]
      for (mark, user, body) in beats {
        peer.send(Self.mail(mark, from: user, body))
        #expect(await status(peer, mark) == 200, "\(mark)")
      }
      #expect(server.services.signalling.counters.heartbeats >= before + 4)
      let moved = try SIPPeer(Self.id, port: server.runtime.addresses.sip)
      defer { moved.close() }
      moved.send(Self.mail("moved", from: Self.id, body(Self.id)))
      #expect(await status(moved, "moved") == 200)
      let remote = server.services.signalling.registration(of: peer.id)?.source.remote
      #expect(remote?.port == moved.localPort)
    }
  }

  @Test("9: names in GBK, in UTF-8 and with rare characters arrive, whatever the document declares")
  func encodings() async throws {
    // 东门球机 in GBK, the same in UTF-8, and 𠮷野家路口 in GB18030, whose first character takes four bytes.
    let gbk: [UInt8] = [0xB6, 0xAB, 0xC3, 0xC5, 0xC7, 0xF2, 0xBB, 0xFA]
    let rare: [UInt8] = [0x95, 0x34, 0xB2, 0x35, 0xD2, 0xB0, 0xBC, 0xD2, 0xC2, 0xB7, 0xBF, 0xDA]
    let names = [("UTF-8", gbk), ("GB2312", Array("东门球机".utf8)), ("GB2312", rare)]
    try await with { peer, request in
      guard request.method != .ack else { return }
      peer.reply(request, 200)
      guard let query = Self.query(request) else { return }
      guard query.command == "Catalog" else {
        let info =
          "<Response><CmdType>\(query.command)</CmdType><SN>\(query.number)</SN><Result>OK</Result></Response>"
        return peer.send(Self.mail("info\(query.number)", from: peer.id.text, Array(info.utf8)))
      }
      for (index, (encoding, name)) in names.enumerated() {
        let head =
          "<?xml version=\"1.0\" encoding=\"\(encoding)\"?>\n<Response>\n<CmdType>Catalog</CmdType>\n<SN>\(query.number)</SN>\n"
          + "<DeviceID>\(peer.id)</DeviceID>\n<SumNum>3</SumNum>\n<DeviceList Num=\"1\">\n<Item>\n"
          + "<DeviceID>3402000000132000000\(index + 1)</DeviceID>\n<Name>"
        let tail = "</Name>\n<Status>ON</Status>\n</Item>\n</DeviceList>\n</Response>\n"
        let body = Array(head.utf8) + name + Array(tail.utf8)
        peer.send(Self.mail("part\(query.number)-\(index)", from: peer.id.text, body))
      }
    } _: { server, peer in
      func names() -> [String] {
        server.services.directory.read { $0.channels(of: peer.id) }.sorted {
          $0.key.description < $1.key.description
        }
        .map(\.name)
      }
      #expect(await eventually { names().count == 3 })
      #expect(names() == ["东门球机", "东门球机", "𠮷野家路口"])
    }
  }

  @Test("13, 58: an answer under number 0, and before the 200 to its question, is the answer")
  func earlyAndUnnumbered() async throws {
    try await with { peer, request in
      guard request.method != .ack else { return }
      guard let query = Self.query(request) else { return peer.reply(request, 200) }
      let list =
        "<SumNum>1</SumNum><DeviceList Num=\"1\"><Item><DeviceID>\(Self.camera)</DeviceID><Name>Gate</Name></Item></DeviceList>"
      let body =
        "<?xml version=\"1.0\"?>\r\n<Response>\r\n<CmdType>\(query.command)</CmdType>\r\n<SN>0</SN>\r\n<DeviceID>\(peer.id)</DeviceID>\r\n"
        + (query.command == "Catalog" ? list : "<Result>OK</Result><Manufacturer>Uniview</Manufacturer>")
        + "\r\n</Response>\r\n"
      let mark = "early\(query.number)"
      peer.send(Self.mail(mark, from: peer.id.text, Array(body.utf8)))
      // The 200 to the question follows when the answer has been taken.
      Task {
        _ = await eventually { peer.responses.contains { $0.callID == mark } }
        peer.reply(request, 200)
      }
    } _: { server, peer in
      let directory = server.services.directory
      #expect(await eventually { directory.device(peer.id)?.dossier.manufacturer == "Uniview" })
      #expect(await eventually { directory.read { $0.channels(of: peer.id) }.first?.name == "Gate" })
    }
  }

  // MARK: Calls

  static let answer = """
    v=0
    o=34020000001320000001 1 1 IN IP4 127.0.0.1
    s=Embedded Net DVR
    c=IN IP4 127.0.0.1
    t=0 0
    m=video 15060 RTP/AVP 96
    a=sendonly
    a=rtpmap:96 PS/90000
    y=0200001234

    """

  private func call(_ server: RunningServer, _ peer: SIPPeer, _ events: Collected<CallEvent>) async throws
    -> CallHandle
  {
    let channel = ChannelKey(device: peer.id, channel: try #require(DeviceID(Self.camera)))
    let request = CallRequest(channel: channel, path: .udp, port: 9_000, ssrc: 200_001_234, streamNumber: nil)
    return try #require(await server.services.calls.place(request) { events.add($0) })
  }

  @Test("25: each copy of a 200 is acknowledged at its source, whatever address its Contact names")
  func copies() async throws {
    try await with(contactHost: "10.255.255.1") { peer, request in
      guard request.method != .ack else { return }
      for _ in 0..<(request.method == .invite ? 3 : 1) {
        peer.reply(request, 200, body: request.method == .invite ? Array(Self.answer.utf8) : [])
      }
    } _: { server, peer in
      let handle = try await call(server, peer, Collected())
      #expect(await eventually { peer.count(.ack) == 3 })
      let numbers = Set(peer.requests.filter { $0.method == .ack }.compactMap(\.cseq?.number))
      #expect(numbers == Set(peer.requests.filter { $0.method == .invite }.compactMap(\.cseq?.number)))
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.bye) == 1 })
    }
  }

  @Test("26: ACK and BYE leave by the transport and port that the INVITE left by", arguments: [false, true])
  func sameWay(tcp: Bool) async throws {
    try await with(tcp: tcp, contactHost: "192.168.1.64") { peer, request in
      guard request.method != .ack else { return }
      peer.reply(request, 200, body: request.method == .invite ? Array(Self.answer.utf8) : [])
    } _: { server, peer in
      let handle = try await call(server, peer, Collected())
      #expect(await eventually { peer.count(.ack) >= 1 })
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.bye) >= 1 })
      // What the peer's one socket, connected to the server's port, did not get is not in this list.
      let ways = peer.requests.filter { [.invite, .ack, .bye].contains($0.method) }.compactMap(\.via)
      #expect(Set(ways.map { "\($0.transport) \($0.host):\($0.port ?? 0)" }).count == 1)
      #expect(ways.first?.transport == (tcp ? "TCP" : "UDP"))
    }
  }

  @Test(
    "32, 33: a BYE that is not answered, or answered 481, ends the call here at once",
    arguments: [nil, 481] as [Int?])
  func byeWithoutAnswer(_ status: Int?) async throws {
    try await with { peer, request in
      switch request.method {
      case .ack: return
      case .invite: peer.reply(request, 200, body: Array(Self.answer.utf8))
      case .bye: if let status { peer.reply(request, status) }
      default: peer.reply(request, 200)
      }
    } _: { server, peer in
      for round in 1...2 {
        let handle = try await call(server, peer, Collected())
        #expect(
          await eventually { Set(peer.requests.filter { $0.method == .ack }.map(\.callID)).count == round })
        await server.services.calls.hangUp(handle)
        #expect(server.services.calls.count == 0)
        #expect(
          await eventually { Set(peer.requests.filter { $0.method == .bye }.map(\.callID)).count == round })
      }
    }
  }

  @Test("33: a BYE with tags of its own is believed by its Call-ID, from the camera's address")
  func strangeTags() async throws {
    try await with { peer, request in
      guard request.method != .ack else { return }
      peer.reply(request, 200, body: request.method == .invite ? Array(Self.answer.utf8) : [])
    } _: { server, peer in
      let events = Collected<CallEvent>()
      _ = try await call(server, peer, events)
      #expect(await eventually { peer.count(.ack) >= 1 })
      let callID = try #require(peer.requests.first { $0.method == .invite }?.callID)
      peer.send(
        Trace.message(
          """
          BYE sip:\(RunningServer.platformID)@127.0.0.1 SIP/2.0
          Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK999
          From: <sip:\(Self.camera)@3402000000>;tag=7
          To: <sip:\(RunningServer.platformID)@3402000000>;tag=8
          Call-ID: \(callID)
          CSeq: 1 BYE
          Max-Forwards: 70
          Content-Length: 0
          """))
      #expect(await status(peer, callID) == 200)
      #expect(await eventually { events.all.last == .hungUp && server.services.calls.count == 0 })
    }
  }

  // MARK: Subscriptions

  @Test(
    "40: a SUBSCRIBE granted without To tag, Expires and Contact stands; its NOTIFY under another Call-ID counts"
  )
  func bareGrant() async throws {
    try await with { peer, request in
      guard request.method == .subscribe else { return SIPPeer.agreeable(peer, request) }
      let copied: [SIPHeaderName] = [.via, .from, .to, .callID, .cseq]
      let fields = copied.map { "\($0.text): \(request.headers[$0] ?? "")" }
      peer.send(Trace.message("SIP/2.0 200 OK\n" + fields.joined(separator: "\n") + "\nContent-Length: 0"))
    } _: { server, peer in
      func alarms() -> SubscriptionService.Entry? { server.services.subscriptions.entry(peer.id, .alarm) }
      #expect(await eventually { alarms()?.machine.state == .active })
      #expect(alarms()?.dialog?.remoteTag == nil)
      let body =
        "<?xml version=\"1.0\"?>\r\n<Notify>\r\n<CmdType>Alarm</CmdType>\r\n<SN>1</SN>\r\n<DeviceID>\(Self.camera)</DeviceID>\r\n"
        + "<AlarmPriority>4</AlarmPriority>\r\n<AlarmMethod>2</AlarmMethod>\r\n<AlarmTime>2024-01-02T10:11:12</AlarmTime>\r\n</Notify>\r\n"
      let notice = String(decoding: Self.mail("other-dialog", from: Self.id, Array(body.utf8)), as: UTF8.self)
        .replacing("MESSAGE", with: "NOTIFY").replacing(
          "Max-Forwards: 70", with: "Event: presence\r\nSubscription-State: active")
      peer.send(Array(notice.utf8))
      #expect(await status(peer, "other-dialog") == 200)
      #expect(await eventually { alarms()?.reports == 1 })
      #expect(await eventually { (try? await server.services.store.unacknowledgedAlarms()) == 1 })
    }
  }
}
