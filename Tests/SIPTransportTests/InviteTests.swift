import SIPCore
import SIPTransport
import Testing

@Suite(.timeLimit(.minutes(2)))
struct InviteTests {
  /// Answers an INVITE with 200 and everything else with 200.
  private func device() -> Answering { Answering() }

  @Test("An INVITE gets its 200, is acknowledged, and ends with BYE", arguments: [true, false])
  func call(overTCP: Bool) async throws {
    let device = device()
    try await withEndpoint(quick(), device) { server in
      try await withEndpoint { client in
        let finals = Collected<SIPResponse>()
        let sources = Collected<SIPSource>()
        let invite = makeRequest(.invite)
        let branch = client.send(invite, to: overTCP ? tcp(server) : udp(server)) { event in
          if case .final(let response, let source) = event {
            sources.add(source)
            finals.add(response)
          }
        }
        try await eventually { !finals.all.isEmpty }
        let answer = try #require(finals.all.first)
        #expect(answer.contact?.uri.port == server.port)
        var dialog = try #require(Dialog(calling: invite, answeredBy: answer, from: sources.all.first))
        client.sendACK(dialog.acknowledgement(), for: branch)
        try await eventually { device.count(.ack) == 1 }
        let bye = dialog.request(.bye)
        guard
          case .response(let ended, _) = await client.request(bye, to: overTCP ? tcp(server) : udp(server))
        else {
          throw TimedOut()
        }
        #expect(ended.status == 200)
        #expect(device.count(.bye) == 1)
        #expect(device.requests.first { $0.method == .ack }?.cseq?.number == 1)
        #expect(device.requests.first { $0.method == .invite }?.contact?.uri.port == client.port)
      }
    }
  }

  @Test("A 200 is repeated until the ACK, and the ACK is repeated for each 200")
  func repeated() async throws {
    let device = device()
    try await withEndpoint(quick(), device) { server in
      try await withEndpoint { client in
        let finals = Collected<SIPResponse>()
        let invite = makeRequest(.invite)
        let branch = client.send(invite, to: udp(server)) { event in
          if case .final(let response, _) = event { finals.add(response) }
        }
        try await eventually { await server.counters().retransmissionsOut >= 2 }
        #expect(finals.all.count == 1)
        let answer = try #require(finals.all.first)
        let dialog = try #require(Dialog(calling: invite, answeredBy: answer, from: nil))
        client.sendACK(dialog.acknowledgement(), for: branch)
        try await eventually { device.count(.ack) == 1 }
        let before = await server.counters().retransmissionsOut
        try await Task.sleep(for: .milliseconds(200))
        #expect(await server.counters().retransmissionsOut == before)
      }
    }
  }

  @Test("A 200 that is never acknowledged is reported")
  func unacknowledged() async throws {
    let reported = Collected<SIPRequest>()
    var configuration = quick()
    configuration.onUnacknowledged = { request, _ in reported.add(request) }
    try await withEndpoint(configuration, device()) { server in
      try await withEndpoint { client in
        client.send(makeRequest(.invite), to: udp(server)) { _ in }
        try await eventually { reported.all.count == 1 }
        #expect(await server.counters().serverTransactions == 0)
      }
    }
  }

  @Test("A refusal is acknowledged without the user and delivered once")
  func refusal() async throws {
    let device = Answering { request, _, transaction in
      transaction.respond(SIPResponse(to: request, status: 486))
    }
    try await withEndpoint(quick(), device) { server in
      try await withEndpoint { client in
        guard case .response(let response, _) = await client.request(makeRequest(.invite), to: udp(server))
        else {
          throw TimedOut()
        }
        #expect(response.status == 486)
        try await eventually { await server.counters().serverTransactions == 0 }
        #expect(device.count(.ack) == 0)
        #expect(await server.counters().timeouts == 0)
      }
    }
  }

  @Test("An INVITE whose handler thinks is answered 100 at once, and cancelling it gives 487")
  func cancel() async throws {
    let device = Answering { _, _, _ in }
    try await withEndpoint(quick(), device) { server in
      try await withEndpoint { client in
        let provisional = Collected<Int>()
        let finals = Collected<Int>()
        let branch = client.send(makeRequest(.invite), to: udp(server)) { event in
          switch event {
          case .provisional(let response): provisional.add(response.status)
          case .final(let response, _): finals.add(response.status)
          case .timeout, .transportError: finals.add(0)
          }
        }
        try await eventually { provisional.all.contains(100) }
        client.cancel(branch)
        try await eventually { !finals.all.isEmpty }
        #expect(finals.all == [487])
        try await eventually { device.count(.cancel) == 1 }
      }
    }
  }

  @Test("An INVITE over its time is cancelled, and a late 200 is still reported")
  func late() async throws {
    let held = Collected<(SIPRequest, SIPServerTransaction)>()
    let device = Answering { request, _, transaction in
      if request.method == .invite { held.add((request, transaction)) }
    }
    try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0), device) { server in
      try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0)) { client in
        let events = Collected<String>()
        client.send(makeRequest(.invite), to: udp(server), timeout: .milliseconds(100)) { event in
          switch event {
          case .provisional: break
          case .final(let response, _): events.add("final \(response.status)")
          case .timeout: events.add("timeout")
          case .transportError: events.add("error")
          }
        }
        try await eventually { events.all == ["timeout"] }
        try await eventually { device.count(.cancel) == 1 }
        #expect(events.all == ["timeout"])
        #expect(held.all.count == 1)
      }
    }
  }

  @Test("A 200 that crosses the CANCEL is reported after the timeout")
  func crossing() async throws {
    try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0)) { client in
      let device = try RawServer()
      let events = Collected<String>()
      let target = SIPTarget.udp(SIPHostPort(host: "127.0.0.1", port: device.port))
      client.send(makeRequest(.invite), to: target, timeout: .milliseconds(100)) { event in
        switch event {
        case .provisional: break
        case .final(let response, _): events.add("final \(response.status)")
        case .timeout: events.add("timeout")
        case .transportError: events.add("error")
        }
      }
      let invite = try #require(device.receive(.invite))
      device.send(SIPResponse(to: invite, status: 100))
      #expect(device.receive(.cancel) != nil)
      device.send(SIPResponse(to: invite, status: 200, toTag: "late"))
      try await eventually { events.all == ["timeout", "final 200"] }
    }
  }

  @Test("A response whose Via was damaged still finds its request")
  func damagedVia() async throws {
    try await withEndpoint(SIPEndpointConfiguration(host: "127.0.0.1", port: 0)) { client in
      let device = try RawServer()
      let target = SIPTarget.udp(SIPHostPort(host: "127.0.0.1", port: device.port))
      async let outcome = client.request(makeRequest(.message), to: target)
      let message = try #require(device.receive(.message))
      var answer = SIPResponse(to: message, status: 200)
      answer.headers[.via] = "SIP/2.0/UDP 10.0.0.1:5060"
      device.send(answer)
      guard case .response = await outcome else { throw TimedOut() }
    }
  }
}
