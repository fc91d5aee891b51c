import SIPCore
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct HostileInputTests {
  @Test("A readable request that lacks something gets 400 with the reason")
  func malformed() async throws {
    try await withEndpoint { server in
      let peer = try RawPeer(connectedTo: server.port)
      peer.send(
        "MESSAGE sip:1@2 SIP/2.0\r\nVia: SIP/2.0/UDP a;rport;branch=z9hG4bK1\r\n"
          + "Call-ID: x\r\nCSeq: 1 MESSAGE\r\n\r\n"
      )
      #expect(peer.receive()?.hasPrefix("SIP/2.0 400 Missing From") == true)
      peer.send(messageText().replacing("CSeq: 1 MESSAGE", with: "CSeq: 1 INVITE"))
      #expect(peer.receive()?.hasPrefix("SIP/2.0 400 CSeq method mismatch") == true)
      #expect(await server.counters().malformed == 2)
    }
  }

  @Test("Junk beyond its share is not answered, and good messages of the same host still are")
  func flood() async throws {
    var configuration = quick()
    configuration.junkPerSource = 3
    let handler = Answering()
    try await withEndpoint(configuration, handler) { server in
      let peer = try RawPeer(connectedTo: server.port)
      for _ in 0..<50 {
        peer.send("MESSAGE sip:1@2 SIP/2.0\r\nVia: SIP/2.0/UDP a;rport;branch=z9hG4bK1\r\n\r\n")
      }
      try await eventually { await server.counters().malformed == 50 }
      let counters = await server.counters()
      #expect(counters.responsesOut == 3)
      #expect(counters.suppressedJunk == 47)
      peer.send(messageText())
      try await eventually { handler.requests.count == 1 }
    }
  }

  @Test("Padding, scanners and noise get no answer and do no harm")
  func silence() async throws {
    let handler = Answering()
    try await withEndpoint(quick(), handler) { server in
      let peer = try RawPeer(connectedTo: server.port)
      for noise in ["\r\n\r\n", "\0\0\0\0", "GET / HTTP/1.1\r\n\r\n", "x"] { peer.send(noise) }
      peer.send(messageText().replacing("Content-Type", with: "User-Agent: friendly-scanner\r\nContent-Type"))
      peer.send(Array(repeating: 0xFF, count: 65_000))
      peer.send(messageText(callID: "good"))
      #expect(peer.receive()?.contains("Call-ID: good") == true)
      let counters = await server.counters()
      #expect(counters.keepAlives == 2)
      #expect(counters.malformed == 3)
      #expect(counters.scanners == 1)
      #expect(handler.requests.count == 1)
    }
  }

  @Test("A datagram of 60 000 bytes is received whole")
  func largeDatagram() async throws {
    let handler = Answering()
    try await withEndpoint(quick(), handler) { server in
      let peer = try RawPeer(connectedTo: server.port)
      peer.send(messageText(body: String(repeating: "a", count: 60_000)))
      #expect(peer.receive()?.hasPrefix("SIP/2.0 200") == true)
      #expect(handler.requests.first?.body.count == 60_000)
    }
  }

  @Test("Answered transactions are bounded in number and forgotten in time")
  func bounded() async throws {
    var configuration = quick()
    configuration.answeredTransactions = 5
    try await withEndpoint(configuration) { server in
      let peer = try RawPeer(connectedTo: server.port)
      for index in 0..<20 {
        peer.send(messageText(callID: "c\(index)"))
        _ = peer.receive()
      }
      #expect(await server.counters().evictedTransactions >= 15)
      #expect(await server.counters().serverTransactions <= 5)
      try await eventually { await server.counters().serverTransactions == 0 }
    }
  }

  @Test("Random mutations of a message leave the endpoint answering")
  func mutations() async throws {
    try await withEndpoint { server in
      let peer = try RawPeer(connectedTo: server.port)
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<300 {
        var bytes = Array(messageText().utf8)
        for _ in 0..<4 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = .random(in: 0...255) }
        peer.send(bytes)
      }
      let other = try RawPeer(connectedTo: server.port)
      other.send(messageText(callID: "after"))
      #expect(other.receive()?.contains("Call-ID: after") == true)
    }
  }
}

@Suite(.timeLimit(.minutes(2)))
struct StreamConnectionTests {
  @Test("Messages in pieces and in one piece are answered on their connection")
  func pieces() async throws {
    let sources = Collected<SIPSource>()
    let handler = Answering { request, source, transaction in
      sources.add(source)
      transaction.respond(SIPResponse(to: request, status: 200))
    }
    try await withEndpoint(quick(), handler) { server in
      let peer = try RawPeer(stream: true, connectedTo: server.port)
      let text = "\r\n\r\n" + messageText(callID: "one") + messageText(callID: "two")
      let bytes = Array(text.utf8)
      peer.send(Array(bytes[..<40]))
      try await Task.sleep(for: .milliseconds(20))
      peer.send(Array(bytes[40...]))
      var received = ""
      while !received.contains("Call-ID: two") { received += try #require(peer.receive()) }
      #expect(received.contains("Call-ID: one"))
      #expect(Set(sources.all.map(\.connection)).count == 1)
      #expect(sources.all.first?.connection != nil)
    }
  }

  @Test("A request reaches a device on the connection that it opened")
  func backwards() async throws {
    let sources = Collected<SIPSource>()
    let server = Answering { request, source, transaction in
      sources.add(source)
      transaction.respond(SIPResponse(to: request, status: 200))
    }
    let device = Answering()
    try await withEndpoint(quick(), server) { platform in
      try await withEndpoint(quick(), device) { camera in
        _ = await camera.request(makeRequest(.register), to: tcp(platform))
        let source = try #require(sources.all.first)
        guard
          case .response(let response, _) = await platform.request(
            makeRequest(.message), to: SIPTarget(source))
        else { throw TimedOut() }
        #expect(response.status == 200)
        #expect(device.count(.message) == 1)
        #expect(await platform.counters().connectionsOpened == 0)
      }
    }
  }

  @Test("A lost connection is reported and fails what waits on it")
  func lost() async throws {
    let closed = Collected<SIPConnectionID>()
    let sources = Collected<SIPSource>()
    var configuration = SIPEndpointConfiguration(host: "127.0.0.1", port: 0)
    configuration.onConnectionClosed = { id, _ in closed.add(id) }
    let handler = Answering { request, source, transaction in
      sources.add(source)
      transaction.respond(SIPResponse(to: request, status: 200))
    }
    try await withEndpoint(configuration, handler) { server in
      var peer: RawPeer? = try RawPeer(stream: true, connectedTo: server.port)
      peer?.send(messageText())
      _ = peer?.receive()
      let source = try #require(sources.all.first)
      async let outcome = server.request(makeRequest(.message), to: SIPTarget(source))
      try await eventually { await server.counters().clientTransactions == 1 }
      peer = nil
      guard case .transportError = await outcome else { throw TimedOut() }
      try await eventually { closed.all == [source.connection] }
      #expect(await server.counters().connections == 0)
    }
  }

  @Test("Nobody listens: the request fails instead of waiting")
  func refused() async throws {
    try await withEndpoint { client in
      let free = try RawServer().port
      let outcome = await client.request(
        makeRequest(.message), to: .tcp(SIPHostPort(host: "127.0.0.1", port: free)))
      guard case .transportError = outcome else { throw TimedOut() }
      #expect(await client.counters().clientTransactions == 0)
    }
  }

  @Test("A connection that says nothing, and one that says nonsense, are closed")
  func worthless() async throws {
    var configuration = quick()
    configuration.silentConnection = .milliseconds(50)
    try await withEndpoint(configuration) { server in
      let silent = try RawPeer(stream: true, connectedTo: server.port)
      #expect(silent.isClosedByPeer())
      let huge = try RawPeer(stream: true, connectedTo: server.port)
      huge.send("MESSAGE sip:1@2 SIP/2.0\r\nContent-Length: 999999999\r\n\r\n")
      #expect(huge.isClosedByPeer())
      try await eventually { await server.counters().connections == 0 }
    }
  }
}
