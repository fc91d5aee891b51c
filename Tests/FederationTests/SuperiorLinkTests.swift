import GBCore
import MediaTime
import SIPCore
import TestSupport
import Testing

@testable import Federation

@Suite struct SuperiorLinkTests {
  private typealias Action = SuperiorLink.Action

  private static func superior(servers: Int = 1, count: Int = 3) throws -> Superior {
    let id = try #require(DeviceID("34000000002000000001"))
    let own = try #require(DeviceID("34020000002000000001"))
    let addresses = (0..<servers).map { SIPHostPort(host: "192.0.2.\($0 + 1)", port: 5060) }
    return try #require(
      Superior(
        id: id, name: "City", ownID: own, servers: addresses,
        expires: 3_600, heartbeat: HeartbeatRule(interval: .seconds(60), count: count)))
  }

  private static func at(_ seconds: Double) -> MonotonicTime {
    MonotonicTime(nanoseconds: Int64(seconds * 1e9))
  }

  private static func ok(_ expires: Int? = nil) -> SIPResponse {
    var response = SIPResponse(status: 200)
    if let expires { response.headers.append(.expires, String(expires)) }
    return response
  }

  private static func first(_ actions: [Action]) -> SuperiorLink.Attempt? {
    actions.lazy.compactMap { if case .register(let attempt) = $0 { attempt } else { nil } }.first
  }

  /// A link that is registered at 0 s.
  private static func standing(servers: Int = 1, count: Int = 3, expires: Int = 3_600) throws -> SuperiorLink
  {
    var link = SuperiorLink(try superior(servers: servers, count: count), seed: 7)
    let attempt = try #require(first(link.start(now: at(0))))
    let actions = link.answered(attempt.number, ok(expires), now: at(0))
    #expect(actions == [.cameUp(attempt.server)])
    return link
  }

  // MARK: Registering

  @Test("The first REGISTER is fresh, asks for the configured lifetime, and 200 brings the link up")
  func register() throws {
    var link = SuperiorLink(try Self.superior(), seed: 1)
    #expect(link.phase == .disconnected && link.deadline == nil)
    let attempt = try #require(Self.first(link.start(now: Self.at(0))))
    #expect(attempt.isFresh && attempt.expires == 3_600 && link.phase == .registering)
    #expect(attempt.server.address == SIPHostPort(host: "192.0.2.1", port: 5060))
    #expect(link.start(now: Self.at(1)).isEmpty)
    #expect(link.answered(attempt.number, Self.ok(), now: Self.at(1)) == [.cameUp(attempt.server)])
    #expect(link.phase == .registered)
  }

  @Test("The registration is refreshed between half and four fifths of the life that was granted")
  func refresh() throws {
    for seed in 0..<200 as Range<UInt64> {
      var link = SuperiorLink(try Self.superior(count: 255), seed: seed)
      let first = try #require(Self.first(link.start(now: Self.at(0))))
      _ = link.answered(first.number, Self.ok(1_000), now: Self.at(0))
      var refresh: (SuperiorLink.Attempt, MonotonicTime)?
      while refresh == nil, let deadline = link.deadline {
        if let attempt = Self.first(link.tick(now: deadline)) { refresh = (attempt, deadline) }
      }
      let (attempt, moment) = try #require(refresh)
      #expect(!attempt.isFresh && moment >= Self.at(500) && moment <= Self.at(800))
      #expect(link.phase == .registered)
      // Nothing starts anew: streams and subscriptions go on.
      #expect(link.answered(attempt.number, Self.ok(1_000), now: moment).isEmpty)
    }
  }

  @Test("A refresh without answer is tried again while the registration lasts, and then it is over")
  func lostRefresh() throws {
    var link = try Self.standing(count: 255, expires: 200)
    var losses = 0
    var tries = 0
    while losses == 0, let deadline = link.deadline {
      for action in link.tick(now: deadline) {
        switch action {
        case .register(let attempt) where deadline < Self.at(200):
          tries += 1
          #expect(link.unanswered(attempt.number, now: deadline).isEmpty)
        case .wentDown(let loss):
          losses += 1
          #expect(loss == .expired && deadline >= Self.at(200))
        case .keepalive(let number, _):
          #expect(link.keepaliveAnswered(number, status: 200, now: deadline).isEmpty)
        case .register, .unregister, .cameUp, .left: break
        }
      }
    }
    #expect(tries >= 2)
  }

  @Test("423 is repeated at once with the lifetime it asks for")
  func tooBrief() throws {
    var link = SuperiorLink(try Self.superior(), seed: 1)
    let first = try #require(Self.first(link.start(now: Self.at(0))))
    var brief = SIPResponse(status: 423)
    brief.headers.append(.minExpires, "7200")
    let second = try #require(Self.first(link.answered(first.number, brief, now: Self.at(1))))
    #expect(second.expires == 7_200 && second.number != first.number)
    // The same again is no invitation to repeat for ever.
    #expect(link.answered(second.number, brief, now: Self.at(2)).isEmpty)
    #expect(link.phase == .waiting)
  }

  @Test("A refusal waits at least a minute, then longer and longer, never past the limit")
  func backoff() throws {
    var link = SuperiorLink(try Self.superior(), seed: 3)
    var actions = link.start(now: Self.at(0))
    var now = Self.at(0)
    var waits: [Double] = []
    for _ in 0..<8 {
      let attempt = try #require(Self.first(actions))
      #expect(link.answered(attempt.number, SIPResponse(status: 403), now: now).isEmpty)
      let deadline = try #require(link.deadline)
      waits.append((deadline - now).inSeconds)
      #expect(link.tick(now: MonotonicTime(nanoseconds: deadline.nanoseconds - 1)).isEmpty)
      now = deadline
      actions = link.tick(now: now)
    }
    #expect(waits.allSatisfy { (60...900).contains($0) })
    #expect(waits[0] <= 90 && waits[2] >= 240 && waits[7] >= 600)
    #expect(link.lastLoss == .refused(status: 403))
  }

  @Test("Two links with different seeds do not come back at the same moment")
  func spread() throws {
    let deadlines = try (0..<50 as Range<UInt64>).map { seed in
      var link = SuperiorLink(try Self.superior(), seed: seed)
      let attempt = try #require(Self.first(link.start(now: Self.at(0))))
      _ = link.unanswered(attempt.number, now: Self.at(0))
      return try #require(link.deadline)
    }
    #expect(Set(deadlines).count == 50)
  }

  // MARK: Several addresses, redirection

  @Test("The next address is tried at once; after the last one the round waits and begins with the first")
  func failover() throws {
    var link = SuperiorLink(try Self.superior(servers: 3), seed: 1)
    var attempt = try #require(Self.first(link.start(now: Self.at(0))))
    var hosts = [attempt.server.address.host]
    for _ in 0..<2 {
      attempt = try #require(Self.first(link.unanswered(attempt.number, now: Self.at(30))))
      hosts.append(attempt.server.address.host)
    }
    #expect(hosts == ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    #expect(link.unanswered(attempt.number, now: Self.at(60)).isEmpty && link.phase == .waiting)
    let deadline = try #require(link.deadline)
    attempt = try #require(Self.first(link.tick(now: deadline)))
    #expect(attempt.server.address.host == "192.0.2.1")
  }

  @Test("A server that goes silent is left for the next address at once")
  func failoverWhenRegistered() throws {
    var link = try Self.standing(servers: 2)
    var actions: [Action] = []
    while let deadline = link.deadline, !actions.contains(.wentDown(.heartbeats)) {
      actions = link.tick(now: deadline)
    }
    #expect(Self.first(actions)?.server.address.host == "192.0.2.2")
  }

  @Test("A 302 is followed; when that server fails, the link waits and asks at home again")
  func redirect() throws {
    var link = SuperiorLink(try Self.superior(servers: 2), seed: 1)
    let first = try #require(Self.first(link.start(now: Self.at(0))))
    var moved = SIPResponse(status: 302)
    moved.headers.append(.contact, "<sip:34000000002000000009@192.0.2.99:5060>")
    let second = try #require(Self.first(link.answered(first.number, moved, now: Self.at(0))))
    #expect(second.isFresh && second.server.address.host == "192.0.2.99")
    #expect(link.answered(second.number, SIPResponse(status: 403), now: Self.at(1)).isEmpty)
    #expect(link.phase == .waiting && link.server.address.host == "192.0.2.1")
    let deadline = try #require(link.deadline)
    #expect(Self.first(link.tick(now: deadline))?.server == first.server)
  }

  // MARK: Heartbeats

  @Test("A heartbeat goes out every interval while it is answered")
  func keepalives() throws {
    var link = try Self.standing()
    for round in 1...20 {
      let deadline = try #require(link.deadline)
      #expect(deadline == Self.at(Double(round) * 60))
      let actions = link.tick(now: deadline)
      guard case .keepalive(let number, let server) = actions.first else {
        Issue.record("no heartbeat in round \(round)")
        return
      }
      #expect(server == link.server)
      #expect(link.keepaliveAnswered(number, status: 200, now: deadline).isEmpty)
    }
    #expect(link.phase == .registered)
  }

  @Test("So many unanswered in a row end it, not one fewer, and an answer between starts the count again")
  func missed() throws {
    for count in 1...4 {
      var link = try Self.standing(count: count)
      var sent: [Int] = []
      func step() throws -> [Action] {
        let deadline = try #require(link.deadline)
        let actions = link.tick(now: deadline)
        for case .keepalive(let number, _) in actions { sent.append(number) }
        return actions
      }
      for _ in 0..<count { _ = try step() }
      let last = try #require(sent.last)
      #expect(link.keepaliveAnswered(last, status: 200, now: Self.at(0)).isEmpty)
      for _ in 0..<count {
        let actions = try step()
        #expect(!actions.contains(.wentDown(.heartbeats)))
      }
      let actions = try step()
      #expect(actions.contains(.wentDown(.heartbeats)))
      #expect(sent.count == 2 * count && link.phase == .waiting)
    }
  }

  @Test("A superior that restarted and refuses a heartbeat is registered with again at once")
  func forgotten() throws {
    var link = try Self.standing()
    var number = 0
    for _ in 0..<2 {
      let deadline = try #require(link.deadline)
      for case .keepalive(let sent, _) in link.tick(now: deadline) { number = sent }
    }
    let actions = link.keepaliveAnswered(number, status: 403, now: Self.at(121))
    #expect(actions.first == .wentDown(.forgotten(status: 403)))
    let attempt = try #require(Self.first(actions))
    #expect(attempt.isFresh && link.phase == .registering)
    // The next one to refuse a moment after it took us in is not asked in a circle.
    _ = link.answered(attempt.number, Self.ok(), now: Self.at(121))
    #expect(link.keepaliveAnswered(number, status: 403, now: Self.at(122)).isEmpty, "an answer from before")
    let deadline = try #require(link.deadline)
    for case .keepalive(let sent, _) in link.tick(now: deadline) { number = sent }
    let again = link.keepaliveAnswered(number, status: 403, now: Self.at(125))
    #expect(again == [.wentDown(.forgotten(status: 403))] && link.phase == .waiting)
  }

  @Test("A broken connection brings a new registration at once")
  func connection() throws {
    var link = try Self.standing()
    let actions = link.connectionLost(now: Self.at(100))
    #expect(actions.first == .wentDown(.connection) && Self.first(actions) != nil)
  }

  // MARK: Ending

  @Test("Stopping unregisters with Expires 0, and nothing is sent afterwards")
  func stop() throws {
    var link = try Self.standing()
    guard case .unregister(let attempt) = link.stop(now: Self.at(10)).first else {
      Issue.record("no unregistration")
      return
    }
    #expect(attempt.expires == 0 && link.phase == .leaving && link.stop(now: Self.at(11)).isEmpty)
    #expect(link.answered(attempt.number, Self.ok(), now: Self.at(12)) == [.left])
    #expect(link.deadline == nil && link.tick(now: Self.at(9_999)).isEmpty)
  }

  @Test("An unregistration nobody answers ends by itself")
  func stopInSilence() throws {
    var link = try Self.standing()
    _ = link.stop(now: Self.at(10))
    let deadline = try #require(link.deadline)
    #expect(link.tick(now: deadline) == [.left] && link.phase == .disconnected)
  }

  @Test("Any order of events leaves a link that waits for something, and never sends while it is at rest")
  func anyOrder() throws {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var link = SuperiorLink(try Self.superior(servers: 2), seed: seed)
      var now = Self.at(0)
      var numbers = [0]
      for _ in 0..<120 {
        now = now + .milliseconds(Int.random(in: 0...90_000, using: &random))
        let number = numbers.suffix(3).randomElement(using: &random) ?? 0
        let status = [200, 200, 200, 302, 401, 403, 408, 423, 500].randomElement(using: &random) ?? 200
        let wasAtRest = link.phase == .disconnected
        let event = Int.random(in: 0..<12, using: &random)
        let actions =
          switch event {
          case 0: link.start(now: now)
          case 1: Int.random(in: 0..<6, using: &random) == 0 ? link.stop(now: now) : []
          case 2: link.connectionLost(now: now)
          case 3: link.unanswered(number, now: now)
          case 4, 5: link.answered(number, SIPResponse(status: status), now: now)
          case 6, 7: link.keepaliveAnswered(number, status: status, now: now)
          case 8: link.hurry(now: now)
          default: link.tick(now: now)
          }
        for action in actions {
          switch action {
          case .register(let attempt), .unregister(let attempt): numbers.append(attempt.number)
          case .keepalive(let sent, _):
            #expect(link.phase == .registered)
            numbers.append(sent)
          case .cameUp, .wentDown, .left: break
          }
        }
        if wasAtRest, event != 0 { #expect(actions.allSatisfy { $0 == .left }) }
        #expect((link.deadline == nil) == (link.phase == .disconnected))
      }
    }
  }
}
