import SIPCore
import Testing

struct DialogTests {
  private let device = SIPSource(
    transport: .udp, remote: SIPHostPort(host: "198.51.100.7", port: 40_001),
    local: SIPHostPort(host: "192.0.2.10", port: 5060))

  private func invite() -> SIPRequest {
    SIPRequest(
      method: .invite, uri: SIPURI(user: "34020000001320000001", host: "198.51.100.7", port: 40_001),
      from: NameAddress(uri: SIPURI(user: "34020000002000000001", host: "3402000000"), tag: "live91"),
      to: NameAddress(uri: SIPURI(user: "34020000001320000001", host: "3402000000")), callID: "5d0c9e",
      cseq: 1)
  }

  private func answer(contact: String?) -> SIPResponse {
    var response = SIPResponse(to: invite(), status: 200, toTag: "dev7")
    if let contact { response.headers.append(.contact, contact) }
    return response
  }

  @Test("The caller acknowledges with the INVITE's number and ends with the next")
  func caller() throws {
    var dialog = try #require(
      Dialog(calling: invite(), answeredBy: answer(contact: "<sip:x@198.51.100.7:40001>"), from: device))
    let ack = dialog.acknowledgement()
    #expect(ack.cseq == CSeq(number: 1, method: .ack))
    #expect(ack.to?.tag == "dev7")
    #expect(ack.from?.tag == "live91")
    #expect(ack.requestURI == "sip:x@198.51.100.7:40001")
    let bye = dialog.request(.bye)
    #expect(bye.cseq == CSeq(number: 2, method: .bye))
    #expect(bye.callID == "5d0c9e")
    #expect(dialog.request(.info).cseq?.number == 3)
  }

  @Test("A Contact that cannot be used gives way to the packet's source")
  func badContact() throws {
    for contact in ["<sip:x@0.0.0.0:5060>", "<sip:x@127.0.0.1>"] {
      let dialog = try #require(Dialog(calling: invite(), answeredBy: answer(contact: contact), from: device))
      #expect(dialog.requestURI.description == "sip:x@198.51.100.7:40001")
    }
    let none = try #require(Dialog(calling: invite(), answeredBy: answer(contact: nil), from: device))
    #expect(none.requestURI.description == "sip:34020000001320000001@198.51.100.7:40001")
    let hidden = try #require(
      Dialog(calling: invite(), answeredBy: answer(contact: "<sip:x@192.168.1.5:5060>"), from: device))
    #expect(hidden.requestURI.host == "192.168.1.5")
    #expect(hidden.peer == device)
  }

  @Test("The callee answers with tags turned round")
  func callee() throws {
    var dialog = try #require(Dialog(called: invite(), localTag: "mine", from: device))
    let bye = dialog.request(.bye)
    #expect(bye.from?.tag == "mine")
    #expect(bye.to?.tag == "live91")
    #expect(bye.from?.uri.user == "34020000001320000001")
    #expect(bye.cseq?.number == 1)
  }

  private func bye(fromTag: String, toTag: String, cseq: UInt32 = 1) -> SIPRequest {
    SIPRequest(
      method: .bye, uri: SIPURI(user: "34020000002000000001", host: "h"),
      from: NameAddress(uri: SIPURI(user: "34020000001320000001", host: "h"), tag: fromTag),
      to: NameAddress(uri: SIPURI(user: "34020000002000000001", host: "h"), tag: toTag), callID: "5d0c9e",
      cseq: cseq)
  }

  @Test("A BYE with wrong tags is believed from the peer's host and from nobody else")
  func tags() throws {
    let stranger = SIPSource(
      transport: .udp, remote: SIPHostPort(host: "203.0.113.9", port: 5060), local: device.local)
    var moved = device
    moved.remote.port = 50_000
    var dialog = try #require(Dialog(calling: invite(), answeredBy: answer(contact: nil), from: device))
    #expect(dialog.receive(bye(fromTag: "dev7", toTag: "live91"), from: stranger) == .foreign)
    #expect(dialog.receive(bye(fromTag: "x", toTag: "y"), from: stranger) == .foreign)
    #expect(dialog.receive(bye(fromTag: "x", toTag: "y"), from: moved) == .accepted)
    #expect(dialog.peer == moved)
  }

  @Test("An older number is out of order, except for a BYE")
  func order() throws {
    var dialog = try #require(Dialog(calling: invite(), answeredBy: answer(contact: nil), from: device))
    func info(_ number: UInt32) -> SIPRequest {
      var request = bye(fromTag: "dev7", toTag: "live91")
      request.method = .info
      request.headers[.cseq] = "\(number) INFO"
      return request
    }
    #expect(dialog.receive(info(10), from: device) == .accepted)
    #expect(dialog.receive(info(9), from: device) == .outOfOrder)
    #expect(dialog.receive(bye(fromTag: "dev7", toTag: "live91", cseq: 3), from: device) == .accepted)
  }

  @Test("A refusal makes no dialog, a provisional answer an early one")
  func states() throws {
    #expect(
      Dialog(calling: invite(), answeredBy: SIPResponse(to: invite(), status: 486), from: device) == nil)
    #expect(
      Dialog(calling: invite(), answeredBy: SIPResponse(to: invite(), status: 100), from: device) == nil)
    var dialog = try #require(
      Dialog(calling: invite(), answeredBy: SIPResponse(to: invite(), status: 180, toTag: "a"), from: device))
    #expect(dialog.state == .early)
    dialog.update(with: answer(contact: nil), from: device)
    #expect(dialog.state == .confirmed)
    #expect(dialog.remoteTag == "dev7")
  }
}
