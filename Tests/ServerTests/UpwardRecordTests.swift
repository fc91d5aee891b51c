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

@Suite("Recordings for platforms above, message by message", .serialized)
struct UpwardRecordTests {
  private static let info = "Application/MANSRTSP"

  private static func recordings() -> OnBoardRecordings {
    var recordings = OnBoardRecordings()
    (recordings.depth, recordings.fileSeconds) = (7_200, 600)
    return recordings
  }

  private func interval(_ from: Int64, _ to: Int64, type: String = "all", secrecy: Int = 0) -> String {
    let now = SystemClock.wall()
    return "<StartTime>\(GBTime.text(now - .seconds(from)))</StartTime>"
      + "<EndTime>\(GBTime.text(now - .seconds(to)))</EndTime><Secrecy>\(secrecy)</Secrecy><Type>\(type)</Type>"
  }

  private func time(_ from: Int64, _ to: Int64) -> String {
    let now = SystemClock.wall().seconds
    return "\(now - from) \(now - to)"
  }

  /// Asks, and waits until as many items came as were announced.
  private func list(_ bench: UpwardBench, _ more: String) async throws -> [RecordReply] {
    let before = bench.answers("RecordInfo").count
    #expect(try await bench.tell("RecordInfo", more: more) == 200)
    func parts() -> [RecordReply] {
      bench.answers("RecordInfo").dropFirst(before).compactMap { RecordReply($0) }
    }
    #expect(
      await eventually {
        guard let total = parts().first?.total else { return false }
        return parts().reduce(0) { $0 + $1.items.count } == total
      })
    return parts()
  }

  @Test("A list comes in parts with one total; filters hold; what is empty has no list; a year is refused")
  func lists() async throws {
    try await UpwardBench.with(recordings: Self.recordings()) { bench in
      let parts = try await list(bench, interval(4_800, 600))
      let items = parts.flatMap(\.items)
      #expect(items.count >= 6 && parts.count == (items.count + 3) / 4)
      #expect(Set(parts.compactMap(\.total)) == [items.count])
      #expect(items.allSatisfy { $0.deviceID == bench.camera && $0.kind == .time && $0.fileSize ?? 0 > 0 })
      #expect(items.map(\.start) == items.map(\.start).sorted())
      for more in [interval(4_800, 600, type: "alarm"), interval(4_800, 600, secrecy: 1)] {
        let empty = try await list(bench, more)
        #expect(empty.count == 1 && empty[0].total == 0)
        #expect(bench.answers("RecordInfo").last?.element.child("RecordList") == nil)
      }
      for more in [interval(40_000_000, 0), "<StartTime>never</StartTime>"] {
        let refused = try await bench.ask("RecordInfo", more: more)
        #expect(refused.isOK == false)
      }
    }
  }

  @Test("Nothing from before the grant's footage is told or shown")
  func window() async throws {
    let since = SystemClock.wall() - .seconds(2_000)
    try await UpwardBench.with(since: since, recordings: Self.recordings()) { bench in
      let items = try await list(bench, interval(7_000, 0)).flatMap(\.items)
      #expect((3...5).contains(items.count) && items.allSatisfy { $0.end > since })
      #expect(try await bench.peer.exchange(bench.invite("Playback", time: time(3_000, 2_900))).status == 403)
      #expect(
        try await bench.peer.exchange(
          bench.invite("Download", time: time(3_000, 10), more: "a=downloadspeed:4\r\n")
        ).status == 403)
      let invite = bench.invite("Playback", time: time(1_500, 1_400))
      let answer = try await bench.peer.exchange(invite)
      #expect(answer.status == 200)
      bench.acknowledge(invite, answer)
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
    }
  }

  @Test(
    "A replay obeys pause, resume, speed and seeking, refuses what it cannot read, and ends with 121 and BYE")
  func replay() async throws {
    try await UpwardBench.with(recordings: Self.recordings()) { bench in
      let invite = bench.invite("Playback", time: time(1_800, 1_700), port: bench.media.number)
      let answer = try await bench.peer.exchange(invite)
      #expect(answer.status == 200)
      let text = String(decoding: answer.body, as: UTF8.self)
      // Recordings have numbers that begin with 1 (§7.3).
      #expect(text.contains("\r\ny=1") && text.contains("s=Playback") && text.contains("a=sendonly"))
      bench.acknowledge(invite, answer)
      #expect(await eventually { bench.packets > 5 })
      for (body, scale) in [
        ("PAUSE RTSP/1.0\r\nCSeq: 1\r\nPauseTime: now\r\n\r\n", nil),
        ("PLAY RTSP/1.0\r\nCSeq: 2\r\nRange: npt=now-\r\n\r\n", nil),
        ("PLAY MANSRTSP/1.0\r\nCSeq: 3\r\nScale: 2.0\r\n\r\n", 2.0),
        ("PLAY RTSP/1.0\r\nCSeq: 4\r\nRange: npt=95-\r\n\r\n", nil),
      ] as [(String, Double?)] {
        let told = try await bench.peer.exchange(
          bench.inside(.info, invite, answer, body: body, type: Self.info))
        #expect(told.status == 200, "\(body)")
        let response = PlaybackResponse(parsing: told.body)
        #expect(response?.cseq == PlaybackRequest(parsing: Array(body.utf8))?.cseq)
        if let scale { #expect(response?.scale ?? scale == scale) }
      }
      #expect(
        try await bench.peer.exchange(
          bench.inside(.info, invite, answer, body: "DANCE RTSP/1.0\r\n\r\n", type: Self.info)
        ).status == 400)
      // An order in a dialog that does not exist moves nothing.
      var foreign = bench.inside(.info, invite, answer, body: "PAUSE RTSP/1.0\r\n\r\n", type: Self.info)
      foreign.headers.set(.callID, "another")
      #expect(try await bench.peer.exchange(foreign).status == 481)
      #expect(await eventually { ended(bench, invite) })
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
      #expect(await eventually { bench.server.services.history.lines.count == 0 })
      let looks = try await bench.server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.count == 1 && looks[0].kind == "playback" && looks[0].user == bench.peer.id.text)
    }
  }

  /// MediaStatus 121, inside the dialog (§8.4).
  private func ended(_ bench: UpwardBench, _ invite: SIPRequest) -> Bool {
    bench.peer.requests.contains { request in
      request.method == .message && request.callID == invite.callID
        && String(decoding: request.body, as: UTF8.self).contains("<NotifyType>121</NotifyType>")
    }
  }

  @Test("A download says its size and its speed, is logged as one, and tells its end")
  func download() async throws {
    try await UpwardBench.with(recordings: Self.recordings()) { bench in
      let invite = bench.invite(
        "Download", time: time(1_800, 1_796), port: bench.media.number, more: "a=downloadspeed:4\r\n")
      let answer = try await bench.peer.exchange(invite)
      let text = String(decoding: answer.body, as: UTF8.self)
      #expect(answer.status == 200 && text.contains("a=downloadspeed:4") && text.contains("a=filesize:"))
      bench.acknowledge(invite, answer)
      #expect(await eventually { ended(bench, invite) })
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
      let looks = try await bench.server.http.json("GET", "/api/v1/looks", as: API.Page<API.Look>.self).items
      #expect(looks.count == 1 && looks[0].kind == "export")
    }
  }

  @Test("What nobody recorded is 404 or 408 or 480, never silence; a live call takes no orders")
  func nothing() async throws {
    try await UpwardBench.with(recordings: nil) { bench in
      let refused = try await bench.peer.exchange(bench.invite("Playback", time: time(1_800, 1_700)))
      #expect((400..<500).contains(refused.status))
      let invite = bench.invite("Play", port: bench.media.number)
      let answer = try await bench.peer.exchange(invite)
      bench.acknowledge(invite, answer)
      let order = bench.inside(
        .info, invite, answer, body: "PAUSE RTSP/1.0\r\nCSeq: 1\r\n\r\n", type: Self.info)
      #expect(try await bench.peer.exchange(order).status == 405)
      #expect(try await bench.peer.exchange(bench.inside(.bye, invite, answer)).status == 200)
    }
  }
}
