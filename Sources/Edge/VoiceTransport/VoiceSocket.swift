import Foundation
import Glibc
public import NIOCore
import NIOPosix
import NIOWebSocket
import Voice

/// The browser's end of a voice session: takes samples, gives states and, in a talk, samples.
///
/// Binary messages are sound, one or more frames of it; the text `{"format":"pcma"}` changes how the following ones
/// are read. Everything that goes out as text is JSON.
public final class VoiceSocket: Sendable {
  /// Called on the socket's event loop; neither may block.
  public struct Events: Sendable {
    public var said: @Sendable ([Int16]) -> Void
    /// Whoever spoke is gone. Once.
    public var closed: @Sendable () -> Void

    public init(said: @escaping @Sendable ([Int16]) -> Void, closed: @escaping @Sendable () -> Void) {
      (self.said, self.closed) = (said, closed)
    }
  }

  /// Bytes of one message: half a second.
  public static let longest = 8_192

  private let channel: any Channel

  init(_ channel: any Channel) { self.channel = channel }

  /// Takes over a connected socket whose handshake has been read.
  ///
  /// - Parameter preamble: the answer to the handshake. Whether it succeeds or not, the socket is taken care of.
  public static func adopt(
    _ descriptor: Int32, preamble: [UInt8], on group: any EventLoopGroup, events: Events
  ) async throws -> VoiceSocket {
    // Nothing was sent on it before, so that these few bytes fit.
    guard send(descriptor, preamble, preamble.count, Int32(MSG_NOSIGNAL)) == preamble.count else {
      Glibc.close(descriptor)
      throw VoiceLineError(description: "the socket was closed")
    }
    let channel = try await ClientBootstrap(group: group)
      .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: longest)))
          try pipeline.addHandler(WebSocketFrameEncoder())
          try pipeline.addHandler(VoiceSocketHandler(events))
        }
      }
      .withConnectedSocket(descriptor).get()
    return VoiceSocket(channel)
  }

  /// Whether the connection stands.
  public var isOpen: Bool { channel.isActive }

  /// Sends JSON text. A browser that does not read loses it.
  public func tell(_ json: [UInt8]) { write(.text, json) }

  /// Sends samples, as ``VoiceInput/pcm16``.
  public func play(_ samples: [Int16]) {
    guard channel.isWritable else { return }
    write(.binary, VoiceInput.bytes(samples))
  }

  /// Ends the connection after what was told.
  public func close(code: UInt16 = 1000) {
    let bytes = [UInt8(code >> 8), UInt8(code & 0xff)]
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer(bytes: bytes))
    let channel = channel
    channel.writeAndFlush(frame).whenComplete { _ in channel.close(promise: nil) }
  }

  private func write(_ opcode: WebSocketOpcode, _ bytes: [UInt8]) {
    channel.writeAndFlush(
      WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(bytes: bytes)), promise: nil)
  }
}

/// Reads the frames of a browser. Total: what breaks a rule ends the connection with the code that says so.
final class VoiceSocketHandler: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private struct Wish: Decodable { var format: String }

  /// A page that says nothing for so long is gone; its browser answers pings.
  private static let silence = TimeAmount.seconds(30)
  private static let ping = TimeAmount.seconds(10)

  private let events: VoiceSocket.Events
  private var format = VoiceInput.pcm16
  private var heard = NIODeadline.now()
  private var timer: RepeatedTask?
  private var isOver = false

  init(_ events: VoiceSocket.Events) { self.events = events }

  func handlerAdded(context: ChannelHandlerContext) {
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    timer = context.eventLoop.scheduleRepeatedTask(initialDelay: Self.ping, delay: Self.ping) { _ in
      let (handler, context) = bound.value
      handler.look(context)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

  func channelInactive(context: ChannelHandlerContext) { finish() }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(context, error is NIOWebSocketError ? 1002 : 1011)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    let frame = unwrapInboundIn(data)
    heard = .now()
    // §5.1: a browser masks; §5.4: pieces are of no use for so little.
    guard frame.maskKey != nil else { return end(context, 1002) }
    guard frame.fin, frame.opcode != .continuation else { return end(context, 1003) }
    let bytes = Array(frame.unmaskedData.readableBytesView)
    switch frame.opcode {
    case .binary: events.said(format.samples(bytes))
    case .text: wish(bytes, context)
    case .ping: write(context, .pong, bytes)
    case .connectionClose: end(context, 1000)
    default: break
    }
  }

  private func wish(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    guard let wish = try? JSONDecoder().decode(Wish.self, from: Data(bytes)),
      let format = VoiceInput(rawValue: wish.format)
    else { return end(context, 1007) }
    self.format = format
  }

  private func look(_ context: ChannelHandlerContext) {
    guard heard + Self.silence > .now() else { return end(context, 1001) }
    write(context, .ping, [])
  }

  private func end(_ context: ChannelHandlerContext, _ code: UInt16) {
    write(context, .connectionClose, [UInt8(code >> 8), UInt8(code & 0xff)])
    finish()
    context.close(promise: nil)
  }

  private func finish() {
    guard !isOver else { return }
    isOver = true
    timer?.cancel()
    events.closed()
  }

  private func write(_ context: ChannelHandlerContext, _ opcode: WebSocketOpcode, _ bytes: [UInt8]) {
    let frame = WebSocketFrame(fin: true, opcode: opcode, data: ByteBuffer(bytes: bytes))
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }
}
