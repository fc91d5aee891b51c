import CMediaIO
import Glibc
import MediaTime
import RTPCore
import Streaming

/// TCP media: connections accepted on the port, matched by the SSRC of their first packet, and connections we make
/// (GB/T 28181 §7.5, §9.2).
extension MediaLoop {
  /// How long an accepted connection may stay without belonging to a stream, nanoseconds.
  private static let matchTimeout: Int64 = 10_000_000_000
  /// Accepted connections that may wait for their stream.
  private static let maximumUnmatched = 4_096
  /// How long one attempt to connect may take, nanoseconds.
  private static let connectTimeout: Int64 = 5_000_000_000
  /// A connection that was heard within this time cannot be replaced by another one, nanoseconds.
  private static let liveness: Int64 = 5_000_000_000
  /// Reads of one connection per pass.
  private static let maximumReads = 4

  // MARK: making and accepting

  func accept(_ listener: Int32, dedicatedTo stream: MediaStream?) {
    for _ in 0..<64 {
      var peer = tio_address()
      let descriptor = tio_tcp_accept(listener, &peer)
      guard descriptor >= 0 else { return }
      let connection = Connection(
        id: nextConnection, descriptor: descriptor, peer: MediaAddress(peer), now: now.nanoseconds)
      guard unmatchedConnections < Self.maximumUnmatched else { continue }
      unmatchedConnections += 1
      nextConnection += 1
      connections[connection.id] = connection
      watch(descriptor, .read, Token(.connection, connection.id))
      // On a port of its own the connection belongs to the stream, if it comes from the right machine.
      if let stream { join(connection, stream, ssrc: nil) } else { offerToRelay(connection) }
    }
  }

  private func connect(_ stream: MediaStream, _ ingest: Ingest, to target: MediaAddress) {
    ingest.link.attempts += 1
    ingest.link.nextAttempt = now.nanoseconds + TCPLink.retryInterval
    ingest.noteConnection(attempt: true)
    var address = target.native
    let descriptor = tio_tcp_connect(&address)
    guard descriptor >= 0 else {
      ingest.noteConnection(error: String(cString: strerror(-descriptor)))
      return
    }
    let connection = Connection(
      id: nextConnection, descriptor: descriptor, peer: target, now: now.nanoseconds)
    nextConnection += 1
    connection.isConnecting = true
    connection.stream = stream
    connections[connection.id] = connection
    ingest.connection = connection
    watch(descriptor, [.read, .write], Token(.connection, connection.id))
  }

  private func finishConnecting(_ connection: Connection) {
    guard let stream = connection.stream, let ingest = stream.ingest else { return remove(connection) }
    let failure = tio_socket_error(connection.descriptor)
    guard failure == 0 else {
      ingest.noteConnection(error: String(cString: strerror(failure)))
      ingest.connection = nil
      return remove(connection)
    }
    connection.isConnecting = false
    rewatch(connection.descriptor, .read, Token(.connection, connection.id))
    attached(connection, stream, ingest)
  }

  /// The connection is the stream's source from now on.
  private func attached(_ connection: Connection, _ stream: MediaStream, _ ingest: Ingest) {
    ingest.connection = connection
    ingest.link.lostAt = nil
    ingest.link.nextAttempt = nil
    ingest.link.attempts = 0
    ingest.lock.lock(to: connection.peer, now: now.nanoseconds)
    ingest.startOver(into: stream, wall: wall)
    touch(stream)
    ingest.noteConnection()
    shared.book.bound(stream.id)
    configuration.events(.tcpConnected(stream.id))
  }

  // MARK: reading

  func ready(_ connection: Connection, _ readiness: Readiness) {
    if connection.isConnecting {
      if !readiness.isDisjoint(with: [.write, .hangUp]) { finishConnecting(connection) }
      return
    }
    guard readiness.contains(.read) || readiness.contains(.hangUp) else { return }
    for _ in 0..<Self.maximumReads {
      // Of a stranger no more is read than its first packets.
      let most = connection.stream == nil ? 16 << 10 : readBuffer.count
      let count = tio_read(connection.descriptor, readBuffer.baseAddress, most)
      if count == -Int(EAGAIN) { return }
      guard count > 0 else { return lose(connection) }
      isBusy = true
      connection.hasSpoken = true
      connection.lastData = now.nanoseconds
      let bytes = UnsafeBufferPointer(
        start: readBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
      guard feed(connection, bytes.span) else { return lose(connection) }
      if count < most || connection.isPaused { return }
    }
  }

  /// - Returns: false when the bytes make no sense any more.
  private func feed(_ connection: Connection, _ bytes: Span<UInt8>) -> Bool {
    do throws(FramingError) {
      let expected = connection.ssrc ?? connection.stream?.ingest?.ssrcs.last
      try connection.framer.feed(bytes, expectedSSRC: expected) { take($0, connection) }
    } catch {
      return false
    }
    if connection.stream == nil { match(connection) }
    return true
  }

  private func take(_ packet: Span<UInt8>, _ connection: Connection) {
    guard let stream = connection.stream, let ingest = stream.ingest else { return connection.hold(packet) }
    if RTPHeader.isRTCP(packet) {
      if let report = RTCP.SenderReport(parsing: packet) { ingest.receive(report, now: now) }
      return
    }
    guard let header = try? RTPHeader(parsing: packet) else {
      figures.malformedPackets += 1
      return
    }
    if connection.ssrc == nil {
      connection.ssrc = header.ssrc
      if !ingest.ssrcs.contains(header.ssrc) { ingest.bindLate(header.ssrc) }
    }
    // Another camera's packets on this camera's connection are not this camera's picture.
    guard header.ssrc == connection.ssrc || ingest.ssrcs.contains(header.ssrc) else {
      return reportForeign(stream, header.ssrc, connection.peer)
    }
    receive(packet, header, from: connection.peer, stream)
  }

  // MARK: matching

  /// Looks for the stream that the first packet of an accepted connection names.
  func match(_ connection: Connection) {
    guard connection.stream == nil,
      let header = connection.held.lazy.compactMap({ Self.header(of: $0) }).first
    else { return }
    switch shared.book.resolve(
      ssrc: header.ssrc, source: connection.peer, overTCP: true, now: now.nanoseconds)
    {
    case .stream(let id) where id.thread == index:
      if let stream = streams[id] { join(connection, stream, ssrc: header.ssrc) }
    case .stream(let id) where id.thread < shared.mailboxes.count:
      unmatchedConnections -= 1
      unwatch(connection.descriptor)
      connections[connection.id] = nil
      let handover = ConnectionHandover(connection: connection)
      shared.mailboxes[id.thread].post { $0.adopt(handover, for: id, ssrc: header.ssrc) }
    case .retired: remove(connection)
    case .stream, .unknown: pause(connection)
    }
  }

  private static func header(of packet: [UInt8]) -> RTPHeader? {
    RTPHeader.isRTCP(packet.span) ? nil : try? RTPHeader(parsing: packet.span)
  }

  /// Lets the sender wait, without memory of ours, until an answer tells which stream it is.
  private func pause(_ connection: Connection) {
    guard !connection.isPaused else { return }
    connection.isPaused = true
    rewatch(connection.descriptor, [], Token(.connection, connection.id))
  }

  /// A connection that another thread accepted.
  func adopt(_ handover: ConnectionHandover, for id: StreamID, ssrc: UInt32) {
    let old = handover.connection
    guard let stream = streams[id] else { return }
    // Numbers are per thread: the token must not meet another connection's.
    let connection = Connection(adopting: old, id: nextConnection)
    unmatchedConnections += 1
    nextConnection += 1
    connections[connection.id] = connection
    watch(connection.descriptor, .read, Token(.connection, connection.id))
    join(connection, stream, ssrc: ssrc)
  }

  /// Makes an accepted connection the stream's, unless it comes from a stranger or the stream has a living one.
  private func join(_ connection: Connection, _ stream: MediaStream, ssrc: UInt32?) {
    guard let ingest = stream.ingest, ingest.lock.names(connection.peer) || ingest.lock.acceptsAnybody else {
      reportForeign(stream, ssrc ?? 0, connection.peer)
      return remove(connection)
    }
    if let current = ingest.connection, !current.isConnecting {
      guard now.nanoseconds - current.lastData > Self.liveness || isClosed(current) else {
        reportForeign(stream, ssrc ?? 0, connection.peer)
        return remove(connection)
      }
      remove(current)
    } else if let current = ingest.connection {
      remove(current)
    }
    connection.stream = stream
    unmatchedConnections -= 1
    if connection.isPaused {
      connection.isPaused = false
      rewatch(connection.descriptor, .read, Token(.connection, connection.id))
    }
    attached(connection, stream, ingest)
    for packet in connection.takeHeld() { take(packet.span, connection) }
  }

  /// Whether the peer has hung up although nobody has read that far yet.
  private func isClosed(_ connection: Connection) -> Bool {
    var byte: UInt8 = 0
    let count = recv(connection.descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    // One that was reset, because a report of ours lay unread when the device hung up, is closed as well.
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)
  }

  /// Tries again for connections that came before the answer that explains them.
  func rematch() {
    for connection in Array(connections.values) where connection.stream == nil { match(connection) }
  }

  // MARK: losing

  private func lose(_ connection: Connection) {
    let stream = connection.stream
    remove(connection)
    guard let stream, let ingest = stream.ingest, ingest.connection === connection else { return }
    ingest.connection = nil
    ingest.lock.release()
    ingest.link.lostAt = now.nanoseconds
    if ingest.link.target != nil { ingest.link.nextAttempt = now.nanoseconds + TCPLink.retryInterval }
  }

  func remove(_ connection: Connection) {
    unwatch(connection.descriptor)
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    if !connection.wasMatched { unmatchedConnections -= 1 }
    connection.stream = nil
  }

  // MARK: timers

  /// Connects, tries again, and gives up.
  func sweepLink(_ stream: MediaStream, _ ingest: Ingest) {
    let time = now.nanoseconds
    if let connection = ingest.connection, connection.isConnecting,
      time - connection.since > Self.connectTimeout
    {
      ingest.noteConnection(error: String(cString: strerror(ETIMEDOUT)))
      ingest.connection = nil
      remove(connection)
    }
    if let lost = ingest.link.lostAt, ingest.connection == nil || ingest.connection?.isConnecting == true,
      time - lost > configuration.reconnectWindow.nanoseconds
    {
      return end(stream, .connectionLost)
    }
    guard ingest.connection == nil, let target = ingest.link.target, let due = ingest.link.nextAttempt,
      time >= due
    else { return }
    guard ingest.link.attempts < TCPLink.maximumAttempts else { return end(stream, .connectionLost) }
    connect(stream, ingest, to: target)
  }

  func sweepConnections() {
    if unmatchedConnections > 0 { for connection in Array(connections.values) { offerToRelay(connection) } }
    for connection in Array(connections.values)
    where connection.stream == nil && now.nanoseconds - connection.since > Self.matchTimeout {
      let ssrc = connection.held.lazy.compactMap { Self.header(of: $0)?.ssrc }.first ?? 0
      reportForeign(nil, ssrc, connection.peer)
      remove(connection)
    }
  }
}
