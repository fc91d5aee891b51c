import Access
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

/// Every request that a platform above may make, granted and not granted: the table of ``UpwardAct`` from outside.
@Suite("What platforms above may do, request by request", .serialized)
struct UpwardTableTests {
  /// What comes back.
  enum Outcome: Hashable {
    /// The status of the answer, where that is all.
    case status(Int)
    /// A document, without or with `Result` ERROR.
    case told, declined
    /// 200 and no document: the standard has none for it.
    case silent
  }

  /// One request, as it is sent.
  private func request(_ act: UpwardAct, _ bench: UpwardBench) async throws -> Outcome {
    switch act {
    case .catalog: try await query("Catalog", bench)
    case .deviceInfo: try await query("DeviceInfo", bench)
    case .deviceStatus: try await query("DeviceStatus", bench)
    case .records:
      try await query("RecordInfo", bench, more: Self.interval(seconds: 600) + "<Type>all</Type>")
    case .presets: try await query("PresetQuery", bench)
    case .homeQuery: try await query("HomePositionQuery", bench)
    case .cruises: try await query("CruiseTrackListQuery", bench)
    case .cruise: try await query("CruiseTrackQuery", bench, more: "<Number>0</Number>")
    case .ptzPosition: try await query("PTZPosition", bench)
    case .cards: try await query("SDCardStatus", bench, of: DeviceID(UpwardBench.device))
    case .configuration:
      try await query("ConfigDownload", bench, more: "<ConfigType>BasicParam</ConfigType>")
    case .unknown: try await query("Riddle", bench)
    case .live: try await call("Play", bench)
    case .playback: try await call("Playback", bench, time: Self.time(seconds: 60))
    case .download:
      try await call("Download", bench, time: Self.time(seconds: 60), more: "a=downloadspeed:4\r\n")
    case .keyFrame: try await order("<IFrameCmd>Send</IFrameCmd>", bench)
    case .ptz: try await order("<PTZCmd>A50F0100000000B5</PTZCmd>", bench)
    case .dragZoom:
      try await order(
        "<DragZoomIn><Length>100</Length><Width>100</Width><MidPointX>50</MidPointX>"
          + "<MidPointY>50</MidPointY><LengthX>10</LengthX><LengthY>10</LengthY></DragZoomIn>", bench)
    case .precise: try await order("<PTZPreciseCtrl><Pan>10.00</Pan></PTZPreciseCtrl>", bench)
    case .homePosition:
      try await order(
        "<HomePosition><Enabled>1</Enabled><ResetTime>60</ResetTime><PresetIndex>1</PresetIndex></HomePosition>",
        bench, isAnswered: true)
    case .record: try await order("<RecordCmd>Record</RecordCmd>", bench, isAnswered: true)
    case .guard: try await order("<GuardCmd>SetGuard</GuardCmd>", bench, isAnswered: true)
    case .alarmReset: try await order("<AlarmCmd>ResetAlarm</AlarmCmd>", bench, isAnswered: true)
    case .reboot: try await order("<TeleBoot>Boot</TeleBoot>", bench)
    case .upgrade:
      try await order(
        "<DeviceUpgrade><Firmware>1</Firmware><FileURL>http://127.0.0.1:9/f</FileURL>"
          + "<Manufacturer>x</Manufacturer><SessionID>\(String(repeating: "a", count: 32))</SessionID>"
          + "</DeviceUpgrade>", bench, isAnswered: true)
    case .formatCard: try await order("<FormatSDCard>1</FormatSDCard>", bench)
    case .targetTrack: try await order("<TargetTrack>Auto</TargetTrack>", bench)
    case .configure:
      try await document(
        "DeviceConfig", "Control", bench, more: "<FrameMirror>1</FrameMirror>", isAnswered: true)
    case .catalogSubscription: try await subscribe("Catalog", bench)
    case .alarmSubscription: try await subscribe("Alarm", bench)
    case .positionSubscription: try await subscribe("MobilePosition", bench)
    case .ptzSubscription: try await subscribe("PTZPosition", bench)
    case .broadcast: try await broadcast(bench)
    }
  }

  private static func interval(seconds: Int64) -> String {
    let now = SystemClock.wall()
    return
      "<StartTime>\(GBTime.text(now - .seconds(seconds)))</StartTime><EndTime>\(GBTime.text(now))</EndTime>"
      + "<Secrecy>0</Secrecy>"
  }

  private static func time(seconds: Int64) -> String {
    let now = SystemClock.wall().seconds
    return "\(now - 600 - seconds) \(now - 600)"
  }

  private func query(
    _ command: String, _ bench: UpwardBench, more: String = "", of code: DeviceID? = nil
  ) async throws -> Outcome {
    try await document(command, "Query", bench, more: more, of: code, isAnswered: true)
  }

  private func order(_ more: String, _ bench: UpwardBench, isAnswered: Bool = false) async throws -> Outcome {
    try await document("DeviceControl", "Control", bench, more: more, isAnswered: isAnswered)
  }

  /// - Parameter isAnswered: whether a document says that it was done; a refusal is told in every case.
  private func document(
    _ command: String, _ root: String, _ bench: UpwardBench, more: String, of code: DeviceID? = nil,
    isAnswered: Bool
  ) async throws -> Outcome {
    let before = bench.answers(command).count
    let (judged, orders) = (judged(bench), orders(bench))
    let status = try await bench.tell(command, root: root, more: more, of: code)
    guard status == 200 else { return .status(status) }
    let isJudged = await eventually { self.judged(bench) != judged || bench.answers(command).count > before }
    if isJudged, bench.granted.with({ $0 }), !isAnswered {
      // Carried out: it is counted then, and nothing is said.
      _ = await eventually { self.orders(bench) > orders || bench.answers(command).count > before }
      if bench.answers(command).count == before { return .silent }
    }
    #expect(await eventually { bench.answers(command).count > before })
    let answer = try #require(bench.answers(command).last)
    #expect(answer.sn == 17 && answer.deviceID == code ?? bench.camera)
    return answer.isOK == false ? .declined : .told
  }

  private func orders(_ bench: UpwardBench) -> UInt64 {
    bench.server.services.superiors.entry(bench.peer.id)?.figures.orders ?? 0
  }

  /// How often the gate has decided; catalogs and what is about us are not its matter.
  private func judged(_ bench: UpwardBench) -> UInt64 {
    let figures = bench.server.services.superiors.house.gate.figures
    return figures.allowed.values.reduce(0, +) + figures.refused.values.reduce(0, +)
  }

  private func call(_ session: String, _ bench: UpwardBench, time: String = "0 0", more: String = "")
    async throws -> Outcome
  {
    let invite = bench.invite(session, time: time, more: more)
    let answer = try await bench.peer.exchange(invite)
    if answer.status == 200 {
      bench.acknowledge(invite, answer)
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
    }
    return .status(answer.status)
  }

  private func subscribe(_ command: String, _ bench: UpwardBench) async throws -> Outcome {
    var request = bench.peer.request(
      .subscribe, body: UpwardBench.document(command, of: bench.camera, more: "<Interval>5</Interval>"))
    request.headers.append(.event, "presence")
    request.headers.append(.expires, "600")
    return .status(try await bench.peer.exchange(request).status)
  }

  /// Answered under the code of the target, with the call for the sound behind it.
  private func broadcast(_ bench: UpwardBench) async throws -> Outcome {
    let body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<Notify><CmdType>Broadcast</CmdType><SN>17</SN>"
      + "<SourceID>\(bench.peer.id)</SourceID><TargetID>\(bench.camera)</TargetID></Notify>"
    #expect(try await bench.peer.exchange(bench.peer.request(.message, body: body)).status == 200)
    #expect(await eventually { !bench.answers("Broadcast").isEmpty })
    return bench.answers("Broadcast").last?.isOK == true ? .told : .declined
  }

  /// What an act comes to for somebody to whom everything was granted.
  private func allowed(_ act: UpwardAct) -> Outcome {
    switch act {
    case .live, .playback, .download, .catalogSubscription: .status(200)
    case .alarmSubscription, .positionSubscription, .ptzSubscription: .status(200)
    case .keyFrame, .ptz, .dragZoom, .precise, .reboot: .silent
    case .upgrade, .formatCard, .targetTrack, .unknown: .declined
    default: .told
    }
  }

  /// And for somebody to whom nothing was, but who sees that there is a camera.
  private func refused(_ act: UpwardAct) -> Outcome {
    switch act {
    case .catalog, .deviceInfo, .deviceStatus: .told
    case .catalogSubscription: .status(200)
    case .live, .playback, .download, .alarmSubscription, .positionSubscription, .ptzSubscription:
      .status(403)
    default: .declined
    }
  }

  @Test("To whom everything was granted, everything is answered but what nobody may")
  func granted() async throws {
    try await UpwardBench.with { bench in
      // A device that starts anew is away for a while.
      for act in UpwardAct.allCases.filter({ $0 != .reboot }) + [.reboot] {
        let before = bench.server.services.superiors.house.gate.figures
        let outcome = try await request(act, bench)
        #expect(outcome == allowed(act), "\(act)")
        let after = bench.server.services.superiors.house.gate.figures
        switch act.need {
        case .sight where act == .catalog || act == .catalogSubscription: #expect(after == before, "\(act)")
        case .sight, .anyOf:
          #expect(after.allowed[act] == 1 && after.refused == before.refused, "\(act)")
        case .never: #expect(after.refused[act] == 1 && after.allowed == before.allowed, "\(act)")
        }
      }
    }
  }

  @Test("To whom nothing was granted, everything is refused in the words of the standard")
  func denied() async throws {
    try await UpwardBench.with(granted: false) { bench in
      for act in UpwardAct.allCases {
        let outcome = try await request(act, bench)
        #expect(outcome == refused(act), "\(act)")
        guard act.need != .sight else { continue }
        #expect(bench.server.services.superiors.house.gate.figures.refused[act] == 1, "\(act)")
      }
      let figures = bench.server.services.superiors.house.gate.figures
      #expect(Set(figures.allowed.keys) == [.deviceInfo, .deviceStatus])
      #expect(bench.server.services.relays.count == 0 && bench.server.services.calls.count == 0)
      #expect(await bench.fleet.state(device: 0)?.cameras[bench.camera]?.stops ?? 0 == 0)
    }
  }

  @Test("What is not seen does not exist, whatever is asked")
  func unseen() async throws {
    try await UpwardBench.with { bench in
      let strange = try #require(DeviceID("51010000001320000001"))
      for command in ["DeviceInfo", "RecordInfo", "PresetQuery", "Riddle"] {
        #expect(try await bench.tell(command, of: strange) == 404)
      }
      #expect(
        try await bench.tell(
          "DeviceControl", root: "Control", more: "<PTZCmd>A50F0100000000B5</PTZCmd>", of: strange) == 404)
      #expect(try await bench.peer.exchange(bench.invite("Play", of: strange)).status == 404)
      #expect(judged(bench) == 0)
    }
  }
}
