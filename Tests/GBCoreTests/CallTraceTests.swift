import SDPCore
import SIPCore
import TestSupport
import Testing

@testable import GBCore

/// Offers and answers of calls as devices want and write them. The numbers are those of `docs/ref/deviations.md`.
@Suite struct CallTraceTests {
  private func offer(
    _ transport: MediaTransportChoice = .udp, stream: Int? = nil, selector: StreamSelector? = nil
  )
    throws -> InviteOffer
  {
    InviteOffer(
      platform: try #require(DeviceID("34020000002000000001")),
      channel: try #require(DeviceID("34020000001320000001")), address: "192.0.2.10", port: 30_000,
      transport: transport, ssrc: try #require(StreamSSRC("0200001234")), stream: stream, selector: selector)
  }

  /// What is agreed after a 200 with that body.
  private func agreed(_ body: String, _ transport: MediaTransportChoice = .udp) throws -> MediaAgreement {
    let answer = Trace.message(
      """
      SIP/2.0 200 OK
      Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;branch=z9hG4bK7a1f
      From: <sip:34020000002000000001@3402000000>;tag=live91
      To: <sip:34020000001320000001@3402000000>;tag=1090467142
      Call-ID: 5d0c9e@192.0.2.10
      CSeq: 1 INVITE
      Contact: <sip:34020000001320000001@192.168.1.64:5060>
      Content-Type: application/sdp
      User-Agent: IP Camera
      Content-Length: *

      \(body)
      """)
    guard case .response(let response) = try SIPParser.parse(answer.span) else { throw NoAnswer() }
    return InviteAnswer(parsing: response.body).agreement(with: try offer(transport))
  }

  private struct NoAnswer: Error {}

  @Test("21: an answer without a body, without y=, and one with bare line feeds and a name of its own")
  func poorAnswers() throws {
    #expect(try agreed("").ssrc.value == 200_001_234 && agreed("").host == nil)
    let named = try agreed(
      """
      v=0
      o=34020000001320000001 1 1 IN IP4 192.168.1.64
      s=Embedded Net DVR
      c=IN IP4 192.168.1.64
      t=0 0
      m=video 15060 RTP/AVP 96
      a=sendonly
      a=rtpmap:96 PS/90000
      """)
    #expect(named.ssrc.value == 200_001_234 && !named.ssrcWasChanged && named.port == 15_060)
    let lineFeeds = Array(
      "v=0\ns=#session\nm=video 15060 RTP/AVP 96\nc=IN IP4 192.0.2.20 \na=sendonly\ny=0200001234\n\0".utf8)
    let agreement = InviteAnswer(parsing: lineFeeds).agreement(with: try offer())
    #expect(agreement.host == "192.0.2.20" && agreement.port == 15_060 && !agreement.ssrcWasChanged)
  }

  @Test("22: y= without its leading zero is ours; one of the device's own replaces ours; zero says nothing")
  func numbers() throws {
    let body =
      "v=0\ns=Play\nc=IN IP4 192.0.2.20\nm=video 15060 RTP/AVP 96\na=sendonly\na=rtpmap:96 PS/90000\n"
    #expect(try !agreed(body + "y=200001234\n").ssrcWasChanged)
    let own = try agreed(body + "y=0703001718\nf=v/0/0/0/0/0a/0/0/0\n")
    #expect(own.ssrcWasChanged && own.ssrc.value == 703_001_718)
    for nothing in ["y=0000000000\n", "y=\n", "y=0x0BEBC6D2\n"] {
      #expect(try agreed(body + nothing).ssrc.value == 200_001_234, "\(nothing)")
    }
  }

  @Test("23: in every offer y= follows all a= lines, or a Hikvision camera over TCP answers 415")
  func order() throws {
    for transport in MediaTransportChoice.allCases {
      let lines = try offer(transport, stream: 1).description.text.split(separator: "\r\n")
      let number = try #require(lines.firstIndex { $0.hasPrefix("y=") })
      let last = try #require(lines.lastIndex { $0.hasPrefix("a=") })
      #expect(last < number && lines.count { $0.hasPrefix("y=") } == 1)
    }
  }

  @Test("44: the sub-stream is asked for by the attribute of the make")
  func subStream() throws {
    for (selector, line) in [
      (StreamSelector.streamNumber, "a=streamnumber:1"), (.streamProfile, "a=streamprofile:1"),
      (.stream, "a=stream:1"), (.streamMode, "a=streamMode:sub"),
    ] {
      let lines = try offer(stream: 1, selector: selector).description.text.split(separator: "\r\n")
      #expect(lines.filter { $0.hasPrefix("a=stream") } == [Substring(line)])
    }
  }

  @Test("55: a platform below answers with a stream number of its own domain, which is taken")
  func foreignNumber() throws {
    let body =
      "v=0\no=64010000002020000001 0 0 IN IP4 203.0.113.9\ns=Play\nc=IN IP4 203.0.113.9\n"
      + "m=video 20044 TCP/RTP/AVP 96\na=setup:active\na=connection:new\na=sendonly\na=rtpmap:96 PS/90000\ny=0100000042\n"
    let agreement = try agreed(body, .tcpPassive)
    #expect(
      agreement.ssrcWasChanged && agreement.ssrc.value == 100_000_042 && agreement.transport == .tcpPassive)
  }

  @Test("61, 62: an answer with no f=, or with H.265 under 99, 100 or 98, changes nothing: the data decides")
  func codecs() throws {
    for type in [96, 98, 99, 100] {
      let body =
        "v=0\nc=IN IP4 192.0.2.20\nm=video 15060 RTP/AVP \(type)\na=rtpmap:\(type) H265/90000\ny=0200001234\n"
      let answer = InviteAnswer(parsing: Array(body.utf8))
      #expect(!answer.isPrivate && answer.format == nil)
      #expect(try agreed(body).port == 15_060)
    }
  }

  @Test("63: a private stream, announced as one, is told", arguments: ["DAHUA", "HIKVISION", "Hikvision"])
  func privateStream(_ name: String) {
    let body =
      "v=0\r\nc=IN IP4 192.0.2.20\r\nm=video 15060 RTP/AVP 96\r\na=sendonly\r\na=rtpmap:96 \(name)/90000\r\n"
    #expect(InviteAnswer(parsing: Array(body.utf8)).isPrivate)
  }
}
