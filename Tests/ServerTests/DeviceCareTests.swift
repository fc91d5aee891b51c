import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("What hangs at a device", .serialized)
struct DeviceCareTests {
  @Test("State, cards and formatting are asked for and done; reboot brings the device back")
  func state() async throws {
    try await ControlTests.with { server, key, fleet in
      let path = "/api/v1/devices/\(key.device)"
      func send(_ request: API.ControlRequest) async throws -> API.ControlAnswer {
        try await server.http.json("POST", path + "/controls", request, as: API.ControlAnswer.self)
      }
      let status = try await server.http.json("GET", path + "/status", as: API.DeviceState.self)
      #expect(status.online && status.working && status.encoding == true && status.recording == false)
      let cards = try await server.http.json("GET", path + "/cards", as: API.Page<API.StorageCard>.self)
      #expect(cards.items == [.init(number: 1, name: "SD1", status: "ok", capacity: 64_000, free: 12_000)])
      #expect(try await send(.init(command: .formatCard, card: 1)).confirmed == nil)
      #expect(
        try await eventually {
          let now = try await server.http.json("GET", path + "/cards", as: API.Page<API.StorageCard>.self)
          return now.items.first?.free == 64_000 && now.items.first?.status == "ok"
        })
      let before = fleet.snapshot().registrations
      #expect(try await send(.init(command: .reboot)).confirmed == nil)
      #expect(await eventually { fleet.snapshot().registrations > before })
      #expect(await fleet.state(device: 0)?.restarts == 1)
    }
  }

  @Test("Every block that may be written reads back as it was set, for channels and devices")
  func configuration() async throws {
    try await ControlTests.with { server, key, _ in
      let forms = try await server.http.json(
        "GET", "/api/v1/configuration-blocks", as: API.Page<API.ConfigurationForm>.self)
      #expect(forms.items.count == 12 && forms.items.filter(\.writable).count == 10)
      for (path, _) in [("/api/v1/channels/\(key)", 0), ("/api/v1/devices/\(key.device)", 1)] {
        let all = try await server.http.json("GET", path + "/configuration", as: API.Configuration.self)
        #expect(all.items.count == 12 && all.missing.isEmpty)
        for block in all.items where forms.items.contains(where: { $0.block == block.block && $0.writable }) {
          let result = try await server.http.json(
            "PUT", path + "/configuration/" + block.block, API.ConfigurationChange(values: block.values),
            as: API.ConfigurationResult.self)
          #expect(
            result.confirmed && result.differences.isEmpty && result.values == block.values, "\(block.block)")
        }
      }
      let osd = API.ConfigurationChange(values: [
        "Length": .integer(1_280), "Width": .integer(720), "TimeX": .integer(1), "TimeY": .integer(2),
        "Item": .list([["Text": .text("North gate"), "X": .integer(3), "Y": .integer(4)]]),
      ])
      let path = "/api/v1/channels/\(key)/configuration/OSDConfig"
      let set = try await server.http.json("PUT", path, osd, as: API.ConfigurationResult.self)
      #expect(set.differences.isEmpty)
      let read = try await server.http.json("GET", path, as: API.ConfigurationBlock.self)
      #expect(read.values["Item"] == osd.values["Item"])
    }
  }

  @Test(
    "What breaks the rules of a block, or would send pictures elsewhere, is refused before a device hears of it"
  )
  func refusedConfiguration() async throws {
    try await ControlTests.with(.v2016) { server, key, _ in
      let path = "/api/v1/channels/\(key)/configuration/"
      func put(_ block: String, _ values: [String: API.Value]) async throws -> HTTPClient.Answer {
        try await server.http.send("PUT", path + block, API.ConfigurationChange(values: values))
      }
      #expect(try await put("BasicParam", ["Expiration": .text("long")]).status == 422)
      #expect(try await put("SnapShotConfig", ["SnapNum": .integer(1)]).status == 422)
      #expect(try await put("Anything", [:]).status == 404)
      let newer = try await put("FrameMirror", ["FrameMirror": .integer(1)])
      #expect(newer.status == 409 && newer.text.contains("/problems/edition-does-not-know"))
      let all = try await server.http.json(
        "GET", "/api/v1/channels/\(key)/configuration", as: API.Configuration.self)
      #expect(
        Set(all.items.map(\.block)) == [
          "BasicParam", "VideoParamOpt", "SVACEncodeConfig", "SVACDecodeConfig",
        ])
    }
  }

  @Test("A camera takes three pictures itself, brings them, and they are kept")
  func snapshots() async throws {
    try await ControlTests.with { server, key, fleet in
      let path = "/api/v1/channels/\(key)/snapshots"
      let session = try await server.http.json(
        "POST", path, API.SnapshotRequest(count: 3, interval: 1), as: API.SnapshotSession.self)
      #expect(session.asked == 3 && session.session.count == 8)
      #expect(
        try await eventually {
          try await server.http.json("GET", path, as: API.Snapshots.self).sessions.first?.state == "complete"
        })
      let list = try await server.http.json("GET", path, as: API.Snapshots.self)
      #expect(list.items.count == 3 && list.sessions.first?.reported == 3)
      #expect(await fleet.state(device: 0)?.uploads == 3)
      let file = try await server.http.send("GET", "\(path)/\(list.items[0].file)")
      #expect(file.status == 200 && file.headers["content-type"] == "image/jpeg")
      #expect(file.body.count == list.items[0].bytes && file.body.prefix(2) == [0xFF, 0xD8])
      #expect(try await server.http.send("GET", path + "/nothing.jpg").status == 404)
      #expect(try await server.http.send("GET", path + "/..%2f..%2ftributary.db").status == 404)
    }
  }

  @Test(
    "Only the pictures that were asked for are taken: no other session, no other file, not too large, in three forms"
  )
  func uploads() async throws {
    try await ControlTests.with { server, key, _ in
      let anonymous = HTTPClient(port: server.http.port, token: nil)
      let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE0] + [UInt8](repeating: 1, count: 40) + [0xFF, 0xD9]
      let service = server.services.snapshots
      let path = "/upload/snapshots/\(await service.open(key, count: 3, interval: 1, by: "test").id)"
      let form =
        Array(
          "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"p.jpg\"\r\n\r\n"
            .utf8) + jpeg + Array("\r\n--x--\r\n".utf8)
      let tries: [(method: String, path: String, body: [UInt8], type: String, status: Int)] = [
        ("PUT", "/upload/snapshots/nobody-knows-this", jpeg, "image/jpeg", 404),
        ("PUT", path, Array("GIF89a and more of it".utf8), "image/jpeg", 415),
        ("PUT", path, [UInt8](repeating: 0xFF, count: 9 << 20), "image/jpeg", 413),
        ("PUT", path, jpeg, "", 200), ("POST", path + "/a.jpg", jpeg, "image/jpeg", 200),
        ("POST", path, form, "multipart/form-data; boundary=x", 200), ("PUT", path, jpeg, "image/jpeg", 410),
      ]
      for one in tries {
        let answer = try await anonymous.request(
          one.method, one.path, body: one.body, headers: one.type.isEmpty ? [:] : ["Content-Type": one.type])
        #expect(answer.status == one.status, "\(one.method) \(one.path) \(one.type)")
      }
      let sizes = await service.files(of: key).map(\.bytes)
      #expect(sizes == [jpeg.count, jpeg.count, jpeg.count])
    }
  }

  @Test("A device is upgraded: it fetches the file once, restarts, registers, and tells how it went")
  func upgrade() async throws {
    try await ControlTests.with { server, key, fleet in
      let bytes = [UInt8](repeating: 7, count: 300_000)
      let placed = try await server.http.request("PUT", "/api/v1/firmware/cam-2.1.bin", body: bytes)
      #expect(placed.status == 201)
      let files = try await server.http.json("GET", "/api/v1/firmware", as: API.Page<API.FirmwareFile>.self)
      #expect(files.items.map(\.bytes) == [300_000] && files.items[0].sha256.count == 64)
      let path = "/api/v1/devices/\(key.device)"
      let order = API.ControlRequest(command: .upgrade, file: "cam-2.1.bin", firmware: "2.1")
      let answer = try await server.http.json("POST", path + "/controls", order, as: API.ControlAnswer.self)
      #expect(answer.confirmed == true)
      #expect(try await server.http.send("POST", path + "/controls", order).status == 409)
      #expect(
        try await eventually {
          let page = try await server.http.json("GET", path + "/upgrades", as: API.Page<API.Upgrade>.self)
          return page.items.first?.state == "done"
        })
      #expect(await fleet.state(device: 0)?.firmware == "2.1")
      #expect(await eventually { server.services.directory.device(key.device)?.dossier.firmware == "2.1" })
      // Once is enough: nobody else gets it.
      let id = try #require(answer.session)
      let again = try await HTTPClient(port: server.http.port, token: nil).send(
        "GET", "/firmware/\(id)/cam-2.1.bin")
      #expect(again.status == 410)
      #expect(try await server.http.send("DELETE", "/api/v1/firmware/cam-2.1.bin").status == 204)
    }
  }

  @Test("A broken package fails with the device's reason, and a file that is not there is not offered")
  func failedUpgrade() async throws {
    try await ControlTests.with { server, key, _ in
      _ = try await server.http.request(
        "PUT", "/api/v1/firmware/bad.bin", body: Array("corrupt package".utf8))
      let path = "/api/v1/devices/\(key.device)"
      let missing = API.ControlRequest(command: .upgrade, file: "none.bin", firmware: "2")
      #expect(try await server.http.send("POST", path + "/controls", missing).status == 404)
      let order = API.ControlRequest(command: .upgrade, file: "bad.bin", firmware: "2")
      _ = try await server.http.json("POST", path + "/controls", order, as: API.ControlAnswer.self)
      #expect(
        try await eventually {
          let page = try await server.http.json("GET", path + "/upgrades", as: API.Page<API.Upgrade>.self)
          return page.items.first?.state == "failed" && page.items.first?.reason == "corrupt-package"
        })
      for name in [".hidden", "a%2fb", "..", "a.sha256"] {
        let status = try await server.http.request("PUT", "/api/v1/firmware/\(name)", body: [1]).status
        #expect(status == 422 || status == 404, "\(name)")
      }
    }
  }

  @Test("What a device leaves unanswered is told at once the next time, until it comes back")
  func unanswered() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID("34020000001310000008"))
      // It sends no heartbeats, and must not be offline before it was silent for long enough.
      try await server.runtime.addDevice(
        Device(id: device, name: "Silent", added: SystemClock.wall()), password: RunningServer.password)
      let peer = try SIPPeer(device.text, port: server.runtime.addresses.sip)
      defer { peer.close() }
      _ = try await peer.register(password: RunningServer.password)
      #expect(await server.reaches(.online, device))
      let path = "/api/v1/devices/\(device)/status"
      let first = try await server.http.send("GET", path)
      #expect(first.status == 504 && first.text.contains("/problems/device-does-not-answer"))
      let asked = peer.requests.count { String(decoding: $0.body, as: UTF8.self).contains("DeviceStatus") }
      #expect(asked == 1)
      let second = try await server.http.send("GET", path)
      #expect(second.status == 409 && second.text.contains("/problems/device-does-not-know"))
      #expect(server.services.questions.unanswered(device, device) == [.deviceStatus])
      server.services.questions.forget(device)
      #expect(server.services.questions.unanswered(device, device).isEmpty)
    }
  }

  @Test("A device that answers a question with nothing but ERROR has refused it, and is not called silent")
  func bareRefusal() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID("34020000001310000006"))
      try await server.announce(device)
      let peer = try SIPPeer(device.text, port: server.runtime.addresses.sip) { peer, request in
        SIPPeer.agreeable(peer, request)
        guard let message = try? MANSCDPMessage(parsing: request.body, codec: .utf8), message.root == .query,
          let target = message.deviceID
        else { return }
        let answer = MANSCDPDocument.result(message.cmdType, sn: message.sn ?? 0, from: target, isOK: false)
        Task { try await peer.exchange(peer.request(.message, body: answer.text(declaring: .utf8))) }
      }
      defer { peer.close() }
      _ = try await peer.register(password: RunningServer.password)
      let answer = try await server.http.send("GET", "/api/v1/devices/\(device)/status")
      #expect(answer.status == 502 && answer.text.contains("/problems/device-refused"))
      #expect(server.services.questions.unanswered(device, device).isEmpty)
    }
  }

  @Test("An order that comes from below is refused with a document, whatever it asks")
  func orderedFromBelow() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID("34020000001310000007"))
      try await server.announce(device)
      let peer = try SIPPeer(device.text, port: server.runtime.addresses.sip)
      defer { peer.close() }
      _ = try await peer.register(password: RunningServer.password)
      let body =
        "<Control><CmdType>DeviceControl</CmdType><SN>77</SN><DeviceID>34020000001320000001</DeviceID><TargetTrack>Auto</TargetTrack></Control>"
      #expect(try await peer.exchange(peer.request(.message, body: body)).status == 200)
      #expect(
        await eventually {
          peer.requests.contains { request in
            let text = String(decoding: request.body, as: UTF8.self)
            return text.contains("<SN>77</SN>") && text.contains("<Result>ERROR</Result>")
          }
        })
    }
  }

  @Test("An upgrade goes its way, in any order of events, and always ends")
  func machine() {
    let start = WallTime(seconds: 1_000)
    func session() -> UpgradeSession {
      UpgradeSession(id: "s", device: "d", file: "f", firmware: "2", by: "x", now: start)
    }
    var quick = session()
    quick.accepted(now: start)
    quick.began(now: start)
    quick.fetched(isWhole: false, now: start)
    #expect(quick.state == .downloading && quick.mayFetch)
    quick.fetched(isWhole: true, now: start)
    #expect(!quick.mayFetch)
    quick.returned(now: start)
    #expect(quick.state == .restarted)
    quick.tick(now: start + .seconds(2_699), firmware: "1")
    #expect(quick.state == .restarted)
    var silent = quick
    silent.tick(now: start + .seconds(2_700), firmware: "2")
    #expect(silent.state == .done)
    quick.tick(now: start + .seconds(2_700), firmware: "1")
    #expect(quick.state == .failed && quick.reason == "no-result")
    quick.result(UpgradeResult(session: "s", isOK: true), now: start)
    #expect(quick.state == .failed)
    var lazy = session()
    lazy.accepted(now: start)
    lazy.tick(now: start + .seconds(600), firmware: nil)
    #expect(lazy.reason == "not-fetched")
    var early = session()
    early.result(UpgradeResult(session: "s", isOK: false, failure: .systemError), now: start)
    #expect(early.reason == "system-error")
  }
}
