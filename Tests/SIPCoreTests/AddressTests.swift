import SIPCore
import Testing

struct AddressTests {
  @Test("A URI is read into its parts and written back")
  func uri() throws {
    let uri = try #require(SIPURI("sip:34020000001320000001:pw@192.0.2.1:5062;transport=tcp;lr?Subject=x"))
    #expect(uri.user == "34020000001320000001")
    #expect(uri.password == "pw")
    #expect(uri.host == "192.0.2.1")
    #expect(uri.port == 5062)
    #expect(uri.parameters["transport"] == "tcp")
    #expect(uri.parameters["LR"] == "")
    #expect(uri.headers == "Subject=x")
    #expect(uri.description == "sip:34020000001320000001:pw@192.0.2.1:5062;transport=tcp;lr?Subject=x")
  }

  @Test("IPv6 hosts lose and regain their brackets")
  func v6() throws {
    let uri = try #require(SIPURI("sip:1@[2001:db8::1]:5060"))
    #expect(uri.host == "2001:db8::1")
    #expect(uri.port == 5060)
    #expect(uri.description == "sip:1@[2001:db8::1]:5060")
    let via = try #require(Via("SIP/2.0/UDP [2001:db8::9:1]:5061;branch=z9hG4bKas3"))
    #expect(via.host == "2001:db8::9:1")
    #expect(via.port == 5061)
  }

  @Test("Ports that devices write wrongly are absent")
  func ports() {
    #expect(SIPURI("sip:1@host:")?.port == nil)
    #expect(SIPURI("sip:1@host:70000")?.port == nil)
    #expect(SIPURI("sip:1@host:0")?.port == 0)
  }

  @Test(
    "A URI without scheme or host, or with blanks, is none",
    arguments: ["", "sip:", "1@2", "sip:a b@c", "sip:a@"])
  func notURI(_ text: String) { #expect(SIPURI(text) == nil) }

  @Test("Parameters after a bare address belong to the header")
  func bare() throws {
    let address = try #require(NameAddress("sip:1@2;tag=abc"))
    #expect(address.tag == "abc")
    #expect(address.uri.parameters.isEmpty)
    #expect(address.description == "<sip:1@2>;tag=abc")
  }

  @Test("A missing bracket is forgiven and a list gives its first address")
  func forgiving() throws {
    #expect(NameAddress("<sip:1@2;lr")?.uri.user == "1")
    #expect(NameAddress("\"a, b\" <sip:1@2>;q=1, <sip:3@4>")?.uri.user == "1")
    #expect(NameAddress("*") == nil)
  }

  @Test("The response carries the packet's source in its top Via")
  func received() throws {
    var message = try request(Sample.register)
    message.receivedFrom = SIPHostPort(host: "198.51.100.7", port: 40_001)
    let via = try #require(SIPResponse(to: message, status: 401).via)
    #expect(via.received == "198.51.100.7")
    #expect(via.rport == 40_001)
    #expect(via.host == "192.0.2.20")
    #expect(via.branch == "z9hG4bK1a01")
  }

  @Test("Without rport only a foreign sent-by gets received, and later hops stay")
  func receivedWithoutRport() throws {
    var message = try request(
      lines(
        "OPTIONS sip:1@2 SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1, SIP/2.0/UDP far;branch=z9hG4bK2"))
    message.receivedFrom = SIPHostPort(host: "10.0.0.1", port: 5060)
    #expect(SIPResponse(to: message, status: 200).via?.received == nil)
    message.receivedFrom = SIPHostPort(host: "10.0.0.10", port: 5060)
    let stamped = SIPResponse(to: message, status: 200)
    #expect(
      stamped.headers[.via]
        == "SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1;received=10.0.0.10, SIP/2.0/UDP far;branch=z9hG4bK2")
  }

  @Test("A response copies what identifies the request and adds a tag once")
  func copies() throws {
    let message = try request(Sample.register)
    var answer = SIPResponse(to: message, status: 200, toTag: "s-1")
    #expect(answer.to?.tag == "s-1")
    answer.addToTag("other")
    #expect(answer.to?.tag == "s-1")
    #expect(answer.callID == message.callID)
    #expect(answer.cseq == message.cseq)
    #expect(answer.headers[.from] == message.headers[.from])
    #expect(answer.reason == "OK")
  }

  @Test("Contact's expires wins over the header, and neither is nil")
  func expires() throws {
    #expect(try request(Sample.register).registrationExpires == 3600)
    let both = try request(
      lines("REGISTER sip:1@2 SIP/2.0", "Contact: <sip:1@2>;expires=60", "Expires: 3600"))
    #expect(both.registrationExpires == 60)
    #expect(try request(lines("REGISTER sip:1@2 SIP/2.0", "Contact: <sip:1@2>")).registrationExpires == nil)
  }

  @Test("Setting a header replaces all of its name in the first one's place")
  func setting() {
    var headers = SIPHeaders()
    headers.append(.via, "a")
    headers.append(.subject, "b")
    headers.append(.via, "c")
    headers[.via] = "d"
    #expect(headers.count == 2)
    #expect(headers.values(of: .via) == ["d"])
    headers.prepend(.route, "r")
    #expect(headers.all.map(\.name.text) == ["Route", "Via", "Subject"])
    headers[.subject] = nil
    #expect(!headers.contains(.subject))
  }
}
