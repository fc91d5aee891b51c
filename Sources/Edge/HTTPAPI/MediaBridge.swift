import Glibc
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix
import Synchronization

/// Lets a viewer watch on a kept-alive connection that the HTTP stack already owns.
///
/// Such a socket cannot be handed over any more: the media plane gets one end of
/// a socket pair instead, and what arrives at the other end becomes the body.
/// Back pressure passes through: when the viewer is slow the pair fills up and
/// the media plane drops for it as for every slow viewer.
enum MediaBridge {
  static func response(session: String, call: APICall, media: MediaHandler) throws -> Response {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      throw Problem.unavailable("The server has too many open files.", retryAfter: 5)
    }
    for end in ends { Descriptor.prepare(end) }
    let mine = Held(ends[0])
    let request = MediaRequest(
      session: session, kind: .fragmentedMP4, framing: .raw, preamble: [], source: call.source,
      headers: call.request.headers.map { ($0.name.canonicalName, $0.value) })
    switch media(request, ends[1]) {
    case .accepted:
      return Response(
        status: .ok, headers: [.contentType: "video/mp4", .cacheControl: "no-store"],
        body: ResponseBody { writer in try await copy(from: mine, to: &writer) })
    case .refused(let problem):
      close(ends[1])
      throw problem
    }
  }

  private static func copy(from end: Held, to writer: inout any ResponseBodyWriter) async throws {
    guard let descriptor = end.take() else { return }
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .withConnectedSocket(descriptor) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    try await channel.executeThenClose { inbound, _ in
      for try await bytes in inbound { try await writer.write(bytes) }
    }
    try await writer.finish(nil)
  }

  /// A descriptor that is closed unless somebody takes it: the body of a response may never be asked for.
  private final class Held: Sendable {
    private let descriptor: Mutex<Int32?>

    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }
    deinit { if let descriptor = take() { close(descriptor) } }

    func take() -> Int32? {
      descriptor.withLock { held in
        defer { held = nil }
        return held
      }
    }
  }
}
