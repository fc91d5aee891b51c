import NIOCore
import NIOPosix

/// Takes what devices bring by HTTP and gives them what they fetch: one file, whatever they ask for.
final class SmallDoor: Sendable {
  struct Visit: Sendable {
    let method: String
    let path: String
    let body: [UInt8]
  }

  let port: Int
  private let channel: any Channel
  private let visits = Guarded<[Visit]>([])

  private init(_ channel: any Channel) { (self.channel, port) = (channel, channel.localAddress?.port ?? 0) }

  /// - Parameter file: what every GET is answered with.
  static func open(host: String, file: [UInt8], on loop: any EventLoop) async throws -> SmallDoor {
    let heard = Guarded<(@Sendable (Visit) -> Void)?>(nil)
    let channel = try await ServerBootstrap(group: loop)
      .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { child in
        child.eventLoop.makeCompletedFuture {
          try child.pipeline.syncOperations.addHandler(VisitHandler(file: file) { heard.value?($0) })
        }
      }
      .bind(host: host, port: 0).get()
    let door = SmallDoor(channel)
    heard.withLock { $0 = { [weak door] visit in door?.visits.withLock { $0.append(visit) } } }
    return door
  }

  /// Everybody who came so far.
  var all: [Visit] { visits.value }

  func close() async { try? await channel.close() }
}

/// One request a connection.
private final class VisitHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  /// No picture is larger.
  private static let limit = 16 << 20

  private let file: [UInt8]
  private let heard: (SmallDoor.Visit) -> Void
  private var bytes: [UInt8] = []

  init(file: [UInt8], heard: @escaping (SmallDoor.Visit) -> Void) { (self.file, self.heard) = (file, heard) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    bytes += unwrapInboundIn(data).readableBytesView
    guard bytes.count <= Self.limit else { return context.close(promise: nil) }
    guard let visit = visit() else { return }
    heard(visit)
    let content = visit.method == "GET" ? file : []
    let head = "HTTP/1.1 200 OK\r\nContent-Length: \(content.count)\r\nConnection: close\r\n\r\n"
    context.writeAndFlush(NIOAny(ByteBuffer(bytes: Array(head.utf8) + content)), promise: nil)
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// The request, once it is whole.
  private func visit() -> SmallDoor.Visit? {
    guard let end = PlainHTTP.headEnd(bytes) else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count > 1 else { return nil }
    let length = lines.lazy.compactMap { line -> Int? in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].trimmed)
    }.first
    let body = bytes[(end + 4)...]
    guard body.count >= length ?? 0 else { return nil }
    return SmallDoor.Visit(method: String(words[0]), path: String(words[1]), body: Array(body))
  }
}
