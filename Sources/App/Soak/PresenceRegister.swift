import GBCore
import MediaTime
import SIPCore

/// Registrations of simulated devices with a real registrar: challenge, digest, answer.
enum PresenceRegister {
  private static let password = "soak"
  private static let platform = SIPURI(user: "34020000002000000001", host: "3402000000")

  /// Any keyed function will do on both sides: what is measured here is presence, not the digest.
  private static let hash: DigestFunction = { _, bytes in
    var state: (UInt64, UInt64) = (0xCBF2_9CE4_8422_2325, 0x9E37_79B9_7F4A_7C15)
    for byte in bytes {
      state.0 = (state.0 ^ UInt64(byte)) &* 0x100_0000_01B3
      state.1 = (state.1 &+ state.0) &* 0xBF58_476D_1CE4_E5B9
    }
    let words = [state.0, state.1]
    return words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
  }

  static func registrar(rule: LivenessRule, now: MonotonicTime) -> Registrar {
    var configuration = RegistrarConfiguration(realm: "3402000000")
    // All devices stand behind one address here.
    configuration.failuresPerSource = .max
    return Registrar(
      configuration: configuration, nonceKey: Array(0..<32), now: now,
      accounts: { _ in RegistrarAccount(password: password, rule: rule) }, hash: hash)
  }

  /// Both rounds of a registration.
  static func register(
    _ device: DeviceID, expires: Int, from source: SIPSource, at registrar: inout Registrar,
    now: MonotonicTime, clock: WallTime, random: inout SoakRandom
  ) -> (isAccepted: Bool, events: [RegistrarEvent]) {
    var request = SIPRequest(
      method: .register, uri: platform,
      from: NameAddress(uri: SIPURI(user: device.text, host: "3402000000"), tag: "t"),
      to: NameAddress(uri: SIPURI(user: device.text, host: "3402000000")), callID: "1@" + device.text, cseq: 1
    )
    request.headers.prepend(
      .via, Via(transport: .udp, host: "10.0.0.7", port: 5_060, branch: Via.magicCookie + "1").description)
    request.headers.append(.contact, "<sip:\(device.text)@10.0.0.7:5060>")
    request.headers.append(.expires, String(expires))
    let first = registrar.register(request, from: source, now: now, clock: clock, random: random.next())
    guard let challenge = first.response.headers[.wwwAuthenticate].flatMap({ DigestChallenge($0) }) else {
      return (false, first.events)
    }
    let credentials = DigestCredentials(
      answering: challenge, username: device.text, password: password, method: .register,
      uri: request.requestURI, cnonce: "1", hash: hash)
    request.headers.append(.authorization, credentials.headerValue)
    let second = registrar.register(request, from: source, now: now, clock: clock, random: random.next())
    return (second.response.isSuccess, first.events + second.events)
  }
}
