import SDPCore
import Testing

private func parse(_ lines: [String], end: String = "\r\n") throws -> SessionDescription {
  try SessionDescription(parsing: Array((lines.joined(separator: end) + end).utf8))
}

struct SessionDescriptionTests {
  private let offer = [
    "v=0", "o=34020000002000000001 0 0 IN IP4 192.0.2.10", "s=Play", "c=IN IP4 192.0.2.10", "t=0 0",
    "m=video 30000 RTP/AVP 96 97 98", "a=recvonly", "a=rtpmap:96 PS/90000", "a=rtpmap:97 MPEG4/90000",
    "a=rtpmap:98 H264/90000", "y=0200001234",
  ]

  @Test("The offer of the reference is read into its parts")
  func offerParts() throws {
    let sdp = try parse(offer)
    let video = try #require(sdp.primaryMedia)
    #expect(sdp.name == "Play")
    #expect(sdp.origin?.user == "34020000002000000001")
    #expect(sdp.time == .live)
    #expect(video.kind == "video")
    #expect(video.port == 30000)
    #expect(video.transport == .udp)
    #expect(video.payloadTypes == [96, 97, 98])
    #expect(video.direction == .receiveOnly)
    #expect(video.maps.map(\.encoding) == ["PS", "MPEG4", "H264"])
    #expect(sdp.address(of: video) == "192.0.2.10")
    #expect(sdp.ssrc?.value == 0x0BEB_C6D2)
    #expect(sdp.ssrc?.isHistory == false)
  }

  @Test("What is read is written as the same bytes")
  func roundTrip() throws {
    #expect(try parse(offer).text == offer.joined(separator: "\r\n") + "\r\n")
  }

  @Test("Lines are written in the order that Hikvision accepts: attributes, then y, then f")
  func order() throws {
    var sdp = SessionDescription(
      name: "Playback", origin: OriginLine(user: "34020000002000000001", address: "192.0.2.10"),
      connection: ConnectionLine(address: "192.0.2.10"))
    sdp.uri = "34020000001320000001:0"
    sdp.time = SessionTime(start: 1_704_159_000, end: 1_704_162_600)
    sdp.ssrc = StreamSSRC(1_200_001_234)
    sdp.formatText = "v/2/6/25/2/4096a/1/8/1"
    sdp.media = [
      MediaDescription(
        kind: "video", port: 30000, transport: .tcp, payloadTypes: [96],
        attributes: [
          SDPAttribute("recvonly"), RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000).attribute,
          SDPAttribute("setup", "passive"), SDPAttribute("connection", "new"),
        ])
    ]
    let expected = [
      "v=0", "o=34020000002000000001 0 0 IN IP4 192.0.2.10", "s=Playback", "u=34020000001320000001:0",
      "c=IN IP4 192.0.2.10", "t=1704159000 1704162600", "m=video 30000 TCP/RTP/AVP 96", "a=recvonly",
      "a=rtpmap:96 PS/90000", "a=setup:passive", "a=connection:new", "y=1200001234",
      "f=v/2/6/25/2/4096a/1/8/1",
    ]
    #expect(sdp.text == expected.joined(separator: "\r\n") + "\r\n")
    #expect(try SessionDescription(parsing: sdp.serialised()) == sdp)
  }

  @Test("LF line ends, blanks, NULs, any order and unknown lines are forgiven")
  func tolerance() throws {
    let lines = [
      " Y = 200001234  ", "v=0", "x-unknown", "s=Embedded Net DVR", "q=?", "o=1 2 3 IN IP4 192.0.2.20 ",
      "a=rtpmap:96 PS/90000", "m=VIDEO 15060/2 tcp/rtp/avp 96 300 x", "f=", "a=SETUP: active ",
      "c=IN IP4 192.0.2.21/127",
      "\0\0",
    ]
    for end in ["\n", "\r\n", "\r"] {
      let sdp = try parse(lines, end: end)
      let video = try #require(sdp.primaryMedia)
      #expect(video.kind == "video")
      #expect(video.port == 15060)
      #expect(video.transport == .tcp)
      #expect(video.payloadTypes == [96])
      #expect(video.setup == .active)
      #expect(sdp.setup(of: video) == .active)
      #expect(sdp.address(of: video) == "192.0.2.21")
      #expect(sdp.ssrc == StreamSSRC(200_001_234))
      #expect(sdp.attribute("rtpmap", in: video) == "96 PS/90000")
      #expect(sdp.format == nil)
    }
  }

  @Test("Attributes after y= still belong to the medium")
  func attributesAfter() throws {
    let sdp = try parse(["v=0", "m=video 6000 RTP/AVP 96", "y=0100000001", "a=sendonly", "a=filesize:1024"])
    #expect(sdp.primaryMedia?.direction == .sendOnly)
    #expect(sdp.primaryMedia?.fileSize == 1024)
  }

  @Test("Sizes that mean unknown are nil, numbers that are none are nil")
  func numbers() throws {
    let sdp = try parse([
      "v=0", "m=video 99999 RTP/AVP 96", "a=filesize:-1", "a=downloadspeed:4", "a=streamnumber:x",
      "t=now then",
    ])
    #expect(sdp.primaryMedia?.port == 0)
    #expect(sdp.primaryMedia?.fileSize == nil)
    #expect(sdp.primaryMedia?.downloadSpeed == 4)
    #expect(sdp.primaryMedia?.streamNumber == nil)
    #expect(sdp.time == nil)
  }

  @Test("Without a c= line the address is that of the o= line; IPv6 is kept")
  func addresses() throws {
    let sdp = try parse(["v=0", "o=1 0 0 IN IP6 2001:db8::1", "m=audio 6000 RTP/AVP 8"])
    let audio = try #require(sdp.primaryMedia)
    #expect(sdp.address(of: audio) == "2001:db8::1")
    #expect(sdp.origin?.connection.text == "IN IP6 2001:db8::1")
  }

  @Test("A control between words parts them, so that a medium keeps its port when it is written")
  func controlsPartWords() throws {
    let sdp = try parse(["v=0", "m=1\u{1}2 6000 RTP/AVP 96", "m=\u{5} audio\u{2}0 RTP/AVP 8"])
    #expect(sdp.media.map(\.kind) == ["1", "audio"] && sdp.media.map(\.port) == [2, 0])
    #expect(try SessionDescription(parsing: sdp.serialised()).media == sdp.media)
  }

  @Test("A value cannot begin another line")
  func injection() throws {
    let sdp = SessionDescription(name: "Play\r\na=evil")
    #expect(try SessionDescription(parsing: sdp.serialised()).attributes.isEmpty)
  }

  @Test("What holds no line is refused, and so is what is too large")
  func refused() {
    #expect(throws: SDPParseError.noLines) { try SessionDescription(parsing: Array("hello\r\n".utf8)) }
    #expect(throws: SDPParseError.noLines) { try SessionDescription(parsing: []) }
    #expect(throws: SDPParseError.tooLarge) {
      try SessionDescription(parsing: Array(repeating: 97, count: 70_000))
    }
  }

  @Test("Floods of media and attributes are cut at their limits")
  func floods() throws {
    let sdp = try parse(
      Array(repeating: "m=video 1 RTP/AVP 96", count: 60) + Array(repeating: "a=x", count: 900))
    #expect(sdp.media.count == SDPLimits.media)
    #expect(sdp.media.last?.attributes.count == SDPLimits.attributes)
  }

  @Test("No mutation of a description traps, and what is written always reads back")
  func mutations() throws {
    let seed = Array(
      (offer + ["f=v/2/6/25/2/4096a/1/8/1", "a=setup:passive"]).joined(separator: "\r\n").utf8)
    var state: UInt64 = 0x5D9
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<4000 {
      var bytes = seed
      for _ in 0...next(5) where !bytes.isEmpty {
        switch next(3) {
        case 0: bytes[next(bytes.count)] = UInt8(next(256))
        case 1: bytes.remove(at: next(bytes.count))
        default: bytes.insert(UInt8(next(256)), at: next(bytes.count))
        }
      }
      guard let sdp = try? SessionDescription(parsing: bytes) else { continue }
      for section in sdp.media {
        _ = (
          section.maps, section.direction, section.fileSize, sdp.setup(of: section), sdp.address(of: section)
        )
      }
      _ = sdp.format?.description
      let again = try SessionDescription(parsing: sdp.serialised())
      #expect(again.ssrc == sdp.ssrc)
      #expect(again.media.count == sdp.media.count)
    }
  }
}

struct StreamSSRCTests {
  @Test("The SSRC vector of the reference holds with and without the leading zero")
  func vector() {
    #expect(StreamSSRC("0200001234")?.value == 0x0BEB_C6D2)
    #expect(StreamSSRC("200001234") == StreamSSRC("0200001234"))
    #expect(StreamSSRC(0x0BEB_C6D2).description == "0200001234")
    #expect(StreamSSRC(7).description == "0000000007")
    #expect(StreamSSRC("1200001234")?.isHistory == true)
  }

  @Test(
    "Too large, empty and foreign text is none",
    arguments: ["", "y", "4294967296", "99999999999999999999999", "-1"])
  func none(_ text: String) { #expect(StreamSSRC(text) == nil) }
}

struct MediaFormatLineTests {
  @Test("The full line of the reference is read and written")
  func full() throws {
    let line = try #require(MediaFormatLine("v/2/6/25/2/4096a/1/8/1"))
    #expect(line.video == .init(codec: "2", resolution: "6", frameRate: "25", rateType: "2", bitRate: "4096"))
    #expect(line.audio == .init(codec: "1", bitRate: "8", sampleRate: "1"))
    #expect(line.description == "v/2/6/25/2/4096a/1/8/1")
  }

  @Test("One part alone keeps all separators of the other")
  func single() throws {
    #expect(MediaFormatLine("v/5/1920x1080/25/1/4096a///")?.description == "v/5/1920x1080/25/1/4096a///")
    #expect(MediaFormatLine("v/////a/1/8/1")?.description == "v/////a/1/8/1")
    #expect(MediaFormatLine("a/1/8/1")?.audio?.codec == "1")
    #expect(MediaFormatLine("v/2/6")?.video?.resolution == "6")
  }

  @Test("Nothing in it is nothing", arguments: ["", "v/////a///", "x", "a", "vvvv"])
  func empty(_ text: String) { #expect(MediaFormatLine(text) == nil) }
}
