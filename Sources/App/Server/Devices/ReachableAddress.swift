import GBCore
import SIPTransport
import Synchronization

/// Where devices find the HTTP interface: the address that routes to them, and the port once it is bound.
final class ReachableAddress: Sendable {
  private let port = Mutex(0)
  private let local: @Sendable (String) -> String

  /// - Parameter local: our address towards a peer.
  init(local: @escaping @Sendable (String) -> String) { self.local = local }

  func bound(to port: Int) { self.port.withLock { $0 = port } }

  /// The URL of `path` for a peer.
  func url(_ path: String, for peer: String) -> String {
    let host = local(peer)
    return "http://\(host.contains(":") ? "[\(host)]" : host):\(port.withLock { $0 })\(path)"
  }
}
