import GBCore
import SIPCore

/// Paths through several platforms (GB/T 28181-2022 Annex H).
extension Signalling {
  /// The refusal of an INVITE that this platform does not take, with the path it came to an end at.
  ///
  /// 482 for a path that comes back to us; nothing is passed on in this version, so that 403 is the rest.
  func refusal(of invite: SIPRequest) -> SIPResponse {
    let isLoop = invite.preferredPath?.step(at: platform) == .loop
    var response = SIPResponse(to: invite, status: isLoop ? 482 : 403)
    // Peers of older editions do not ask for a path and do not expect one.
    if invite.headers.contains(.preferredPath), let path = RoutePath.answer(at: platform) {
      response.headers.append(.routePath, path.description)
    }
    return response
  }
}
