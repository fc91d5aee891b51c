import SIPCore
import TestSupport
import Testing

/// SIP messages as devices write them. The numbers are those of `docs/ref/deviations.md`.
struct DeviceTraceTests {
  private func request(_ bytes: [UInt8]) throws -> SIPRequest {
    guard case .request(let request) = try SIPParser.parse(bytes.span) else { throw Unexpected() }
    return request
  }

  private static let heartbeat = """
    MESSAGE sip:34020000002000000001@3402000000 SIP/2.0
    Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK1348214536
    From: <sip:34020000001320000001@3402000000>;tag=1570853264
    To: <sip:34020000002000000001@3402000000>
    Call-ID: 1733402216
    CSeq: 20 MESSAGE
    Content-Type: Application/MANSCDP+xml
    Max-Forwards: 70
    User-Agent: IP Camera
    Content-Length: LENGTH

    <?xml version="1.0" encoding="GB2312"?>
    <Notify>
    <CmdType>Keepalive</CmdType>
    <SN>42</SN>
    <DeviceID>34020000001320000001</DeviceID>
    <Status>OK</Status>
    <Info>
    </Info>
    </Notify>

    """

  @Test("6: a Via with an address of no use, and without rport, is answered at the packet's source")
  func wrongVia() throws {
    for sentBy in ["0.0.0.0:5060", "127.0.0.1", "192.168.1.64:65476"] {
      var message = try request(
        Trace.message(
          """
          REGISTER sip:34020000002000000001@3402000000 SIP/2.0
          Via: SIP/2.0/UDP \(sentBy);branch=z9hG4bK2054892712
          From: <sip:34020000001320000001@3402000000>;tag=1183405296
          To: <sip:34020000001320000001@3402000000>
          Call-ID: 1299036212
          CSeq: 1 REGISTER
          Contact: <sip:34020000001320000001@\(sentBy)>
          Max-Forwards: 70
          Expires: 3600
          Content-Length: 0
          """))
      #expect(message.defect == nil)
      message.receivedFrom = SIPHostPort(host: "198.51.100.7", port: 40_001)
      let answer = SIPResponse(to: message, status: 401)
      #expect(answer.via?.received == "198.51.100.7" && answer.via?.branch == "z9hG4bK2054892712")
      #expect(answer.via?.rport == nil, "it did not ask for the port, and is answered at it all the same")
    }
  }

  @Test("11: a heartbeat with a wrong Content-Length is read whole from a datagram")
  func lengthInDatagram() throws {
    for length in ["120", "9999", "0", ""] {
      let text = Self.heartbeat.replacing("LENGTH", with: length)
      let message = try request(Trace.message(text))
      let body = String(decoding: message.body, as: UTF8.self)
      #expect(body.hasPrefix("<?xml") && body.hasSuffix("</Notify>\r\n"), "\(length)")
    }
  }

  @Test("11: on a connection a wrong Content-Length costs at most the message that has it")
  func lengthOnConnection() {
    // Too short, a little too long (a part of the next head is in it), and longer than the messages that follow.
    for (length, chunks) in [
      ("120", [1, 100, 5_000]), ("222", [5_000]), ("900", [1, 100, 5_000]), ("5000", [1, 5_000]),
    ] {
      let broken = Trace.message(Self.heartbeat.replacing("LENGTH", with: length))
      let sound = Trace.message(Self.heartbeat.replacing("LENGTH", with: "*"))
      for chunk in chunks {
        var framer = SIPStreamFramer()
        var bodies: [[UInt8]] = []
        let stream = broken + sound + sound
        for start in stride(from: 0, to: stream.count, by: chunk) {
          framer.feed(stream[start..<min(stream.count, start + chunk)].span)
          while let event = framer.next() {
            if case .message(let message) = event { bodies.append(message.body) }
          }
        }
        let whole = bodies.filter { String(decoding: $0, as: UTF8.self).hasSuffix("</Notify>\r\n") }
        #expect(bodies.count == 3 && whole.count == (length == "120" ? 2 : 3), "\(length), \(chunk)")
      }
    }
  }

  @Test("12: a To tag too many, a From tag too few, a Via twice in two cases and odd methods are accepted")
  func strayTags() throws {
    let message = try request(
      Trace.message(
        """
        Message sip:34020000002000000001@192.0.2.10:5060 SIP/2.0
        via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bK776
        Via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bK776
        From: <sip:34020000001320000001@192.0.2.20:5060>
        To: <sip:34020000002000000001@192.0.2.10:5060>;tag=
        Call-ID: 5521
        Cseq: 3 Message
        Content-type: application/MANSCDP+XML
        Content-Length: 0
        """))
    #expect(message.defect == nil && message.method == .message && message.from?.tag == nil)
    #expect(message.fromUser == "34020000001320000001" && message.to?.tag == nil)
    #expect(message.contentType == "application/manscdp+xml")
    #expect(SIPTransactionKey(server: message) != nil)
    let tagged = try request(
      Trace.message(
        Self.heartbeat.replacing("LENGTH", with: "*").replacing(
          "@3402000000>\nCall", with: "@3402000000>;tag=9\nCall")))
    #expect(tagged.defect == nil && tagged.to?.tag == "9")
  }

  @Test(
    "59: what strangers send to a SIP port is no message",
    arguments: [
      "GET / HTTP/1.1\r\nHost: 192.0.2.10:5060\r\nUser-Agent: masscan/1.3\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}", "SSH-2.0-Go\r\n",
      "\u{3}\0\0\u{13}\u{E}\u{E0}\0\0\0\0\0\u{1}\0\u{8}\0\u{3}\0\0\0",
      "OPTIONS / RTSP/1.0\r\nCSeq: 1\r\n\r\n",
    ])
  func strangers(_ text: String) {
    #expect(throws: SIPParseError.self) { try SIPParser.parse(Array(text.utf8).span) }
  }
}
