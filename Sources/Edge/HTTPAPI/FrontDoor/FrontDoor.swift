import Glibc
import Synchronization

/// An accepted connection whose first request is complete and still unread.
struct AcceptedConnection: Sendable {
  let descriptor: Int32
  let source: String
  /// Whether it came in through the metrics listener.
  let metrics: Bool
}

/// The thread behind the HTTP port.
///
/// It accepts, waits until a whole request head can be *peeked* (nothing is
/// consumed), and then decides: a viewer's request goes to the media plane as a
/// bare socket, everything else to the HTTP stack. A peer that does not send a
/// head in time is closed here and costs no task, no channel and no buffer.
///
/// A peeked byte would report the socket as readable for ever; the low-water mark
/// is therefore raised above what was seen, and put back when the socket leaves.
final class FrontDoor: Sendable {
  struct Settings: Sendable {
    /// How long a peer may take for its first head.
    var headTimeout: Duration
    /// Connections that may wait for their head at a time; the one waiting longest makes room.
    var pending: Int
    var sha1: @Sendable ([UInt8]) -> [UInt8]
    var correlation: @Sendable () -> String
  }

  private let listeners: [ListeningSocket]
  private let settings: Settings
  private let table: ConnectionTable
  private let media: MediaHandler
  private let deliver: @Sendable (AcceptedConnection) -> Void
  private let wake = WakeUp()
  private let stopped = Atomic(false)

  /// - Parameter listeners: the HTTP listener, then the metrics listener if there is one.
  init(
    listeners: [ListeningSocket], settings: Settings, table: ConnectionTable, media: @escaping MediaHandler,
    deliver: @escaping @Sendable (AcceptedConnection) -> Void
  ) {
    (self.listeners, self.settings, self.table) = (listeners, settings, table)
    (self.media, self.deliver) = (media, deliver)
  }

  /// Ends ``run()``; from any thread, any number of times.
  func stop() {
    stopped.store(true, ordering: .releasing)
    wake.ring()
  }

  /// The thread's body. Returns after ``stop()``.
  func run() {
    var loop = Loop(door: self)
    while !stopped.load(ordering: .acquiring) { loop.turn() }
    loop.closeAll()
  }

  /// What one thread owns; never leaves ``run()``.
  private struct Loop {
    private struct Pending {
      var source: String
      var metrics: Bool
      var since: ContinuousClock.Instant
      /// Bytes peeked so far.
      var seen = 0
    }

    let door: FrontDoor
    private var poller = Poller()
    private var pending: [Int32: Pending] = [:]
    private var buffer = [UInt8](repeating: 0, count: HTTPLimits.peekedHead)
    private var acceptAgain: ContinuousClock.Instant?

    init(door: FrontDoor) {
      self.door = door
      poller.add(door.wake.readEnd)
      for listener in door.listeners { poller.add(listener.descriptor) }
    }

    mutating func turn() {
      let idle = pending.isEmpty && acceptAgain == nil
      for event in poller.wait(milliseconds: idle ? -1 : 200) {
        if event.descriptor == door.wake.readEnd { continue }
        if let index = door.listeners.firstIndex(where: { $0.descriptor == event.descriptor }) {
          acceptAll(door.listeners[index], metrics: index == 1)
        } else {
          look(at: event.descriptor, hungUp: event.hungUp)
        }
      }
      sweep(ContinuousClock.now)
    }

    mutating func closeAll() {
      for descriptor in Array(pending.keys) { drop(descriptor) }
    }

    private mutating func acceptAll(_ listener: ListeningSocket, metrics: Bool) {
      // Bounded, so that a flood of connections does not starve those that have spoken.
      for _ in 0..<128 {
        var address = SocketAddress()
        let descriptor = address.accept(from: listener.descriptor)
        guard descriptor >= 0 else {
          // Out of descriptors or memory: accepting again at once would only spin.
          if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pauseAccepting() }
          return
        }
        admit(descriptor, address.host, metrics: metrics)
      }
    }

    private mutating func admit(_ descriptor: Int32, _ source: String, metrics: Bool) {
      guard door.table.admit(source) else {
        door.write(.unavailable("Too many connections are open.", retryAfter: 5), to: descriptor)
        return
      }
      Descriptor.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
      if pending.count >= door.settings.pending,
        let oldest = pending.min(by: { $0.value.since < $1.value.since })
      {
        door.table.count { $0.slow += 1 }
        drop(oldest.key)
      }
      pending[descriptor] = Pending(source: source, metrics: metrics, since: .now)
      poller.add(descriptor)
      look(at: descriptor, hungUp: false)
    }

    /// Peeks, and decides when the head is there.
    private mutating func look(at descriptor: Int32, hungUp: Bool) {
      guard let peer = pending[descriptor] else { return }
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
      guard count > 0 else {
        if count == 0 || (errno != EAGAIN && errno != EINTR) { drop(descriptor) }
        return
      }
      switch judge(count, peer) {
      case .incomplete:
        // No more than before although the socket is readable: the peer will send nothing more.
        if hungUp || count <= peer.seen { return drop(descriptor) }
        pending[descriptor]?.seen = count
        Descriptor.ignoreFirst(count, of: descriptor)
      case .http:
        hand(descriptor, peer)
      case .media(let request, let length):
        // Consume the head; what follows (a first WebSocket frame) is the viewer's.
        guard recv(descriptor, &buffer, length, Int32(MSG_DONTWAIT)) == length else {
          return drop(descriptor)
        }
        forget(descriptor)
        door.table.left(peer.source)
        door.offer(request, descriptor)
      }
    }

    private enum Verdict {
      case incomplete
      case http
      case media(MediaRequest, length: Int)
    }

    /// What the first `count` bytes of the buffer are.
    private func judge(_ count: Int, _ peer: Pending) -> Verdict {
      let bytes = buffer.span.extracting(0..<count)
      // A head longer than the window is the HTTP parser's business; so are its limits.
      guard let length = RequestHead.end(bytes) else { return count == buffer.count ? .http : .incomplete }
      guard !peer.metrics, RequestHead.mayBeMedia(bytes), let head = RequestHead(bytes, length: length),
        let request = head.mediaRequest(source: peer.source, sha1: door.settings.sha1)
      else { return .http }
      return .media(request, length: length)
    }

    private mutating func hand(_ descriptor: Int32, _ peer: Pending) {
      forget(descriptor)
      door.deliver(
        AcceptedConnection(descriptor: descriptor, source: peer.source, metrics: peer.metrics))
    }

    private mutating func forget(_ descriptor: Int32) {
      poller.remove(descriptor)
      if pending.removeValue(forKey: descriptor)?.seen != 0 { Descriptor.ignoreFirst(0, of: descriptor) }
    }

    private mutating func drop(_ descriptor: Int32) {
      guard let peer = pending[descriptor] else { return }
      forget(descriptor)
      close(descriptor)
      door.table.left(peer.source)
    }

    private mutating func pauseAccepting() {
      guard acceptAgain == nil else { return }
      acceptAgain = ContinuousClock.now + .milliseconds(200)
      for listener in door.listeners { poller.remove(listener.descriptor) }
    }

    private mutating func sweep(_ now: ContinuousClock.Instant) {
      if let moment = acceptAgain, now >= moment {
        acceptAgain = nil
        for listener in door.listeners { poller.add(listener.descriptor) }
      }
      let late = pending.filter { now - $0.value.since >= door.settings.headTimeout }
      for descriptor in late.keys {
        door.table.count { $0.slow += 1 }
        drop(descriptor)
      }
    }
  }

  private func offer(_ request: MediaRequest, _ descriptor: Int32) {
    switch media(request, descriptor) {
    case .accepted: table.count { $0.media += 1 }
    case .refused(let problem): write(problem, to: descriptor)
    }
  }

  /// Answers and closes. The socket's buffer is empty, so that the few bytes always fit.
  private func write(_ problem: Problem, to descriptor: Int32) {
    let bytes = ResponseHead.problem(problem, correlation: settings.correlation())
    _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    // Unread input at close would send a reset that can overtake the answer.
    var rest = [UInt8](repeating: 0, count: 4_096)
    while recv(descriptor, &rest, rest.count, Int32(MSG_DONTWAIT)) > 0 {}
    shutdown(descriptor, Int32(SHUT_WR))
    close(descriptor)
  }
}
