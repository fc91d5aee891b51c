import NIOCore
import SIPCore

/// One TCP or TLS connection. Confined to the endpoint's event loop.
final class StreamConnection {
  let id: SIPConnectionID
  let remote: SIPHostPort
  let source: SIPSource
  private let channel: any Channel
  var framer = SIPStreamFramer()
  var hasSpoken = false
  private(set) var isClosed = false

  init(id: SIPConnectionID, channel: any Channel, remote: SIPHostPort, local: SIPHostPort, isSecure: Bool) {
    self.id = id
    self.channel = channel
    self.remote = remote
    source = SIPSource(
      transport: isSecure ? .tls : .tcp, remote: remote, local: local, connection: id)
  }

  /// - Returns: false when the connection is closed, or closes because its peer does not read.
  func send(_ bytes: [UInt8]) -> Bool {
    guard !isClosed, channel.isActive else { return false }
    guard channel.isWritable else {
      close()
      return false
    }
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    return true
  }

  func close() {
    isClosed = true
    channel.close(promise: nil)
  }

  func markClosed() { isClosed = true }
}

/// Feeds a connection's bytes to the endpoint.
final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let core: EndpointCore
  private let connection: StreamConnection

  init(core: EndpointCore, connection: StreamConnection) {
    self.core = core
    self.connection = connection
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    core.received(unwrapInboundIn(data), on: connection)
  }

  func channelInactive(context: ChannelHandlerContext) {
    core.closed(connection)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    core.broken(connection, error)
    connection.close()
  }
}

/// Feeds datagrams to the endpoint.
final class DatagramHandler: ChannelInboundHandler {
  typealias InboundIn = AddressedEnvelope<ByteBuffer>

  private let core: EndpointCore

  init(core: EndpointCore) { self.core = core }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let envelope = unwrapInboundIn(data)
    core.beganReading()
    core.received(envelope.data, from: envelope.remoteAddress)
  }

  func channelReadComplete(context: ChannelHandlerContext) { core.finishedReading() }

  func channelInactive(context: ChannelHandlerContext) {
    core.finishedReading()
    context.fireChannelInactive()
  }

  /// ICMP errors of earlier datagrams arrive here; the transactions notice by themselves.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
