import MediaTime
import NIOCore
import NIOPosix
import SIPCore

/// TCP and TLS connections, accepted and opened.
extension EndpointCore {
  enum Resolution {
    case path(SIPPath)
    case failure(String)
  }

  /// Finds or opens the way to `target`. `body` is called on the loop, at once when nothing must be opened.
  func resolve(_ target: SIPTarget, _ body: @escaping (Resolution) -> Void) {
    switch target {
    case .udp(let peer):
      guard let address = HostText.socketAddress(host: peer.host, port: peer.port, isIPv6Socket: isIPv6)
      else {
        return body(.failure("\(peer) is no address that can be reached"))
      }
      body(.path(.datagram(address, peer)))
    case .connection(let id):
      guard let connection = connections[id] else { return body(.failure("connection closed")) }
      body(.path(.stream(connection)))
    case .tls(let peer):
      guard let connection = connectionsByPeer[peer], !connection.isClosed else {
        return body(.failure("the TLS connection of \(peer) is gone: it must connect again"))
      }
      body(.path(.stream(connection)))
    case .tcp(let peer):
      if let connection = connectionsByPeer[peer], !connection.isClosed {
        return body(.path(.stream(connection)))
      }
      connect(peer, body)
    }
  }

  private func connect(_ peer: SIPHostPort, _ body: @escaping (Resolution) -> Void) {
    let waiter = { [self] in
      let connection = connectionsByPeer[peer]
      body(connection.map { .path(.stream($0)) } ?? .failure("could not connect to \(peer)"))
    }
    if connecting[peer] != nil {
      connecting[peer]?.append(waiter)
      return
    }
    guard let address = try? SocketAddress(ipAddress: peer.host, port: peer.port), peer.port > 0 else {
      return body(.failure("\(peer) is no address that can be reached"))
    }
    connecting[peer] = [waiter]
    ClientBootstrap(group: loop)
      .connectTimeout(.nanoseconds(Int64(configuration.connectTimeout.span)))
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
      .connect(to: address)
      .assumeIsolated()
      .whenComplete { [self] result in
        if case .success(let channel) = result { adopt(outgoing: channel, peer) }
        let waiters = connecting.removeValue(forKey: peer) ?? []
        for waiter in waiters { waiter() }
      }
  }

  /// A connection that this endpoint opened.
  private func adopt(outgoing channel: any Channel, _ peer: SIPHostPort) {
    guard let connection = try? prepare(channel, remote: peer, tls: nil) else {
      return channel.close(promise: nil)
    }
    connection.hasSpoken = true
    connectionsByPeer[peer] = connection
    counters.connectionsOpened += 1
  }

  /// A connection that a peer opened; runs before its first byte is read.
  ///
  /// - Parameter tls: the platform's side of TLS, nil where plain TCP is spoken.
  func adopt(incoming channel: any Channel, tls: TLSServer?) throws {
    loop.assertInEventLoop()
    guard let address = channel.remoteAddress else { throw ChannelError.ioOnClosedChannel }
    let remote = SIPHostPort(host: HostText.host(of: address), port: address.port ?? 0)
    let connection = try prepare(channel, remote: remote, tls: tls)
    if tls != nil { connectionsByPeer[remote] = connection }
    counters.connectionsAccepted += 1
    arm(.silent(connection), after: configuration.silentConnection)
  }

  private func prepare(
    _ channel: any Channel, remote: SIPHostPort, tls: TLSServer?
  ) throws -> StreamConnection {
    guard !isStopped, connections.count < configuration.connections else {
      counters.connectionsRefused += 1
      throw ChannelError.ioOnClosedChannel
    }
    let connection = StreamConnection(
      id: SIPConnectionID(nextConnection), channel: channel, remote: remote,
      local: tls == nil ? local : secureLocal, isSecure: tls != nil)
    nextConnection += 1
    if let tls { try channel.pipeline.syncOperations.addHandler(tls.handler()) }
    try channel.pipeline.syncOperations.addHandler(StreamHandler(core: self, connection: connection))
    connections[connection.id] = connection
    return connection
  }

  func received(_ buffer: ByteBuffer, on connection: StreamConnection) {
    loop.assertInEventLoop()
    guard !connection.isClosed else { return }
    streamBytes -= connection.framer.buffered
    connection.framer.feed(buffer.readableBytesUInt8Span)
    drain(connection)
    streamBytes += connection.framer.buffered
    if streamBytes > configuration.streamBuffer { connection.close() }
  }

  private func drain(_ connection: StreamConnection) {
    while !connection.isClosed, let event = connection.framer.next() {
      switch event {
      case .message(let message):
        connection.hasSpoken = true
        received(message, on: connection)
      case .skipped:
        _ = admitJunk(connection.remote.host)
      case .fatal:
        _ = admitJunk(connection.remote.host)
        connection.close()
      }
    }
  }

  /// An error on a connection. One before the first message over TLS is a handshake that failed, which only the
  /// operator can mend: a wrong certificate in the device, plain TCP on the wrong port, an old version.
  func broken(_ connection: StreamConnection, _ error: any Error) {
    guard connection.source.transport == .tls, !connection.hasSpoken, !connection.isClosed else { return }
    counters.handshakesFailed += 1
    guard junk.admit(connection.remote.host, now: now) else { return }
    configuration.onHandshakeFailed?(connection.remote, "\(error)")
  }

  func closeIfSilent(_ connection: StreamConnection) {
    if !connection.hasSpoken { connection.close() }
  }

  /// The connection is gone: requests that wait on it fail, and the user hears of it.
  func closed(_ connection: StreamConnection) {
    loop.assertInEventLoop()
    connection.markClosed()
    guard connections.removeValue(forKey: connection.id) != nil else { return }
    streamBytes -= connection.framer.buffered
    if connectionsByPeer[connection.remote] === connection { connectionsByPeer[connection.remote] = nil }
    for client in clients.values {
      if case .stream(let used)? = client.path, used === connection, client.report != nil {
        fail(client, "connection closed")
      }
    }
    configuration.onConnectionClosed?(connection.id, connection.remote)
  }
}
