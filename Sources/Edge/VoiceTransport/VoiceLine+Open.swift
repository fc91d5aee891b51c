import GBCore
public import NIOCore
import NIOPosix
import Synchronization

extension VoiceLine {
  /// Opens what must be open before our description goes out. Nothing is sent before ``begin(after:)``.
  public static func open(
    _ plan: VoiceLinePlan, ports: VoicePorts, on group: any EventLoopGroup, events: Events
  ) async throws(VoiceLineError) -> VoiceLine {
    let loop = group.next()
    guard plan.path != .connect else { return VoiceLine(plan, socket: nil, on: loop, events: events) }
    var failure = "there is no port to choose from"
    for port in ports.candidates() {
      do {
        return try await open(plan, ports.address(towards: plan.trusted), port, loop, events)
      } catch {
        failure = "\(error)"
      }
    }
    throw VoiceLineError(description: failure)
  }

  private static func open(
    _ plan: VoiceLinePlan, _ host: String, _ port: Int, _ loop: any EventLoop, _ events: Events
  ) async throws -> VoiceLine {
    let door = VoiceDoor()
    let socket: any Channel
    if plan.path == .udp {
      socket = try await DatagramBootstrap(group: loop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(VoiceDatagramHandler(door))
          }
        }
        .bind(host: host, port: port).get()
    } else {
      socket = try await ServerBootstrap(group: loop)
        .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { channel in
          guard let line = door.line else { return channel.close() }
          return line.prepare(channel)
        }
        .bind(host: host, port: port).get()
    }
    let line = VoiceLine(plan, socket: socket, on: loop, events: events)
    door.open(line)
    return line
  }
}

/// Joins a socket to its line, which is made when the socket is there.
final class VoiceDoor: Sendable {
  private let held = Mutex<Weak>(Weak())

  private struct Weak { weak var line: VoiceLine? }

  func open(_ line: VoiceLine) { held.withLock { $0.line = line } }
  var line: VoiceLine? { held.withLock { $0.line } }
}

/// Hands on what comes to a datagram socket.
final class VoiceDatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let door: VoiceDoor

  init(_ door: VoiceDoor) { self.door = door }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    door.line?.received(unwrapInboundIn(data))
  }

  /// A datagram that nobody listens for comes back as an error: one goes on, as cameras do.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

/// Hands on what comes over a connection, and that it ended.
final class VoiceConnectionHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private weak var line: VoiceLine?

  init(_ line: VoiceLine) { self.line = line }

  /// Not before: what is written to a connection that is not yet up is lost, and the first packet carries the marker.
  func channelActive(context: ChannelHandlerContext) { line?.adopt(context.channel) }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) { line?.received(unwrapInboundIn(data)) }
  func channelInactive(context: ChannelHandlerContext) { line?.connectionEnded(context.channel) }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
