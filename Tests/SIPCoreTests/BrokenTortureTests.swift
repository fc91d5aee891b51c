import SIPCore
import Testing

/// Messages after RFC 4475 §3.1.2 and §3.3.9 that are not legal: forgiven where the meaning is plain, refused else.
struct BrokenTortureTests {
  private func options(_ start: String, _ fields: String...) throws -> SIPRequest {
    let head = [
      start, "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1", "From: <sip:a@b>;tag=1", "To: <sip:b@b>",
      "Call-ID: one", "CSeq: 8 OPTIONS",
    ]
    return try request((head + fields).joined(separator: "\r\n") + "\r\n\r\n")
  }

  private static let plain = "OPTIONS sip:user@example.com SIP/2.0"

  @Test(
    "§3.1.2.3 §3.3.9 a negative length and two lengths end a connection, and a datagram ends where it ends")
  func lengths() throws {
    for fields in ["Content-Length: -999", "Content-Length: 5\r\nContent-Length: 13"] {
      let text =
        "MESSAGE sip:1@2 SIP/2.0\r\nContent-Type: text/plain\r\n\(fields)\r\n\r\nthirteen byte"
      #expect(try request(text).body.count == 13)
      var framer = SIPStreamFramer()
      framer.feed(Array(text.utf8).span)
      #expect(framer.next() == .fatal(.unknownLength) && framer.next() == nil)
    }
  }

  @Test("§3.1.2.6 a Request-URI in angle brackets is kept and names nobody")
  func bracketedURI() throws {
    let message = try options("OPTIONS <sip:user@example.com> SIP/2.0")
    #expect(message.uri == nil && message.requestURI == "<sip:user@example.com>" && message.toUser == "b")
  }

  @Test("§3.1.2.7 a blank inside the Request-URI is no start line")
  func blankInURI() {
    #expect(throws: SIPParseError.badStartLine) { try options("OPTIONS sip:user@example.com; lr SIP/2.0") }
  }

  @Test("§3.1.2.8 §3.1.2.9 blanks between and behind the parts of a start line are forgiven")
  func blanks() throws {
    for start in ["OPTIONS  sip:user@example.com  SIP/2.0", "OPTIONS sip:user@example.com SIP/2.0   "] {
      #expect(try options(start).uri?.user == "user")
    }
  }

  @Test("§3.1.2.10 headers in a Request-URI are not obeyed")
  func headersInURI() throws {
    let message = try options("OPTIONS sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0")
    #expect(message.uri?.user == "user" && message.uri?.headers == "Route=%3Csip:example.com%3E")
    #expect(message.headers[.route] == nil)
  }

  @Test("§3.1.2.11 a Date in a zone that may not be is text")
  func badDate() throws {
    let message = try options(Self.plain, "Date: Fri, 01 Jan 2010 16:00:00 EST")
    #expect(message.defect == nil && message.headers[.date] == "Fri, 01 Jan 2010 16:00:00 EST")
  }

  @Test("§3.1.2.12 §3.1.2.13 a Contact without its brackets, and blanks within them, still name their user")
  func addresses() throws {
    let bare = try options(Self.plain, "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E")
    #expect(bare.contact?.uri.user == "user")
    let wide = try options(Self.plain, "Contact: \"Watson, Thomas\" < sip:t.watson@example.org >")
    #expect(wide.contact?.uri.user == "t.watson" && wide.contact?.displayName == "Watson, Thomas")
  }

  @Test("§3.1.2.14 a comma in a name without quotes makes the address unreadable, and nothing else")
  func bareComma() throws {
    let message = try options(Self.plain, "Contact: Bell, Alexander <sip:a.g.bell@example.com>;tag=43")
    #expect(message.contact == nil && message.defect == nil)
  }

  @Test("§3.1.2.15 another version is refused as such")
  func version() {
    #expect(throws: SIPParseError.unsupportedVersion) { try options("OPTIONS sip:user@example.com SIP/7.0") }
    #expect(throws: SIPParseError.unsupportedVersion) { try response("SIP/3.0 200 OK\r\n\r\n") }
  }

  @Test("§3.1.2.17 a method that nobody knows must be the one of its CSeq, too")
  func unknownMethod() throws {
    #expect(try options("NEWMETHOD sip:user@example.com SIP/2.0").defect == .methodMismatch)
  }

  @Test("§3.1.2.18 a status beyond all numbers is no status")
  func bigStatus() {
    #expect(throws: SIPParseError.badStartLine) {
      try response("SIP/2.0 4294967301 better not break the receiver\r\nCSeq: 1 INVITE\r\n\r\n")
    }
  }
}
