import MediaTime
import SDPCore
import Testing

@testable import GBCore

@Suite struct InviteTests {
  private func offer(
    _ transport: MediaTransportChoice, session: InviteOffer.Session = .live, edition: GBVersion = .v2016
  ) throws -> InviteOffer {
    InviteOffer(
      session: session, platform: try #require(DeviceID("34020000002000000001")),
      channel: try #require(DeviceID("34020000001320000001")), address: "192.0.2.10", port: 30_000,
      transport: transport, ssrc: try #require(StreamSSRC("0200001234")), edition: edition)
  }

  private func answer(_ lines: String...) -> InviteAnswer {
    InviteAnswer(parsing: Array(lines.joined(separator: "\r\n").utf8))
  }

  @Test("The live offer over UDP is that of the reference, line by line")
  func liveUDP() throws {
    let offer = try offer(.udp)
    #expect(
      offer.description.text.split(separator: "\r\n") == [
        "v=0", "o=34020000002000000001 0 0 IN IP4 192.0.2.10", "s=Play", "c=IN IP4 192.0.2.10", "t=0 0",
        "m=video 30000 RTP/AVP 96 97 98", "a=recvonly", "a=rtpmap:96 PS/90000", "a=rtpmap:97 MPEG4/90000",
        "a=rtpmap:98 H264/90000", "y=0200001234",
      ])
    #expect(offer.subject.description == "34020000001320000001:0200001234,34020000002000000001:0")
  }

  @Test("Over TCP the roles are written, and y= stays behind every a=")
  func tcp() throws {
    let passive = try offer(.tcpPassive, edition: .v2022).description.text.split(separator: "\r\n")
    #expect(passive.contains("m=video 30000 TCP/RTP/AVP 96 97 98 100"))
    #expect(passive.contains("a=setup:passive"))
    #expect(passive.contains("a=connection:new"))
    #expect(passive.last == "y=0200001234")
    #expect(try offer(.tcpActive).description.text.contains("a=setup:active\r\n"))
  }

  @Test("History sessions carry u=, t= and the download speed")
  func history() throws {
    let text = try offer(.udp, session: .download(start: 1_704_159_000, end: 1_704_160_800, speed: 4))
      .description.text
    #expect(text.contains("s=Download\r\nu=34020000001320000001:0\r\n"))
    #expect(text.contains("t=1704159000 1704160800\r\n"))
    #expect(text.contains("a=downloadspeed:4\r\ny="))
    #expect(try offer(.udp, session: .playback(start: 1, end: 2)).description.text.contains("s=Playback\r\n"))
  }

  @Test("A sub-stream is asked for in the device's spelling, or in all of them")
  func subStream() throws {
    var offer = try offer(.udp)
    offer.stream = 1
    for line in ["a=streamnumber:1", "a=streamprofile:1", "a=streamMode:sub"] {
      #expect(offer.description.text.contains(line + "\r\n"))
    }
    offer.selector = .stream
    #expect(offer.description.text.contains("a=stream:1\r\n"))
    #expect(!offer.description.text.contains("streamnumber"))
  }

  @Test("The answer of the reference is understood")
  func plainAnswer() throws {
    let answer = answer(
      "v=0", "o=34020000001320000001 0 0 IN IP4 192.0.2.20", "s=Play", "c=IN IP4 192.0.2.20", "t=0 0",
      "m=video 15060 RTP/AVP 96", "a=sendonly", "a=rtpmap:96 PS/90000", "y=0200001234",
      "f=v/2/6/25/2/4096a/1/8/1")
    let agreement = answer.agreement(with: try offer(.udp))
    #expect(agreement.ssrc.value == 200_001_234)
    #expect(!agreement.ssrcWasChanged)
    #expect(agreement.host == "192.0.2.20")
    #expect(agreement.port == 15_060)
    #expect(agreement.transport == .udp)
    #expect(answer.format?.video?.codec == "2")
    #expect(!answer.isPrivate)
  }

  @Test("A number of the device's own replaces ours, a lost leading zero does not")
  func ownSSRC() throws {
    let own = answer("v=0", "m=video 1 RTP/AVP 96", "y=0703001718").agreement(with: try offer(.udp))
    #expect(own.ssrc.value == 703_001_718)
    #expect(own.ssrcWasChanged)
    let short = answer("v=0", "y=200001234", "m=video 1 RTP/AVP 96").agreement(with: try offer(.udp))
    #expect(!short.ssrcWasChanged)
    let zero = answer("v=0", "m=video 1 RTP/AVP 96", "y=0000000000").agreement(with: try offer(.udp))
    #expect(zero.ssrc.value == 200_001_234)
  }

  @Test("No body, nonsense and unusable addresses leave the offer standing")
  func poorAnswers() throws {
    for body in [[], Array("hello".utf8), Array("v=0\nc=IN IP4 0.0.0.0\nm=video 0 RTP/AVP 96\n".utf8)] {
      let agreement = InviteAnswer(parsing: body).agreement(with: try offer(.tcpPassive))
      #expect(agreement.host == nil)
      #expect(agreement.port == nil)
      #expect(agreement.ssrc.value == 200_001_234)
    }
  }

  @Test("The TCP role of the answer decides who connects")
  func roles() throws {
    func choice(_ offered: MediaTransportChoice, _ lines: String...) throws -> MediaTransportChoice {
      let text = (["v=0", "c=IN IP4 192.0.2.20"] + lines).joined(separator: "\n")
      return InviteAnswer(parsing: Array(text.utf8)).agreement(with: try offer(offered)).transport
    }
    let tcp = "m=video 15060 TCP/RTP/AVP 96"
    #expect(try choice(.tcpPassive, tcp, "a=setup:active") == .tcpPassive)
    #expect(try choice(.tcpPassive, tcp, "a=setup:passive") == .tcpActive)
    #expect(try choice(.tcpPassive, tcp) == .tcpPassive)
    #expect(try choice(.tcpActive, tcp, "a=setup:passive") == .tcpActive)
    #expect(try choice(.tcpActive, tcp) == .tcpActive)
    #expect(try choice(.tcpPassive, "m=video 0 TCP/RTP/AVP 96", "a=setup:passive") == .tcpPassive)
    #expect(try choice(.tcpPassive, "m=video 15060 RTP/AVP 96") == .udp)
    #expect(try choice(.udp, "m=video 15060 RTP/AVP 96") == .udp)
  }

  @Test("A private stream is noticed")
  func privateStream() {
    #expect(answer("v=0", "m=video 1 RTP/AVP 96", "a=rtpmap:96 Hikvision/90000").isPrivate)
  }

  @Test("Subjects are read however they are written")
  func subjects() {
    let whole = Subject(parsing: "34020000001320000001:0200001234,34020000002000000001:0")
    #expect(whole.sender?.text == "34020000001320000001")
    #expect(whole.senderSequence == "0200001234")
    #expect(whole.receiver?.text == "34020000002000000001")
    let wide = Subject(parsing: " 34020000001320000001 : 0200001234 ，34020000002000000001:0")
    #expect(wide == whole)
    let half = Subject(parsing: "34020000001320000001:0")
    #expect(half.sender?.text == "34020000001320000001")
    #expect(half.receiver == nil)
    #expect(Subject(parsing: "").sender == nil)
    #expect(Subject(parsing: ",,,:::").sender == nil)
  }
}
