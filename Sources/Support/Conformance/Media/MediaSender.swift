import GBCore
import NIOCore
import NIOPosix
import RTPCore

/// Sends a clip as RTP: over UDP, over a connection it makes, or over one it waits for.
///
/// Proof for @unchecked: everything mutable is touched on `loop` only.
final class MediaSender: @unchecked Sendable {
  private let loop: any EventLoop
  private let clip: MediaClip
  private var packetizer: RTPPacketizer
  private let isFramed: Bool
  private var socket: (any Channel)?
  private var connection: (any Channel)?
  private var destination: SocketAddress?
  private var timer: RepeatedTask?
  private var position = 0
  private var rounds: Int64 = 0
  private var isConnectionLost = false
  private(set) var packets = 0
  /// The share of packets that are thrown away before sending, and whether neighbours are exchanged now and then.
  private var loss = 0.0
  private var reorders = false
  private var held: [UInt8]?
  private var random = Mixer(seed: 0x5EED)

  let port: Int
  private let host: String

  private init(
    _ loop: any EventLoop, clip: MediaClip, ssrc: UInt32, isFramed: Bool, socket: (any Channel)?,
    host: String,
    port: Int
  ) {
    (self.loop, self.clip, self.isFramed, self.socket, self.port) = (loop, clip, isFramed, socket, port)
    self.host = host
    packetizer = RTPPacketizer(
      ssrc: ssrc, payloadType: clip.payloadType, sequenceNumber: UInt16.random(in: 0...UInt16.max))
  }

  /// Opens a UDP socket, or for `listens` a TCP port that the receiver connects to.
  static func open(
    _ transport: MediaTransportChoice, clip: MediaClip, ssrc: UInt32, host: String, on loop: any EventLoop
  ) async throws -> MediaSender {
    switch transport {
    case .udp:
      let channel = try await DatagramBootstrap(group: loop)
        .channelInitializer { $0.eventLoop.makeSucceededVoidFuture() }
        .bind(host: host, port: 0).get()
      return MediaSender(
        loop, clip: clip, ssrc: ssrc, isFramed: false, socket: channel, host: host,
        port: channel.localAddress?.port ?? 0)
    case .tcpPassive:
      return MediaSender(loop, clip: clip, ssrc: ssrc, isFramed: true, socket: nil, host: host, port: 9)
    case .tcpActive:
      let box = NIOLockedSender()
      let channel = try await ServerBootstrap(group: loop)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { child in
          box.sender?.accepted(child)
          return child.eventLoop.makeSucceededVoidFuture()
        }
        .bind(host: host, port: 0).get()
      let sender = MediaSender(
        loop, clip: clip, ssrc: ssrc, isFramed: true, socket: channel, host: host,
        port: channel.localAddress?.port ?? 0)
      box.sender = sender
      return sender
    }
  }

  private func accepted(_ channel: any Channel) {
    connection = channel
    channel.closeFuture.whenComplete { _ in self.isConnectionLost = true }
  }

  /// Begins to send to the receiver, a picture every `interval`.
  func begin(to host: String, port: Int, every interval: Duration = .milliseconds(40)) async throws {
    let address = try SocketAddress(ipAddress: host, port: port)
    if isFramed, socket == nil {
      // From the address that the answer names: receivers compare.
      let channel = try await ClientBootstrap(group: loop).connectTimeout(.seconds(5))
        .bind(to: try SocketAddress(ipAddress: self.host, port: 0))
        .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1).connect(to: address).get()
      try await loop.submit { self.accepted(channel) }.get()
    }
    try await loop.submit { [self] in
      destination = address
      let pace = TimeAmount(interval)
      timer = loop.scheduleRepeatedTask(initialDelay: .zero, delay: pace) { [self] _ in sendPicture() }
    }.get()
  }

  /// Damages the way: a share of packets is lost, some change places.
  func setFaults(loss: Double, reorders: Bool) async throws {
    try await loop.submit { (self.loss, self.reorders) = (loss, reorders) }.get()
  }

  /// Whether somebody connected (TCP), and whether that connection ended.
  func connectionState() async throws -> (isConnected: Bool, isLost: Bool) {
    try await loop.submit { (self.connection != nil, self.isConnectionLost) }.get()
  }

  func stop() async {
    _ = try? await loop.submit { [self] in
      timer?.cancel()
      timer = nil
    }.get()
  }

  func close() async {
    await stop()
    _ = try? await loop.submit { [self] in
      socket?.close(promise: nil)
      connection?.close(promise: nil)
    }.get()
  }

  private func sendPicture() {
    guard !isFramed || connection != nil else { return }
    repeat {
      let pack = clip.packs[position]
      let time = UInt32(truncatingIfNeeded: rounds * clip.ticks + pack.time)
      send(pack.bytes, time)
      position += 1
      if position == clip.packs.count { (position, rounds) = (0, rounds + 1) }
    } while position > 0 && clip.packs[position].time == clip.packs[position - 1].time
  }

  private func send(_ frame: [UInt8], _ time: UInt32) {
    var (bytes, ranges) = ([UInt8](), [Range<Int>]())
    packetizer.append(
      frame.span, timestamp: time, framing: isFramed ? .rfc4571 : .datagram, to: &bytes, packets: &ranges)
    packets += ranges.count
    if isFramed {
      connection?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
      return
    }
    for range in ranges {
      if random.unit() < loss { continue }
      let packet = Array(bytes[range])
      if reorders, held == nil, random.unit() < 0.1 {
        held = packet
        continue
      }
      datagram(packet)
      if let late = held {
        held = nil
        datagram(late)
      }
    }
  }

  private func datagram(_ bytes: [UInt8]) {
    guard let destination, let socket else { return }
    socket.writeAndFlush(
      AddressedEnvelope(remoteAddress: destination, data: ByteBuffer(bytes: bytes)), promise: nil)
  }
}

/// Lets a listener know its sender. Confined to one loop.
private final class NIOLockedSender: @unchecked Sendable {
  // Proof for @unchecked: written once before the port is told to anybody, read on the loop afterwards.
  weak var sender: MediaSender?
}

/// A small random sequence that is the same in every run (SplitMix64).
struct Mixer: Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// 0..<1.
  mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
