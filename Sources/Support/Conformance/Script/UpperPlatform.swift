import GBCore
import NIOCore
import NIOPosix
import SIPCore

/// The tester as upper platform: a registrar that the lower platform under test registers at.
///
/// One for all cases of list U of a run; each case looks at it through its own ladder.
final class UpperPlatform: Sendable {
  /// How the registrar answers; a case may ask for something special.
  enum Registrar: Sendable {
    case usual
    /// Everything is challenged again, whatever credentials it carries.
    case refuse(Int)
    /// Sends the peer to another server.
    case redirect(String)
    case silent
  }

  let settings: ConformSettings
  let edition: Edition
  let peer: ConformPeer
  let port: Int
  private let state = Guarded(State())

  struct State: Sendable {
    var registrar = Registrar.usual
    /// Where the lower platform was seen last, after a registration.
    var route: Route?
    var lowerID: DeviceID?
    var registrations = 0
    var expires = 0
    var nonces: Set<String> = []
    var answersKeepalives = true
    var sequence: UInt32 = 0
    var serial = 0
    /// What the 200 grants instead of what was asked for, in seconds.
    var grantedExpires: Int?
    /// A camera of the lower platform, once its catalog was read.
    var camera: DeviceID?
  }

  private init(_ settings: ConformSettings, _ edition: Edition, peer: ConformPeer, port: Int) {
    (self.settings, self.edition, self.peer, self.port) = (settings, edition, peer, port)
  }

  static func open(_ settings: ConformSettings, _ edition: Edition, on loop: any EventLoop) async throws
    -> UpperPlatform
  {
    let peer = ConformPeer(
      "upper platform", ladder: Ladder(), loop: loop, codec: settings.codec, manners: { _ in .leave })
    do {
      let wire = try await peer.openUDP(host: settings.listenHost, port: settings.listenPort)
      _ = try await peer.listenTCP(host: settings.listenHost, port: wire.local.port)
      let upper = UpperPlatform(settings, edition, peer: peer, port: wire.local.port)
      try await peer.setManners { [weak upper] in upper?.manner($0) ?? .leave }
      return upper
    } catch {
      await peer.close()
      throw TesterError("the tester cannot listen on \(settings.listenHost):\(settings.listenPort): \(error)")
    }
  }

  func close() async { await peer.close() }

  /// A case begins: what comes belongs to its ladder, and what came before is history.
  func enter(_ ladder: Ladder) async throws {
    state.withLock { state in
      state.registrar = .usual
      state.answersKeepalives = true
      state.grantedExpires = nil
    }
    try await peer.onLoop { [peer] in peer.begin(ladder) }
  }

  var now: State { state.withLock { $0 } }

  func nextSequence() -> UInt32 {
    state.withLock { state in
      state.sequence += 1
      return state.sequence
    }
  }

  func nextSerial() -> Int {
    state.withLock { state in
      state.serial += 1
      return state.serial
    }
  }

  func remember(camera: DeviceID) { state.withLock { $0.camera = camera } }

  /// Grants registrations another lifetime than they ask for; nil grants what is asked.
  func setGrantedExpires(_ seconds: Int?) { state.withLock { $0.grantedExpires = seconds } }

  func setRegistrar(_ registrar: Registrar) { state.withLock { $0.registrar = registrar } }
  func setAnswersKeepalives(_ answers: Bool) { state.withLock { $0.answersKeepalives = answers } }

  /// The manners of a good upper platform. On the peer's loop.
  private func manner(_ incoming: IncomingRequest) -> ConformPeer.Manner {
    switch incoming.method {
    case .register: return register(incoming)
    case .message:
      if incoming.is(.notify, "Keepalive"), !now.answersKeepalives { return .ignore }
      return .answer(200)
    case .invite: return .leave
    case .notify, .bye, .cancel, .options, .info: return .answer(200)
    default: return .answer(405)
    }
  }

  private func register(_ incoming: IncomingRequest) -> ConformPeer.Manner {
    let request = incoming.request
    let version = edition.version.description
    switch now.registrar {
    case .silent: return .ignore
    case .refuse(let status): return .answer(status) { $0.headers.append(.gbVersion, version) }
    case .redirect(let contact):
      return .answer(302) { response in
        response.headers.append(.contact, contact)
        response.headers.append(.expires, "3600")
        response.headers.append(.gbVersion, version)
      }
    case .usual: break
    }
    let credentials = request.headers.firstReadable(.authorization) { DigestCredentials($0) }
    guard let credentials, state.withLock({ $0.nonces.remove(credentials.nonce) }) != nil else {
      // Every REGISTER is challenged, also a refresh that carries old credentials: the official tool does so.
      return challenge(version)
    }
    guard
      Digest.verify(credentials, password: settings.password, method: .register, hash: settings.hash)
    else { return .answer(403) { $0.headers.append(.gbVersion, version) } }
    let asked = request.registrationExpires ?? 3_600
    let expires = asked == 0 ? 0 : now.grantedExpires ?? asked
    let id = request.fromUser.flatMap { DeviceID($0) }
    state.withLock { state in
      state.route = expires > 0 ? incoming.route : nil
      state.lowerID = id
      state.registrations += 1
      state.expires = expires
    }
    // The lifetime in the Contact would win over the header (RFC 3261 §10.2.1.1).
    let contact = request.contact.map { contact in
      var contact = contact
      contact.parameters["expires"] = String(expires)
      return contact.description
    }
    return .answer(200) { response in
      response.headers.append(.date, GBTime.dateHeader(TesterClock.now()))
      response.headers.append(.expires, String(expires))
      if let contact { response.headers.append(.contact, contact) }
      response.headers.append(.gbVersion, version)
    }
  }

  private func challenge(_ version: String) -> ConformPeer.Manner {
    let nonce = Token.random() + Token.random()
    state.withLock { _ = $0.nonces.insert(nonce) }
    let realm = settings.upperID.domain ?? settings.upperID.text
    let text = DigestChallenge(realm: realm, nonce: nonce, algorithm: .md5).headerValue
    return .answer(401) { response in
      response.headers.append(.wwwAuthenticate, text)
      response.headers.append(.gbVersion, version)
    }
  }
}
