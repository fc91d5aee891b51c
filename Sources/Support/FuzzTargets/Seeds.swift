import MP4Core
import MPEGCore
import MediaTime
import RTPCore
import WireBytes

/// Valid messages that the fuzzer starts from. All made up: the identifiers are those of the standard's examples.
enum Seeds {
  static var sip: [[UInt8]] {
    let head = """
      Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK1371463273
      From: <sip:34020000001320000001@3402000000>;tag=2043466181
      To: <sip:34020000001320000001@3402000000>
      Call-ID: 1011047669@192.0.2.10
      """
    let digest =
      "Digest username=\"34020000001320000001\", realm=\"3402000000\", nonce=\"44010b73623249f6916a6acf7c316b8e\", "
      + "uri=\"sip:34020000002000000001@3402000000\", response=\"e4ca3fdc5869fa1c544ea7af60014444\", algorithm=MD5"
    let texts = [
      "REGISTER sip:34020000002000000001@3402000000 SIP/2.0\n\(head)\nCSeq: 1 REGISTER\n"
        + "Contact: <sip:34020000001320000001@192.0.2.10:5060>\nMax-Forwards: 70\nExpires: 3600\n"
        + "Authorization: \(digest)\nContent-Length: 0\n\n",
      "SIP/2.0 401 Unauthorized\n\(head);tag=7\nCSeq: 1 REGISTER\n"
        + "WWW-Authenticate: Digest realm=\"3402000000\",qop=\"auth\",nonce=\"44010b73\",algorithm=MD5,stale=true\n"
        + "Content-Length: 0\n\n",
      "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\n\(head)\nCSeq: 20 MESSAGE\n"
        + "Content-Type: Application/MANSCDP+xml\nContent-Length: 4\n\n<a/>",
      "INVITE sip:34020000001320000001@192.0.2.10:5060 SIP/2.0\n\(head)\nCSeq: 3 INVITE\n"
        + "Subject: 34020000001320000001:0200001234,34020000002000000001:0\nContent-Type: APPLICATION/SDP\n"
        + "Content-Length: 4\n\nv=0\n",
      "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\n\(head)\nCSeq: 21 MESSAGE\n"
        + "Date: 2024-01-02T09:30:00.000\nNote: Digest nonce=\"lC071t5tqUuGOzDtgdeo4w==\", algorithm=MD5\n"
        + "X-PreferredPath: 34020000002000000001-34020000002000000002\nContent-Length: 0\n\n",
      "SIP/2.0 302 Moved Temporarily\nVia: SIP/2.0/TLS [::1]:5061;rport;received=[2001:db8::1];branch=z9hG4bK1\n"
        + "Contact: <sip:34020000002000000002@[2001:db8::2]:5060>\nExpires: 3600\nContent-Length: 0\n\n",
      "OPTIONS sip:a@b SIP/2.0\nv: SIP/2.0/TCP h;branch=z\nf: \"A \\\" B\" <sip:a@b;x=y>;tag=1\nt: sip:a@b\ni: 1\n"
        + "m: *\nCSeq: 1\n OPTIONS\nl: 0\n\n",
    ]
    return texts.map(crlf)
  }

  static var sdp: [[UInt8]] {
    let texts = [
      "v=0\no=34020000001320000001 0 0 IN IP4 192.0.2.10\ns=Play\nc=IN IP4 192.0.2.10\nt=0 0\n"
        + "m=video 6000 RTP/AVP 96 98 97\na=recvonly\na=rtpmap:96 PS/90000\na=rtpmap:98 H264/90000\n"
        + "y=0200001234\nf=v/2/6/25/1/4096a/1/8/1\n",
      "v=0\no=- 0 0 IN IP4 192.0.2.10\ns=Playback\nu=34020000001320000001:0\nc=IN IP4 192.0.2.10\n"
        + "t=1288625085 1288625871\nm=video 9000 TCP/RTP/AVP 96\na=setup:passive\na=connection:new\na=sendonly\n"
        + "a=rtpmap:96 PS/90000\na=downloadspeed:4\ny=1200001234\nf=v/////a///\n",
      "v=0\no=34020000001370000001 0 0 IN IP4 192.0.2.10\ns=Play\nc=IN IP4 192.0.2.10\nt=0 0\n"
        + "m=video 0 RTP/AVP 98\nm=audio 9 TCP/RTP/AVP 8 0 96\na=setup:active\na=rtpmap:8 PCMA/8000\n"
        + "a=rtpmap:96 PS/90000\na=recvonly\ny=0200005678\nf=v/////a/1/8/1\n",
    ]
    return texts.map(crlf) + texts.map { Array($0.utf8) }
  }

  static var mansrtsp: [[UInt8]] {
    [
      "PLAY RTSP/1.0\nCSeq: 4\nRange: npt=100-\n\n", "PAUSE RTSP/1.0\nCSeq: 1\nPauseTime: now\n\n",
      "PLAY MANSRTSP/1.0\nCSeq: 3\nScale: -1.0\nRange: ntp=0:10:20.5-120\n\n",
      "RTSP/1.0 200 OK\nCSeq: 4\nRange: smpte=0:10:20-\nRTP-Info: seq=18139;rtptime=3119600838\n\n",
    ].map(crlf)
  }

  static var manscdp: [[UInt8]] {
    let device = "<DeviceID>34020000001320000001</DeviceID>"
    let prolog = "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n"
    return [
      "\(prolog)<Notify><CmdType>Broadcast</CmdType><SN>992</SN><SourceID>34020000001360000001</SourceID>"
        + "<TargetID>34020000001370000001</TargetID></Notify>",
      "\(prolog)<Notify><CmdType>Keepalive</CmdType><SN>43</SN>\(device)<Status>OK</Status></Notify>",
      "\(prolog)<Response><CmdType>Catalog</CmdType><SN>17</SN>\(device)<SumNum>2</SumNum><DeviceList Num=\"2\"><Item>"
        + "\(device)<Name>Gate & yard</Name><Manufacturer>M</Manufacturer><CivilCode>340200</CivilCode>"
        + "<ParentID>34020000002000000001</ParentID><Status>ON</Status><Longitude>121.5</Longitude>"
        + "<Info><PTZType>1</PTZType></Info></Item><Item><DeviceID>bad</DeviceID></Item></DeviceList></Response>",
      "\(prolog)<Response><CmdType>DeviceInfo</CmdType><SN>1</SN>\(device)<Result>OK</Result><Manufacturer>M"
        + "</Manufacturer><Model>X</Model><Firmware>1.0</Firmware><Channel>4</Channel></Response>",
      "\(prolog)<Notify><CmdType>Alarm</CmdType><SN>77</SN>\(device)<AlarmPriority>1</AlarmPriority><AlarmMethod>5"
        + "</AlarmMethod><AlarmTime>2024-01-02T10:11:12</AlarmTime><Longitude>118.376</Longitude><Latitude>31.3"
        + "</Latitude><Info><AlarmType>6</AlarmType><AlarmTypeParam><EventType>1</EventType></AlarmTypeParam></Info>"
        + "</Notify>",
      "<Query><CmdType>Alarm</CmdType><SN>5</SN>\(device)<StartAlarmPriority>1</StartAlarmPriority>"
        + "<EndAlarmPriority>4</EndAlarmPriority><AlarmMethod>1/2</AlarmMethod></Query>",
      "<Notify><CmdType>MobilePosition</CmdType><SN>21</SN>\(device)<SumNum>1</SumNum><DeviceList Num=\"1\"><Item>"
        + "\(device)<CaptureTime>2024-01-02T10:00:04</CaptureTime><Longitude>118376000</Longitude><Latitude>31326000"
        + "</Latitude><Speed>36.5</Speed><Direction>90</Direction></Item></DeviceList></Notify>",
      "<Response><CmdType>RecordInfo</CmdType><SN>9</SN>\(device)<Name>Gate</Name><SumNum>2</SumNum><RecordList Num=\"1\">"
        + "<Item>\(device)<Name>Gate</Name><FilePath>a</FilePath><StartTime>2024-01-02T23:30:00</StartTime>"
        + "<EndTime>2024-01-02 00:00:00</EndTime><Secrecy>0</Secrecy><Type>time</Type></Item></RecordList></Response>",
      "<Query><CmdType>RecordInfo</CmdType><SN>9</SN>\(device)<StartTime>2024-01-02T00:00:00</StartTime>"
        + "<EndTime>2024-01-04T24:00:00</EndTime><Secrecy>0</Secrecy><Type>all</Type></Query>",
      "<Notify><CmdType>MediaStatus</CmdType><SN>8</SN>\(device)<NotifyType>121</NotifyType></Notify>",
      "<Control><CmdType>DeviceControl</CmdType><SN>11</SN>\(device)<PTZCmd>A50F01021F0000D6</PTZCmd></Control>",
      "<Control><CmdType>DeviceControl</CmdType><SN>1</SN>\(device)<AlarmCmd>ResetAlarm</AlarmCmd><Info>x</Info><Info>"
        + "<AlarmMethod>2/5</AlarmMethod><AlarmType>1</AlarmType><ControlPriority>5</ControlPriority></Info></Control>",
      "<Control><CmdType>DeviceControl</CmdType><SN>1</SN>\(device)<DragZoomIn><Length>640</Length><Width>480</Width>"
        + "<MidPointX>9</MidPointX><MidPointY>9</MidPointY><LengthX>4</LengthX><LengthY>4</LengthY></DragZoomIn></Control>",
      "<Control><CmdType>DeviceControl</CmdType><SN>1</SN>\(device)<PTZPreciseCtrl><Pan>1.5</Pan><Tilt>-31</Tilt><Zoom>2"
        + "</Zoom></PTZPreciseCtrl></Control>",
      "<Response><CmdType>PresetQuery</CmdType><SN>1</SN>\(device)<PresetList Num=\"1\"><Item><PresetID>001</PresetID>"
        + "<PresetName>Gate</PresetName></Item></PresetList></Response>",
      "<Response><CmdType>ConfigDownload</CmdType><SN>1</SN>\(device)<Result>OK</Result><OSDConfig><Length>9</Length>"
        + "<Item><Text>a</Text><X>1</X></Item></OSDConfig><FrameMirror>2</FrameMirror><SVACDecodeConfig><SVCParam>"
        + "<SVCSTMMode>1</SVCSTMMode></SVCParam></SVACDecodeConfig></Response>",
      "<Notify><CmdType>DeviceUpgradeResult</CmdType><SN>1</SN>\(device)<SessionID>s</SessionID><UpgradeResult>ERROR"
        + "</UpgradeResult><UpgradeFailedReason>2</UpgradeFailedReason></Notify>",
      "\u{FEFF}<!-- c --><query><cmdtype>RecordInfo</cmdtype><![CDATA[x]]>&#65;&lt;&bogus;</query>",
    ].map { Array($0.utf8) }
  }

  /// A tiny stream: parameter sets, a key picture and a dependent one.
  static var elementaryStreams: [[UInt8]] {
    let h264: [[UInt8]] = [
      [
        0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x02, 0x80, 0xBF, 0xE5, 0xC0, 0x44, 0, 0, 3, 0, 4, 0, 0, 3, 0, 0xF0,
        0x3C, 0x58,
      ],
      [0x68, 0xCE, 0x0F, 0x2C, 0x80], [0x65, 0x88, 0x84, 0x01, 0x02, 0x03], [0x41, 0x9A, 0x21, 0x6C],
    ]
    let h265: [[UInt8]] = [
      [
        0x40, 0x01, 0x0C, 0x01, 0xFF, 0xFF, 0x01, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3C, 0x95,
        0x98, 0x09,
      ],
      [
        0x42, 0x01, 0x01, 0x01, 0x60, 0, 0, 3, 0, 0x90, 0, 0, 3, 0, 0, 3, 0, 0x3C, 0xA0, 0x0A, 0x08, 0x0B,
        0x9F, 0x79,
        0x65, 0x79, 0xA4, 0xCA, 0xE0, 0x10, 0, 0, 3, 0, 0x10, 0, 0, 3, 0x01, 0x90, 0x80,
      ],
      [0x44, 0x01, 0xC1, 0x72, 0xB4, 0x22, 0x40], [0x26, 0x01, 0xAF, 0x01, 0x02], [0x02, 0x01, 0xD0, 0x03],
    ]
    return [h264, h265].map { units in [0] + units.flatMap { [0, 0, 0, 1] + $0 } }
  }

  /// The packs of the tiny streams, with a block of sound behind each.
  private static var packs: [[[UInt8]]] {
    elementaryStreams.compactMap { seed -> [[UInt8]]? in
      guard let reader = ElementaryStreamReader(Array(seed.dropFirst())) else { return nil }
      var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
      return reader.units().map { unit in
        var pack: [UInt8] = []
        muxer.pack(unit, into: &pack)
        let sound = AccessUnit(
          codec: .g711A, isKeyFrame: true, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
          payload: SharedBytes([UInt8](repeating: 0xD5, count: 40)))
        muxer.pack(sound, into: &pack)
        return pack
      }
    }
  }

  static var rtp: [[UInt8]] {
    packs.flatMap { stream -> [[UInt8]] in
      var packetizer = RTPPacketizer(ssrc: 0x0BEB_C6D2, maximumPayload: 60, sequenceNumber: 65_533)
      var framed: [UInt8] = []
      var ranges: [Range<Int>] = []
      for (index, pack) in stream.enumerated() {
        packetizer.append(
          pack.span, timestamp: UInt32(index * 3_600), framing: .rfc4571, to: &framed, packets: &ranges)
      }
      let interleaved = ranges.flatMap { [0x24, 0] + framed[$0] }
      return [[0x20] + framed, [0x03] + framed, [0x10] + interleaved]
    }
  }

  static var demuxer: [[UInt8]] {
    func records(_ kind: UInt8, _ payloads: [[UInt8]]) -> [UInt8] {
      [kind] + payloads.flatMap { [5, UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
    }
    let streams = packs.map { records(1, $0) } + packs.map { records(0, $0) }
    let cut = packs.map { stream in
      records(1, stream.flatMap { pack in [Array(pack.prefix(30)), Array(pack.dropFirst(30))] })
    }
    let bare = elementaryStreams.enumerated().map { index, seed in
      records(UInt8(3 + index), AnnexB.units(in: seed.span).map { Array(seed[$0]) })
    }
    return streams + cut + bare + [records(2, [transportPackets])]
  }

  /// An association table, a map table and one picture in transport packets.
  private static var transportPackets: [UInt8] {
    func packet(_ pid: UInt16, starts: Bool, _ payload: [UInt8]) -> [UInt8] {
      let head: [UInt8] = [0x47, (starts ? 0x40 : 0) | UInt8(pid >> 8), UInt8(pid & 0xFF), 0x10]
      return head + payload + [UInt8](repeating: 0xFF, count: max(0, 184 - payload.count))
    }
    let association: [UInt8] = [0, 0, 0xB0, 13, 0, 1, 0xC1, 0, 0, 0, 1, 0xE1, 0, 0, 0, 0, 0]
    let map: [UInt8] = [
      0, 2, 0xB0, 23, 0, 1, 0xC1, 0, 0, 0xE1, 1, 0xF0, 0, 0x1B, 0xE1, 1, 0xF0, 0, 0x0F, 0xE1, 2, 0xF0, 0, 0,
      0, 0, 0,
    ]
    let picture: [UInt8] =
      [0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1] + elementaryStreams[0].dropFirst()
    return packet(0, starts: true, association) + packet(256, starts: true, map)
      + packet(257, starts: true, picture) + packet(257, starts: true, picture)
  }

  static var files: [[UInt8]] {
    elementaryStreams.compactMap { seed -> [UInt8]? in
      guard let reader = ElementaryStreamReader(Array(seed.dropFirst())) else { return nil }
      var writer = FragmentedMP4Writer(formats: [reader.format])
      var file = writer.initializationSegment(metadata: [1, 2, 3])
      for unit in reader.units() {
        file += writer.fragmentHeader(for: unit, duration: 3_600)
        file += unit.payload.array
      }
      return file
    }
  }
}

/// Line feeds become the wire's line ends.
private func crlf(_ text: String) -> [UInt8] {
  text.utf8.flatMap { $0 == 10 ? [13, 10] : [$0] }
}
