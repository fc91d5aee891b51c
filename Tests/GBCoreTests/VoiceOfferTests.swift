import SDPCore
import TestSupport
import Testing

@testable import GBCore

@Suite struct VoiceOfferTests {
  private static let platform = code("34020000002000000001")
  private static let speaker = code("34020000001370000001")

  private static func code(_ text: String) -> DeviceID {
    guard let id = DeviceID(text) else { preconditionFailure("\(text) is a code") }
    return id
  }

  private func offer(_ media: String, _ rest: String = "y=0200005678\n", host: String = "192.0.2.10") throws
    -> VoiceOffer
  {
    let text = "v=0\no=- 0 0 IN IP4 \(host)\ns=Play\nc=IN IP4 \(host)\nt=0 0\n\(media)\n\(rest)"
    return try VoiceOffer(parsing: Array(text.utf8))
  }

  @Test("The offer of §12.1 is answered with its own number, send only, and the f= that some insist on")
  func sample() throws {
    let offer = try offer("m=audio 30020 RTP/AVP 8\na=recvonly\na=rtpmap:8 PCMA/8000")
    #expect(offer.path == .udp && offer.host == "192.0.2.10" && offer.port == 30_020)
    #expect(offer.ssrc?.value == 200_005_678 && offer.formats == [VoiceFormat(.pcma)])
    let answer = VoiceDescription(
      .play, platform: Self.platform, address: "192.0.2.1", port: 30_600, path: offer.path,
      formats: [try #require(offer.format())], ssrc: try #require(offer.ssrc)
    ).answer(to: offer)
    #expect(
      String(decoding: answer, as: UTF8.self).split(separator: "\r\n") == [
        "v=0", "o=34020000002000000001 0 0 IN IP4 192.0.2.1", "s=Play", "c=IN IP4 192.0.2.1", "t=0 0",
        "m=audio 30600 RTP/AVP 8", "a=sendonly", "a=rtpmap:8 PCMA/8000", "y=0200005678", "f=v/////a/1/8/1",
      ])
  }

  @Test("The coding is A-law, else µ-law, else a program stream, unless one is forced")
  func codings() throws {
    #expect(try offer("m=audio 6000 RTP/AVP 96 0 8").format() == VoiceFormat(.pcma))
    #expect(try offer("m=audio 6000 RTP/AVP 96 0").format() == VoiceFormat(.pcmu))
    #expect(try offer("m=audio 6000 RTP/AVP 96").format() == VoiceFormat(.ps))
    let mapped = try offer("m=audio 6000 RTP/AVP 97 98\na=rtpmap:97 AAC/8000\na=rtpmap:98 PCMA/8000")
    #expect(mapped.formats == [VoiceFormat(.pcma, payloadType: 98)])
    #expect(mapped.format(forced: .ps) == VoiceFormat(.ps, payloadType: 96))
    #expect(
      try offer("m=audio 6000 RTP/AVP 8 99\na=rtpmap:99 PS/90000").format(forced: .ps)?.payloadType == 99)
    #expect(throws: VoiceOffer.Refusal.notAcceptable) { try self.offer("m=audio 6000 RTP/AVP 18") }
    #expect(throws: VoiceOffer.Refusal.notAcceptable) {
      try self.offer("m=audio 6000 RTP/AVP 97\na=rtpmap:97 AAC/8000")
    }
  }

  @Test("Voice under m=video is taken; beside sound, sound is taken and the picture refused")
  func sections() throws {
    let video = try offer("m=video 6000 RTP/AVP 96\na=rtpmap:96 PS/90000")
    #expect(video.section == 0 && video.format() == VoiceFormat(.ps))
    let both = try offer("m=video 6000 RTP/AVP 96\nm=audio 6002 RTP/AVP 8")
    #expect(both.section == 1 && both.port == 6_002)
    let answer = VoiceDescription(
      .play, platform: Self.platform, address: "192.0.2.1", port: 9_000, path: .udp,
      formats: [VoiceFormat(.pcma)], ssrc: StreamSSRC(1)
    ).answer(to: both)
    let media = try SessionDescription(parsing: answer).media
    #expect(media.map(\.kind) == ["video", "audio"] && media.map(\.port) == [0, 9_000])
  }

  @Test("Over TCP the answer takes the other role; without a role a port means that it waits")
  func roles() throws {
    let tcp = "m=audio %s TCP/RTP/AVP 8"
    func path(_ port: String, _ setup: String) throws -> VoiceOffer.Path {
      try offer(tcp.replacing("%s", with: port) + (setup.isEmpty ? "" : "\na=setup:\(setup)")).path
    }
    #expect(try path("9", "active") == .listen && path("6000", "actpass") == .listen)
    #expect(try path("6000", "passive") == .connect && path("6000", "") == .connect)
    #expect(try path("0", "") == .listen)
    #expect(throws: VoiceOffer.Refusal.notAcceptable) { _ = try path("9", "passive") }
    #expect(throws: VoiceOffer.Refusal.notAcceptable) { _ = try self.offer("m=audio 0 RTP/AVP 8") }
    let passive = VoiceDescription(
      .play, platform: Self.platform, address: "192.0.2.1", port: 9_000, path: .listen,
      formats: [VoiceFormat(.pcma)], ssrc: StreamSSRC(1))
    let text = String(decoding: passive.answer(to: try offer("m=audio 9 TCP/RTP/AVP 8")), as: UTF8.self)
    #expect(text.contains("m=audio 9000 TCP/RTP/AVP 8") && text.contains("a=setup:passive"))
    #expect(text.contains("a=connection:new"))
  }

  @Test("A private address is left for the one its packets come from, where that is public")
  func nat() throws {
    func goes(_ host: String, from source: String) throws -> String {
      try offer("m=audio 6000 RTP/AVP 8", host: host).destination(source: source)
    }
    #expect(try goes("192.168.1.64", from: "203.0.113.9") == "203.0.113.9")
    #expect(try goes("192.168.1.64", from: "192.168.1.2") == "192.168.1.64")
    #expect(try goes("198.51.100.3", from: "203.0.113.9") == "198.51.100.3")
    #expect(try goes("0.0.0.0", from: "10.0.0.7") == "10.0.0.7")
  }

  @Test("A talk is offered both ways")
  func talk() throws {
    let body = VoiceDescription(
      .talk, platform: Self.platform, address: "192.0.2.1", port: 9_000, path: .udp,
      formats: [VoiceFormat(.pcma)], ssrc: StreamSSRC(200_000_001)
    ).offer()
    let text = String(decoding: body, as: UTF8.self)
    #expect(text.contains("s=Talk\r\n") && text.contains("m=audio 9000 RTP/AVP 8\r\na=sendrecv\r\n"))
    #expect(try VoiceOffer(parsing: body).format() == VoiceFormat(.pcma))
  }

  @Test("Any bytes are an offer or a refusal, and garbage is told from what cannot be sent")
  func total() {
    var random = SeededRandom(seed: 12)
    let seed = Array("v=0\ns=Play\nc=IN IP4 1.2.3.4\nm=audio 6000 TCP/RTP/AVP 8 0 96\na=setup:active\n".utf8)
    for _ in 0..<2_000 {
      var bytes = seed
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        bytes = ByteMutation.mutate(bytes, using: &random)
      }
      guard let offer = try? VoiceOffer(parsing: bytes) else { continue }
      #expect(offer.format() != nil && (offer.path == .listen || offer.port != nil))
    }
    #expect(throws: VoiceOffer.Refusal.unreadable) { try VoiceOffer(parsing: []) }
    #expect(throws: VoiceOffer.Refusal.notAcceptable) { try VoiceOffer(parsing: Array("v=0\n".utf8)) }
  }

  @Test("A broadcast names source and target in the place of DeviceID, and is read back")
  func broadcast() throws {
    let notice = BroadcastNotice(source: Self.platform, target: Self.speaker)
    let document = MANSCDPDocument.broadcast(sn: 992, notice)
    let text = document.text(declaring: .gb2312)
    #expect(!text.contains("DeviceID") && document.deviceID == Self.speaker)
    let order = ["CmdType", "SN", "SourceID", "TargetID"].map { text.firstRange(of: "<\($0)>")?.lowerBound }
    #expect(order.allSatisfy { $0 != nil } && order.compactMap { $0 } == order.compactMap { $0 }.sorted())
    let message = try MANSCDPMessage(text: text)
    #expect(BroadcastNotice(message) == notice && message.sn == 992)
    #expect(BroadcastNotice(try MANSCDPMessage(text: "<Notify><CmdType>Broadcast</CmdType></Notify>")) == nil)
    let answer = MANSCDPDocument.result(.broadcast, sn: 992, from: Self.speaker, isOK: true)
    #expect(answer.text(declaring: .utf8).contains("<DeviceID>\(Self.speaker)</DeviceID>"))
  }
}
