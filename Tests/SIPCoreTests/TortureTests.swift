import SIPCore
import Testing

/// Messages after RFC 4475: each exercises what the named section exercises.
struct TortureTests {
  @Test("§3.1.1.1 blanks, folds, escapes and mixed compact forms in a legal INVITE")
  func shortAndTortuous() throws {
    let message = try request(
      lines(
        "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0", "TO :",
        " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n",
        "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>", "  ;", "  tag = 98asjd8",
        "MaX-fOrWaRdS: 0068", "Call-ID: wsinv.ndaksdj@192.0.2.1", "Content-Length   : 0", "cseq: 0009",
        "  INVITE", "Via  : SIP  /   2.0", " /UDP", "    192.0.2.2;branch=390skdjuw", "s :",
        "NewFangledHeader:   newfangled value", " continued newfangled value",
        "UnknownHeaderWithUnusualValue: ;;,,;;,;",
        "Content-Type: application/sdp", "v:  SIP  / 2.0  / TCP     spindle.example.com   ;",
        "  branch  =   z9hG4bK9ikj8  ,", " SIP  /    2.0   / UDP  192.168.255.111   ; branch=",
        " z9hG4bK30239",
        "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =", "      newvalue ;",
        "  secondparam ; q = 0.33"))
    #expect(message.defect == nil)
    #expect(message.to?.tag == "1918181833n")
    #expect(message.from?.tag == "98asjd8")
    #expect(message.from?.displayName == "J Rosenberg \\\"")
    #expect(message.maxForwards == 68)
    #expect(message.cseq == CSeq(number: 9, method: .invite))
    #expect(message.via?.branch == "390skdjuw")
    #expect(message.headers.values(of: .via).count == 2)
    #expect(message.headers["newfangledheader"] == "newfangled value continued newfangled value")
    #expect(message.contact?.parameters["newparam"] == "newvalue")
    #expect(message.contact?.parameters["q"] == "0.33")
    #expect(message.headers[.subject] == "")
  }

  @Test("§3.1.1.2 every token character is legal in a method")
  func wideRange() throws {
    let message = try request(
      lines(
        "!interesting-Method0123456789_*+`.%ind'~ "
          + "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com SIP/2.0",
        "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
        "To: \"BEL:\\\u{7} NUL:\\\u{1} DEL:\\\u{7F}\" <sip:1_unusual.URI~@example.com>",
        "From: token1~` token2'+_ token3*%!.- <sip:mundane@example.com>;"
          + "fromParam''~+*_!.-%=\"text\";tag=_token~1'+`*%!-.",
        "Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        "CSeq: 139122385 !interesting-Method0123456789_*+`.%ind'~"))
    #expect(message.method.name == "!INTERESTING-METHOD0123456789_*+`.%IND'~")
    #expect(message.defect == nil)
    #expect(message.from?.tag == "_token~1'+`*%!-.")
  }

  @Test("§3.1.1.6 a message without a final reason phrase is a response")
  func noReason() throws {
    #expect(try response("SIP/2.0 100 \r\nCSeq: 1 INVITE\r\n\r\n").reason == "")
    #expect(try response("SIP/2.0 100\r\n\r\n").status == 100)
  }

  @Test("§3.1.1.8 a second message in the datagram is not a body")
  func extraOctets() throws {
    #expect(try request(Sample.register + Sample.keepalive).body.isEmpty)
  }

  @Test("§3.1.1.9 semicolons in the user part belong to the user")
  func semicolonUser() throws {
    let uri = try #require(SIPURI("sip:user;par=u%40example.net@example.com"))
    #expect(uri.user == "user;par=u%40example.net")
    #expect(uri.host == "example.com")
    #expect(uri.parameters.isEmpty)
  }

  @Test("§3.1.2.1 extraneous separators in a Via do not hide the branch")
  func separators() throws {
    let via = try #require(Via("SIP/2.0/UDP 192.0.2.15;;;branch=z9hG4bKkdjuw,,"))
    #expect(via.branch == "z9hG4bKkdjuw")
  }

  @Test("§3.1.2.4 numbers that overflow are unreadable, not traps")
  func overflow() throws {
    let message = try request(
      lines(
        "REGISTER sip:example.com SIP/2.0", "Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3",
        "To: <sip:user@example.com>", "From: <sip:user@example.com>;tag=239232jh3",
        "CSeq: 36893488147419103232 REGISTER", "Call-ID: scalar02", "Max-Forwards: 300",
        "Expires: 10000000000000000000000000",
        "Contact: <sip:user@host129.example.com>;expires=280297596632815"))
    #expect(message.cseq == nil)
    #expect(message.defect == .unreadable(.cseq))
    #expect(message.expires == nil)
    #expect(message.registrationExpires == Int(UInt32.max))
  }

  @Test("§3.1.2.5 an unterminated quote swallows the rest and harms nothing")
  func openQuote() throws {
    #expect(NameAddress("\"Mr. J. User <sip:j.user@example.com>") == nil)
    #expect(NameAddress("\"open <sip:a@b>;tag=x")?.tag == nil)
  }

  @Test("§3.1.2.16 a mismatch of method and CSeq is a defect")
  func methodMismatch() throws {
    let message = try request(
      lines(
        "OPTIONS sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a@b>;tag=1",
        "To: <sip:b@b>", "Call-ID: mismatch01", "CSeq: 8 INVITE"))
    #expect(message.defect == .methodMismatch)
  }

  @Test("§3.3.1 missing required headers are named")
  func missing() throws {
    let message = try request(lines("INVITE sip:user@example.com SIP/2.0", "CSeq: 193942 INVITE"))
    #expect(message.defect == .missing(.via))
    let other = try request(
      lines("INVITE sip:user@example.com SIP/2.0", "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "CSeq: 1 INVITE"))
    #expect(other.defect == .missing(.from))
  }

  @Test("§3.3.2 a Request-URI of another scheme is kept, without a user")
  func unknownScheme() throws {
    let message = try request(lines("OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0"))
    #expect(message.uri?.scheme == "nobodyknowsthisscheme")
    #expect(message.uri?.user == nil)
  }

  @Test("§3.3.8 two different values of a single header are a defect; the same twice is not")
  func repeated() throws {
    func with(_ second: String) throws -> SIPRequest {
      try request(
        lines(
          "OPTIONS sip:a@b SIP/2.0", "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a@b>;tag=1",
          "To: <sip:b@b>",
          "Call-ID: one", "Call-ID: \(second)", "CSeq: 8 OPTIONS"))
    }
    #expect(try with("two").defect == .repeated(.callID))
    #expect(try with("one").defect == nil)
  }
}
