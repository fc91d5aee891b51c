import NIOCore
import NIOPosix
import SIPCore

/// A device's SIP socket: its own UDP socket, or its own TCP or TLS connection. Used on the signalling event loop.
final class DeviceLink: Sendable {
  let channel: any Channel
  let local: SIPHostPort
  let transport: SIPTransportKind

  fileprivate init?(_ channel: any Channel, _ transport: SIPTransportKind) {
    guard let address = channel.localAddress, let host = address.ipAddress, let port = address.port else {
      return nil
    }
    (self.channel, self.transport) = (channel, transport)
    local = SIPHostPort(host: host, port: port)
  }

  var isReliable: Bool { transport.isReliable }

  func send(_ bytes: [UInt8]) {
    guard channel.isActive else { return }
    if isReliable {
      channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    } else if let peer = channel.remoteAddress {
      channel.writeAndFlush(
        AddressedEnvelope(remoteAddress: peer, data: ByteBuffer(bytes: bytes)), promise: nil)
    }
  }

  func close() { channel.close(promise: nil) }
}

/// What a device hears from its link. On the signalling event loop.
protocol DeviceLinkUser: AnyObject {
  func received(_ message: SIPMessage)
  /// The connection that was opened as number `generation` is gone.
  func linkClosed(_ generation: Int)
}

enum DeviceLinks {
  /// Opens a socket of its own towards `server`. The kernel picks the local address that the route takes.
  static func open(
    _ fleet: FleetDescription, _ kind: PeerDescription.Transport, _ generation: Int, to server: SIPHostPort,
    on loop: any EventLoop, for user: any DeviceLinkUser & Sendable
  ) -> EventLoopFuture<NIOLoopBound<DeviceLink>> {
    let opening: EventLoopFuture<any Channel>
    let transport = kind.sip
    if transport.isReliable {
      let tls = transport == .tls ? fleet.tlsHandler : nil
      opening = ClientBootstrap(group: loop)
        .connectTimeout(.seconds(10))
        .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            if let tls { try channel.pipeline.syncOperations.addHandler(tls()) }
            try channel.pipeline.syncOperations.addHandler(StreamLinkHandler(user, generation))
          }
        }
        .connect(host: server.host, port: server.port)
    } else {
      opening = DatagramBootstrap(group: loop)
        .channelOption(
          ChannelOptions.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16_384)
        )
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(DatagramLinkHandler(user))
          }
        }
        .connect(host: server.host, port: server.port)
    }
    return opening.flatMapThrowing { channel in
      guard let link = DeviceLink(channel, transport) else {
        throw SimulatorError("a socket has no local address")
      }
      return NIOLoopBound(link, eventLoop: loop)
    }
  }
}

extension PeerDescription.Transport {
  fileprivate var sip: SIPTransportKind {
    switch self {
    case .udp: .udp
    case .tcp: .tcp
    case .tls: .tls
    }
  }
}

private final class DatagramLinkHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let user: any DeviceLinkUser

  init(_ user: any DeviceLinkUser) { self.user = user }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data).data
    let bytes = Array(buffer.readableBytesView)
    if let message = try? SIPParser.parse(bytes.span) { user.received(message) }
  }

  /// A datagram that nobody listens for comes back as an error: devices go on.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class StreamLinkHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let user: any DeviceLinkUser
  private let generation: Int
  private var framer = SIPStreamFramer()

  init(_ user: any DeviceLinkUser, _ generation: Int) { (self.user, self.generation) = (user, generation) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Array(unwrapInboundIn(data).readableBytesView)
    framer.feed(bytes.span)
    while let event = framer.next() {
      switch event {
      case .message(let message): user.received(message)
      case .skipped: continue
      case .fatal: context.close(promise: nil)
      }
    }
  }

  func channelInactive(context: ChannelHandlerContext) { user.linkClosed(generation) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
