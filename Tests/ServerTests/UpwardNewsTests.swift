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

@Suite("Alarms and positions for platforms above, message by message", .serialized)
struct UpwardNewsTests {
  private func subscribe(
    _ command: String, _ bench: UpwardBench, expires: Int = 600, callID: String? = nil, tag: String? = nil,
    more: String = ""
  ) async throws -> SIPResponse {
    let own = try #require(DeviceID(RunningServer.platformID))
    var request = bench.peer.request(
      .subscribe, callID: callID ?? UUID().uuidString,
      body: UpwardBench.document(command, of: own, more: more))
    if let tag { request.headers.set(.to, "<sip:\(own)@3402000000>;tag=\(tag)") }
    request.headers.append(.event, "presence;id=4")
    request.headers.append(.expires, "\(expires)")
    return try await bench.peer.exchange(request)
  }

  private func notices(_ bench: UpwardBench, _ method: SIPMethod, _ command: String) -> [MANSCDPMessage] {
    bench.peer.requests.filter { $0.method == method }.compactMap {
      try? MANSCDPMessage(text: String(decoding: $0.body, as: UTF8.self))
    }.filter { $0.root == .notify && $0.cmdType.name == command }
  }

  private func raise(_ bench: UpwardBench, type: Int, priority: Int = 2) {
    bench.fleet.raise(
      AlarmNotice(source: bench.camera, priority: priority, method: .video, type: type, time: nil), device: 0)
  }

  @Test(
    "Alarms go by MESSAGE to who did not subscribe, by NOTIFY to who did, and only those that were asked for")
  func alarms() async throws {
    try await UpwardBench.with { bench in
      #expect(
        await eventually {
          bench.server.services.subscriptions.entry(bench.key.device, .alarm)?.machine.state == .active
        })
      raise(bench, type: 1)
      #expect(await eventually { notices(bench, .message, "Alarm").count == 1 })
      let told = try #require(AlarmNotice(notices(bench, .message, "Alarm")[0]))
      #expect(told.source == bench.camera && told.type == 1 && told.priority == 2 && told.time != nil)
      // Its answer is taken.
      let answer =
        "<Response><CmdType>Alarm</CmdType><SN>1</SN><DeviceID>\(bench.camera)</DeviceID><Result>OK</Result></Response>"
      #expect(try await bench.peer.exchange(bench.peer.request(.message, body: answer)).status == 200)

      let urgent = "<StartAlarmPriority>1</StartAlarmPriority><EndAlarmPriority>1</EndAlarmPriority>"
      let granted = try await subscribe("Alarm", bench, more: urgent)
      #expect(granted.status == 200 && granted.headers[.expires] == "600")
      raise(bench, type: 2, priority: 3)
      raise(bench, type: 5, priority: 1)
      #expect(await eventually { notices(bench, .notify, "Alarm").count == 1 })
      #expect(AlarmNotice(notices(bench, .notify, "Alarm")[0])?.type == 5)
      #expect(notices(bench, .message, "Alarm").count == 1)
      let notify = try #require(bench.peer.requests.last { $0.method == .notify && !$0.body.isEmpty })
      #expect(notify.headers[.event] == "presence;id=4" && notify.callID == granted.callID)

      // Renewed and ended in its dialog; then alarms come by MESSAGE again.
      let tag = try #require(granted.to?.tag)
      #expect(
        try await subscribe("Alarm", bench, callID: granted.callID, tag: tag, more: urgent).status == 200)
      #expect(try await subscribe("Alarm", bench, callID: "other", tag: "other").status == 481)
      let ended = try await subscribe("Alarm", bench, expires: 0, callID: granted.callID, tag: tag)
      #expect(ended.status == 200 && ended.headers[.expires] == "0")
      #expect(
        await eventually {
          bench.peer.requests.contains {
            $0.method == .notify && $0.headers[.subscriptionState]?.hasPrefix("terminated") == true
          }
        })
      raise(bench, type: 6)
      #expect(await eventually { notices(bench, .message, "Alarm").count == 2 })
      #expect(try await subscribe("Alarm", bench, expires: 5).status == 423)

      bench.granted.with { $0 = false }
      raise(bench, type: 8)
      #expect(
        try await eventually {
          try await bench.server.http.json("GET", "/api/v1/alarms", as: API.Page<API.Alarm>.self).items.count
            == 5
        })
      await bench.server.services.superiors.update()
      #expect(notices(bench, .message, "Alarm").count == 2)
    }
  }

  @Test("Of positions the latest is told, first what is known already, and an edition's form is kept")
  func positions() async throws {
    for version in ["2.0", "3.0"] {
      try await UpwardBench.with(version: version) { bench in
        let (services, device) = (bench.server.services, bench.key.device)
        func place(_ east: Double) throws {
          let position = try #require(GeoPosition(longitude: east, latitude: 31.5))
          let report = PositionReport(device: bench.camera, time: SystemClock.wall(), position: position)
          services.positions.receive(PositionNotice(deviceID: bench.camera, reports: [report]), from: device)
        }
        try place(118.1)
        #expect(try await subscribe("MobilePosition", bench, more: "<Interval>1</Interval>").status == 200)
        func reports() -> [PositionReport] {
          notices(bench, .notify, "MobilePosition").compactMap { PositionNotice($0) }.flatMap(\.reports)
        }
        #expect(await eventually { reports().map(\.position.longitude) == [118.1] })
        #expect(reports()[0].device == bench.camera)
        for step in 2...9 { try place(118 + Double(step) / 10) }
        #expect(await eventually { reports().last?.position.longitude == 118.9 })
        // What was overtaken meanwhile is not told.
        #expect(reports().count <= 4)
        let isList = notices(bench, .notify, "MobilePosition").last?.element.child("DeviceList") != nil
        #expect(isList == (version == "3.0"))
      }
    }
  }
}
