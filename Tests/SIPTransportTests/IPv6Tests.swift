import NIOCore
import NIOPosix
import SIPCore
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct IPv6Tests {
  private func six(_ host: String = "::1") -> SIPEndpointConfiguration {
    var configuration = quick()
    configuration.host = host
    return configuration
  }

  @Test("Over IPv6 addresses stand in brackets in Via, Contact and received", arguments: [true, false])
  func brackets(overTCP: Bool) async throws {
    let handler = Answering { _, _, _ in }
    try await withEndpoint(six(), handler) { server in
      try await withEndpoint(six()) { client in
        let peer = SIPHostPort(host: "::1", port: server.port)
        client.send(makeRequest(.invite), to: overTCP ? .tcp(peer) : .udp(peer)) { _ in }
        try await eventually { handler.count(.invite) == 1 }
        let seen = try #require(handler.requests.first)
        #expect(seen.headers[.via]?.contains("[::1]:\(client.port)") == true)
        #expect(seen.headers[.contact]?.contains("@[::1]:\(client.port)") == true)
        #expect(seen.via?.host == "::1" && seen.contact?.uri.host == "::1")
        #expect(seen.receivedFrom?.host == "::1")
        let answer = SIPResponse(to: seen, status: 200)
        #expect(answer.headers[.via]?.contains("received=[::1]") == true && answer.via?.received == "::1")
      }
    }
  }

  @Test("An endpoint on :: hears IPv4 and IPv6 and answers each with an address of its own family")
  func both() async throws {
    let handler = Answering()
    try await withEndpoint(six("::"), handler) { server in
      try await withEndpoint { four in
        guard
          case .response(let response, let source) = await four.request(
            makeRequest(.message), to: udp(server))
        else { throw TimedOut() }
        #expect(response.via?.received == "127.0.0.1" && source.remote.host == "127.0.0.1")
        guard case .response = await four.request(makeRequest(.message), to: tcp(server)) else {
          throw TimedOut()
        }
      }
      try await withEndpoint(six()) { client in
        let peer = SIPHostPort(host: "::1", port: server.port)
        for target in [SIPTarget.udp(peer), .tcp(peer)] {
          guard case .response(let response, _) = await client.request(makeRequest(.message), to: target)
          else {
            throw TimedOut()
          }
          #expect(response.via?.received == "::1")
        }
      }
      #expect(server.localAddress(towards: "::1") == "::1")
      #expect(server.localAddress(towards: "127.0.0.1") == "127.0.0.1")
      // And the other way: it calls peers of both families.
      let calls = Answering()
      try await withEndpoint(six(), calls) { callee in
        let outcome = await server.request(
          makeRequest(.message), to: .udp(SIPHostPort(host: "::1", port: callee.port)))
        guard case .response = outcome else { throw TimedOut() }
        #expect(calls.requests.first?.via?.host == "::1")
      }
      try await withEndpoint(quick(), calls) { callee in
        guard case .response = await server.request(makeRequest(.message), to: udp(callee)) else {
          throw TimedOut()
        }
        #expect(calls.requests.last?.via?.host == "127.0.0.1")
      }
    }
  }

  @Test("The advertised address of the peer's family is the one that is written")
  func advertised() async throws {
    var configuration = six("::")
    configuration.advertised = ["203.0.113.5", "2001:db8::5"]
    let endpoint = SIPEndpoint(configuration: configuration)
    #expect(endpoint.localAddress(towards: "2001:db8:1::9") == "2001:db8::5")
    #expect(endpoint.localAddress(towards: "198.51.100.7") == "203.0.113.5")
    await endpoint.stop()
  }
}
