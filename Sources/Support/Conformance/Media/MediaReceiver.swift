import GBCore
import MPEGCore
import MediaTime
import NIOCore
import NIOPosix
import RTPCore

/// Receives one stream as RTP and says what it is: how many packets, whose SSRC, whether a program stream.
///
/// Proof for @unchecked: everything mutable is touched on `loop` only.
final class MediaReceiver: @unchecked Sendable {
  /// What came so far.
  struct Report: Sendable {
    var packets = 0
    var bytes = 0
    var ssrcs: Set<UInt32> = []
    var payloadTypes: Set<UInt8> = []
    var videoUnits = 0
    var keyFrames = 0
    var audioUnits = 0
    /// The last presentation time, 90 kHz.
    var lastTime: Int64?
    /// Packets whose first payload bytes are a pack header, a system header behind it, a map behind that.
    var hasPackHeader = false
    var hasSystemHeader = false
    var hasStreamMap = false
    var sawBackwards = false
    var connections = 0
    var isConnectionLost = false
  }

  private let loop: any EventLoop
  private var channels: [any Channel] = []
  private var report = Report()
  private var demuxer = StreamDemuxer()
  private var framer = InterleavedFramer()
  private var lastPacket = ContinuousClock.now
  let port: Int

  private init(_ loop: any EventLoop, port: Int) { (self.loop, self.port) = (loop, port) }

  /// Opens what must be open before the INVITE goes out.
  static func open(
    _ transport: MediaTransportChoice, host: String, on loop: any EventLoop
  ) async throws -> MediaReceiver {
    let box = Box()
    switch transport {
    case .udp:
      let channel = try await DatagramBootstrap(group: loop)
        .channelOption(ChannelOptions.socketOption(.so_rcvbuf), value: 4 << 20)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(PacketHandler(box))
          }
        }
        .bind(host: host, port: 0).get()
      return adopt(channel, box, loop)
    case .tcpPassive:
      let channel = try await ServerBootstrap(group: loop)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { child in
          child.eventLoop.makeCompletedFuture {
            try child.pipeline.syncOperations.addHandler(StreamHandler(box))
          }
        }
        .bind(host: host, port: 0).get()
      return adopt(channel, box, loop)
    case .tcpActive:
      let receiver = MediaReceiver(loop, port: 9)
      return receiver
    }
  }

  private static func adopt(_ channel: any Channel, _ box: Box, _ loop: any EventLoop) -> MediaReceiver {
    let receiver = MediaReceiver(loop, port: channel.localAddress?.port ?? 0)
    receiver.channels = [channel]
    box.receiver = receiver
    return receiver
  }

  /// Connects to the sender, for an active offer.
  func connect(to host: String, port: Int) async throws {
    let box = Box()
    box.receiver = self
    let channel = try await ClientBootstrap(group: loop).connectTimeout(.seconds(5))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(StreamHandler(box))
        }
      }
      .connect(host: host, port: port).get()
    try await loop.submit { self.channels.append(channel) }.get()
  }

  func snapshot() async throws -> Report { try await loop.submit { self.report }.get() }

  /// How long nothing has come.
  func silence() async throws -> Duration {
    try await loop.submit { ContinuousClock.now - self.lastPacket }.get()
  }

  func close() async {
    _ = try? await loop.submit { [self] in
      for channel in channels { channel.close(promise: nil) }
      channels = []
    }.get()
  }

  fileprivate func packet(_ bytes: Span<UInt8>) {
    guard !RTPHeader.isRTCP(bytes), let header = try? RTPHeader(parsing: bytes) else { return }
    lastPacket = .now
    report.packets += 1
    report.bytes += bytes.count
    report.ssrcs.insert(header.ssrc)
    report.payloadTypes.insert(header.payloadType)
    let payload = bytes.extracting(header.payload)
    inspect(payload)
    let info = RTPTimestampInfo(
      timestamp: header.timestamp, marker: header.marker, payloadType: header.payloadType)
    demuxer.receive(payload, header: info, gapBefore: false, arrival: WallTime(nanoseconds: 0)) { event in
      if case .unit(let unit) = event { count(unit) }
    }
  }

  private func count(_ unit: AccessUnit) {
    guard unit.codec.isVideo else {
      report.audioUnits += 1
      return
    }
    report.videoUnits += 1
    if unit.isKeyFrame { report.keyFrames += 1 }
    if let last = report.lastTime, unit.pts.value < last { report.sawBackwards = true }
    report.lastTime = unit.pts.value
  }

  /// Looks for the headers that Annex C asks for before a key frame.
  private func inspect(_ payload: Span<UInt8>) {
    guard payload.count > 14, payload[0] == 0, payload[1] == 0, payload[2] == 1, payload[3] == 0xBA else {
      return
    }
    report.hasPackHeader = true
    var position = 14 + Int(payload[13] & 7)
    while position + 6 < payload.count, payload[position] == 0, payload[position + 1] == 0,
      payload[position + 2] == 1
    {
      switch payload[position + 3] {
      case 0xBB: report.hasSystemHeader = true
      case 0xBC: report.hasStreamMap = true
      default: return
      }
      position += 6 + Int(payload[position + 4]) << 8 + Int(payload[position + 5])
    }
  }

  fileprivate func stream(_ bytes: [UInt8]) {
    try? framer.feed(bytes.span, expectedSSRC: nil) { packet($0) }
  }

  fileprivate func connected() {
    report.connections += 1
    framer = InterleavedFramer()
  }

  fileprivate func disconnected() { report.isConnectionLost = true }
}

/// Lets a socket know its receiver.
private final class Box: @unchecked Sendable {
  // Proof for @unchecked: written once before the port is told to anybody, read on the loop afterwards.
  weak var receiver: MediaReceiver?
}

private final class PacketHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let box: Box

  init(_ box: Box) { self.box = box }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
    box.receiver?.packet(bytes.span)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let box: Box

  init(_ box: Box) { self.box = box }

  func channelActive(context: ChannelHandlerContext) {
    box.receiver?.connected()
    context.fireChannelActive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    box.receiver?.stream(Array(unwrapInboundIn(data).readableBytesView))
  }

  func channelInactive(context: ChannelHandlerContext) { box.receiver?.disconnected() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
