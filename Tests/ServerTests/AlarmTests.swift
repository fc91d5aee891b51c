import Access
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import StoreSQLite
import TestSupport
import Testing

@testable import Server

@Suite("Alarms and subscriptions over real sockets", .serialized)
struct AlarmTests {
  private static let id = Cameras.first
  private static let camera = "34020000001320000001"

  private var device: DeviceID {
    get throws { try #require(DeviceID(Self.id)) }
  }

  /// Answers everything; a SUBSCRIBE is granted, and the catalog has one camera.
  private static let granting: SIPPeer.Answer = { peer, request in
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

  private func alarm(sn: Int, time: String = "2024-01-02T10:11:12", method: Int = 5, type: Int = 6) -> String
  {
    "<Notify><CmdType>Alarm</CmdType><SN>\(sn)</SN><DeviceID>\(Self.camera)</DeviceID><AlarmPriority>1</AlarmPriority>"
      + "<AlarmMethod>\(method)</AlarmMethod><AlarmTime>\(time)</AlarmTime><Info><AlarmType>\(type)</AlarmType></Info>"
      + "</Notify>"
  }

  /// A registered device with one camera that grants what it is asked.
  private func with(_ body: (RunningServer, SIPPeer) async throws -> Void) async throws {
    try await RunningServer.with { server in
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, answer: Self.granting)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let directory = server.services.directory
      #expect(await eventually { directory.read { $0.channels(of: peer.id).count } == 1 })
      #expect(await eventually { state(server, .alarm) == .active && state(server, .catalog) == .active })
      try await body(server, peer)
    }
  }

  private func state(_ server: RunningServer, _ kind: SubscriptionKind) -> Subscription.State? {
    DeviceID(Self.id).flatMap { server.services.subscriptions.entry($0, kind)?.machine.state }
  }

  private func text(_ request: SIPRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  private func subscribes(_ peer: SIPPeer, _ word: String) -> [SIPRequest] {
    peer.requests.filter { $0.method == .subscribe && text($0).contains("<CmdType>\(word)<") }
  }

  @Test("whoever was not shown a camera learns nothing of its alarms")
  func unseen() async throws {
    try await with { server, peer in
      let gate = server.services.gatekeeper
      try await server.services.rights.revoke("house-operator", by: "test")
      try await gate.addAccount(name: "li", role: .operator, password: RightsTests.words)
      let token = try await gate.signIn(user: "li", password: RightsTests.words, source: "test").token
      let li = HTTPClient(port: server.http.port, token: token)
      func seen(_ http: HTTPClient) async throws -> [API.Alarm] {
        try await http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self).items
      }
      #expect(try await peer.exchange(peer.request(.message, body: alarm(sn: 78))).status == 200)
      #expect(await eventually { (try? await seen(server.http).count) == 1 })
      let path = "/api/v1/alarms/\(try await seen(server.http)[0].id)"
      #expect(try await seen(li).isEmpty)
      #expect(try await li.send("GET", path).status == 404)
      #expect(try await li.send("POST", path + "/acknowledge").status == 404)
      let grant = API.NewGrant(
        grantee: .init(kind: "person", name: "li"), scope: .init(kind: "subtree", name: Self.id),
        operations: [])
      _ = try await server.http.json("POST", "/api/v1/grants", grant, as: API.Grant.self)
      #expect(try await seen(li).count == 1)
    }
  }

  @Test("an alarm by MESSAGE is stored, streamed and answered with its number; a person acknowledges it once")
  func message() async throws {
    try await with { server, peer in
      let stream = try await server.http.events("/api/v1/events")
      // Wait until the server listens for us: what is published before is not for this stream.
      #expect(await eventually { server.services.hub.listenerCount > 0 })
      #expect(try await peer.exchange(peer.request(.message, body: alarm(sn: 77))).status == 200)
      func answer() -> SIPRequest? {
        peer.requests.first { text($0).contains("<Response>") && text($0).contains("<SN>77</SN>") }
      }
      #expect(await eventually { answer() != nil })
      #expect(text(try #require(answer())).contains("<Result>OK</Result>"))
      #expect(text(try #require(answer())).contains("<DeviceID>\(Self.camera)</DeviceID>"))
      // It was in the database before it was answered.
      let listed = try await server.http.json(
        "GET", "/api/v1/alarms?acknowledged=false", as: API.Page<API.Alarm>.self)
      let alarm = try #require(listed.items.first)
      #expect(listed.total == 1 && alarm.kind == "intrusion" && alarm.camera == "\(Self.id)_\(Self.camera)")
      #expect(alarm.name == "Gate" && alarm.count == 1 && alarm.moment == alarm.received)
      let event = try await offPool {
        while true { if try stream.line() == "event: alarm" { return try stream.line() } }
      }
      #expect(event.contains("\"id\":\"\(alarm.id)\""))
      let path = "/api/v1/alarms/\(alarm.id)"
      let first = try await server.http.json(
        "POST", path + "/acknowledge", API.AlarmNote(note: " a dog "), as: API.Alarm.self)
      #expect(first.acknowledged?.by == "test" && first.acknowledged?.note == "a dog")
      _ = try await server.http.send("POST", path + "/acknowledge", API.AlarmNote(note: "no"))
      #expect(try await server.http.json("GET", path, as: API.Alarm.self).acknowledged?.note == "a dog")
      let rest = try await server.http.json(
        "GET", "/api/v1/alarms?acknowledged=false", as: API.Page<API.Alarm>.self)
      #expect(rest.items.isEmpty && rest.total == 0)
      #expect(try await server.http.send("GET", "/api/v1/alarms/999").status == 404)
      #expect(try await server.http.send("GET", "/api/v1/alarms?method=dream").status == 400)
    }
  }

  @Test("the same alarm by NOTIFY, in the dialog and with broken tags, is counted once")
  func notify() async throws {
    try await with { server, peer in
      let asked = try #require(subscribes(peer, "Alarm").last)
      #expect(asked.headers[.event] == "presence" && asked.headers[.expires] == "3600")
      #expect(asked.contact != nil && text(asked).contains("<AlarmMethod>0</AlarmMethod>"))
      #expect(try await peer.exchange(peer.request(.message, body: alarm(sn: 1))).status == 200)
      for callID in ["nobody-knows-this", try #require(asked.callID)] {
        let notice = peer.request(.notify, callID: callID, body: alarm(sn: 2))
        #expect(try await peer.exchange(notice).status == 200)
      }
      // From now on the device is known to keep its dialogs: an older one is told to end.
      let stale = peer.request(.notify, callID: "older", body: alarm(sn: 3, time: "2024-01-02T10:11:13"))
      #expect(try await peer.exchange(stale).status == 481)
      let listed = try await server.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self)
      #expect(listed.items.count == 1 && listed.items.first?.count == 2)
      #expect(server.services.alarms.counters.copies == 2)
      let reports = server.services.subscriptions.entry(peer.id, .alarm)?.reports
      #expect(reports == 3)
    }
  }

  @Test("notifications nobody asked for, of strangers and with unreadable bodies are refused")
  func refused() async throws {
    try await with { server, peer in
      let view =
        "<Notify><CmdType>PTZPosition</CmdType><DeviceID>\(Self.camera)</DeviceID><Pan>1</Pan></Notify>"
      #expect(try await peer.exchange(peer.request(.notify, body: view)).status == 481)
      #expect(try await peer.exchange(peer.request(.notify, body: "<Notify/>")).status == 400)
      #expect(try await peer.exchange(peer.request(.notify)).status == 200, "nobody can say of which dialog")
      let other = "<Notify><CmdType>Weather</CmdType><DeviceID>\(Self.camera)</DeviceID></Notify>"
      #expect(try await peer.exchange(peer.request(.notify, body: other)).status == 489)
      let stranger = try SIPPeer("34020000001180000099", port: server.runtime.addresses.sip)
      defer { stranger.close() }
      #expect(try await stranger.exchange(stranger.request(.notify, body: alarm(sn: 1))).status == 481)
      #expect(try await server.services.store.unacknowledgedAlarms() == 0)
    }
  }

  @Test("catalog notifications change the directory at once, by NOTIFY and by MESSAGE")
  func catalog() async throws {
    try await with { server, peer in
      let directory = server.services.directory
      let key = ChannelKey(device: peer.id, channel: try #require(DeviceID(Self.camera)))
      let asked = try #require(subscribes(peer, "Catalog").last)
      #expect(asked.headers[.event]?.hasPrefix("Catalog;id=") == true && asked.headers[.expires] == "600")
      func notice(_ items: String) -> String {
        "<Notify><CmdType>Catalog</CmdType><SN>5</SN><DeviceID>\(peer.id)</DeviceID><DeviceList>\(items)</DeviceList></Notify>"
      }
      let off = "<Item><DeviceID>\(Self.camera)</DeviceID><Event>OFF</Event></Item>"
      let events = server.services.hub.listen()
      #expect(
        try await peer.exchange(peer.request(.notify, callID: asked.callID ?? "", body: notice(off))).status
          == 200)
      #expect(directory.channel(key)?.status == .off)
      for await case .channel(let event) in events {
        #expect(event.id == key.description && event.status == .offline)
        break
      }
      let added = "<Item><DeviceID>34020000001320000002</DeviceID><Event>ADD</Event><Name>New</Name></Item>"
      #expect(try await peer.exchange(peer.request(.message, body: notice(added))).status == 200)
      #expect(await eventually { directory.read { $0.channels(of: peer.id).count } == 2 })
    }
  }

  @Test(
    "what is asked for can be changed: switched off it is cancelled in its dialog, switched on asked anew")
  func settings() async throws {
    try await with { server, peer in
      let path = "/api/v1/devices/\(Self.id)/subscriptions"
      let before = try await server.http.json("GET", path, as: API.Subscriptions.self)
      #expect(before.items.first { $0.kind == "alarm" }?.state == "active")
      #expect(before.items.first { $0.kind == "position" }?.wanted == false && before.positionInterval == 5)
      let first = try #require(subscribes(peer, "Alarm").last)
      let off = try await server.http.json(
        "PUT", path, API.SubscriptionsChange(choices: ["alarm": "off"]), as: API.Subscriptions.self)
      #expect(off.items.first { $0.kind == "alarm" }?.state == "off")
      func cancelled() -> SIPRequest? {
        peer.requests.first { $0.method == .subscribe && $0.headers[.expires] == "0" }
      }
      #expect(await eventually { cancelled() != nil })
      let cancel = try #require(cancelled())
      #expect(cancel.callID == first.callID && cancel.to?.tag == "peer")
      #expect((cancel.cseq?.number ?? 0) == (first.cseq?.number ?? 0) + 1)
      #expect(cancel.headers[.event] == first.headers[.event])
      let on = API.SubscriptionsChange(
        choices: ["alarm": "usual", "position": "on"], armsGuard: true, positionInterval: 9)
      #expect(try await server.http.send("PUT", path, on).status == 200)
      #expect(await eventually { state(server, .alarm) == .active && state(server, .position) == .active })
      #expect(subscribes(peer, "Alarm").last?.callID != first.callID)
      #expect(text(try #require(subscribes(peer, "MobilePosition").last)).contains("<Interval>9</Interval>"))
      #expect(await eventually { peer.requests.contains { text($0).contains("<GuardCmd>SetGuard<") } })
      for wrong in [["dreams": "on"], ["alarm": "maybe"]] {
        #expect(
          try await server.http.send("PUT", path, API.SubscriptionsChange(choices: wrong)).status == 422)
      }
    }
  }

  @Test("a device that registers under another Call-ID has restarted: it is asked again, in new dialogs")
  func restart() async throws {
    try await with { server, peer in
      let first = try #require(subscribes(peer, "Alarm").last?.callID)
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await eventually { subscribes(peer, "Alarm").last?.callID != first })
      #expect(await eventually { state(server, .alarm) == .active })
      // One that ends and comes back is asked again, too.
      let second = try #require(subscribes(peer, "Alarm").last?.callID)
      #expect(try await peer.register(password: RunningServer.password, expires: 0) == 200)
      #expect(await eventually { state(server, .alarm) == .asleep })
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(await eventually { state(server, .alarm) == .active })
      #expect(subscribes(peer, "Alarm").last?.callID != second)
    }
  }

  @Test("an alarm input is set back when the device wants that; positions are kept, the latest only")
  func inputsAndPositions() async throws {
    try await with { server, peer in
      let path = "/api/v1/devices/\(Self.id)/subscriptions"
      let changed = try await server.http.send("PUT", path, API.SubscriptionsChange(resetsAlarms: true))
      #expect(changed.status == 200)
      #expect(
        try await peer.exchange(peer.request(.message, body: alarm(sn: 4, method: 2, type: 2))).status == 200)
      #expect(
        await eventually {
          peer.requests.contains {
            text($0).contains("<AlarmCmd>ResetAlarm<") && text($0).contains(Self.camera)
          }
        })
      for (second, east) in [("04", "118.376"), ("05", "118377000")] {
        let body =
          "<Notify><CmdType>MobilePosition</CmdType><SN>1</SN><DeviceID>\(Self.camera)</DeviceID>"
          + "<Time>2024-01-02T10:00:\(second)</Time><Longitude>\(east)</Longitude>"
          + "<Latitude>\(east.contains(".") ? "31.3" : "31300000")</Latitude><Speed>3</Speed></Notify>"
        #expect(try await peer.exchange(peer.request(.message, body: body)).status == 200)
      }
      let channel = "/api/v1/channels/\(Self.id)_\(Self.camera)"
      #expect(
        await eventually {
          let position = try? await server.http.json("GET", channel, as: API.Channel.self).position
          return position.map { abs($0.longitude - 118.377) < 1e-6 && $0.speed == 3 } ?? false
        })
      #expect(await eventually { (try? await server.services.store.positions().count) == 1 })
    }
  }

  @Test("alarms, their numbers and acknowledgements survive a restart")
  func survives() async throws {
    try await Folder.with { folder in
      let server = try await RunningServer.start(folder: folder)
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, answer: Self.granting)
      #expect(try await peer.register(password: RunningServer.password) == 200)
      #expect(try await peer.exchange(peer.request(.message, body: alarm(sn: 1))).status == 200)
      #expect(await eventually { peer.requests.contains { text($0).contains("<Result>OK</Result>") } })
      peer.close()
      try await server.stop()
      let again = try await RunningServer.start(folder: folder)
      let listed = try await again.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self)
      #expect(listed.items.count == 1 && listed.items.first?.kind == "intrusion")
      #expect(try await again.services.store.nextAlarm() == 2)
      try await again.stop()
    }
  }
}
