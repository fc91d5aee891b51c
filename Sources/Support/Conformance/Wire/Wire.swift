import NIOCore
import NIOPosix
import SIPCore

/// One socket of the tester: a UDP socket, or one TCP connection.
final class Wire: Sendable {
  let channel: any Channel
  let kind: SIPTransportKind
  let local: SIPHostPort
  /// The other end of a TCP connection.
  let remote: SocketAddress?

  init?(_ channel: any Channel, _ kind: SIPTransportKind) {
    guard let address = channel.localAddress, let local = SIPHostPort(address) else { return nil }
    (self.channel, self.kind, self.local, remote) = (channel, kind, local, channel.remoteAddress)
  }

  func send(_ bytes: [UInt8], to address: SocketAddress) {
    let buffer = ByteBuffer(bytes: bytes)
    if kind.isReliable {
      channel.writeAndFlush(buffer, promise: nil)
    } else {
      channel.writeAndFlush(AddressedEnvelope(remoteAddress: address, data: buffer), promise: nil)
    }
  }

  func close() { channel.close(promise: nil) }
}

/// Where to send: over which socket, to whom.
struct Route: Sendable {
  let wire: Wire
  let remote: SocketAddress

  var source: SIPSource {
    SIPSource(
      transport: wire.kind, remote: SIPHostPort(remote) ?? wire.local, local: wire.local, connection: nil)
  }

  func send(_ bytes: [UInt8]) { wire.send(bytes, to: remote) }
}

extension SIPHostPort {
  init?(_ address: SocketAddress) {
    guard let host = address.ipAddress, let port = address.port else { return nil }
    self.init(host: host, port: port)
  }
}

/// Who hears from a wire. On the event loop of the peer.
protocol WireUser: AnyObject, Sendable {
  func received(_ message: SIPMessage, raw: [UInt8], over route: Route)
  /// Bytes that are no SIP message.
  func unreadable(_ bytes: [UInt8], over route: Route)
  func closed(_ wire: Wire)
  func accepted(_ wire: Wire)
}

/// Opens sockets.
enum Wires {
  /// A UDP socket; port 0 takes a free one.
  static func udp(
    host: String, port: Int, on loop: any EventLoop, for user: any WireUser
  ) async throws -> Wire {
    let channel = try await DatagramBootstrap(group: loop)
      .channelOption(ChannelOptions.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_536))
      .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: 4 << 20)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(user))
        }
      }
      .bind(host: host, port: port).get()
    return try checked(channel, .udp)
  }

  /// A TCP connection from `host` to the peer.
  static func tcp(
    from host: String, to peer: SocketAddress, on loop: any EventLoop, for user: any WireUser
  ) async throws -> Wire {
    let bootstrap = ClientBootstrap(group: loop)
      .bind(to: try SocketAddress(ipAddress: host, port: 0))
      .connectTimeout(.seconds(10))
      .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(StreamHandler(user))
        }
      }
    return try checked(try await bootstrap.connect(to: peer).get(), .tcp)
  }

  /// Listens for TCP connections; each one is handed to the user.
  static func listener(
    host: String, port: Int, on loop: any EventLoop, for user: any WireUser
  ) async throws -> any Channel {
    try await ServerBootstrap(group: loop)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(StreamHandler(user))
        }
      }
      .bind(host: host, port: port).get()
  }

  /// The address of this machine that packets to `peer` leave from.
  static func localHost(towards peer: SocketAddress, on loop: any EventLoop) async throws -> String {
    let channel = try await DatagramBootstrap(group: loop).connect(to: peer).get()
    defer { channel.close(promise: nil) }
    guard let host = channel.localAddress?.ipAddress else {
      throw TesterError("no way leads to \(peer)")
    }
    return host
  }

  private static func checked(_ channel: any Channel, _ kind: SIPTransportKind) throws -> Wire {
    guard let wire = Wire(channel, kind) else { throw TesterError("a socket has no local address") }
    return wire
  }
}

/// The tester itself cannot go on: no socket, no address.
public struct TesterError: Error, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

private final class DatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let user: any WireUser

  init(_ user: any WireUser) { self.user = user }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    let bytes = Array(envelope.data.readableBytesView)
    guard let wire = Wire(context.channel, .udp) else { return }
    let route = Route(wire: wire, remote: envelope.remoteAddress)
    if let message = try? SIPParser.parse(bytes.span) {
      user.received(message, raw: bytes, over: route)
    } else {
      user.unreadable(bytes, over: route)
    }
  }

  /// A datagram that nobody listens for comes back as an error: the socket goes on.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let user: any WireUser
  private var framer = SIPStreamFramer()
  private var wire: Wire?

  init(_ user: any WireUser) { self.user = user }

  func channelActive(context: ChannelHandlerContext) {
    wire = Wire(context.channel, .tcp)
    if let wire { user.accepted(wire) }
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Array(unwrapInboundIn(data).readableBytesView)
    guard let wire, let remote = wire.remote else { return }
    let route = Route(wire: wire, remote: remote)
    framer.feed(bytes.span)
    while let event = framer.next() {
      switch event {
      case .message(let message): user.received(message, raw: message.serialised(), over: route)
      case .skipped: continue
      case .fatal:
        user.unreadable(bytes, over: route)
        context.close(promise: nil)
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) { if let wire { user.closed(wire) } }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
