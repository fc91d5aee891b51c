import Foundation
import NIOCore
import NIOPosix
import SIPCore
import SIPTransport
import Synchronization
import Testing

/// One TLS connection to an endpoint, to be a device that does as it likes.
final class SecurePeer: Sendable {
  private let channel: any Channel
  private let seen: Collected<SIPMessage>

  private init(_ channel: any Channel, _ seen: Collected<SIPMessage>) {
    (self.channel, self.seen) = (channel, seen)
  }

  /// - Parameter trusted: see ``TLSClient/handlers(trusting:)``.
  static func connect(host: String = "127.0.0.1", port: Int, trusting trusted: String? = nil) async throws
    -> SecurePeer
  {
    let seen = Collected<SIPMessage>()
    let make = try TLSClient.handlers(trusting: trusted)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(make())
          try channel.pipeline.syncOperations.addHandler(Reader(seen))
        }
      }
      .connect(host: host, port: port).get()
    return SecurePeer(channel, seen)
  }

  var messages: [SIPMessage] { seen.all }
  var requests: [SIPRequest] {
    messages.compactMap { if case .request(let request) = $0 { request } else { nil } }
  }
  var localPort: Int { channel.localAddress?.port ?? 0 }
  var isOpen: Bool { channel.isActive }

  func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get() }

  func close() async throws { try await channel.close().get() }

  private final class Reader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private var framer = SIPStreamFramer()
    private let seen: Collected<SIPMessage>

    init(_ seen: Collected<SIPMessage>) { self.seen = seen }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      framer.feed(Array(unwrapInboundIn(data).readableBytesView).span)
      while let event = framer.next() {
        if case .message(let message) = event { seen.add(message) }
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

@Suite(.timeLimit(.minutes(2)))
struct TLSTests {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Fixtures/tls").path

  static func file(_ name: String) -> String { folder + "/" + name }

  private func secure(certificate: String = "platform.pem", key: String = "platform.key")
    -> SIPEndpointConfiguration
  {
    var configuration = quick()
    configuration.tls = SIPTLSConfiguration(
      host: "127.0.0.1", port: 0, certificate: Self.file(certificate), key: Self.file(key))
    return configuration
  }

  private func message(branch: String = "z9hG4bKtls") -> [UInt8] {
    Array(messageText(branch: branch).replacing("SIP/2.0/UDP", with: "SIP/2.0/TLS").utf8)
  }

  @Test("A message over TLS is answered on its connection, and a request to its sender goes there")
  func bothWays() async throws {
    let handler = Answering()
    let sources = Collected<SIPSource>()
    let remembering = Answering { request, source, transaction in
      sources.add(source)
      transaction.respond(SIPResponse(to: request, status: 200))
    }
    try await withEndpoint(secure(), remembering) { server in
      let port = try #require(server.securePort)
      #expect(port != server.port)
      let peer = try await SecurePeer.connect(port: port, trusting: Self.file("platform.pem"))
      try await peer.send(message())
      try await eventually { peer.messages.count == 1 }
      let source = try #require(sources.all.first)
      #expect(source.transport == .tls && source.connection != nil && source.remote.port == peer.localPort)

      // A call, whose Via and Contact say where and how the device answers.
      let target = SIPTarget(source)
      server.send(makeRequest(.invite), to: target) { _ in }
      try await eventually { peer.requests.count == 1 }
      let invite = try #require(peer.requests.first)
      #expect(invite.via?.transport == "TLS" && invite.via?.port == port)
      #expect(invite.contact?.uri.port == port && invite.contact?.uri.parameters["transport"] == "tls")
      // Found by its address, too, and nothing is sent again over a transport that loses nothing.
      server.send(makeRequest(.message), to: .tls(source.remote)) { _ in }
      try await eventually { peer.requests.count == 2 }
      #expect(await server.counters().retransmissionsOut == 0)
      try await peer.close()
      try await eventually { await server.counters().connections == 0 }
      guard
        case .transportError(let text) = await server.request(makeRequest(.message), to: .tls(source.remote))
      else { throw TimedOut() }
      #expect(text.contains("must connect again"))
    }
    #expect(handler.requests.isEmpty)
  }

  @Test(
    "Plain TCP on the TLS port, an old version and a certificate nobody trusts end at the handshake and are named"
  )
  func handshakes() async throws {
    let failures = Collected<String>()
    var configuration = secure()
    configuration.onHandshakeFailed = { peer, error in failures.add("\(peer.host) \(error)") }
    try await withEndpoint(configuration) { server in
      let port = try #require(server.securePort)
      let plain = try RawPeer(stream: true, connectedTo: port)
      plain.send(messageText())
      // An alert may come first; then the end.
      while !plain.isClosedByPeer() {}
      try await eventually { await server.counters().handshakesFailed == 1 }

      // A ClientHello of TLS 1.0 that offers nothing newer.
      let old = try RawPeer(stream: true, connectedTo: port)
      old.send(Self.clientHelloOfTLS10)
      while !old.isClosedByPeer() {}
      try await eventually { await server.counters().handshakesFailed == 2 }

      let doubting = try await SecurePeer.connect(port: port, trusting: Self.file("expired.pem"))
      try await eventually { !doubting.isOpen }
      try await eventually { await server.counters().handshakesFailed == 3 }
      #expect(failures.all.count == 3 && failures.all.allSatisfy { $0.hasPrefix("127.0.0.1 ") })
      #expect(await server.counters().requestsIn == 0)
      try await eventually { await server.counters().connections == 0 }
    }
  }

  /// Record header, handshake header, version 3.1, 32 random bytes, no session, two suites of its time, no compression.
  private static let clientHelloOfTLS10: [UInt8] =
    [0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 1] + Array(repeating: 7, count: 32) + [
      0, 0, 4, 0, 0x2F, 0, 0x35, 1, 0,
    ]

  @Test(
    "A certificate or key that cannot be used ends the start with what to do",
    arguments: [
      ("expired.pem", "platform.key", "expired on 2001-01-01; renew it"),
      ("future.pem", "platform.key", "valid only from 2119-01-01"),
      ("platform.pem", "other.key", "does not belong to the certificate"),
      ("platform.pem", "encrypted.key", "without a password"), ("platform.pem", "README.md", "no PEM file"),
      ("README.md", "platform.key", "no PEM file"), ("missing.pem", "platform.key", "No such file"),
      ("platform.pem", "missing.key", "No such file"),
    ])
  func unusable(certificate: String, key: String, text: String) async throws {
    let endpoint = SIPEndpoint(configuration: secure(certificate: certificate, key: key))
    await #expect {
      try await endpoint.start(handler: Answering())
    } throws: { error in
      guard let error = error as? SIPEndpointError else { return false }
      return error.code == .badCertificate && error.description.contains(text)
        && error.description.contains(text.contains("key") || key != "platform.key" ? key : certificate)
    }
    await endpoint.stop()
  }

  @Test("A TLS port that is taken is a clear error")
  func portTaken() async throws {
    try await withEndpoint { first in
      var configuration = secure()
      configuration.tls?.port = first.port
      let endpoint = SIPEndpoint(configuration: configuration)
      await #expect {
        try await endpoint.start(handler: Answering())
      } throws: { error in
        (error as? SIPEndpointError)?.code == .addressInUse
          && (error as? SIPEndpointError)?.description.contains("TLS 127.0.0.1:\(first.port)") == true
      }
      await endpoint.stop()
    }
  }
}
