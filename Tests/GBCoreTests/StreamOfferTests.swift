import GBCore
import SDPCore
import TestSupport
import Testing

struct StreamOfferTests {
  private static let own = "34020000002000000001"

  private func offer(_ lines: [String]) throws(StreamOffer.Refusal) -> StreamOffer {
    try StreamOffer(parsing: Array((lines.joined(separator: "\r\n") + "\r\n").utf8))
  }

  private static let live = [
    "v=0", "o=34010000002000000001 0 0 IN IP4 192.0.2.10", "s=Play", "c=IN IP4 192.0.2.10", "t=0 0",
    "m=video 30000 RTP/AVP 96 97 98", "a=recvonly", "a=rtpmap:96 PS/90000", "y=0200001234",
  ]

  private func changed(_ prefix: String, _ line: String?) -> [String] {
    Self.live.compactMap { $0.hasPrefix(prefix) ? line : $0 }
  }

  @Test("What our own platform writes is read as it was meant, in every session and transport")
  func ours() throws {
    let platform = try #require(DeviceID("34010000002000000001"))
    let channel = try #require(DeviceID("34020000001320000001"))
    let sessions: [InviteOffer.Session] = [
      .live, .playback(start: 100, end: 200), .download(start: 100, end: 200, speed: 4),
    ]
    let paths: [(MediaTransportChoice, StreamOffer.Path)] = [
      (.udp, .udp), (.tcpPassive, .connect), (.tcpActive, .listen),
    ]
    for session in sessions {
      for (transport, path) in paths {
        for stream in [nil, 0, 1] {
          let written = InviteOffer(
            session: session, platform: platform, channel: channel, address: "192.0.2.10", port: 30_000,
            transport: transport, ssrc: StreamSSRC(200_001_234), stream: stream, edition: .v2022)
          let read = try StreamOffer(parsing: written.body)
          #expect(read.session == session && read.path == path && read.stream == stream)
          #expect(read.host == "192.0.2.10" && read.port == 30_000 && read.payloadType == 96)
          #expect(read.ssrc == StreamSSRC(200_001_234))
          // And our answer is one that our own platform agrees with.
          let own = try #require(DeviceID(Self.own))
          let body = read.answer(
            own: own, address: "192.0.2.20", port: 15_060, ssrc: StreamSSRC(200_001_234), stream: stream)
          let agreed = InviteAnswer(parsing: body).agreement(with: written)
          #expect(agreed.transport == transport && !agreed.ssrcWasChanged)
          #expect(agreed.host == "192.0.2.20" && agreed.port == 15_060)
        }
      }
    }
  }

  @Test(
    "Variants of the field are understood",
    arguments: [
      ("y=", nil, nil, nil, 96), ("y=", "y=0000000000", nil, nil, 96),
      ("y=", "y=200001234", 200_001_234, nil, 96), ("a=recvonly", "a=streamprofile:1", 200_001_234, 1, 96),
      ("a=recvonly", "a=streamMode:sub", 200_001_234, 1, 96),
      ("a=recvonly", "a=streamnumber:abc", 200_001_234, nil, 96),
      ("a=rtpmap", "a=rtpmap:100 PS/90000", 200_001_234, nil, 100),
      ("a=rtpmap", nil, 200_001_234, nil, 96), ("s=Play", "s=Embedded Net", 200_001_234, nil, 96),
    ] as [(String, String?, UInt32?, Int?, Int)])
  func field(_ prefix: String, _ line: String?, _ ssrc: UInt32?, _ stream: Int?, _ type: Int) throws {
    let read = try offer(changed(prefix, line))
    #expect(read.session == .live && read.ssrc?.value == ssrc)
    #expect(read.stream == stream && read.payloadType == type)
  }

  @Test(
    "What leads nowhere is refused with its status",
    arguments: [
      ("c=", "c=IN IP4 0.0.0.0", 400), ("m=", nil, 400), ("m=", "m=audio 30000 RTP/AVP 8", 488),
      ("m=", "m=video 0 RTP/AVP 96", 488), ("m=", "m=video 30000 RTP/SAVP 96", 488),
      ("s=Play", "s=Playback", 488),
    ] as [(String, String?, Int)])
  func refused(_ prefix: String, _ line: String?, _ status: Int) throws {
    let lines = changed(prefix, line).filter { status != 0 || !$0.hasPrefix("a=rtpmap") }
    do {
      _ = try offer(lines)
      Issue.record("taken")
    } catch { #expect(error.status == (status == 0 ? 488 : status)) }
  }

  @Test(
    "A recording needs an interval that runs forwards",
    arguments: ["0 0", "200 100", "-5 10", "1 9999999999999"])
  func times(_ time: String) throws {
    let lines = changed("s=", "s=Playback").map { $0.hasPrefix("t=") ? "t=" + time : $0 }
    do {
      _ = try offer(lines)
      Issue.record("taken")
    } catch { #expect(error == .notAcceptable) }
  }

  @Test("No mutation of an offer traps, and the answer to what is taken reads back")
  func mutations() throws {
    var random = SeededRandom(seed: 21)
    let own = try #require(DeviceID(Self.own))
    let bytes = Array((Self.live.joined(separator: "\r\n") + "\r\n").utf8)
    for _ in 0..<5_000 {
      var body = bytes
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let place = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: body[place] = UInt8.random(in: 0...255, using: &random)
        case 1: body.remove(at: place)
        default: body.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
      }
      guard let read = try? StreamOffer(parsing: body) else { continue }
      let answer = read.answer(own: own, address: "192.0.2.20", port: 9, ssrc: read.ssrc ?? StreamSSRC(1))
      let back = try SessionDescription(parsing: answer)
      #expect(back.primaryMedia?.port == 9 && back.primaryMedia?.payloadTypes == [read.payloadType])
      #expect((0...127).contains(read.payloadType))
    }
  }
}
