import NIOCore
import NIOPosix
public import SIPCore
import Synchronization

/// A SIP user agent's transport: UDP and TCP on one port, TLS on another, with all transactions (RFC 3261 §17, §18).
///
/// Everything happens on one event loop. Handlers and reports are called there
/// and must not block; every method here may be called from any thread.
/// Addresses are IP literals: names are not resolved. An endpoint must be stopped before it is let go.
public final class SIPEndpoint: Sendable {
  private let configuration: SIPEndpointConfiguration
  private let group: MultiThreadedEventLoopGroup
  private let core: EndpointCore
  private let state = Mutex(State())

  private struct State {
    var port: Int?
    var securePort: Int?
    var isStopped = false
    var channels: [any Channel] = []
  }

  /// Largest number of datagrams read in one system call.
  private static let readBatch = 16

  public init(configuration: SIPEndpointConfiguration) {
    self.configuration = configuration
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    core = EndpointCore(loop: group.next(), configuration: configuration)
  }

  /// The port that is listened on, or 0 before ``start(handler:)``.
  public var port: Int { state.withLock { $0.port ?? 0 } }

  /// The port where TLS is listened for, or nil when it is not.
  public var securePort: Int? { state.withLock { $0.securePort } }

  /// Binds UDP, TCP and TLS and begins to deliver requests to `handler`.
  public func start(handler: any SIPRequestHandler) async throws(SIPEndpointError) {
    let tls = try configuration.tls.map { (files) throws(SIPEndpointError) in try TLSServer(files) }
    let sockets = try state.withLock { (state) throws(SIPEndpointError) -> BoundSockets in
      guard state.port == nil, !state.isStopped else {
        throw SIPEndpointError(code: .alreadyStarted, description: "the endpoint was started before")
      }
      let sockets = try BoundSockets.open(
        host: configuration.host, port: configuration.port, buffer: configuration.socketBuffer)
      state.port = sockets.port
      return sockets
    }
    do {
      let core = core
      try await core.loop.submit {
        core.handler = handler
        core.socket = DatagramSocket(descriptor: sockets.datagram)
        core.isIPv6 = sockets.isIPv6
        core.local.port = sockets.port
      }.get()
      let datagram = try await bindDatagram(sockets.datagram)
      let listener = try await bindListener(sockets.listener, tls: nil)
      state.withLock { $0.channels = [datagram, listener] }
      if let tls { try await startTLS(tls) }
    } catch let error as SIPEndpointError {
      throw error
    } catch {
      throw SIPEndpointError(code: .other, description: "SIP port \(sockets.port): \(error)")
    }
  }

  private func startTLS(_ tls: TLSServer) async throws {
    guard let place = configuration.tls else { return }
    let (descriptor, port) = try BoundSockets.listener(host: place.host, port: place.port)
    let core = core
    try await core.loop.submit { core.secureLocal.port = port }.get()
    let listener = try await bindListener(descriptor, tls: tls)
    state.withLock { state in
      state.securePort = port
      state.channels.append(listener)
    }
  }

  private func bindDatagram(_ descriptor: CInt) async throws -> any Channel {
    let core = core
    return try await DatagramBootstrap(group: core.loop)
      .channelOption(.datagramVectorReadMessageCount, value: Self.readBatch)
      .channelOption(
        .recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 65_536 * Self.readBatch)
      )
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(DatagramHandler(core: core))
        }
      }
      .withBoundSocket(descriptor).get()
  }

  private func bindListener(_ descriptor: CInt, tls: TLSServer?) async throws -> any Channel {
    let core = core
    return try await ServerBootstrap(group: core.loop)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelOption(.socketOption(.so_keepalive), value: 1)
      .childChannelOption(
        .writeBufferWaterMark, value: ChannelOptions.Types.WriteBufferWaterMark(low: 1 << 20, high: 1 << 24)
      )
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try core.adopt(incoming: channel, tls: tls) }
      }
      .withBoundSocket(descriptor).get()
  }

  /// Stops listening, fails waiting requests and closes every connection.
  public func stop() async {
    let channels = state.withLock { state -> [any Channel]? in
      guard !state.isStopped else { return nil }
      state.isStopped = true
      return state.channels
    }
    guard let channels else { return }
    let core = core
    try? await core.loop.submit { core.shutDown() }.get()
    core.closeGate()
    // What was submitted before is done when this is.
    try? await core.loop.submit {}.get()
    for channel in channels { try? await channel.close() }
    try? await group.shutdownGracefully()
  }

  // MARK: Requests

  /// Sends a request. Via (with `rport`), Max-Forwards, Content-Length, `User-Agent` and, where a
  /// method needs one, Contact are added.
  ///
  /// - Parameters:
  ///   - branch: its name, for whoever must know it before the answer can come; see ``makeBranch()``.
  ///   - timeout: the user's own limit. An INVITE that reaches it is cancelled.
  ///   - onResponse: called on the event loop; on another thread, with an error, when the endpoint was stopped.
  /// - Returns: the name of the request, for ``cancel(_:)`` and ``sendACK(_:for:)``.
  @discardableResult
  public func send(
    _ request: SIPRequest, branch: SIPBranch = makeBranch(), to target: SIPTarget,
    timeout: Duration = .seconds(32), onResponse: @escaping @Sendable (SIPClientEvent) -> Void
  ) -> SIPBranch {
    let core = core
    let isSubmitted = core.submit {
      core.send(request, branch: branch, to: target, timeout: timeout, report: onResponse)
    }
    // The loop is gone, and whoever sends may hold a lock.
    if !isSubmitted { Task.detached { onResponse(.transportError("endpoint stopped")) } }
    return branch
  }

  /// Sends a request and waits for its end. Provisional responses are not reported.
  ///
  /// Not for INVITE where a late 2xx matters: only ``send(_:to:timeout:onResponse:)`` reports one after a
  /// timeout.
  public func request(
    _ request: SIPRequest, to target: SIPTarget, timeout: Duration = .seconds(32)
  ) async -> SIPOutcome {
    await withCheckedContinuation { continuation in
      let end = RequestEnd(continuation)
      send(request, to: target, timeout: timeout) { event in
        switch event {
        case .provisional: break
        case .final(let response, let source): end.resume(.response(response, source))
        case .timeout: end.resume(.timeout)
        case .transportError(let text): end.resume(.transportError(text))
        }
      }
    }
  }

  /// Acknowledges a 2xx to the INVITE `branch` on the path that INVITE took. The endpoint repeats the
  /// ACK whenever the 2xx comes again.
  public func sendACK(_ request: SIPRequest, for branch: SIPBranch) {
    let core = core
    let own = Self.makeBranch()
    core.submit { core.sendACK(request, for: branch, newBranch: own) }
  }

  /// Cancels an INVITE that has no final response: at once, or when its first provisional one comes.
  public func cancel(_ branch: SIPBranch) {
    let core = core
    core.submit { core.cancel(branch) }
  }

  /// Closes a TCP or TLS connection.
  public func close(_ connection: SIPConnectionID) {
    let core = core
    core.submit { core.connections[connection]?.close() }
  }

  /// A name for a request, unlike any other (RFC 3261 §8.1.1.7).
  public static func makeBranch() -> SIPBranch {
    SIPBranch(value: Via.magicCookie + String(UInt64.random(in: .min ... .max), radix: 16))
  }

  // MARK: Figures

  /// The address to write into SDP for a peer: what routing chooses or what is advertised, never unspecified.
  public func localAddress(towards host: String) -> String {
    LocalAddress.choose(configuration, towards: host)
  }

  /// All zero when the endpoint was stopped.
  public func counters() async -> SIPCounters {
    let core = core
    return await withCheckedContinuation { waiting in
      if !core.submit({ waiting.resume(returning: core.snapshot()) }) {
        waiting.resume(returning: SIPCounters())
      }
    }
  }
}

/// Resumes a waiting task once: an INVITE may report a late answer after its timeout.
private final class RequestEnd: Sendable {
  private let waiting: Mutex<CheckedContinuation<SIPOutcome, Never>?>

  init(_ continuation: CheckedContinuation<SIPOutcome, Never>) { waiting = Mutex(continuation) }

  func resume(_ outcome: SIPOutcome) {
    let continuation = waiting.withLock { waiting in
      defer { waiting = nil }
      return waiting
    }
    continuation?.resume(returning: outcome)
  }
}
