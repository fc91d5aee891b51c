import MediaTime
import SIPCore
import TestSupport
import Testing

@testable import GBCore

@Suite struct RedirectTests {
  private typealias Server = RedirectFollower.Server

  private func id(_ serial: Int) throws -> DeviceID { try #require(DeviceID("3402000000200000000\(serial)")) }

  private func server(_ serial: Int) throws -> Server {
    Server(id: try id(serial), address: SIPHostPort(host: "192.0.2.\(serial)", port: 5060))
  }

  private func moved(to contact: String?) -> SIPResponse {
    var response = SIPResponse(status: 302)
    if let contact { response.headers.append(.contact, contact) }
    response.headers.append(.expires, "3600")
    return response
  }

  private func moved(to server: Server) -> SIPResponse { moved(to: "<sip:\(server.id)@\(server.address)>") }

  // MARK: The client

  @Test("A 302 leads to the server it names, and that server's 200 ends the journey")
  func follow() throws {
    var follower = RedirectFollower(home: try server(1))
    #expect(follower.answered(moved(to: try server(2))) == .register(try server(2)))
    #expect(follower.answered(moved(to: "<sip:\(try id(3))@[2001:db8::3]>")) != .stay)
    #expect(follower.current.address == SIPHostPort(host: "2001:db8::3", port: 5060) && follower.depth == 2)
    #expect(follower.answered(SIPResponse(status: 200)) == .stay)
    #expect(follower.current.id == (try id(3)))
  }

  @Test("Silence, 403, a server error or another refusal of the target lead home, after the retry interval")
  func back() throws {
    for status in [403, 404, 480, 500, 503, 600] {
      var follower = RedirectFollower(home: try server(1))
      _ = follower.answered(moved(to: try server(2)))
      #expect(follower.answered(SIPResponse(status: status)) == .retry(try server(1)))
      #expect(follower.current == follower.home && follower.depth == 0)
    }
    var follower = RedirectFollower(home: try server(1))
    _ = follower.answered(moved(to: try server(2)))
    _ = follower.answered(SIPResponse(status: 200))
    #expect(follower.lost() == .retry(try server(1)))
    // And home's own refusal is waited out there.
    #expect(follower.answered(SIPResponse(status: 403)) == .retry(try server(1)))
  }

  @Test("Circles, chains of more than five and Contacts that name nobody lead home")
  func bounds() throws {
    var circle = RedirectFollower(home: try server(1))
    _ = circle.answered(moved(to: try server(2)))
    #expect(circle.answered(moved(to: try server(1))) == .retry(try server(1)))
    _ = circle.answered(moved(to: try server(2)))
    _ = circle.answered(moved(to: try server(3)))
    #expect(circle.answered(moved(to: try server(2))) == .retry(try server(1)))

    var chain = RedirectFollower(home: try server(1))
    for serial in 2...6 {
      #expect(chain.answered(moved(to: try server(serial))) == .register(try server(serial)))
    }
    #expect(chain.answered(moved(to: try server(7))) == .retry(try server(1)))

    for contact in [
      nil, "", "*", "<sip:192.0.2.9>", "<sip:\(try id(2))@0.0.0.0:5060>", "<tel:110>", "<sip:a/b@h>",
    ] {
      var follower = RedirectFollower(home: try server(1))
      #expect(follower.answered(moved(to: contact)) == .retry(try server(1)), "\(contact ?? "none")")
    }
  }

  @Test("Whatever servers answer, nobody is asked twice in a chain and no chain is longer than five")
  func anyAnswers() throws {
    var random = SeededRandom(seed: 3)
    for _ in 0..<500 {
      var follower = RedirectFollower(home: try server(1))
      var chain: [Server] = []
      for _ in 0..<40 {
        let choice = Int.random(in: 0..<8, using: &random)
        let action =
          choice < 5
          ? follower.answered(moved(to: try server(Int.random(in: 1...9, using: &random))))
          : choice == 5 ? follower.lost() : follower.answered(SIPResponse(status: choice == 6 ? 200 : 503))
        switch action {
        case .register(let next):
          #expect(!chain.contains(next) && next != follower.home && next == follower.current)
          chain.append(next)
          #expect(chain.count <= RedirectFollower.deepest)
        case .retry(let next):
          #expect(next == follower.home && follower.current == next)
          chain = []
        case .stay: #expect(follower.current == chain.last ?? follower.home)
        }
      }
    }
  }

  // MARK: The plan

  @Test("Servers are read as code, address and weight")
  func targets() throws {
    let plain = try #require(RedirectTarget("34020000002000000002@192.0.2.2:5060"))
    #expect(plain.address == SIPHostPort(host: "192.0.2.2", port: 5060) && plain.weight == 1)
    let six = try #require(RedirectTarget("34020000002000000002@[2001:db8::2]:5070=4"))
    #expect(six.address.host == "2001:db8::2" && six.weight == 4)
    for target in [plain, six] { #expect(RedirectTarget(target.description) == target) }
    for bad in [
      "", "34020000002000000002", "34020000002000000002@h", "x@h:1", "34020000002000000002@h:1=", "=1",
      "34020000002000000002@h:1=1001", "34020000002000000002@h:1;transport=tcp",
    ] {
      #expect(RedirectTarget(bad) == nil, "\(bad)")
    }
  }

  private func plan(_ texts: String...) throws -> RedirectPlan {
    RedirectPlan(own: try id(1), targets: texts.compactMap { RedirectTarget($0) }, expires: 100)
  }

  private func device(_ serial: Int) throws -> DeviceID {
    try #require(DeviceID("3402000000132\(1_000_000 + serial)"))
  }

  @Test("Devices are shared by weight, our own share stays, and whoever comes back early goes elsewhere")
  func shares() throws {
    var plan = try plan(
      "34020000002000000001@192.0.2.1:5060", "34020000002000000002@192.0.2.2:5060=2",
      "34020000002000000003@192.0.2.3:5060")
    let start = MonotonicTime(nanoseconds: 0)
    var stayed: [DeviceID] = []
    var sent: [DeviceID: DeviceID] = [:]
    for serial in 0..<400 {
      let device = try device(serial)
      if let target = plan.target(for: device, now: start) {
        sent[device] = target.id
      } else {
        stayed.append(device)
      }
    }
    #expect(plan.shares == [100, 200, 100] && stayed.count == 100)
    for device in stayed { #expect(plan.target(for: device, now: start + .seconds(10)) == nil) }
    for (device, first) in sent {
      #expect(plan.target(for: device, now: start + .seconds(10))?.id != first)
    }
    #expect(plan.shares.reduce(0, +) == 400)
    // A redirection that has run its course counts no more, whether the device comes back or not.
    _ = plan.target(for: try device(0), now: start + .seconds(500))
    #expect(plan.shares.reduce(0, +) == 1)
    plan.forget(try device(0))
    #expect(plan.shares == [0, 0, 0])
  }

  @Test("A single server gets everybody, again and again, and none keeps all")
  func few() throws {
    var one = try plan("34020000002000000002@192.0.2.2:5060")
    let now = MonotonicTime(nanoseconds: 0)
    for _ in 0..<3 { #expect(one.target(for: try device(1), now: now)?.id == (try id(2))) }
    #expect(one.shares == [1])
    var none = try plan()
    #expect(none.target(for: try device(1), now: now) == nil)
  }

  // MARK: The registrar

  @Test(
    "A device that proved who it is gets 302 with Contact and Expires; a stranger and a liar learn nothing")
  func registrar() throws {
    var world = RegistrarTests.World { configuration in
      let targets = [RedirectTarget("34020000002000000002@192.0.2.2:5070")].compactMap { $0 }
      configuration.redirect = DeviceID("34020000002000000001").map {
        RedirectPlan(own: $0, targets: targets)
      }
    }
    let device = try #require(DeviceID(RegistrarTests.device))
    #expect(try world.send().response.status == 401)
    let challenge = try world.send().response
    let lie = try world.credentials(challenge, password: "wrong")
    #expect(try world.send(authorization: lie).response.status == 403)
    #expect(try world.send("34020000001320000099").response.status == 403)

    let outcome = try world.login()
    #expect(outcome.response.status == 302 && outcome.response.reason == "Moved Temporarily")
    #expect(outcome.response.headers[.contact] == "<sip:34020000002000000002@192.0.2.2:5070>")
    #expect(outcome.response.headers[.expires] == "3600" && outcome.response.headers[.gbVersion] == "3.0")
    guard case .redirected(device, world.source, let target) = outcome.events.first else {
      Issue.record("\(outcome.events)")
      return
    }
    #expect(target.address.port == 5070 && outcome.events.count == 1)
    #expect(world.registrar.registration(of: device) == nil)
    #expect(world.registrar.hear(device, from: world.source, isKeepalive: true, now: world.now) == .refused)
    #expect(try world.login(expires: "Expires: 0\r\n").response.status == 200)
  }

  @Test("Who is online here stays here, whatever the plan says later")
  func stays() throws {
    var world = RegistrarTests.World()
    #expect(try world.login().response.status == 200)
    let targets = [RedirectTarget("34020000002000000002@192.0.2.2:5070")].compactMap { $0 }
    world.registrar.redirect = RedirectPlan(own: try id(1), targets: targets)
    #expect(try world.login().response.status == 200)
    world.advance(10_000)
    _ = world.registrar.tick(now: world.now)
    #expect(try world.login().response.status == 302)
  }

  // MARK: Connections

  @Test("Who registered over TLS is offline when that connection ends, and is believed on TLS alone")
  func secure() throws {
    var world = RegistrarTests.World()
    let device = try #require(DeviceID(RegistrarTests.device))
    world.source.transport = .tls
    world.source.connection = SIPConnectionID(3)
    _ = try world.login(contact: "Contact: <sip:a@192.0.2.20:5060>\r\n")
    #expect(world.registrar.registration(of: device)?.target == .connection(SIPConnectionID(3)))
    var plain = world.source
    (plain.transport, plain.connection) = (.udp, nil)
    #expect(world.registrar.hear(device, from: plain, isKeepalive: true, now: world.now) == .refused)
    var again = world.source
    again.connection = SIPConnectionID(4)
    guard
      case .acceptedWith(.moved) = world.registrar.hear(
        device, from: again, isKeepalive: true, now: world.now)
    else {
      Issue.record("another TLS connection of the same host is followed")
      return
    }
    #expect(world.registrar.connectionClosed(SIPConnectionID(3), now: world.now).isEmpty)
    let events = world.registrar.connectionClosed(SIPConnectionID(4), now: world.now)
    guard case .changed(let change) = events.first else {
      Issue.record("\(events)")
      return
    }
    #expect(change.state == .offline && change.cause == .disconnected)
  }

  @Test("Who registered over TCP is called on that connection, also after a heartbeat over UDP")
  func oneConnection() throws {
    var world = RegistrarTests.World()
    let device = try #require(DeviceID(RegistrarTests.device))
    world.source.transport = .tcp
    world.source.connection = SIPConnectionID(3)
    _ = try world.login()
    var plain = world.source
    (plain.transport, plain.connection) = (.udp, nil)
    #expect(world.registrar.hear(device, from: plain, isKeepalive: true, now: world.now) == .accepted)
    #expect(world.registrar.registration(of: device)?.target == .connection(SIPConnectionID(3)))
  }

  @Test("An IPv6 Contact in another spelling is no sign of NAT")
  func spelling() throws {
    var world = RegistrarTests.World()
    world.source.remote.host = "2001:db8::7"
    let device = try #require(DeviceID(RegistrarTests.device))
    _ = try world.login(contact: "Contact: <sip:a@[2001:DB8:0:0::7]:5060>\r\n")
    #expect(world.registrar.registration(of: device)?.isBehindNAT == false)
  }
}
