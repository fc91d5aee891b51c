import Federation
import GBCore
import LevelCore
import Registry
import SIPCore
import SIPTransport

/// The way to neighbours and from them.
protocol LevelRoutes: Sendable {
  /// Neighbours that can be reached now, of our kind or not.
  var connected: [LevelPeer] { get }
  /// Under which code the neighbour knows us; nil while it cannot be reached.
  func ownCode(towards peer: LevelPeer) -> DeviceID?
  /// Whether the neighbour may mean us by a code.
  func isOwn(_ code: DeviceID, towards peer: LevelPeer) -> Bool
  /// Sends a body in a MESSAGE.
  ///
  /// - Returns: the status of the answer; nil for none, or for no way.
  func send(_ body: [UInt8], to peer: LevelPeer, within limit: Duration) async -> Int?
  /// The neighbour whose request this is, in the role in which it says to speak; nil for a stranger.
  func peer(behind request: SIPRequest, _ source: SIPSource, _ way: LevelEnvelope.Way) -> LevelPeer?
}

/// Over the registrations of both directions.
struct RegisteredLevels: LevelRoutes {
  let signalling: Signalling
  let superiors: SuperiorService

  var connected: [LevelPeer] {
    let above = superiors.all.filter { $0.link.phase == .registered }.map {
      LevelPeer.superior($0.account.superior.id)
    }
    let below = signalling.directory.devices.map(\.id).filter { code in
      code.isPlatform && signalling.registration(of: code) != nil
    }
    return above + below.map { LevelPeer.lower($0) }
  }

  func ownCode(towards peer: LevelPeer) -> DeviceID? {
    switch peer.role {
    case .superior:
      superiors.server(peer.id) == nil ? nil : superiors.entry(peer.id)?.account.superior.ownID
    case .lower: signalling.registration(of: peer.id) == nil ? nil : signalling.platform
    }
  }

  func isOwn(_ code: DeviceID, towards peer: LevelPeer) -> Bool {
    code == signalling.platform || code == ownCode(towards: peer)
  }

  func send(_ body: [UInt8], to peer: LevelPeer, within limit: Duration) async -> Int? {
    guard let endpoint = signalling.endpoint, let (request, target) = way(to: peer) else { return nil }
    var message = request
    message.headers.append(.contentType, LevelEnvelope.contentType)
    message.body = body
    switch await endpoint.request(message, to: target, timeout: limit) {
    case .response(let response, _): return response.status
    case .timeout, .transportError: return nil
    }
  }

  private func way(to peer: LevelPeer) -> (SIPRequest, SIPTarget)? {
    switch peer.role {
    case .superior:
      guard let superior = superiors.entry(peer.id)?.account.superior, let server = superiors.server(peer.id)
      else { return nil }
      return (superiors.request(.message, to: superior, at: server), superiors.target(superior, server))
    case .lower:
      guard let registration = signalling.registration(of: peer.id) else { return nil }
      return (signalling.outOfDialog(.message, to: peer.id, at: registration), registration.target)
    }
  }

  func peer(behind request: SIPRequest, _ source: SIPSource, _ way: LevelEnvelope.Way) -> LevelPeer? {
    switch way {
    case .up: signalling.heard(request, from: source).map { LevelPeer.lower($0) }
    case .down: superiors.superior(behind: request, source).map { LevelPeer.superior($0.id) }
    }
  }
}
