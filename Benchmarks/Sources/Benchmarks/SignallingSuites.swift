import Benchmark
import GBCore
import SDPCore
import SIPCore
import WireBytes

/// What signalling does with a message.
func signallingSuites() -> [BenchmarkSuite] { [sip(), bodies()] }

private func sip() -> BenchmarkSuite {
  BenchmarkSuite(name: "SIP") { suite in
    suite.benchmark("floor: copy a heartbeat") { copy(Message.heartbeat) }
    suite.benchmark("parse a heartbeat") { parse(Message.heartbeat) }
    suite.benchmark("parse a REGISTER with digest") { parse(Message.register) }
    suite.benchmark("parse a catalog part of 100 items") { parse(Message.catalog) }
    suite.benchmark("frame a heartbeat from a byte stream") {
      var framer = SIPStreamFramer()
      framer.feed(Message.heartbeat.span)
      keep(framer.next() != nil)
    }
    suite.benchmark("answer a heartbeat") {
      guard case .request(let request)? = try? SIPParser.parse(Message.heartbeat.span) else {
        preconditionFailure("a heartbeat was not read")
      }
      keep(SIPResponse(to: request, status: 200).serialised().count)
    }
  }
}

private func bodies() -> BenchmarkSuite {
  BenchmarkSuite(name: "bodies") { suite in
    suite.benchmark("floor: copy a catalog part") { copy(Message.catalogBody) }
    suite.benchmark("recognise a heartbeat") { keep(Keepalive.scan(Message.heartbeatBody.span) != nil) }
    suite.benchmark("a catalog part of 100 items") {
      guard let message = try? MANSCDPMessage(parsing: Message.catalogBody, codec: .utf8),
        let reply = CatalogReply(message)
      else { preconditionFailure("a catalog was not read") }
      keep(reply.items.count)
    }
    suite.benchmark("an answer to INVITE") { keep(InviteAnswer(parsing: Message.answer)) }
  }
}

private func copy(_ bytes: [UInt8]) {
  bytes.withUnsafeBufferPointer { keep(Array($0).count) }
}

private func parse(_ bytes: [UInt8]) {
  guard let message = try? SIPParser.parse(bytes.span) else { preconditionFailure("a message was not read") }
  keep(message)
}

/// Messages of a camera as they come over the wire.
private enum Message {
  static let heartbeatBody = Array(
    """
    <?xml version="1.0" encoding="GB2312"?>\r
    <Notify>\r
    <CmdType>Keepalive</CmdType>\r
    <SN>4711</SN>\r
    <DeviceID>34020000001320000001</DeviceID>\r
    <Status>OK</Status>\r
    </Notify>\r\n
    """.utf8)

  static let catalogBody: [UInt8] = {
    let items = (0..<100).map { index in
      let id = "340200000013100000" + (index < 10 ? "0" : "") + "\(index)"
      return "<Item><DeviceID>\(id)</DeviceID><Name>Bridge \(index)</Name><Manufacturer>M</Manufacturer>"
        + "<Model>IPC</Model><Owner>Owner</Owner><CivilCode>340200</CivilCode><Address>Street</Address>"
        + "<Parental>0</Parental><ParentID>34020000001320000001</ParentID><SafetyWay>0</SafetyWay>"
        + "<RegisterWay>1</RegisterWay><Secrecy>0</Secrecy><Status>ON</Status></Item>\r\n"
    }
    let head =
      "<?xml version=\"1.0\"?>\r\n<Response>\r\n<CmdType>Catalog</CmdType>\r\n<SN>17</SN>\r\n"
      + "<DeviceID>34020000001320000001</DeviceID>\r\n<SumNum>100</SumNum>\r\n<DeviceList Num=\"100\">\r\n"
    return Array((head + items.joined() + "</DeviceList>\r\n</Response>\r\n").utf8)
  }()

  static let answer = Array(
    """
    v=0\r
    o=34020000001320000001 0 0 IN IP4 192.0.2.10\r
    s=Play\r
    c=IN IP4 192.0.2.10\r
    t=0 0\r
    m=video 15060 RTP/AVP 96\r
    a=sendonly\r
    a=rtpmap:96 PS/90000\r
    y=0100000001\r
    f=v/2/6/25/1/2048a/1/8/1\r\n
    """.utf8)

  static let heartbeat = message(body: heartbeatBody)
  static let catalog = message(body: catalogBody)

  static let register = Array(
    ("REGISTER sip:34020000002000000001@3402000000 SIP/2.0\r\n" + head("REGISTER")
      + "Contact: <sip:34020000001320000001@192.0.2.10:5060>\r\nExpires: 3600\r\n"
      + "Authorization: Digest username=\"34020000001320000001\", realm=\"3402000000\", "
      + "nonce=\"44010b73623249f6916a6acf7c316b8e\", uri=\"sip:34020000002000000001@3402000000\", "
      + "response=\"e4ca3fdc5869fa1c544ea7af60014444\", algorithm=MD5\r\nContent-Length: 0\r\n\r\n").utf8)

  private static func message(body: [UInt8]) -> [UInt8] {
    let head =
      "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0\r\n" + head("MESSAGE")
      + "Content-Type: Application/MANSCDP+xml\r\nContent-Length: \(body.count)\r\n\r\n"
    return Array(head.utf8) + body
  }

  private static func head(_ method: String) -> String {
    "Via: SIP/2.0/UDP 192.0.2.10:5060;rport;branch=z9hG4bK1371463273\r\n"
      + "From: <sip:34020000001320000001@3402000000>;tag=2043466181\r\n"
      + "To: <sip:34020000002000000001@3402000000>\r\nCall-ID: 1011047669@192.0.2.10\r\n"
      + "CSeq: 20 \(method)\r\nMax-Forwards: 70\r\nUser-Agent: IP Camera\r\n"
  }
}
