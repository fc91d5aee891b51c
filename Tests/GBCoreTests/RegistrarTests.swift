import MediaTime
import SIPCore
import TestSupport
import Testing

@testable import GBCore

@Suite struct RegistrarTests {
  static let device = "34020000001320000001"
  static let password = "Gb28181@pw"

  /// A registrar, its clock and a device that talks to it.
  struct World {
    var registrar: Registrar
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    var clock = WallTime(seconds: 1_704_159_000)
    var source = SIPSource(
      transport: .udp, remote: SIPHostPort(host: "192.0.2.20", port: 5060),
      local: SIPHostPort(host: "192.0.2.10", port: 5060))
    private var random = SeededRandom(seed: 1)
    private var cseq = 0

    init(_ configure: (inout RegistrarConfiguration) -> Void = { _ in }) {
      var configuration = RegistrarConfiguration(realm: "3402000000")
      configure(&configuration)
      registrar = Registrar(
        configuration: configuration, nonceKey: Array(0..<32), now: now,
        accounts: { id in
          switch id.text {
          case RegistrarTests.device: RegistrarAccount(password: RegistrarTests.password)
          case "alias": RegistrarAccount(password: "p", userAlias: "sipuser")
          case "bare": RegistrarAccount(password: nil)
          default: nil
          }
        }, hash: TestHash.function)
    }

    mutating func advance(_ seconds: Int) {
      now = now + .seconds(seconds)
      clock = clock + .seconds(seconds)
    }

    mutating func send(
      _ id: String = RegistrarTests.device, expires: String? = "Expires: 3600\r\n",
      authorization: String? = nil,
      contact: String? = nil
    ) throws -> RegistrarOutcome {
      cseq += 1
      var text = "REGISTER sip:34020000002000000001@3402000000 SIP/2.0\r\n"
      text += "Via: SIP/2.0/UDP 10.0.0.7:5060;rport;branch=z9hG4bK\(cseq)\r\n"
      text += "From: <sip:\(id)@3402000000>;tag=11ab\r\nTo: <sip:\(id)@3402000000>\r\n"
      text += "Call-ID: 7701@10.0.0.7\r\nCSeq: \(cseq) REGISTER\r\n"
      text += contact ?? "Contact: <sip:\(id)@10.0.0.7:5060>\r\n"
      text += "X-GB-Ver: 3.0\r\nUser-Agent: Demo IPC\r\n" + (expires ?? "")
      if let authorization { text += "Authorization: \(authorization)\r\n" }
      text += "Content-Length: 0\r\n\r\n"
      let bytes = Array(text.utf8)
      guard case .request(var request) = try SIPParser.parse(bytes.span) else { throw Unexpected() }
      request.receivedFrom = source.remote
      return registrar.register(request, from: source, now: now, clock: clock, random: random.next())
    }

    func credentials(
      _ challenge: SIPResponse, user: String = RegistrarTests.device,
      password: String = RegistrarTests.password,
      count: UInt32 = 1
    ) throws -> String {
      let text = try #require(challenge.headers[.wwwAuthenticate])
      return DigestCredentials(
        answering: try #require(DigestChallenge(text)), username: user, password: password, method: .register,
        uri: "sip:34020000002000000001@3402000000", cnonce: "0a4f113b", count: count, hash: TestHash.function
      ).headerValue
    }

    /// Challenge and answer.
    mutating func login(
      _ id: String = RegistrarTests.device, expires: String? = "Expires: 3600\r\n", contact: String? = nil
    ) throws -> RegistrarOutcome {
      let challenge = try send(id, expires: expires, contact: contact).response
      return try send(id, expires: expires, authorization: try credentials(challenge), contact: contact)
    }

    struct Unexpected: Error {}
  }

  private func id(_ text: String = RegistrarTests.device) throws -> DeviceID { try #require(DeviceID(text)) }

  @Test("The hash used here is MD5: the vectors of the reference come out")
  func vectors() throws {
    let credentials = try #require(
      DigestCredentials(
        """
        Digest username="34020000001320000001", realm="3402000000", nonce="6fe9ba44a76be22a9d1c3b7e5f204a10", \
        uri="sip:34020000002000000001@3402000000", response="d10a048eb08d01bd0e88e8cce98d6039", algorithm=MD5, \
        cnonce="0a4f113b", qop=auth, nc=00000001
        """))
    #expect(Digest.verify(credentials, password: Self.password, method: .register, hash: TestHash.function))
  }

  @Test("A device is challenged, then accepted with Date, Expires, Contact and X-GB-Ver")
  func accepted() throws {
    var world = World()
    let challenge = try world.send()
    #expect(challenge.response.status == 401)
    #expect(challenge.events.isEmpty)
    #expect(challenge.response.headers[.gbVersion] == "3.0")
    #expect(challenge.response.headers[.wwwAuthenticate]?.contains("algorithm=MD5") == true)
    #expect(challenge.response.headers.values(of: .wwwAuthenticate).count == 1)
    let outcome = try world.send(authorization: try world.credentials(challenge.response))
    #expect(outcome.response.status == 200)
    #expect(outcome.response.headers[.date] == "2024-01-02T09:30:00.000")
    #expect(outcome.response.headers[.expires] == "3600")
    #expect(outcome.response.headers[.contact] == "<sip:34020000001320000001@10.0.0.7:5060>;expires=3600")
    #expect(outcome.response.via?.description.contains("received=192.0.2.20") == true)
    #expect(outcome.response.to?.tag != nil)
    guard case .registered(let registration, let change) = outcome.events.first else {
      Issue.record("the device came online")
      return
    }
    #expect(outcome.events.count == 1)
    #expect(registration.version == .v2022)
    #expect(registration.userAgent == "Demo IPC")
    #expect(registration.isBehindNAT)
    #expect(registration.target == .udp(SIPHostPort(host: "192.0.2.20", port: 5060)))
    #expect(change.state == .online)
  }

  @Test("A refresh is no new arrival")
  func refresh() throws {
    var world = World()
    _ = try world.login()
    world.advance(30)
    let outcome = try world.login()
    #expect(outcome.response.status == 200)
    #expect(outcome.events.count == 1)
    guard case .refreshed(let registration) = outcome.events.first else {
      Issue.record("\(outcome.events)")
      return
    }
    #expect(registration.registered == world.clock)
    world.advance(120)
    #expect(world.registrar.tick(now: world.now).count == 1)
    let afterSilence = try world.login()
    guard case .changed(let change) = afterSilence.events.first, case .refreshed = afterSilence.events.last
    else {
      Issue.record("\(afterSilence.events)")
      return
    }
    #expect(change.previous == .suspect)
    #expect(change.state == .online)
  }

  @Test("A used or old nonce with the right password is stale, not wrong")
  func stale() throws {
    var world = World()
    let challenge = try world.send().response
    let authorization = try world.credentials(challenge)
    #expect(try world.send(authorization: authorization).response.status == 200)
    let replayed = try world.send(authorization: authorization).response
    #expect(replayed.status == 401)
    #expect(replayed.headers[.wwwAuthenticate]?.contains("stale=true") == true)
    let second = try world.credentials(replayed)
    world.advance(3_600)
    let old = try world.send(authorization: second).response
    #expect(old.headers[.wwwAuthenticate]?.contains("stale=true") == true)
    // Counting up on one nonce is what RFC 2617 wants, and is accepted.
    let first = try world.credentials(old)
    #expect(try world.send(authorization: first).response.status == 200)
    #expect(try world.send(authorization: try world.credentials(old, count: 2)).response.status == 200)
  }

  @Test(
    "A nonce of another server or of before a restart is challenged anew, marked stale when the password is right"
  )
  func foreignNonce() throws {
    var world = World()
    var foreign = SIPResponse(status: 401)
    foreign.headers.append(.wwwAuthenticate, "Digest realm=\"other\", nonce=\"abc\", algorithm=MD5")
    let right = try world.send(authorization: try world.credentials(foreign)).response
    #expect(right.status == 401)
    #expect(right.headers[.wwwAuthenticate]?.contains("stale=true") == true)
    let wrong = try world.send(authorization: try world.credentials(foreign, password: "x")).response
    #expect(wrong.status == 401)
    #expect(wrong.headers[.wwwAuthenticate]?.contains("stale") == false)
  }

  @Test("A nonce made for one device does not work for another")
  func foreignHolder() throws {
    var world = World()
    let challenge = try world.send("alias").response
    let outcome = try world.send(authorization: try world.credentials(challenge))
    #expect(outcome.response.status == 401)
  }

  @Test(
    "A wrong password is 403 and told; too many are refused without looking, and forgotten after a minute")
  func wrongPassword() throws {
    var world = World { $0.failuresPerDevice = 3 }
    for _ in 0..<3 {
      let challenge = try world.send().response
      let outcome = try world.send(authorization: try world.credentials(challenge, password: "wrong"))
      #expect(outcome.response.status == 403)
      #expect(outcome.events == [.refused(try id(), world.source, .wrongPassword)])
    }
    let limited = try world.send()
    #expect(limited.response.status == 403)
    #expect(limited.events == [.refused(try id(), world.source, .rateLimited)])
    // Somebody else's failures do not lock the device out where it has none.
    world.source.remote.host = "192.0.2.99"
    #expect(try world.login().response.status == 200)
    world.source.remote.host = "192.0.2.20"
    world.advance(61)
    #expect(try world.login().response.status == 200)
  }

  @Test("A source that fails for many codes is refused, but not devices that are registered there")
  func sourceLimit() throws {
    var world = World { $0.failuresPerSource = 2 }
    _ = try world.login()
    for _ in 0..<2 {
      let challenge = try world.send("alias").response
      _ = try world.send(
        "alias", authorization: try world.credentials(challenge, user: "alias", password: "x"))
    }
    #expect(try world.send("alias").response.status == 403)
    #expect(try world.login().response.status == 200)
  }

  @Test("Strangers get 403 and wait in the queue, a limited number per minute")
  func strangers() throws {
    var world = World { $0.strangersPerSource = 2 }
    let outcome = try world.send("34020000001320000777")
    #expect(outcome.response.status == 403)
    guard case .quarantine(let request) = outcome.events.first else {
      Issue.record("\(outcome.events)")
      return
    }
    #expect(request.device.text == "34020000001320000777")
    #expect(request.userAgent == "Demo IPC")
    _ = try world.send("34020000001320000778")
    let third = try world.send("34020000001320000779")
    #expect(third.response.status == 403)
    #expect(third.events.count == 1)
  }

  @Test("Without a password nobody is accepted; an alias may sign in; another user may not")
  func accounts() throws {
    var world = World()
    #expect(try world.send("bare").events == [.refused(try id("bare"), world.source, .noCredential)])
    let challenge = try world.send("alias").response
    let good = try world.send(
      "alias", authorization: try world.credentials(challenge, user: "sipuser", password: "p"))
    #expect(good.response.status == 200)
    let other = try world.send(authorization: try world.credentials(challenge, user: "mallory"))
    #expect(other.events == [.refused(try id(), world.source, .wrongUser)])
  }

  @Test("Expires: the Contact wins, none means the default, short ones are raised, zero unregisters")
  func expires() throws {
    var world = World()
    func granted(_ outcome: RegistrarOutcome) -> String? { outcome.response.headers[.expires] }
    #expect(granted(try world.login(contact: "Contact: <sip:a@10.0.0.7>;expires=600\r\n")) == "600")
    #expect(granted(try world.login(expires: nil)) == "3600")
    #expect(granted(try world.login(expires: "Expires: 1\r\n")) == "20")
    #expect(granted(try world.login(expires: "Expires: 99999999\r\n")) == "604800")
    #expect(granted(try world.login(expires: nil, contact: "")) == "3600")
    let gone = try world.login(expires: "Expires: 0\r\n")
    #expect(gone.response.status == 200)
    #expect(granted(gone) == "0")
    guard case .changed(let change) = gone.events.first else {
      Issue.record("\(gone.events)")
      return
    }
    #expect(change.state == .offline)
    #expect(change.cause == .unregistered)
    #expect(world.registrar.registration(of: try id()) == nil)
    #expect(world.registrar.hear(try id(), from: world.source, isKeepalive: true, now: world.now) == .refused)
  }

  @Test("Heartbeats keep a device alive; a new port is followed, a new host must register")
  func hearing() throws {
    var world = World()
    let device = try id()
    #expect(world.registrar.hear(device, from: world.source, isKeepalive: true, now: world.now) == .refused)
    _ = try world.login()
    world.advance(60)
    #expect(world.registrar.hear(device, from: world.source, isKeepalive: true, now: world.now) == .accepted)
    var moved = world.source
    moved.remote.port = 40_001
    let hearing = world.registrar.hear(device, from: moved, isKeepalive: true, now: world.now)
    guard case .acceptedWith(.moved(let registration, from: let old)) = hearing else {
      Issue.record("\(hearing)")
      return
    }
    #expect(registration.source == moved)
    #expect(old == world.source)
    #expect(world.registrar.identify(from: nil, body: nil, source: moved) == device)
    #expect(world.registrar.identify(from: nil, body: nil, source: world.source) == nil)
    var stranger = moved
    stranger.remote.host = "203.0.113.9"
    #expect(world.registrar.hear(device, from: stranger, isKeepalive: true, now: world.now) == .refused)
    world.advance(2_000)
    _ = world.registrar.tick(now: world.now)
    #expect(world.registrar.liveness.state(of: device) == .offline)
    guard
      case .acceptedWith(.changed(let change)) = world.registrar.hear(
        device, from: moved, isKeepalive: true, now: world.now)
    else {
      Issue.record("a heartbeat within the registration brings the device back")
      return
    }
    #expect(change.cause == .heard)
  }

  @Test("The newest authenticated registration wins, and the move is told")
  func conflict() throws {
    var world = World()
    _ = try world.login()
    let old = world.source
    world.source.remote = SIPHostPort(host: "198.51.100.4", port: 5070)
    let outcome = try world.login()
    guard case .moved(let registration, from: let previous) = outcome.events.last else {
      Issue.record("\(outcome.events)")
      return
    }
    #expect(previous == old)
    #expect(registration.source.remote.host == "198.51.100.4")
  }

  @Test(
    "A broken connection takes a device behind NAT offline, and leaves others to be called at their Contact")
  func connections() throws {
    for isBehindNAT in [true, false] {
      var world = World()
      world.source.transport = .tcp
      world.source.remote.port = 51_000
      world.source.connection = SIPConnectionID(7)
      let host = isBehindNAT ? "10.0.0.7" : "192.0.2.20"
      _ = try world.login(contact: "Contact: <sip:a@\(host):5062>\r\n")
      let events = world.registrar.connectionClosed(SIPConnectionID(7), now: world.now)
      #expect(events.isEmpty == !isBehindNAT)
      #expect(world.registrar.liveness.state(of: try id()) == (isBehindNAT ? .offline : .online))
      if !isBehindNAT {
        let target = world.registrar.registration(of: try id())?.target
        #expect(target == .tcp(SIPHostPort(host: "192.0.2.20", port: 5062)))
      }
    }
  }

  @Test("A registration survives a restart as suspect, and ends when it should")
  func restart() throws {
    var world = World()
    _ = try world.login()
    let registration = try #require(world.registrar.registration(of: try id()))
    var fresh = World()
    fresh.advance(60)
    fresh.registrar.restore(registration, now: fresh.now, clock: fresh.clock)
    #expect(fresh.registrar.liveness.state(of: try id()) == .suspect)
    guard
      case .acceptedWith = fresh.registrar.hear(
        try id(), from: fresh.source, isKeepalive: true, now: fresh.now)
    else {
      Issue.record("the first heartbeat makes it online")
      return
    }
    var late = World()
    late.advance(4_000)
    late.registrar.restore(registration, now: late.now, clock: late.clock)
    #expect(late.registrar.registration(of: try id()) == nil)
  }

  @Test("A request without a usable code is 400")
  func malformed() throws {
    var world = World()
    let outcome = try world.send("..%2F..")
    #expect(outcome.response.status == 400)
    #expect(outcome.events == [.refused(nil, world.source, .malformed)])
  }

  @Test("A thousand devices behind one address register, and a storm of refusals stays in bounds")
  func thousand() throws {
    let accounts: @Sendable (DeviceID) -> RegistrarAccount? = { _ in RegistrarAccount(password: "p") }
    var world = World()
    world.registrar = Registrar(
      configuration: RegistrarConfiguration(realm: "3402000000"), nonceKey: Array(0..<32), now: world.now,
      accounts: accounts, hash: TestHash.function)
    for serial in 0..<1_000 {
      let name = "3402000000132\(1_000_000 + serial)"
      let challenge = try world.send(name).response
      let authorization = try world.credentials(challenge, user: name, password: "p")
      #expect(try world.send(name, authorization: authorization).response.status == 200)
    }
    #expect(world.registrar.liveness.count == 1_000)
  }

  @Test("A limiter forgets the oldest windows instead of growing")
  func limiter() {
    var limiter = FailureLimiter(limit: 2, window: .seconds(60), capacity: 100)
    let start = MonotonicTime(nanoseconds: 0)
    for key in 0..<5_000 { limiter.record("\(key)", now: start) }
    #expect(limiter.count <= 100)
    limiter.record("a", now: start)
    #expect(!limiter.isBlocked("a", now: start))
    limiter.record("a", now: start)
    #expect(limiter.isBlocked("a", now: start + .seconds(59)))
    #expect(!limiter.isBlocked("a", now: start + .seconds(60)))
  }
}
