import GBCore
import NIOCore
import NIOPosix
import SIPCore

@testable import Conformance

/// A registrar of a few lines, right in everything but one thing.
final class ScriptedServer: PeerActions {
  enum Flaw: String, CaseIterable, Sendable {
    case none
    case noAlgorithm
    case noNonce
    case noDate
    case wrongDate
    case noVersion
    case acceptsAnyPassword
    case acceptsStrangers
    case acceptsUsedCredentials
    case acceptsUnregistered
    case wrongChecksum
    case noStop
    case presetInWrongByte
    case alarmUnanswered
    case alarmOtherSN
    case alarmNotShown
  }

  struct State {
    var passwords: [String: String] = [:]
    var registered: Set<String> = []
    var nonces: Set<String> = []
    /// Where each device is.
    var routes: [String: Route] = [:]
    /// How many alarms each source raised.
    var alarms: [String: Int] = [:]
    var serial = 0
  }

  let port: Int
  let flaw: Flaw
  let peer: ConformPeer
  let state = Guarded(State())

  private init(_ flaw: Flaw, peer: ConformPeer, port: Int) {
    (self.flaw, self.peer, self.port) = (flaw, peer, port)
  }

  static func start(_ flaw: Flaw) async throws -> ScriptedServer {
    let peer = ConformPeer(
      "scripted server", ladder: Ladder(), loop: MultiThreadedEventLoopGroup.singleton.next(), codec: .utf8,
      manners: { _ in .leave })
    let wire = try await peer.openUDP(host: "127.0.0.1")
    let server = ScriptedServer(flaw, peer: peer, port: wire.local.port)
    try await peer.setManners { [weak server] in server?.manner($0) ?? .ignore }
    return server
  }

  func stop() async { await peer.close() }

  private func manner(_ incoming: IncomingRequest) -> ConformPeer.Manner {
    let user = incoming.request.fromUser ?? ""
    switch incoming.method {
    case .register: return register(incoming, user)
    case .message:
      let isKnown = flaw == .acceptsUnregistered || state.value.registered.contains(user)
      if isKnown, incoming.is(.notify, "Alarm"), let document = incoming.document {
        peer.loop.execute { self.heard(document, of: user) }
      }
      return .answer(isKnown ? 200 : 403)
    default: return .answer(405)
    }
  }

  private func register(_ incoming: IncomingRequest, _ user: String) -> ConformPeer.Manner {
    let request = incoming.request
    let password = state.value.passwords[user]
    guard password != nil || flaw == .acceptsStrangers else { return plain(403) }
    guard let credentials = request.headers[.authorization].flatMap({ DigestCredentials($0) }) else {
      return challenge()
    }
    guard state.value.nonces.contains(credentials.nonce) else { return challenge() }
    let isRight = Digest.verify(
      credentials, password: password ?? "", method: .register, hash: Hashes.function)
    guard isRight || flaw == .acceptsAnyPassword || flaw == .acceptsStrangers && password == nil else {
      return plain(403)
    }
    let isLeaving = request.registrationExpires == 0
    state.withLock { state in
      if flaw != .acceptsUsedCredentials { state.nonces.remove(credentials.nonce) }
      if isLeaving { state.registered.remove(user) } else { state.registered.insert(user) }
      state.routes[user] = incoming.route
    }
    return .answer(200) { [flaw] response in
      if flaw == .wrongDate {
        response.headers.append(.date, "2001-01-01T00:00:00.000")
      } else if flaw != .noDate {
        response.headers.append(.date, GBTime.dateHeader(TesterClock.now()))
      }
      response.headers.append(.expires, String(request.registrationExpires ?? 3_600))
      Self.addVersion(&response, flaw)
    }
  }

  private func plain(_ status: Int) -> ConformPeer.Manner {
    .answer(status) { [flaw] in Self.addVersion(&$0, flaw) }
  }

  private func challenge() -> ConformPeer.Manner {
    let nonce = Token.random()
    state.withLock { _ = $0.nonces.insert(nonce) }
    var text = "Digest realm=\"3402000000\""
    if flaw != .noNonce { text += ", nonce=\"\(nonce)\"" }
    if flaw != .noAlgorithm { text += ", algorithm=MD5" }
    let line = text
    return .answer(401) { [flaw] response in
      response.headers.append(.wwwAuthenticate, line)
      Self.addVersion(&response, flaw)
    }
  }

  private static func addVersion(_ response: inout SIPResponse, _ flaw: Flaw) {
    if flaw != .noVersion { response.headers.append(.gbVersion, "3.0") }
  }

  // MARK: What a case may order

  func provision(_ identity: TestIdentity) async throws {
    state.withLock { $0.passwords[identity.id.text] = identity.password }
  }

  func openLive(_ channel: TestChannel, stream: Int?) async throws -> OpenedPicture {
    throw ActionFailure.missing("no function for pictures")
  }

  func openPlayback(_ channel: TestChannel, from: String, to: String) async throws -> OpenedPicture {
    throw ActionFailure.missing("no function for recordings")
  }

  func openDownload(_ channel: TestChannel, from: String, to: String) async throws {
    throw ActionFailure.missing("no function for downloads")
  }

  func control(_ picture: OpenedPicture, _ change: PlaybackChange) async throws {}
  func close(_ picture: OpenedPicture) async throws {}

  func ask(_ question: PeerQuestion) async throws -> String {
    switch question {
    case .isOnline(let id): state.value.registered.contains(id.text) ? "yes" : "no"
    case .channelCount: "1"
    case .alarmCount(let channel): String(state.value.alarms[channel.channel.text] ?? 0)
    default: "unknown"
    }
  }

  func lower(_ order: LowerOrder) async throws {
    throw ActionFailure.notPossible("no lower platform")
  }
}
