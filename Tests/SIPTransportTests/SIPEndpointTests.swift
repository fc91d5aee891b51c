import SIPCore
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct SIPEndpointTests {
  @Test("A request is answered over UDP and over TCP on one port", arguments: [true, false])
  func requestAndAnswer(overTCP: Bool) async throws {
    let handler = Answering()
    try await withEndpoint(quick(), handler) { server in
      try await withEndpoint { client in
        var message = makeRequest(.message)
        message.body = Array("body".utf8)
        let outcome = await client.request(message, to: overTCP ? tcp(server) : udp(server))
        guard case .response(let response, let source) = outcome else { throw TimedOut() }
        #expect(response.status == 200)
        #expect(response.to?.tag != nil)
        #expect(source.transport == (overTCP ? .tcp : .udp))
        #expect(source.remote.port == server.port)
        let seen = try #require(handler.requests.first)
        #expect(seen.via?.parameters["rport"] != nil)
        #expect(seen.via?.host == "127.0.0.1")
        #expect(seen.via?.port == client.port)
        #expect(seen.maxForwards == 70)
        #expect(seen.userAgent == "Tributary")
        #expect(seen.body == Array("body".utf8))
        #expect(response.via?.received == "127.0.0.1")
      }
    }
  }

  @Test("A handler may answer later from another thread")
  func later() async throws {
    let handler = Answering { request, _, transaction in
      Task { transaction.respond(SIPResponse(to: request, status: 404)) }
    }
    try await withEndpoint(quick(), handler) { server in
      try await withEndpoint { client in
        guard case .response(let response, _) = await client.request(makeRequest(.message), to: udp(server))
        else {
          throw TimedOut()
        }
        #expect(response.status == 404)
      }
    }
  }

  @Test("A retransmitted request is answered again with the same bytes and handled once")
  func retransmission() async throws {
    let handler = Answering()
    try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0), handler) { server in
      let peer = try RawPeer(connectedTo: server.port)
      peer.send(messageText())
      let first = try #require(peer.receive())
      peer.send(messageText())
      #expect(peer.receive() == first)
      #expect(first.contains("rport=") && first.contains("received=127.0.0.1"))
      peer.send(messageText(callID: "other"))
      #expect(peer.receive() != nil)
      #expect(handler.requests.count == 2)
      #expect(await server.counters().retransmissionsIn == 1)
    }
  }

  @Test("A crowd of requests is answered, every one once, also when some cannot be and some are large")
  func crowd() async throws {
    let handler = Answering { request, _, transaction in
      var response = SIPResponse(to: request, status: 200)
      switch request.callID?.last {
      case "0", "1", "2": response.body = Array(repeating: 65, count: 45_000)
      case "5": response.body = Array(repeating: 65, count: 66_000)
      default: break
      }
      transaction.respond(response)
    }
    try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0), handler) { server in
      let peer = try RawPeer(connectedTo: server.port)
      var calls: Set<String> = []
      for first in stride(from: 0, to: 300, by: 10) {
        let wanted = (first..<first + 10).map { "crowd-\($0)" }
        for call in wanted { peer.send(messageText(callID: call)) }
        for _ in 0..<9 {
          let answer = try #require(peer.receive())
          let call = try #require(wanted.first { answer.contains("Call-ID: \($0)\r\n") })
          #expect(calls.insert(call).inserted)
        }
      }
      // What is too large for a datagram is lost and counted; what came with it is not.
      #expect(calls.count == 270 && !calls.contains { $0.hasSuffix("5") })
      let counters = await server.counters()
      #expect(counters.sendFailures == 30 && counters.responsesOut == 300)
    }
  }

  @Test("A request that nobody answers is repeated and times out")
  func timeout() async throws {
    let silent = Answering { _, _, _ in }
    try await withEndpoint(quick(), silent) { server in
      try await withEndpoint { client in
        guard case .timeout = await client.request(makeRequest(.message), to: udp(server)) else {
          throw TimedOut()
        }
        let counters = await client.counters()
        #expect(counters.retransmissionsOut >= 3)
        #expect(counters.timeouts == 1)
        #expect(counters.clientTransactions == 0)
        #expect(silent.requests.count == 1)
      }
    }
  }

  @Test("The user's own limit ends a request before the protocol's does")
  func ownLimit() async throws {
    try await withEndpoint(quick(), Answering { _, _, _ in }) { server in
      try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0)) { client in
        let outcome = await client.request(makeRequest(.bye), to: udp(server), timeout: .milliseconds(50))
        guard case .timeout = outcome else { throw TimedOut() }
        #expect(await client.counters().clientTransactions == 0)
      }
    }
  }

  @Test("A port that is taken is a clear error")
  func portTaken() async throws {
    try await withEndpoint { first in
      let second = SIPEndpoint(configuration: SIPEndpointConfiguration(host: "127.0.0.1", port: first.port))
      await #expect {
        try await second.start(handler: Answering())
      } throws: { error in
        (error as? SIPEndpointError)?.code == .addressInUse
          && (error as? SIPEndpointError)?.description.contains(":\(first.port)") == true
      }
      await second.stop()
    }
  }

  @Test("A destination that cannot be reached fails its request and not the port")
  func unreachable() async throws {
    try await withEndpoint { server in
      for target in [
        SIPTarget.udp(SIPHostPort(host: "127.0.0.1", port: 0)),
        .udp(SIPHostPort(host: "name.invalid", port: 5060)),
        .udp(SIPHostPort(host: "255.255.255.255", port: 5060)), .connection(SIPConnectionID(99)),
      ] {
        guard case .transportError = await server.request(makeRequest(.message), to: target) else {
          throw TimedOut()
        }
      }
      let peer = try RawPeer(connectedTo: server.port)
      peer.send(messageText())
      #expect(peer.receive()?.hasPrefix("SIP/2.0 200") == true)
    }
  }

  @Test("The local address is never unspecified, and an advertised one wins")
  func localAddress() async throws {
    let any = SIPEndpoint(configuration: SIPEndpointConfiguration(host: "0.0.0.0", port: 0))
    #expect(any.localAddress(towards: "127.0.0.1") == "127.0.0.1")
    #expect(any.localAddress(towards: "no address") != "0.0.0.0")
    await any.stop()
    var configuration = SIPEndpointConfiguration(host: "0.0.0.0", port: 0)
    configuration.advertised = ["203.0.113.5", "10.1.0.1"]
    let behind = SIPEndpoint(configuration: configuration)
    #expect(behind.localAddress(towards: "10.1.2.3") == "10.1.0.1")
    #expect(behind.localAddress(towards: "203.0.113.77") == "203.0.113.5")
    await behind.stop()
  }

  @Test("Every message is traced in both directions")
  func trace() async throws {
    let entries = Collected<SIPTraceEntry>()
    var configuration = quick()
    configuration.onTrace = { entries.add($0) }
    try await withEndpoint(configuration) { server in
      let peer = try RawPeer(connectedTo: server.port)
      peer.send(messageText())
      _ = peer.receive()
      try await eventually { entries.all.count == 2 }
      #expect(entries.all.map(\.direction) == [.incoming, .outgoing])
      #expect(entries.all.first?.bytes == Array(messageText().utf8))
      #expect(entries.all.first?.remote.host == "127.0.0.1")
    }
  }

  @Test("Stopping fails what still waits")
  func stopping() async throws {
    try await withEndpoint(quick(), Answering { _, _, _ in }) { server in
      let client = SIPEndpoint(configuration: SIPEndpointConfiguration(host: "127.0.0.1", port: 0))
      try await client.start(handler: Answering())
      async let outcome = client.request(makeRequest(.message), to: udp(server))
      try await eventually { await client.counters().clientTransactions == 1 }
      await client.stop()
      guard case .transportError = await outcome else { throw TimedOut() }
    }
  }

  @Test("A stopped endpoint refuses requests and has no figures")
  func stopped() async throws {
    try await withEndpoint(quick()) { server in
      let client = SIPEndpoint(configuration: SIPEndpointConfiguration(host: "127.0.0.1", port: 0))
      try await client.start(handler: Answering())
      await client.stop()
      guard case .transportError = await client.request(makeRequest(.message), to: udp(server)) else {
        throw TimedOut()
      }
      #expect(await client.counters().clientTransactions == 0)
    }
  }
}
