import SIPCore
import Testing

struct SIPParserTests {
  @Test("A keepalive is read with all its headers and its body")
  func keepalive() throws {
    let message = try request(Sample.keepalive)
    #expect(message.method == .message)
    #expect(message.requestURI == "sip:34020000002000000001@3402000000")
    #expect(message.uri?.user == "34020000002000000001")
    #expect(message.from?.uri.user == "34020000001320000001")
    #expect(message.from?.tag == "22cd")
    #expect(message.to?.tag == nil)
    #expect(message.callID == "88@192.0.2.20")
    #expect(message.cseq == CSeq(number: 20, method: .message))
    #expect(message.contentType == "application/manscdp+xml")
    #expect(message.maxForwards == 70)
    #expect(message.via?.branch == "z9hG4bK7b02")
    #expect(message.body == Array(Sample.keepaliveBody.utf8))
    #expect(message.defect == nil)
  }

  @Test("What is written reads back as the same message")
  func roundTrip() throws {
    for text in Sample.all {
      let first = try parse(text)
      #expect(try parse(first.serialised()) == first.withoutLength)
    }
  }

  @Test("Compact names, odd case and misprinted names are the same headers")
  func names() throws {
    let message = try request(
      lines(
        "Message sip:1@2 SIP/2.0", "v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa", "f: <sip:1@2>;tag=a",
        "t: <sip:2@2>", "i: call", "CSEQ : 1 Message", "m: <sip:1@192.0.2.1>",
        "Content-type: Application/MANSCDP+xml", "WWW_Authenticate: Digest realm=\"a\"", "x-gb-ver: 2.0",
        "l: 0"))
    #expect(message.method == .message)
    #expect(message.defect == nil)
    #expect(message.headers[.wwwAuthenticate] == "Digest realm=\"a\"")
    #expect(message.headers[.gbVersion] == "2.0")
    #expect(message.headers["X-GB-Ver"] == "2.0")
    #expect(message.contact?.uri.host == "192.0.2.1")
    #expect(message.contentType == "application/manscdp+xml")
    #expect(String(decoding: message.serialised(), as: UTF8.self).contains("\r\nCall-ID: call\r\n"))
  }

  @Test("A datagram's body reaches to its end when Content-Length is wrong")
  func wrongLength() throws {
    for length in ["0", "3", "9999", "-5", "abc", ""] {
      let message = try request(
        lines("MESSAGE sip:1@2 SIP/2.0", "Content-Type: text/plain", "Content-Length: \(length)")
          + "whole body")
      #expect(String(decoding: message.body, as: UTF8.self) == "whole body")
    }
    #expect(try request(lines("MESSAGE sip:1@2 SIP/2.0") + "no length").body.count == 9)
  }

  @Test("Bytes after a message that declares no body are not a body")
  func trailingMessage() throws {
    #expect(try request(Sample.register + Sample.register).body.isEmpty)
  }

  @Test("LF line ends, leading line ends and a missing final empty line are forgiven")
  func lineEnds() throws {
    let text = "\r\n\r\n\0REGISTER sip:1@2 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=a\nCSeq: 1 REGISTER"
    let message = try request(text)
    #expect(message.cseq?.number == 1)
    #expect(message.via?.host == "192.0.2.1")
  }

  @Test("A folded header is one value")
  func folding() throws {
    let message = try request(
      lines("OPTIONS sip:1@2 SIP/2.0", "Subject: one", "  two", "\tthree", "Call-ID: x", " y", "Expires: 7"))
    #expect(message.headers[.subject] == "one two three")
    #expect(message.callID == "x y")
    #expect(message.expires == 7)
  }

  @Test("Padding alone is a keep-alive and not an error of the peer")
  func padding() {
    for text in ["", "\r\n", "\r\n\r\n", "\0\0\0\0", "  \t"] {
      #expect(throws: SIPParseError.empty) { try parse(text) }
    }
  }

  @Test(
    "What is no SIP message is refused",
    arguments: [
      "GET / HTTP/1.1\r\n\r\n", "hello", "REGISTER\r\n\r\n", "REGISTER sip:a\r\n\r\n", "SIP/2.0\r\n\r\n",
      "SIP/2.0 20 OK\r\n\r\n", "SIP/2.0 4294967301 better\r\n\r\n", "SIP/2.0 099 x\r\n\r\n",
      "SIP/2.0 700 x\r\n\r\n",
      "SIP/7.0 200 OK\r\n\r\n", "OPTIONS sip:a SIP/7.0\r\n\r\n", "INVITE sip:a b@c SIP/2.0\r\n\r\n",
      "IN@VITE sip:a@c SIP/2.0\r\n\r\n", "INVITE  SIP/2.0\r\n\r\n",
    ])
  func refused(_ text: String) {
    #expect(throws: SIPParseError.self) { try parse(text) }
  }

  @Test("A huge head and too many fields are refused by name")
  func limits() {
    let wide = "OPTIONS sip:1@2 SIP/2.0\r\nSubject: " + String(repeating: "a", count: 70_000) + "\r\n\r\n"
    #expect(throws: SIPParseError.headTooLarge) { try parse(wide) }
    let many = "OPTIONS sip:1@2 SIP/2.0\r\n" + String(repeating: "A: b\r\n", count: 300) + "\r\n"
    #expect(throws: SIPParseError.tooManyHeaders) { try parse(many) }
  }

  @Test("Bytes in a national encoding pass through a header untouched")
  func nationalBytes() throws {
    var bytes = Array("OPTIONS sip:1@2 SIP/2.0\r\nFrom: \"".utf8)
    bytes += [0xC9, 0xE3, 0xCF, 0xF1] + Array("\" <sip:1@2>;tag=a\r\n\r\n".utf8)
    guard case .request(let message) = try parse(bytes) else { throw Unexpected() }
    #expect(message.from?.tag == "a")
    let answer = SIPResponse(to: message, status: 200).serialised()
    #expect(answer.contains(0xC9) && answer.contains(0xF1))
  }

  @Test("A value cannot begin another header, and a reason cannot either")
  func injection() throws {
    var answer = SIPResponse(status: 200, reason: "OK\r\nEvil: 1")
    answer.headers[.subject] = "a\r\nEvil: 2"
    guard case .response(let read) = try parse(answer.serialised()) else { throw Unexpected() }
    #expect(read.headers["Evil"] == nil)
  }
}

extension SIPMessage {
  /// `Content-Length` is written from the body and so is not compared.
  var withoutLength: SIPMessage {
    switch self {
    case .request(var request):
      let length = request.headers[.contentLength]
      request.headers[.contentLength] = nil
      request.headers.append(.contentLength, length ?? "0")
      return .request(request)
    case .response(var response):
      let length = response.headers[.contentLength]
      response.headers[.contentLength] = nil
      response.headers.append(.contentLength, length ?? "0")
      return .response(response)
    }
  }
}
