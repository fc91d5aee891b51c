import SIPCore
import TestSupport
import Testing

/// Messages after RFC 4475 §3.1.1, §3.3 and §3.4 that are legal and odd: all of them are read.
struct LegalTortureTests {
  /// An OPTIONS with these fields besides those that every request has.
  private func options(_ fields: String..., uri: String = "sip:user@example.com") throws -> SIPRequest {
    let head = [
      "OPTIONS \(uri) SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "From: <sip:a@b>;tag=1",
      "To: <sip:b@b>", "Call-ID: one", "CSeq: 8 OPTIONS",
    ]
    return try request((head + fields).joined(separator: "\r\n") + "\r\n\r\n")
  }

  @Test("§3.1.1.3 escapes stay as they are written")
  func escapes() throws {
    let message = try request(
      lines(
        "INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0",
        "Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw", "To: sip:%75se%72@example.com",
        "From: <sip:I%20have%20spaces@example.net>;tag=938", "Call-ID: esc01.239409asdfakjkn23onasd0-3234",
        "CSeq: 234234 INVITE",
        "Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>"))
    #expect(message.defect == nil)
    #expect(message.uri?.user == "sips%3Auser%40example.com" && message.uri?.host == "example.net")
    #expect(message.toUser == "%75se%72" && message.fromUser == "I%20have%20spaces")
    #expect(message.contact?.uri.parameters["n%61me"] == "v%61lue%25%34%31")
  }

  @Test("§3.1.1.4 an escaped NUL in a user part is text like any other")
  func escapedNull() throws {
    let message = try options("Contact: <sip:%00@host5.example.com>, <sip:%00%00@host5.example.com>")
    #expect(message.contact?.uri.user == "%00" && message.defect == nil)
  }

  @Test("§3.1.1.5 a percent sign that escapes nothing makes another method, not REGISTER")
  func percentInMethod() throws {
    let message = try request(
      lines(
        "RE%47IST%45R sip:registrar.example.com SIP/2.0",
        "Via: SIP/2.0/TCP 192.0.2.5;branch=z9hG4bK209%fzsnel234",
        "To: \"%Z%45\" <sip:resource@example.com>",
        "From: \"%Z%45\" <sip:resource@example.com>;tag=f232jadfj23",
        "Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf", "CSeq: 29344 RE%47IST%45R"))
    #expect(message.method != .register && message.method.name == "RE%47IST%45R")
    #expect(message.defect == nil && message.to?.displayName == "%Z%45")
  }

  @Test("§3.1.1.7 values of hundreds of characters are whole")
  func longValues() throws {
    let long = String(repeating: "extremely-", count: 60)
    let message = try request(
      lines(
        "INVITE sip:user@example.com;\(long)=\(long) SIP/2.0",
        "Via: SIP/2.0/TCP sip33.example.com;branch=z9hG4bK-39234-\(long)",
        "To: \"I have a user name of \(long) proportion\" <sip:user@example.com:6000;\(long)=yes>",
        "From: sip:\(long)@host.example.net;tag=\(long)", "Call-ID: \(long)@host.example.net",
        "CSeq: 3882340 INVITE", "Unknown-\(long): \(long)", "Contact: <sip:\(long)@host5.example.net>"))
    #expect(message.defect == nil && message.fromUser == long && message.from?.tag == long)
    #expect(message.callID == long + "@host.example.net" && message.via?.branch == "z9hG4bK-39234-" + long)
    #expect(message.to?.uri.port == 6_000 && message.contact?.uri.user == long)
  }

  @Test("§3.1.1.10 Vias of every transport are kept, and all of them go into the answer")
  func transports() throws {
    let message = try request(
      lines(
        "OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw",
        "Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf",
        "Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj",
        "Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en", "From: <sip:a@b>;tag=1",
        "To: <sip:b@b>",
        "Call-ID: transports.kijh4akdnaqjkwendsasfdj", "CSeq: 60 OPTIONS"))
    #expect(message.defect == nil && message.via?.transport == "UDP")
    let answer = SIPResponse(to: message, status: 200)
    #expect(answer.headers.values(of: .via) == message.headers.values(of: .via))
    #expect(
      answer.headers.values(of: .via).compactMap { Via($0)?.transport } == ["UDP", "SCTP", "TLS", "UNKNOWN"])
  }

  @Test("§3.1.1.11 a body of several parts, with bytes of every kind and a message in it, is whole")
  func multipart() throws {
    let quoted = Array(
      "--7a9c\r\nContent-Type: message/sip\r\n\r\nSIP/2.0 200 OK\r\nVia: x\r\n\r\n--7a9c--\r\n".utf8)
    let body = quoted + Array(0...255) + quoted
    let bytes = Trace.message(
      head: """
        MESSAGE sip:kumiko@example.org SIP/2.0
        Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee
        From: <sip:fluffy@example.com>;tag=2fb0dcc9
        To: <sip:kumiko@example.org>
        Call-ID: 3d9485ad0c49859b
        CSeq: 1 MESSAGE
        Content-Type: multipart/mixed; boundary="7a9c"
        Content-Length: *
        """, body: body)
    guard case .request(let message) = try parse(bytes) else { throw Unexpected() }
    #expect(message.body == body && message.contentType == "multipart/mixed")
    var framer = SIPStreamFramer()
    framer.feed(bytes.span)
    #expect(framer.next() == .message(.request(message)) && framer.next() == nil)
  }

  @Test("§3.1.1.12 a reason phrase in any alphabet is a reason phrase")
  func unusualReason() throws {
    let phrase = "= 2**3 * 5**2 но сто девяносто девять - простое"
    #expect(try response("SIP/2.0 200 \(phrase)\r\nCSeq: 35 INVITE\r\n\r\n").reason == phrase)
  }

  @Test("§3.2.1 a branch of the magic cookie alone does not make two calls one")
  func bareCookie() throws {
    func key(_ call: String) throws -> SIPTransactionKey? {
      SIPTransactionKey(
        server: try request(
          lines(
            "OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK",
            "From: <sip:a@b>;tag=1",
            "To: <sip:b@b>", "Call-ID: \(call)", "CSeq: 8 OPTIONS")))
    }
    #expect(try key("badbranch.1") != nil)
    #expect(try key("badbranch.1") != key("badbranch.2"))
  }

  @Test("§3.3.3 §3.3.4 other schemes in the Request-URI, To and From are kept, and name no user")
  func schemes() throws {
    let message = try request(
      lines(
        "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", "Via: SIP/2.0/UDP a;branch=z9hG4bK1",
        "From: <http://www.example.com>;tag=lkjlkj", "To: <isbn:2983792873>", "Call-ID: unksm2",
        "CSeq: 3 OPTIONS"))
    #expect(message.defect == nil && message.uri?.scheme == "soap.beep" && message.to?.uri.scheme == "isbn")
    #expect(message.fromUser == nil && message.toUser == nil && message.from?.tag == "lkjlkj")
  }

  @Test("§3.3.5 §3.3.6 §3.3.15 options, types and formats that nobody knows pass through")
  func unknown() throws {
    let message = try options(
      "Require: nothingSupportsThis, nothingSupportsThisEither", "Proxy-Require: noProxiesSupportThis",
      "Accept: text/nobodyKnowsThis", "Content-Type: application/unknownformat", "Content-Length: 0")
    #expect(message.defect == nil && message.contentType == "application/unknownformat")
    #expect(message.headers[.require] == "nothingSupportsThis, nothingSupportsThisEither")
    #expect(message.headers["Accept"] == "text/nobodyKnowsThis")
  }

  @Test("§3.3.7 a scheme of authorization that nobody knows is no digest")
  func unknownAuthorization() throws {
    let message = try options("Authorization: NoOneKnowsThisScheme opaque-data=here")
    #expect(message.defect == nil)
    #expect(try DigestCredentials(#require(message.headers[.authorization])) == nil)
  }

  @Test("§3.3.10 an answer with a broadcast address in its second Via belongs to who sent the request")
  func broadcastVia() throws {
    let answer = try response(
      lines(
        "SIP/2.0 200 OK", "Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923",
        "Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23",
        "Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf",
        "CSeq: 35 INVITE", "From: sip:user@example.com;tag=11141343", "To: sip:user@example.edu;tag=2229",
        "Contact: <sip:user@host28.example.com>"))
    #expect(SIPTransactionKey(client: answer) == SIPTransactionKey(branch: "z9hG4bK1324923", method: .invite))
  }

  @Test("§3.3.11 Max-Forwards of zero is zero")
  func zeroForwards() throws {
    #expect(try options("Max-Forwards: 0").maxForwards == 0)
  }

  @Test("§3.3.12 to §3.3.14 parameters belong to the Contact without brackets and to the address within them")
  func contactParameters() throws {
    let bare = try #require(try options("Contact: sip:+19725552222@gw1.example.net;unknownparam").contact)
    #expect(bare.parameters["unknownparam"] == "" && bare.uri.parameters.isEmpty)
    let inside = try #require(try options("Contact: <sip:+19725552222@gw1.example.net;unknownparam>").contact)
    #expect(inside.uri.parameters["unknownparam"] == "" && inside.parameters.isEmpty)
    let routed = try #require(
      try options("Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>").contact)
    #expect(routed.uri.user == "user" && routed.uri.headers == "Route=%3Csip:sip.example.com%3E")
  }

  @Test("§3.4.1 a request of the time before branches and tags has a transaction, and its ACK finds it")
  func beforeBranches() throws {
    func old(_ method: String) throws -> SIPRequest {
      try request(
        lines(
          "\(method) sip:UserB@example.com SIP/2.0", "Via: SIP/2.0/UDP iftgw.example.com",
          "From: <sip:+13035551111@ift.client.net;user=phone>",
          "Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>",
          "To: sip:+16505552222@ss1.example.net;user=phone",
          "Call-ID: inv2543.1717@ift.client.example.com", "CSeq: 56 \(method)"))
    }
    let invite = try old("INVITE")
    #expect(invite.defect == nil && invite.from?.tag == nil && invite.via?.branch == nil)
    #expect(SIPTransactionKey(server: invite) != nil)
    #expect(try SIPTransactionKey(server: old("ACK")) == SIPTransactionKey(server: invite))
  }

  @Test("Tabs, empty values, empty lists and IPv6 literals are legal")
  func smallOddities() throws {
    let message = try request(
      "OPTIONS\tsip:user@[2001:db8::10]:5070\tSIP/2.0\r\nVia:\tSIP/2.0/UDP\t[2001:db8::9:1];rport;branch=z9hG4bKas3-111\r\n"
        + "From:\t\"\"\t<sip:a@[2001:db8::9:1]>\t;\ttag\t=\t1\r\nTo:<sip:b@b>\r\nCall-ID:one\r\nCSeq:\t8\tOPTIONS\r\n"
        + "Supported:\r\nSubject:\t\r\nContent-Length:\t0\r\n\r\n")
    #expect(message.defect == nil && message.uri?.host == "2001:db8::10" && message.uri?.port == 5_070)
    #expect(message.via?.host == "2001:db8::9:1" && message.via?.port == nil && message.from?.tag == "1")
    #expect(message.headers[.supported] == "" && message.headers[.subject] == "")
  }
}
