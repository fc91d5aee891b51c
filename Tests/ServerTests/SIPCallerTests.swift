import Cryptography
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

/// Every request that may come over SIP, from everybody who may send it: what nobody granted is not done.
@Suite("SIP requests and callers", .serialized)
struct SIPCallerTests {
  private static let camera = "34020000001320000001"
  private static let above = "34010000002000000001"

  /// What a document orders or asks, beside its command.
  private struct Row {
    let name: String
    let method: SIPMethod
    var body = ""
    var isForCamera = false
  }

  private static let sdp =
    "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=%@\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 9 RTP/AVP 96\r\na=recvonly\r\n"

  private static func document(_ root: String, _ command: String, _ more: String = "") -> Row {
    let code = root == "Query" && command == "Catalog" ? RunningServer.platformID : camera
    return Row(
      name: "\(root) \(command)", method: .message,
      body: "<?xml version=\"1.0\"?>\r\n<\(root)><CmdType>\(command)</CmdType><SN>9</SN>"
        + "<DeviceID>\(code)</DeviceID>\(more)</\(root)>")
  }

  /// Every method, every root and command of Annex A that one may send to a platform.
  private static let rows: [Row] = {
    let queries = [
      "Catalog", "DeviceInfo", "DeviceStatus", "RecordInfo", "Alarm", "ConfigDownload", "PresetQuery",
      "MobilePosition", "HomePositionQuery", "CruiseTrackListQuery", "CruiseTrackQuery", "PTZPosition",
      "SDCardStatus",
    ]
    let orders: [(String, String)] = [
      ("DeviceControl", "<PTZCmd>A50F010800FF00BC</PTZCmd>"), ("DeviceControl", "<TeleBoot>Boot</TeleBoot>"),
      ("DeviceControl", "<RecordCmd>StopRecord</RecordCmd>"),
      ("DeviceControl", "<GuardCmd>ResetGuard</GuardCmd>"),
      ("DeviceControl", "<FormatSDCard>0</FormatSDCard>"), ("DeviceConfig", "<BasicParam></BasicParam>"),
    ]
    let notices = ["Alarm", "MediaStatus", "MobilePosition", "Catalog", "Broadcast"]
    var rows = queries.map { document("Query", $0) } + orders.map { document("Control", $0.0, $0.1) }
    rows += notices.map { document("Notify", $0) }
    rows.append(Row(name: "MESSAGE nonsense", method: .message, body: "nonsense"))
    for name in ["Play", "Playback", "Download", "Talk"] {
      let body = sdp.replacingOccurrences(of: "%@", with: name)
      rows.append(Row(name: "INVITE \(name)", method: .invite, body: body, isForCamera: true))
    }
    for command in ["Catalog", "Alarm", "MobilePosition"] {
      rows.append(
        Row(name: "SUBSCRIBE \(command)", method: .subscribe, body: document("Query", command).body))
    }
    let others = ["UPDATE", "PRACK", "REFER", "PUBLISH", "NONSENSE"].compactMap { SIPMethod($0) }
    rows += ([.notify, .info, .bye, .options, .register] + others).map {
      Row(name: $0.description, method: $0)
    }
    return rows
  }()

  /// A device with one camera that grants what it is asked, and remembers it.
  private static let device: SIPPeer.Answer = { peer, request in
    guard request.method != .ack else { return }
    peer.reply(request, 200)
    let text = String(decoding: request.body, as: UTF8.self)
    guard request.method == .message, text.contains("<Query>"),
      let sn = text.firstMatch(of: /<SN>(\d+)<\/SN>/).map({ String($0.1) }),
      let command = text.firstMatch(of: /<CmdType>(\w+)<\/CmdType>/).map({ String($0.1) })
    else { return }
    let item = "<Item><DeviceID>\(camera)</DeviceID><Name>Gate</Name><Status>ON</Status></Item>"
    let list = "<SumNum>1</SumNum><DeviceList Num=\"1\">\(item)</DeviceList>"
    let body =
      "<Response><CmdType>\(command)</CmdType><SN>\(sn)</SN><DeviceID>\(peer.id)</DeviceID>"
      + (command == "Catalog" ? list : "<Result>OK</Result>") + "</Response>"
    Task { try await peer.exchange(peer.request(.message, body: body)) }
  }

  /// What the device was told to do, beside what the platform itself wants to know.
  private func orders(_ device: SIPPeer) -> [String] {
    device.requests.compactMap { request in
      let text = String(decoding: request.body, as: UTF8.self)
      if request.method == .invite { return "INVITE" }
      return request.method == .message && !text.contains("<Query>") ? text : nil
    }
  }

  private func status(_ row: Row, from peer: SIPPeer) async throws -> Int {
    var request = peer.request(row.method, body: row.body)
    if row.isForCamera { request.requestURI = "sip:\(Self.camera)@3402000000" }
    if row.method == .invite { request.headers.set(.contentType, "application/sdp") }
    if row.method == .subscribe {
      request.headers.set(.event, "presence")
      request.headers.set(.expires, "60")
    }
    return try await peer.exchange(request).status
  }

  private func with(granted: Bool, _ body: (RunningServer, _ device: SIPPeer) async throws -> Void)
    async throws
  {
    try await Folder.with { folder in
      let grants = UpwardGrants(sees: { _, _ in granted }, looks: { _, _ in granted })
      let server = try await RunningServer.start(folder: folder, grants: grants)
      do {
        try await server.announce(try #require(DeviceID(Cameras.first)))
        let device = try SIPPeer(
          Cameras.first, port: server.runtime.addresses.sip, answer: Self.device)
        defer { device.close() }
        #expect(try await device.register(password: RunningServer.password) == 200)
        let directory = server.services.directory
        #expect(await eventually { directory.read { $0.channels(of: device.id).count } == 1 })
        try await body(server, device)
      } catch {
        try? await server.stop()
        throw error
      }
      try await server.stop()
    }
  }

  @Test("A stranger is told what this is, and nothing else is done for him, whatever he sends")
  func stranger() async throws {
    try await with(granted: true) { server, device in
      let stranger = try SIPPeer("34990000002000000001", port: server.runtime.addresses.sip)
      defer { stranger.close() }
      for row in Self.rows {
        let found = try await status(row, from: stranger)
        #expect((found < 300) == (row.method == .options), "\(row.name): \(found)")
      }
      #expect(server.services.relays.count == 0 && server.services.calls.count == 0)
      #expect(orders(device).isEmpty && stranger.requests.isEmpty)
    }
  }

  @Test("A device reports, and neither calls nor subscribes nor orders anything here")
  func device() async throws {
    try await with(granted: true) { server, device in
      let before = orders(device).count
      for row in Self.rows where row.method != .register {
        let found = try await status(row, from: device)
        // A notification that nobody subscribed to is taken, and its document read like that of a MESSAGE.
        let isHeard =
          [.options, .notify].contains(row.method)
          || (row.method == .message && row.name != "MESSAGE nonsense")
        #expect((found < 300) == isHeard, "\(row.name): \(found)")
      }
      #expect(server.services.relays.count == 0 && server.services.calls.count == 0)
      #expect(orders(device).count { $0.contains("<Control>") || $0 == "INVITE" } == 0)
      #expect(before == 0)
    }
  }

  @Test("A platform above that nothing was granted to sees no camera, and nothing it sends reaches one")
  func withoutGrant() async throws {
    try await with(granted: false) { server, device in
      let above = try SIPPeer(
        Self.above, port: server.runtime.addresses.sip, answer: SuperiorTests.registrar)
      defer { above.close() }
      let saved = try await server.http.json(
        "PUT", "/api/v1/superiors/\(Self.above)",
        API.NewSuperior(name: "City", password: "upward-1", servers: ["127.0.0.1:\(above.localPort)"]),
        as: API.Superior.self)
      #expect(saved.enabled)
      let id = try #require(DeviceID(Self.above))
      #expect(await eventually { server.services.superiors.server(id) != nil })
      for row in Self.rows where row.method != .register {
        let found = try await status(row, from: above)
        if row.method == .invite { #expect(found >= 300, "\(row.name): \(found)") }
      }
      #expect(server.services.relays.count == 0 && server.services.calls.count == 0)
      #expect(orders(device).isEmpty)
      let told = above.requests.map { String(decoding: $0.body, as: UTF8.self) }
      #expect(told.contains { $0.contains("<CmdType>Catalog</CmdType>") })
      #expect(!told.contains { $0.contains("<Item>") && $0.contains(Self.camera) })
    }
  }
}
