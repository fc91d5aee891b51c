import GBCore
import NIOCore
import NIOPosix
import RTPCore
import Synchronization
import TestSupport
import Testing
import Voice

@testable import VoiceTransport

@Suite struct VoiceLineTests {
  /// What came out of a socket.
  private final class Heard: Sendable {
    let packets = Mutex<[[UInt8]]>([])
    let samples = Mutex<[Int16]>([])
    let lost = Mutex(0)

    var events: VoiceLine.Events {
      VoiceLine.Events(
        heard: { [self] new in samples.withLock { $0 += new } }, lost: { [self] in lost.withLock { $0 += 1 } }
      )
    }
    var count: Int { packets.withLock { $0.count } }
    var headers: [RTPHeader] { packets.withLock { $0.compactMap { try? RTPHeader(parsing: $0.span) } } }
  }

  private final class Collector: ChannelInboundHandler, Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    let heard: Heard
    init(_ heard: Heard) { self.heard = heard }
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
      heard.packets.withLock { $0.append(bytes) }
    }
  }

  private static let group = MultiThreadedEventLoopGroup.singleton
  private static let ports = VoicePorts(host: "127.0.0.1")

  private static func plan(_ path: VoiceOffer.Path, port: Int, trusted: String = "127.0.0.1") -> VoiceLinePlan
  {
    VoiceLinePlan(
      path: path, format: VoiceFormat(.pcma), ssrc: 7, host: "127.0.0.1", port: port, trusted: trusted)
  }

  private func socket(_ heard: Heard) async throws -> any Channel {
    try await DatagramBootstrap(group: Self.group)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Collector(heard))
        }
      }.bind(host: "127.0.0.1", port: 0).get()
  }

  @Test("Nothing is sent before it is told to begin; then numbers and times follow each other, marker first")
  func datagrams() async throws {
    let heard = Heard()
    let socket = try await socket(heard)
    let line = try await VoiceLine.open(
      Self.plan(.udp, port: socket.localAddress?.port ?? 0), ports: Self.ports, on: Self.group,
      events: heard.events)
    line.say(Array(repeating: 1_000, count: 480))
    #expect(heard.count == 0)
    // A later beginning is overtaken by a sooner one.
    line.begin(after: .seconds(60))
    line.begin(after: .zero)
    #expect(await eventually { heard.count >= 20 })
    let headers = heard.headers
    #expect(headers.first?.marker == true && headers.dropFirst().allSatisfy { !$0.marker })
    for (one, next) in zip(headers, headers.dropFirst()) {
      #expect(next.sequenceNumber == one.sequenceNumber &+ 1 && next.timestamp == one.timestamp &+ 160)
    }
    #expect(await eventually { line.figures.silent > 0 })
    line.close()
    #expect(line.figures.packets >= 20 && line.figures.packets > line.figures.silent)
    try await socket.close()
  }

  @Test("What the device sends back is heard, others are not, and packets follow it to another port")
  func latch() async throws {
    let (first, second) = (Heard(), Heard())
    let (old, new) = (try await socket(first), try await socket(second))
    let line = try await VoiceLine.open(
      Self.plan(.udp, port: old.localAddress?.port ?? 0), ports: Self.ports, on: Self.group,
      events: first.events)
    line.begin(after: .zero)
    #expect(await eventually { first.count > 0 })
    var packets = VoicePackets(VoiceFormat(.pcma), ssrc: 9, framing: .datagram, sequence: 1, time: 0)
    let target = try SocketAddress(ipAddress: "127.0.0.1", port: line.port)
    let packet = packets.next(Array(repeating: 4_000, count: 160))
    for _ in 0..<2 {
      try await new.writeAndFlush(AddressedEnvelope(remoteAddress: target, data: ByteBuffer(bytes: packet)))
    }
    #expect(await eventually { second.count > 0 })
    // The copy of a packet is not heard twice.
    #expect(first.samples.withLock { $0.count } == 160)
    #expect(first.samples.withLock { $0.allSatisfy { abs(Int($0) - 4_000) < 130 } })
    line.close()
    let stranger = try await VoiceLine.open(
      Self.plan(.udp, port: 9, trusted: "192.0.2.1"), ports: Self.ports, on: Self.group, events: second.events
    )
    try await new.writeAndFlush(
      AddressedEnvelope(
        remoteAddress: try SocketAddress(ipAddress: "127.0.0.1", port: stranger.port),
        data: ByteBuffer(bytes: packet)))
    // What was sent first is handled first, on the same loop.
    try await stranger.loop.submit {}.get()
    #expect(second.samples.withLock { $0.isEmpty })
    stranger.close()
    try await old.close()
    try await new.close()
  }

  @Test("A connection that nobody accepts is given up after four attempts, once")
  func refused() async throws {
    let heard = Heard()
    let port = Int(try #require(FreePort.loopback()))
    let line = try await VoiceLine.open(
      Self.plan(.connect, port: port), ports: Self.ports, on: Self.group, events: heard.events)
    #expect(line.port == 9)
    line.begin(after: .zero)
    #expect(await eventually { heard.lost.withLock { $0 } == 1 })
    line.close()
  }

  @Test("Ports come from the range, and a range without a free one is an error")
  func range() async throws {
    let heard = Heard()
    let taken = try await socket(heard)
    let port = UInt16(taken.localAddress?.port ?? 0)
    await #expect(throws: VoiceLineError.self) {
      _ = try await VoiceLine.open(
        Self.plan(.udp, port: 9), ports: VoicePorts(host: "127.0.0.1", range: port...port), on: Self.group,
        events: heard.events)
    }
    try await taken.close()
    let wide = VoicePorts(host: "127.0.0.1", range: 20_000...20_999)
    let line = try await VoiceLine.open(
      Self.plan(.udp, port: 9), ports: wide, on: Self.group, events: heard.events)
    #expect((20_000...20_999).contains(line.port))
    line.close()
    #expect(Set(VoicePorts(range: 5...7).candidates()) == [5, 6, 7] && VoicePorts().candidates() == [0])
    #expect(VoicePorts(host: "0.0.0.0").address(towards: "2001:db8::1") == "::")
    #expect(VoicePorts(host: "192.0.2.1").address(towards: "192.0.2.9") == "192.0.2.1")
  }
}
