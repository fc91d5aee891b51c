import SIPCore
import Testing

struct MutationTests {
  @Test("No mutation of a message traps any reader of it")
  func messages() {
    var random = SplitMix(state: 0x5109)
    let seeds = Sample.all.map { Array($0.utf8) }
    for round in 0..<6000 {
      let bytes = mutated(seeds[round % seeds.count], &random)
      guard let message = try? parse(bytes) else { continue }
      exercise(message)
    }
  }

  @Test("The user part alone is the user part of the whole address, whatever the bytes")
  func userAlone() {
    var random = SplitMix(state: 0x05E4)
    let seeds = [
      "<sip:34020000001180000001@3402000000>;tag=1", "\"a, b\" <sips:u:p@[::1]:5060;x=y?h>;tag=2", "sip:h",
      "tel:1@2",
      "Camera sip:34020000001180000001@192.0.2.1:70000;tag", "sip:a@b@c:5", "<sip:@h>", "SIP:u@h:",
    ].map { Array($0.utf8) }
    var found = 0
    for round in 0..<20_000 {
      let bytes = mutated(seeds[round % seeds.count], &random)
      var request = SIPRequest(method: .message, requestURI: "sip:x")
      let text = String(decoding: bytes, as: UTF8.self)
      request.headers.append(.from, text)
      request.headers.append(.to, text)
      #expect(request.fromUser == request.from?.uri.user, "\(text)")
      #expect(request.toUser == request.to?.uri.user, "\(text)")
      if request.fromUser != nil { found += 1 }
    }
    #expect(found > 1_000)
  }

  @Test("Random bytes never trap the parsers of single values")
  func values() {
    var random = SplitMix(state: 0xF00D)
    let alphabet = Array("<>\"\\;,=@: []%?/.sipSIP20UDPtagbranch\t\r\n\0z9".utf8) + [0x80, 0xFF]
    for _ in 0..<20_000 {
      let length = Int.random(in: 0...40, using: &random)
      let text = String(
        decoding: (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }, as: UTF8.self)
      _ = SIPURI(text)?.description
      _ = NameAddress(text)?.description
      _ = Via(text)?.description
      _ = CSeq(text)
      _ = SIPMethod(text)
      _ = DigestChallenge(text)?.headerValue
      _ = DigestCredentials(text)?.headerValue
      _ = SIPHeaderName(text)
    }
  }

  @Test("A stream cut anywhere and mutated anywhere never traps, and holds no more than its limits")
  func streams() {
    var random = SplitMix(state: 0x7C9)
    let whole = Array((Sample.keepalive + "\r\n\r\n" + Sample.register + Sample.ok).utf8)
    for _ in 0..<1500 {
      let bytes = mutated(whole, &random)
      var framer = SIPStreamFramer()
      var position = 0
      var events = 0
      while position < bytes.count {
        let end = min(bytes.count, position + Int.random(in: 1...200, using: &random))
        framer.feed(bytes[position..<end].span)
        while let event = framer.next() {
          events += 1
          if case .message(let message) = event { exercise(message) }
        }
        position = end
      }
      #expect(events <= bytes.count)
      #expect(framer.buffered <= bytes.count)
    }
  }

  private func exercise(_ message: SIPMessage) {
    switch message {
    case .request(var request):
      request.receivedFrom = SIPHostPort(host: "192.0.2.1", port: 5060)
      _ = request.defect
      _ = (request.via, request.from, request.to, request.contact, request.registrationExpires, request.uri)
      _ = SIPTransactionKey(server: request)
      _ = request.cancellation().serialised()
      let answer = SIPResponse(to: request, status: 200, toTag: "x")
      // What we write must always be readable, whatever it was made from.
      let written = answer.serialised()
      #expect((try? parse(written)) != nil)
      _ = Dialog(
        called: request, localTag: "x",
        from: SIPSource(
          transport: .udp, remote: SIPHostPort(host: "192.0.2.1", port: 1),
          local: SIPHostPort(host: "", port: 1)))
    case .response(let response):
      _ = (response.via, response.from, response.to, response.contact, response.cseq)
      _ = SIPTransactionKey(client: response)
    }
    #expect((try? parse(message.serialised())) != nil)
  }
}
