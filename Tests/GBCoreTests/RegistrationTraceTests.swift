import MediaTime
import SIPCore
import TestSupport
import Testing

@testable import GBCore

/// Registrations as devices write them. The numbers are those of `docs/ref/deviations.md`.
@Suite struct RegistrationTraceTests {
  /// A registrar that is told messages of a trace. `NONCE` and `RESPONSE` in them are filled in as the device would.
  private struct Door {
    static let password = "Gb28181@pw"
    static let camera = SIPSource(
      transport: .udp, remote: SIPHostPort(host: "198.51.100.7", port: 40_001),
      local: SIPHostPort(host: "192.0.2.10", port: 5060))

    var registrar: Registrar
    var now = MonotonicTime(nanoseconds: 1_000_000_000_000)
    var clock = WallTime(seconds: 1_704_159_000)
    var nonce = ""
    private var random = SeededRandom(seed: 7)

    init() {
      registrar = Registrar(
        configuration: RegistrarConfiguration(realm: "3402000000"), nonceKey: Array(0..<32), now: now,
        accounts: { _ in RegistrarAccount(password: Door.password) }, hash: TestHash.function)
    }

    mutating func advance(_ seconds: Int) {
      now = now + .seconds(seconds)
      clock = clock + .seconds(seconds)
    }

    mutating func take(_ trace: String, from source: SIPSource = Door.camera) throws -> RegistrarOutcome {
      var request = try read(trace.replacing("NONCE", with: nonce))
      if let text = request.headers[.authorization], text.contains("RESPONSE"),
        let claimed = DigestCredentials(text)
      {
        let secret = Digest.secret(
          username: claimed.username, realm: claimed.realm, password: Self.password,
          algorithm: claimed.algorithm, hash: TestHash.function)
        let right = Digest.response(claimed, secret: secret, method: .register, hash: TestHash.function)
        request.headers.set(.authorization, text.replacing("RESPONSE", with: right))
      }
      request.receivedFrom = source.remote
      let outcome = registrar.register(request, from: source, now: now, clock: clock, random: random.next())
      if let text = outcome.response.headers[.wwwAuthenticate], let challenge = DigestChallenge(text) {
        nonce = challenge.nonce
      }
      return outcome
    }

    private func read(_ trace: String) throws -> SIPRequest {
      guard case .request(let request) = try SIPParser.parse(Trace.message(trace).span) else {
        throw NoRequest()
      }
      return request
    }

    struct NoRequest: Error {}
  }

  private static let id = "34020000001320000001"

  /// The first REGISTER of a camera and the second one, which differ in CSeq and Authorization.
  private static func register(
    _ sequence: Int, contact: String? = "Contact: <sip:\(id)@192.168.1.64:5060>", more: String = "",
    authorization: String? = nil
  ) -> String {
    var lines = [
      "REGISTER sip:34020000002000000001@3402000000 SIP/2.0",
      "Via: SIP/2.0/UDP 192.168.1.64:5060;rport;branch=z9hG4bK20\(sequence)",
      "From: <sip:\(id)@3402000000>;tag=1183405296", "To: <sip:\(id)@3402000000>", "Call-ID: 1299036212",
      "CSeq: \(sequence) REGISTER",
    ]
    lines += [contact, authorization, "Max-Forwards: 70", "User-Agent: IP Camera"].compactMap { $0 }
    if !more.isEmpty { lines.append(more) }
    return (lines + ["Content-Length: 0"]).joined(separator: "\n")
  }

  private static let plain =
    "Authorization: Digest username=\"\(id)\", realm=\"3402000000\", nonce=\"NONCE\", "
    + "uri=\"sip:34020000002000000001@3402000000\", response=\"RESPONSE\", algorithm=MD5"

  private func device() throws -> DeviceID { try #require(DeviceID(Self.id)) }

  @Test("1: a lifetime only in Contact counts, and none at all is the usual one, not a 400")
  func lifetimes() throws {
    var door = Door()
    #expect(try door.take(Self.register(1)).response.status == 401)
    let none = try door.take(Self.register(2, authorization: Self.plain)).response
    #expect(none.status == 200 && none.headers[.expires] == "3600")
    let contact = "Contact: <sip:\(Self.id)@192.168.1.64:5060>;expires=7200"
    #expect(try door.take(Self.register(3, contact: contact)).response.status == 401)
    let inContact = try door.take(Self.register(4, contact: contact, authorization: Self.plain)).response
    #expect(inContact.status == 200 && inContact.headers[.expires] == "7200")
  }

  @Test("2: the challenge names MD5 and is the only one, or a Dahua camera says nothing more")
  func challenge() throws {
    var door = Door()
    let answer = try door.take(Self.register(1)).response
    let fields = answer.headers.values(of: .wwwAuthenticate)
    #expect(answer.status == 401 && fields.count == 1)
    let field = try #require(fields.first)
    #expect(
      field.hasPrefix("Digest ") && field.contains("algorithm=MD5") && field.contains("realm=\"3402000000\""))
  }

  @Test(
    "3: another uri than the Request-URI, md5 in small letters, a count of 1 and a quoted qop are hashed as written"
  )
  func spelling() throws {
    var door = Door()
    #expect(try door.take(Self.register(1)).response.status == 401)
    let odd =
      "Authorization: Digest username=\"\(Self.id)\",realm=\"3402000000\",nonce=\"NONCE\",uri=\"sip:192.0.2.10:5060\","
      + "response=\"RESPONSE\",algorithm=md5,cnonce=\"4f1a\",qop=\"auth\",nc=1"
    #expect(try door.take(Self.register(2, authorization: odd)).response.status == 200)
    // The same with a wrong password is not let in by any of this.
    #expect(try door.take(Self.register(3)).response.status == 401)
    let wrong = odd.replacing("RESPONSE", with: "d10a048eb08d01bd0e88e8cce98d6039")
    #expect(try door.take(Self.register(4, authorization: wrong)).response.status == 403)
  }

  @Test("4: a refresh with the answer of an hour ago is asked anew, marked stale, and ends nothing")
  func staleRefresh() throws {
    var door = Door()
    _ = try door.take(Self.register(1))
    #expect(try door.take(Self.register(2, authorization: Self.plain)).response.status == 200)
    let old = Self.plain.replacing("NONCE", with: door.nonce)
    for _ in 0..<60 {
      door.advance(60)
      #expect(
        door.registrar.hear(try device(), from: Door.camera, isKeepalive: true, now: door.now) == .accepted)
      #expect(door.registrar.tick(now: door.now).isEmpty)
    }
    let again = try door.take(Self.register(3, authorization: old))
    #expect(again.response.status == 401)
    #expect(again.response.headers[.wwwAuthenticate]?.contains("stale=true") == true)
    let stands = door.registrar.registration(of: try device()) != nil
    #expect(again.events.isEmpty && stands)
  }

  @Test("5: a Contact with a private or empty address, or none, and the packet's source is called")
  func contacts() throws {
    for contact in [
      "Contact: <sip:\(Self.id)@192.168.1.64:5060>", "Contact: <sip:\(Self.id)@0.0.0.0:0>",
      "Contact: \"\(Self.id)\" <sip:\(Self.id)@:5060>", nil,
    ] {
      var door = Door()
      _ = try door.take(Self.register(1, contact: contact))
      let answer = try door.take(Self.register(2, contact: contact, authorization: Self.plain)).response
      #expect(answer.status == 200, "\(contact ?? "none")")
      #expect(door.registrar.registration(of: try device())?.target == .udp(Door.camera.remote))
    }
  }

  @Test("46: who registered over TCP, let it go and reports over UDP is called over UDP")
  func transports() throws {
    var door = Door()
    var tcp = Door.camera
    (tcp.transport, tcp.connection) = (.tcp, SIPConnectionID(3))
    let contact = "Contact: <sip:\(Self.id)@198.51.100.7:5060>"
    _ = try door.take(Self.register(1, contact: contact), from: tcp)
    #expect(
      try door.take(Self.register(2, contact: contact, authorization: Self.plain), from: tcp).response.status
        == 200)
    #expect(door.registrar.registration(of: try device())?.target == .connection(SIPConnectionID(3)))
    #expect(door.registrar.connectionClosed(SIPConnectionID(3), now: door.now).isEmpty)
    var udp = Door.camera
    udp.remote.port = 5060
    _ = door.registrar.hear(try device(), from: udp, isKeepalive: true, now: door.now)
    #expect(door.registrar.registration(of: try device())?.target == .udp(udp.remote))
  }

  @Test("47: of two network cards that register one code the last one counts, and the move is told")
  func twoCards() throws {
    var door = Door()
    _ = try door.take(Self.register(1))
    #expect(try door.take(Self.register(2, authorization: Self.plain)).response.status == 200)
    var second = Door.camera
    second.remote.host = "198.51.100.8"
    _ = try door.take(Self.register(3), from: second)
    let moved = try door.take(Self.register(4, authorization: Self.plain), from: second)
    #expect(moved.response.status == 200)
    #expect(moved.events.contains { if case .moved(_, from: Door.camera) = $0 { true } else { false } })
    #expect(door.registrar.registration(of: try device())?.target == .udp(second.remote))
    #expect(
      door.registrar.hear(try device(), from: Door.camera, isKeepalive: true, now: door.now) == .refused)
  }

  @Test("49: a camera that believes in 1970 is let in, and told the time")
  func wrongClock() throws {
    var door = Door()
    let dated = "Date: 1970-01-01T00:04:11.000"
    _ = try door.take(Self.register(1, more: dated))
    let answer = try door.take(Self.register(2, more: dated, authorization: Self.plain)).response
    #expect(answer.status == 200 && answer.headers[.date] == "2024-01-02T09:30:00.000")
  }

  @Test("65: another SIP domain and another server's code in the REGISTER do not keep a right password out")
  func otherDomain() throws {
    var door = Door()
    let strange = { (text: String) in
      text.replacing("34020000002000000001@3402000000", with: "44010000002000000001@4401000000")
        .replacing("realm=\"3402000000\"", with: "realm=\"4401000000\"")
    }
    _ = try door.take(strange(Self.register(1)))
    #expect(try door.take(strange(Self.register(2, authorization: Self.plain))).response.status == 200)
  }
}
