import SIPCore
import Testing

struct SIPStreamFramerTests {
  private func events(_ text: String, chunk: Int = .max) -> [SIPStreamFramer.Event] {
    let bytes = Array(text.utf8)
    var framer = SIPStreamFramer()
    var result: [SIPStreamFramer.Event] = []
    var position = 0
    while position < bytes.count {
      let end = chunk == .max ? bytes.count : min(bytes.count, position + chunk)
      framer.feed(bytes[position..<end].span)
      while let event = framer.next() { result.append(event) }
      position = end
    }
    return result
  }

  private func bodies(_ events: [SIPStreamFramer.Event]) -> [String] {
    events.compactMap { event in
      guard case .message(let message) = event else { return nil }
      return String(decoding: message.body, as: UTF8.self)
    }
  }

  @Test("Several messages in one read are found, and one message in many reads")
  func split() {
    let text = Sample.keepalive + Sample.register + Sample.keepalive
    for chunk in [Int.max, 1, 2, 7, 64] {
      #expect(bodies(events(text, chunk: chunk)) == [Sample.keepaliveBody, "", Sample.keepaliveBody])
    }
  }

  @Test("Line ends and NULs between messages are dropped silently")
  func padding() {
    let found = events("\r\n\r\n\0\0" + Sample.register + "\r\n\r\n\0" + Sample.register + "\r\n")
    #expect(found.count == 2)
    #expect(bodies(found).count == 2)
  }

  @Test("A length that is too small is repaired at the next start line")
  func shortLength() {
    let broken = Sample.keepalive.replacing(
      "Content-Length: \(Sample.keepaliveBody.utf8.count)", with: "Content-Length: 20")
    let found = events(broken + Sample.keepalive)
    #expect(bodies(found).count == 2)
    #expect(bodies(found).last == Sample.keepaliveBody)
  }

  @Test("A length that is too large does not swallow the next message")
  func longLength() {
    let broken = Sample.keepalive.replacing(
      "Content-Length: \(Sample.keepaliveBody.utf8.count)", with: "Content-Length: 5000")
    for chunk in [Int.max, 1, 13] {
      #expect(bodies(events(broken + Sample.register, chunk: chunk)) == [Sample.keepaliveBody, ""])
    }
  }

  @Test("A body that quotes a message is not cut")
  func quoted() {
    let body = Sample.register + "tail"
    let text =
      lines("NOTIFY sip:1@2 SIP/2.0", "Content-Type: message/sipfrag", "Content-Length: \(body.utf8.count)")
      + body
    for chunk in [Int.max, 1, 50] { #expect(bodies(events(text, chunk: chunk)) == [body]) }
  }

  @Test("Without a length there is no body unless a type says so, which ends the connection")
  func noLength() {
    let plain = lines("OPTIONS sip:1@2 SIP/2.0", "Call-ID: a")
    #expect(bodies(events(plain)) == [""])
    let typed = lines("MESSAGE sip:1@2 SIP/2.0", "Content-Type: text/plain")
    #expect(events(typed) == [.fatal(.unknownLength)])
  }

  @Test("A body over the limit and endless junk end the connection")
  func limits() {
    let huge = lines("MESSAGE sip:1@2 SIP/2.0", "Content-Length: 99999999")
    #expect(events(huge) == [.fatal(.bodyTooLarge)])
    let junk = String(repeating: "junk without sense\r\n\r\n", count: 8000)
    #expect(events(junk, chunk: 4096).last == .fatal(.notSIP))
    let line = String(repeating: "x", count: 300_000)
    #expect(events(line, chunk: 4096).last == .fatal(.notSIP))
  }

  @Test("A large body in small pieces is taken in linear time")
  func largeBody() {
    let body = String(repeating: "0123456789abcdef", count: 60_000)
    let text =
      lines("MESSAGE sip:1@2 SIP/2.0", "Content-Type: text/plain", "Content-Length: \(body.utf8.count)")
      + body
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      #expect(bodies(events(text, chunk: 1400)).first?.utf8.count == body.utf8.count)
    }
    #expect(elapsed < .seconds(10))
  }
}
