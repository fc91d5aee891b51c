import CMediaIO
import Glibc
import MediaTime
import Streaming

/// Relays: attaching, connecting, sending in the pass of the loop, and how they go.
extension MediaLoop {
  /// Bytes that a connection may buffer, and how many of them unsent.
  private static let connectionBuffer: Int32 = 1 << 20
  private static let unsentLimit: Int32 = 256 << 10
  /// How long an accepted connection must be silent before it is taken for a relay's while a stream waits for a
  /// connection from the same machine, nanoseconds.
  private static let silence: Int64 = 1_000_000_000
  private static let retryInterval: Int64 = 1_000_000_000
  /// Reports of the network taken per pass and socket.
  private static let maximumErrors = 256

  // MARK: beginning

  func attach(_ id: RelayID, _ request: RelayRequest, to peer: MediaAddress, _ sockets: DedicatedSockets) {
    let relay = Relay(
      id: id, request: request, peer: peer, now: now.nanoseconds,
      patience: configuration.relayConnectTimeout.nanoseconds)
    relay.dedicated = sockets
    guard let stream = streams[id.stream] else {
      return configuration.events(.relayEnded(id, packets: 0, bytes: 0, .streamEnded))
    }
    relays[id.raw] = (relay, stream)
    stream.feed(cacheLimit: configuration.gopCacheLimitBytes).add(relay)
    if sockets.datagrams >= 0 { watch(sockets.datagrams, .read, Token(.relayDatagrams, id.raw)) }
    if sockets.listener >= 0 { watch(sockets.listener, .read, Token(.relayListener, id.raw)) }
    switch request.transport {
    case .udp: beginDatagrams(relay, stream)
    case .tcpActive: connect(relay, stream)
    case .tcpPassive: if sockets.listener < 0 { shared.relayBook.wait(id, host: peer) }
    }
  }

  private func beginDatagrams(_ relay: Relay, _ stream: MediaStream) {
    let socket = relay.dedicated.datagrams >= 0 ? relay.dedicated.datagrams : datagramSocket
    guard socket >= 0 else { return drop(relay, of: stream, .refused) }
    if relay.dedicated.datagrams >= 0 || !isPreparedToSend {
      tio_prepare_sending(socket, Int32(clamping: configuration.relaySendBuffer))
      if socket == datagramSocket { isPreparedToSend = true }
    }
    relay.isOffloaded = configuration.segmentationOffload && tio_cuts_datagrams(socket)
    relay.link = .datagrams(socket)
    begin(relay, stream)
  }

  private func begin(_ relay: Relay, _ stream: MediaStream) {
    stream.start(relay)
    wantRelay(stream)
    sendRelays()
  }

  // MARK: connections

  private func connect(_ relay: Relay, _ stream: MediaStream) {
    relay.nextAttempt = now.nanoseconds + Self.retryInterval
    var address = relay.peer.native
    let descriptor = tio_tcp_connect(&address)
    guard descriptor >= 0 else { return }
    relay.link = .connecting(descriptor)
    watch(descriptor, [.read, .write], Token(.relay, relay.id.raw))
  }

  /// A connection that has said nothing goes to the relay that waits for its machine.
  func offerToRelay(_ connection: Connection) {
    guard connection.stream == nil, !connection.hasSpoken, !connection.isConnecting else { return }
    // A device may take a moment between connecting and its first packet.
    let patience = shared.book.awaitsConnection(from: connection.peer) ? Self.silence : 0
    guard now.nanoseconds - connection.since >= patience, let id = shared.relayBook.claim(connection.peer)
    else { return }
    unmatchedConnections -= 1
    unwatch(connection.descriptor)
    connections[connection.id] = nil
    let handover = ConnectionHandover(connection: connection)
    shared.mailboxes[id.stream.thread].post { $0.adopt(handover, for: id) }
  }

  func adopt(_ handover: ConnectionHandover, for id: RelayID) {
    guard let entry = relays[id.raw], !entry.relay.isSending else { return }
    connected(entry.relay, entry.stream, handover.connection.release(), isWatched: false)
  }

  func acceptRelay(_ id: UInt64) {
    guard let entry = relays[id] else { return }
    var peer = tio_address()
    let descriptor = tio_tcp_accept(entry.relay.dedicated.listener, &peer)
    guard descriptor >= 0 else { return }
    let source = MediaAddress(peer)
    guard source.isSameHost(as: entry.relay.peer), !entry.relay.isSending else {
      Glibc.close(descriptor)
      return reportForeign(entry.stream, entry.relay.request.ssrc, source)
    }
    connected(entry.relay, entry.stream, descriptor, isWatched: false)
  }

  private func connected(_ relay: Relay, _ stream: MediaStream, _ descriptor: Int32, isWatched: Bool) {
    _ = tio_prepare_viewer(descriptor, Self.connectionBuffer, Self.unsentLimit)
    if isWatched {
      rewatch(descriptor, .read, Token(.relay, relay.id.raw))
    } else {
      watch(descriptor, .read, Token(.relay, relay.id.raw))
    }
    relay.link = .connected(descriptor)
    configuration.events(.relayConnected(relay.id))
    begin(relay, stream)
  }

  func ready(_ relay: Relay, of stream: MediaStream, _ readiness: Readiness) {
    switch relay.link {
    case .waiting, .datagrams: break
    case .connecting(let descriptor):
      guard !readiness.isDisjoint(with: [.write, .hangUp]) else { return }
      if tio_socket_error(descriptor) == 0 {
        return connected(relay, stream, descriptor, isWatched: true)
      }
      unwatch(descriptor)
      Glibc.close(descriptor)
      relay.link = .waiting
    case .connected(let descriptor):
      if !readiness.isDisjoint(with: [.read, .hangUp]), !listen(descriptor) {
        return drop(relay, of: stream, .disconnected)
      }
      guard readiness.contains(.write), relay.isBlocked else { return }
      relay.isBlocked = false
      rewatch(descriptor, .read, Token(.relay, relay.id.raw))
      wantRelay(stream)
    }
  }

  /// Reads the peer's reports away.
  ///
  /// - Returns: false when the connection is over.
  private func listen(_ descriptor: Int32) -> Bool {
    let count = tio_read(descriptor, readBuffer.baseAddress, 4_096)
    return count > 0 || count == -Int(EAGAIN)
  }

  // MARK: sending

  /// Sends for the stream in this pass, and until nothing waits any more.
  func wantRelay(_ stream: MediaStream) {
    guard !stream.isWaitingToRelay else { return }
    stream.isWaitingToRelay = true
    unsent.append(stream)
  }

  func sendRelays() {
    guard !unsent.isEmpty else { return }
    outbox.beginPass()
    for stream in unsent {
      guard let feed = stream.relayFeed else { continue }
      for relay in feed.relays { send(relay, feed, stream) }
    }
    outbox.flush(now: now.nanoseconds)
    for relay in outbox.failures { noteRefusal(relay) }
    settleUnsent()
    while let (relay, stream, reason) = leaving.popLast() { drop(relay, of: stream, reason) }
  }

  private func send(_ relay: Relay, _ feed: RelayFeed, _ stream: MediaStream) {
    switch relay.link {
    case .waiting, .connecting: break
    case .datagrams(let socket):
      if !outbox.isRefused { outbox.add(relay, feed.ring, to: socket, now: now.nanoseconds) }
    case .connected(let descriptor):
      guard !relay.isBlocked else { return }
      relay.forgetSent()
      switch relay.write(feed.ring, with: streamParts, now: now.nanoseconds) {
      case .caughtUp: break
      case .blocked:
        relay.isBlocked = true
        rewatch(descriptor, [.read, .write], Token(.relay, relay.id.raw))
      case .failed: leaving.append((relay, stream, .disconnected))
      }
    }
  }

  /// Keeps the streams of which something still waits for its time, and says when that comes.
  private func settleUnsent() {
    relayDue = .max
    var kept = 0
    for index in unsent.indices {
      let stream = unsent[index]
      let waits = settle(stream)
      stream.isWaitingToRelay = waits
      guard waits else { continue }
      unsent[kept] = stream
      kept += 1
    }
    unsent.removeSubrange(kept...)
  }

  /// - Returns: whether something waits for its time.
  private func settle(_ stream: MediaStream) -> Bool {
    guard let feed = stream.relayFeed else { return false }
    var waits = false
    for relay in feed.relays {
      guard relay.hasBacklog(feed.ring) else {
        if ending[stream.id] != nil { leaving.append((relay, stream, .streamEnded)) }
        continue
      }
      guard !relay.isBlocked else { continue }
      waits = true
      relayDue = min(relayDue, max(relay.pace.due, now.nanoseconds + 1_000_000))
    }
    return waits
  }

  // MARK: what the network says

  /// Takes what ICMP reported about datagrams sent from `socket`.
  func hearErrors(_ socket: Int32) {
    for _ in 0..<Self.maximumErrors {
      var about = tio_address()
      let error = tio_take_error(socket, &about)
      guard error != 0 else { return }
      guard error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH else { continue }
      let address = MediaAddress(about)
      for entry in relays.values {
        if case .datagrams = entry.relay.link, entry.relay.peer == address { noteRefusal(entry.relay) }
      }
    }
  }

  /// A socket of a relay alone: what arrives there is the peer's reports.
  func readRelayDatagrams(_ id: UInt64, _ readiness: Readiness) {
    guard let entry = relays[id] else { return }
    if readiness.contains(.hangUp) { hearErrors(entry.relay.dedicated.datagrams) }
    while tio_read(entry.relay.dedicated.datagrams, readBuffer.baseAddress, readBuffer.count) > 0 {}
  }

  private func noteRefusal(_ relay: Relay) {
    let patience = configuration.relayRefusalTimeout.nanoseconds
    guard relay.noteRefusal(now: now.nanoseconds, patience: patience), let entry = relays[relay.id.raw] else {
      return
    }
    drop(relay, of: entry.stream, .refused)
  }

  // MARK: timers and going

  func sweepRelays() {
    guard !relays.isEmpty else { return }
    for entry in Array(relays.values) { sweep(entry.relay, entry.stream) }
  }

  private func sweep(_ relay: Relay, _ stream: MediaStream) {
    let time = now.nanoseconds
    if !relay.isSending {
      if time > relay.deadline { return drop(relay, of: stream, .notConnected) }
      if case .waiting = relay.link, relay.request.transport == .tcpActive, time >= relay.nextAttempt {
        connect(relay, stream)
      }
    } else if relay.isBlocked, time - relay.lastProgress > configuration.stuckViewerTimeout.nanoseconds {
      return drop(relay, of: stream, .stuck)
    }
    if let report = relay.dueReport(now: time, wall: wall) { send(report, of: relay, stream) }
  }

  private func send(_ report: [UInt8], of relay: Relay, _ stream: MediaStream) {
    switch relay.link {
    case .waiting, .connecting: break
    case .datagrams(let socket):
      guard relay.peer.port < .max else { return }
      var target = relay.peer.with(port: relay.peer.port + 1).native
      _ = tio_send_to(
        relay.dedicated.reports >= 0 ? relay.dedicated.reports : socket, report, report.count, &target)
    case .connected:
      relay.enqueue(report: report)
      wantRelay(stream)
    }
  }

  /// The stream is over: those that never began go at once, the others when they have sent everything.
  func endRelays(of stream: MediaStream) {
    for relay in stream.relayFeed?.relays ?? [] where !relay.isSending {
      drop(relay, of: stream, .streamEnded)
    }
    wantRelay(stream)
    sendRelays()
  }

  func detach(_ id: RelayID) {
    if let entry = relays[id.raw] { drop(entry.relay, of: entry.stream, .detached) }
  }

  func drop(_ relay: Relay, of stream: MediaStream, _ reason: RelayEnd) {
    guard relays.removeValue(forKey: relay.id.raw) != nil else { return }
    shared.relayBook.forget(relay.id)
    switch relay.link {
    case .connecting(let descriptor), .connected(let descriptor): unwatch(descriptor)
    case .waiting, .datagrams: break
    }
    for descriptor in [relay.dedicated.datagrams, relay.dedicated.listener] where descriptor >= 0 {
      unwatch(descriptor)
    }
    stream.detachRelay(relay.id)
    if stream.viewers.isEmpty, stream.relayFeed == nil { ending[stream.id] = nil }
    configuration.events(
      .relayEnded(relay.id, packets: relay.figures.packets, bytes: relay.figures.bytes, reason))
  }
}
