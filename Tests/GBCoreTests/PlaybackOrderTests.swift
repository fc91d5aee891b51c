import TestSupport
import Testing

@testable import GBCore

@Suite struct PlaybackOrderTests {
  private func text(_ request: PlaybackRequest) -> String { String(decoding: request.body, as: UTF8.self) }
  private func request(_ text: String) -> PlaybackRequest? { PlaybackRequest(parsing: Array(text.utf8)) }

  @Test("Orders are written as in the reference, byte for byte")
  func bodies() {
    #expect(text(.init(.pause, cseq: 1)) == "PAUSE RTSP/1.0\r\nCSeq: 1\r\nPauseTime: now\r\n\r\n")
    #expect(
      text(.init(.play, cseq: 2, range: .init(.now))) == "PLAY RTSP/1.0\r\nCSeq: 2\r\nRange: npt=now-\r\n\r\n"
    )
    #expect(text(.init(.play, cseq: 3, scale: 2)) == "PLAY RTSP/1.0\r\nCSeq: 3\r\nScale: 2.0\r\n\r\n")
    #expect(text(.init(.play, cseq: 3, scale: 0.25)) == "PLAY RTSP/1.0\r\nCSeq: 3\r\nScale: 0.25\r\n\r\n")
    let seek = PlaybackRequest(.play, cseq: 4, range: .init(.seconds(100)))
    #expect(text(seek) == "PLAY RTSP/1.0\r\nCSeq: 4\r\nRange: npt=100-\r\n\r\n")
    #expect(seek.body.count == 43)
    #expect(
      text(.init(.play, cseq: 4, range: .init(.seconds(600), end: 120), scale: -1))
        == "PLAY RTSP/1.0\r\nCSeq: 4\r\nScale: -1.0\r\nRange: npt=600-120\r\n\r\n")
    #expect(text(.init(.teardown, cseq: 5)) == "TEARDOWN RTSP/1.0\r\nCSeq: 5\r\n\r\n")
  }

  @Test("Every order survives the way to the wire and back")
  func roundTrips() {
    var random = SeededRandom(seed: 81)
    for cseq in 0..<500 {
      let thousandths = Double(Int.random(in: 0...90_000_000, using: &random)) / 1_000
      let scales: [Double?] = [nil, 0.25, 0.5, 1, 2, 4, 8, 16, -1, -2]
      let ranges: [PlaybackRange?] = [
        nil, .init(.now), .init(.seconds(thousandths)), .init(.seconds(thousandths), end: thousandths / 2),
      ]
      var order = PlaybackRequest(
        PlaybackRequest.Method.allCases.randomElement(using: &random) ?? .play, cseq: cseq)
      order.scale = scales.randomElement(using: &random) ?? nil
      order.range = ranges.randomElement(using: &random) ?? nil
      if let end = order.range?.end { order.range?.end = (end * 1_000).rounded() / 1_000 }
      #expect(PlaybackRequest(parsing: order.body) == order)
    }
  }

  @Test("Both spellings of the version, any line end, any case and the misprint ntp are read")
  func tolerance() {
    #expect(
      request("PLAY MANSRTSP/1.0\nCSeq: 2\nRange:ntp=now-") == .init(.play, cseq: 2, range: .init(.now)))
    #expect(
      request("\r\nplay rtsp/1.0\r\ncseq:7\r\nSCALE: 4\r\n\r\nrest: no") == .init(.play, cseq: 7, scale: 4))
    #expect(request("PLAY sip:a@b RTSP/1.0\r\nCSeq: 1\r\n\r\n") == .init(.play, cseq: 1))
    #expect(request("PAUSE RTSP/1.0") == .init(.pause, cseq: 0))
    #expect(request("RECORD RTSP/1.0\r\nCSeq: 1\r\n\r\n") == nil)
    #expect(request("PLAY SIP/2.0\r\nCSeq: 1\r\n\r\n") == nil)
    #expect(request("") == nil)
    #expect(request("PLAY RTSP/1.0\r\nCSeq: 1\r\nScale: 0\r\n\r\n")?.scale == nil)
  }

  @Test(
    "Ranges in every notation",
    arguments: [
      ("npt=100-", 100.0), ("npt=0.5-", 0.5), ("smpte=0:10:20-", 620), ("smpte-25=0:10:20:12-", 620),
      ("npt=00:10:20.5-", 620.5), ("ntp=7-", 7), ("100-", 100), ("npt=90-;time=20240102T000000Z", 90),
      ("npt=2:05-", 125),
    ])
  func ranges(text: String, seconds: Double) {
    #expect(PlaybackRange(text) == PlaybackRange(.seconds(seconds)))
  }

  @Test(
    "What is no range is none",
    arguments: ["npt=", "npt=a-", "clock=1-", "npt=1e9-", "npt=-5", "npt=1:2:3:4:5-", "5"])
  func noRanges(text: String) {
    // `npt=-5` counts from the end in RTSP; here it means "from now up to".
    #expect(PlaybackRange(text) == (text == "npt=-5" ? PlaybackRange(.now, end: 5) : nil))
  }

  @Test("An answer carries the first packet of the new position")
  func responses() throws {
    let body =
      "RTSP/1.0 200 OK\r\nCSeq: 4\r\nRange: npt=100-\r\nRTP-Info: seq=18139;rtptime=3119600838\r\n\r\n"
    let answer = try #require(PlaybackResponse(parsing: Array(body.utf8)))
    #expect(
      answer
        == PlaybackResponse(cseq: 4, range: .init(.seconds(100)), rtpSequence: 18_139, rtpTime: 3_119_600_838)
    )
    #expect(String(decoding: answer.body, as: UTF8.self) == body)
    let refused = try #require(PlaybackResponse(parsing: Array("MANSRTSP/1.0 457 Invalid\nCSeq:x".utf8)))
    #expect(!refused.isSuccess)
    #expect(refused.cseq == 0)
    #expect(PlaybackResponse(parsing: Array("HTTP/1.1 200 OK".utf8)) == nil)
    let url = "RTSP/1.0 200 OK\r\nRTP-Info: url=trackID=1;seq=70000;rtptime=9\r\n\r\n"
    let odd = try #require(PlaybackResponse(parsing: Array(url.utf8)))
    #expect((odd.rtpSequence, odd.rtpTime) == (nil, 9))
  }
}
