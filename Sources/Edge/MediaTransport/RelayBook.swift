import Synchronization

/// Relays that wait for their peer to connect to the media port, over all media threads.
///
/// Asked only about accepted connections that have not said which stream they belong to.
final class RelayBook: Sendable {
  private let waiting = Mutex<[(relay: RelayID, host: MediaAddress)]>([])

  func wait(_ relay: RelayID, host: MediaAddress) { waiting.withLock { $0.append((relay, host)) } }

  func forget(_ relay: RelayID) { waiting.withLock { list in list.removeAll { $0.relay == relay } } }

  /// The relay that has waited longest for this machine; it waits no more.
  func claim(_ peer: MediaAddress) -> RelayID? {
    waiting.withLock { list in
      guard let index = list.firstIndex(where: { $0.host.isSameHost(as: peer) }) else { return nil }
      return list.remove(at: index).relay
    }
  }
}
