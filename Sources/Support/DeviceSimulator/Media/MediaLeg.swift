import GBCore
import NIOCore
import NIOPosix

/// The socket side of one call's media: opened when the INVITE is answered, begun by the ACK.
///
/// Proof for @unchecked: everything mutable is touched on the media event loop only.
final class MediaLeg: @unchecked Sendable {
  struct Plan: Sendable {
    /// Named from the platform's side, as in the offer.
    let transport: MediaTransportChoice
    let remoteHost: String
    let remotePort: Int
    let localHost: String
    let feed: Int
    let ssrc: UInt32
    /// The sequence number of the first packet.
    let sequence: UInt16
    /// When the fleet began: faults are timed from there.
    let begun: NIODeadline
    let faults: PacketFaults?
    /// Recorded material instead of a feed.
    var player: OnBoardPlayer?
  }

  /// Connections are tried this often, a second apart (GB/T 28181 §7.5: at least three times).
  private static let attempts = 4

  private let plan: Plan
  private let engine: MediaEngine
  /// Called on the media loop when a media connection could not be made or broke.
  private let onLost: @Sendable () -> Void
  /// The UDP socket, or the listener of a passive TCP leg.
  private var socket: (any Channel)?
  private var connection: (any Channel)?
  private var stream: MediaEngine.StreamID?
  private var isBegun = false
  private var isEnded = false

  private init(_ plan: Plan, engine: MediaEngine, onLost: @escaping @Sendable () -> Void) {
    (self.plan, self.engine, self.onLost) = (plan, engine, onLost)
  }

  /// Opens what must be open before the answer goes out.
  ///
  /// - Returns: the leg and the port for the answer's `m=` line.
  static func open(
    _ plan: Plan, engine: MediaEngine, onLost: @escaping @Sendable () -> Void
  ) -> EventLoopFuture<(MediaLeg, Int)> {
    let leg = MediaLeg(plan, engine: engine, onLost: onLost)
    let loop = engine.loop
    switch plan.transport {
    case .udp:
      return DatagramBootstrap(group: loop)
        .channelOption(ChannelOptions.socketOption(.so_sndbuf), value: 1 << 20)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(DiscardHandler())
          }
        }
        .bind(host: plan.localHost, port: 0)
        .map { channel in
          leg.socket = channel
          return (leg, channel.localAddress?.port ?? 0)
        }
    case .tcpPassive:
      // We connect: the port in the answer means nothing, by custom 9 (RFC 4145 §4.1).
      return loop.makeSucceededFuture((leg, 9))
    case .tcpActive:
      return ServerBootstrap(group: loop)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in leg.prepare(channel).map { leg.accepted(channel) } }
        .bind(host: plan.localHost, port: 0)
        .map { channel in
          leg.socket = channel
          return (leg, channel.localAddress?.port ?? 0)
        }
    }
  }

  /// The ACK has come: media may flow. On the media loop.
  func begin() {
    guard !isBegun, !isEnded else { return }
    isBegun = true
    switch plan.transport {
    case .udp:
      guard let socket,
        let address = try? SocketAddress.makeAddressResolvingHost(plan.remoteHost, port: plan.remotePort)
      else { return onLost() }
      send(to: .datagrams(socket, address))
    case .tcpPassive:
      connect(attemptsLeft: Self.attempts)
    case .tcpActive:
      openOverConnection()
    }
  }

  private func send(to output: MediaOutput) {
    if let player = plan.player { player.begin(output) } else { stream = engine.open(plan, output: output) }
  }

  /// Ends the media and closes every socket. On the media loop.
  func end() {
    isEnded = true
    plan.player?.stop()
    if let stream { engine.close(stream) }
    stream = nil
    socket?.close(promise: nil)
    connection?.close(promise: nil)
  }

  private func connect(attemptsLeft: Int) {
    ClientBootstrap(group: engine.loop)
      .connectTimeout(.seconds(5))
      .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { [self] channel in prepare(channel) }
      .connect(host: plan.remoteHost, port: plan.remotePort)
      .whenComplete { [self] result in
        switch result {
        case .success(let channel):
          accepted(channel)
        case .failure:
          guard !isEnded else { return }
          guard attemptsLeft > 1 else { return onLost() }
          engine.loop.scheduleTask(in: .seconds(1)) { [self] in
            if !isEnded { connect(attemptsLeft: attemptsLeft - 1) }
          }
        }
      }
  }

  private func prepare(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(DiscardHandler { [weak self] in self?.broken() })
      // Whole frames wait at most this long; the stream looks at `isWritable` before each one.
      try channel.syncOptions?.setOption(
        .writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
    }
  }

  /// A connection is there: ours or, for a passive leg, the platform's first one.
  private func accepted(_ channel: any Channel) {
    guard !isEnded, connection == nil else { return channel.close(promise: nil) }
    connection = channel
    openOverConnection()
  }

  private func openOverConnection() {
    guard isBegun, stream == nil, let connection else { return }
    send(to: .connection(connection))
  }

  private func broken() {
    guard !isEnded else { return }
    if let stream { engine.close(stream) }
    stream = nil
    onLost()
  }
}

/// Throws away what comes back (RTCP) and tells when a connection ends.
private final class DiscardHandler: ChannelInboundHandler {
  typealias InboundIn = NIOAny

  private let onClose: (() -> Void)?

  init(onClose: (() -> Void)? = nil) { self.onClose = onClose }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
  func channelInactive(context: ChannelHandlerContext) { onClose?() }

  /// Nobody listens at the other end of a datagram: cameras go on sending, too.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if onClose != nil { context.close(promise: nil) }
  }
}
