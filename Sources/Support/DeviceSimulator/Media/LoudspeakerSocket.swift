import GBCore
import MPEGCore
import MediaTime
import NIOCore
import NIOPosix
import RTPCore
import SIPCore
import WireBytes

/// A loudspeaker's socket: takes RTP over UDP, over a connection it makes or over one it waits for, and decodes it.
///
/// Proof for @unchecked: everything mutable is touched on the event loop of its channels only.
final class LoudspeakerSocket: @unchecked Sendable {
  /// One packet: header, what it said.
  typealias Heard = (RTPHeader, [Int16]) -> Void

  let loop: any EventLoop
  private let transport: MediaTransportChoice
  private let heard: Heard
  private var socket: (any Channel)?
  private var connection: (any Channel)?
  private var framer = InterleavedFramer()
  private var decoder = VoiceDecoder()
  private var remote: SocketAddress?
  private var isClosed = false

  /// - Parameter transport: named from the platform's side.
  init(_ transport: MediaTransportChoice, on loop: any EventLoop, heard: @escaping Heard) {
    (self.transport, self.loop, self.heard) = (transport, loop, heard)
  }

  /// Opens what must be open before the INVITE goes out.
  ///
  /// - Returns: the port for the `m=` line; 9 where it will connect itself.
  func open(host: String) -> EventLoopFuture<Int> {
    switch transport {
    case .udp:
      return DatagramBootstrap(group: loop)
        .channelInitializer { [self] channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(LoudspeakerDatagrams(self))
          }
        }
        .bind(host: host, port: 0).map { [self] channel in keep(channel) }
    case .tcpPassive: return loop.makeSucceededFuture(9)
    case .tcpActive:
      return ServerBootstrap(group: loop)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { [self] channel in prepare(channel) }
        .bind(host: host, port: 0).map { [self] channel in keep(channel) }
    }
  }

  /// The answer is here: connects where that is its part, and remembers where to send to.
  func aim(host: String, port: Int) {
    remote = try? SocketAddress(ipAddress: host, port: port)
    guard transport == .tcpPassive, !isClosed else { return }
    ClientBootstrap(group: loop)
      .channelInitializer { [self] channel in prepare(channel) }
      .connect(host: host, port: port)
      .whenSuccess { [self] channel in
        if isClosed { channel.close(promise: nil) } else { connection = channel }
      }
  }

  func close() {
    isClosed = true
    socket?.close(promise: nil)
    connection?.close(promise: nil)
  }

  /// Sends a datagram back: the microphone of a talk.
  func send(_ packet: [UInt8]) {
    guard let socket, let remote else { return }
    socket.writeAndFlush(
      AddressedEnvelope(remoteAddress: remote, data: ByteBuffer(bytes: packet)), promise: nil)
  }

  private func keep(_ channel: any Channel) -> Int {
    if isClosed { channel.close(promise: nil) }
    socket = channel
    return channel.localAddress?.port ?? 0
  }

  private func prepare(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(LoudspeakerConnection(self))
      if transport == .tcpActive { connection = channel }
    }
  }

  fileprivate func received(datagram: [UInt8]) { take(datagram.span) }

  fileprivate func received(bytes: [UInt8]) {
    try? framer.feed(bytes.span, expectedSSRC: nil) { take($0) }
  }

  private func take(_ packet: Span<UInt8>) {
    guard !isClosed, let header = try? RTPHeader(parsing: packet) else { return }
    heard(header, decoder.samples(packet.extracting(header.payload), header))
  }
}

/// Decodes what a payload type says, as a device does.
private struct VoiceDecoder: ~Copyable {
  private var demuxer = StreamDemuxer(options: DemuxerOptions(payloadKind: .programStream))
  /// Far apart: the demultiplexer waits three seconds for a picture that does not come.
  private var arrival = WallTime(seconds: 0)

  mutating func samples(_ payload: Span<UInt8>, _ header: RTPHeader) -> [Int16] {
    switch header.payloadType {
    case 8: return payload.indices.map { G711.aLaw[Int(payload[$0])] }
    case 0: return payload.indices.map { G711.muLaw[Int(payload[$0])] }
    default:
      var samples: [Int16] = []
      let info = RTPTimestampInfo(
        timestamp: header.timestamp, marker: header.marker, payloadType: header.payloadType)
      arrival = arrival + .seconds(4)
      demuxer.receive(payload, header: info, gapBefore: false, arrival: arrival) { event in
        guard case .unit(let unit) = event, unit.codec == .g711A else { return }
        unit.payload.withBytes { bytes in
          samples += bytes.indices.map { G711.aLaw[Int(bytes[$0])] }
        }
      }
      return samples
    }
  }
}

private final class LoudspeakerDatagrams: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let socket: LoudspeakerSocket

  init(_ socket: LoudspeakerSocket) { self.socket = socket }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    socket.received(datagram: Array(unwrapInboundIn(data).data.readableBytesView))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class LoudspeakerConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let socket: LoudspeakerSocket

  init(_ socket: LoudspeakerSocket) { self.socket = socket }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    socket.received(bytes: Array(unwrapInboundIn(data).readableBytesView))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
