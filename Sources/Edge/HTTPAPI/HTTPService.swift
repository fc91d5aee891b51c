public import Access
import Foundation
public import Logging
import Synchronization

/// Where and how the HTTP interface listens.
public struct HTTPConfiguration: Sendable, Hashable {
  /// Numeric address of the interface and the console.
  public var host: String
  /// 0 takes a free one.
  public var port: UInt16
  /// Numeric address of the metrics listener: `/metrics` and `/healthz` without a log-in. Nil for none.
  public var metricsHost: String?
  public var metricsPort: UInt16
  /// How long a peer may take to send a request head.
  public var headTimeout: Duration
  /// How long a peer may take to send a request body.
  public var bodyTimeout: Duration
  /// How long a kept-alive connection may be idle.
  public var idleTimeout: Duration
  /// HTTP connections open at a time, in all and from one address. Viewers handed to the media plane do not count.
  public var connections: Int
  public var connectionsPerSource: Int
  /// How often an event stream without events shows that it lives, and checks that its session still does.
  public var eventHeartbeat: Duration
  /// How long running answers may go on after ``HTTPService/shutdown()``.
  public var drain: Duration

  public init(
    host: String = "0.0.0.0", port: UInt16 = 8_080, metricsHost: String? = "127.0.0.1",
    metricsPort: UInt16 = 9_464,
    headTimeout: Duration = .seconds(10), bodyTimeout: Duration = .seconds(30),
    idleTimeout: Duration = .seconds(60),
    connections: Int = 4_096, connectionsPerSource: Int = 1_024, eventHeartbeat: Duration = .seconds(10),
    drain: Duration = .seconds(5)
  ) {
    (self.host, self.port, self.metricsHost, self.metricsPort) = (host, port, metricsHost, metricsPort)
    (self.headTimeout, self.bodyTimeout, self.idleTimeout) = (headTimeout, bodyTimeout, idleTimeout)
    (self.connections, self.connectionsPerSource) = (connections, connectionsPerSource)
    (self.eventHeartbeat, self.drain) = (eventHeartbeat, drain)
  }
}

/// One file of the console.
public struct ConsoleAsset: Sendable, Hashable {
  public var contentType: String
  /// With its quotes, as the header carries it.
  public var etag: String
  public var bytes: [UInt8]

  public init(contentType: String, etag: String, bytes: [UInt8]) {
    (self.contentType, self.etag, self.bytes) = (contentType, etag, bytes)
  }
}

/// What the HTTP interface needs from the rest of the program.
public struct HTTPDependencies: Sendable {
  public var operations: any PlatformOperations
  public var gatekeeper: Gatekeeper
  /// Where changes, refusals and sign-ins are written before they happen.
  public var journal: any ActionJournal
  /// The console's file at a path such as `/js/main.js`; `/` is its page.
  public var asset: @Sendable (_ path: String) -> ConsoleAsset?
  /// Takes over viewers' sockets.
  public var media: MediaHandler
  /// SHA-1, for the WebSocket handshake (RFC 6455 asks for it; nothing is protected by it).
  public var sha1: @Sendable ([UInt8]) -> [UInt8]
  /// Nil without an identity provider.
  public var external: (any ExternalSignIn)?
  public var logger: Logger

  public init(
    operations: any PlatformOperations, gatekeeper: Gatekeeper, journal: any ActionJournal,
    asset: @escaping @Sendable (String) -> ConsoleAsset?, media: @escaping MediaHandler,
    sha1: @escaping @Sendable ([UInt8]) -> [UInt8], external: (any ExternalSignIn)? = nil, logger: Logger
  ) {
    self.external = external
    (self.operations, self.gatekeeper, self.asset) = (operations, gatekeeper, asset)
    self.journal = journal
    (self.media, self.sha1, self.logger) = (media, sha1, logger)
  }
}

/// The HTTP interface, the console and the door for viewers, on one port.
///
/// ``bind()`` takes the ports, ``run()`` serves until ``shutdown()`` or until its
/// task is cancelled. One use per object.
public final class HTTPService: Sendable {
  private struct State {
    var listeners: [ListeningSocket] = []
    var ports: [UInt16] = []
    var door: FrontDoor?
    var stopped = false
  }

  private let configuration: HTTPConfiguration
  private let dependencies: HTTPDependencies
  private let table: ConnectionTable
  private let state = Mutex(State())
  private let connections: HTTPConnections

  public init(configuration: HTTPConfiguration, dependencies: HTTPDependencies) {
    (self.configuration, self.dependencies) = (configuration, dependencies)
    table = ConnectionTable(
      limit: configuration.connections, limitPerSource: configuration.connectionsPerSource)
    connections = HTTPConnections(configuration: configuration, dependencies: dependencies, table: table)
  }

  /// Takes the ports. Connections wait in the kernel's queue until ``run()``.
  public func bind() throws(HTTPServiceError) {
    var listeners = [
      try ListeningSocket(host: configuration.host, port: configuration.port, setting: "listen.http")
    ]
    if let host = configuration.metricsHost {
      listeners.append(
        try ListeningSocket(host: host, port: configuration.metricsPort, setting: "listen.metrics"))
    }
    state.withLock { state in
      state.listeners = listeners
      state.ports = listeners.map(\.port)
    }
  }

  /// The HTTP port in use; nil before ``bind()``.
  public var port: UInt16? { state.withLock { $0.ports.first } }
  /// The metrics port in use; nil before ``bind()`` or without a metrics listener.
  public var metricsPort: UInt16? {
    state.withLock { $0.ports.count > 1 ? $0.ports[1] : nil }
  }

  /// Counts since the start and connections open now.
  public var counters: HTTPCounters { table.counters }

  /// Serves. Returns after ``shutdown()`` once running answers are over, or when the task is cancelled.
  public func run() async throws {
    if port == nil { try bind() }
    let (accepted, continuation) = AsyncStream<AcceptedConnection>.makeStream(bufferingPolicy: .unbounded)
    guard let door = makeDoor({ continuation.yield($0) }) else { return }
    let thread = Thread {
      door.run()
      continuation.finish()
    }
    thread.name = "front-door"
    thread.start()
    await withTaskCancellationHandler {
      await connections.serve(accepted)
    } onCancel: {
      shutdown()
    }
  }

  /// Stops listening, ends event streams, lets running answers finish within the drain time. Thread safe.
  public func shutdown() {
    let door = state.withLock { state in
      defer { (state.door, state.listeners, state.stopped) = (nil, [], true) }
      return state.door
    }
    door?.stop()
    connections.beginDraining()
  }

  /// Nil when the service was already told to stop.
  private func makeDoor(
    _ deliver:
      @escaping @Sendable (AcceptedConnection) -> AsyncStream<AcceptedConnection>.Continuation.YieldResult
  ) -> FrontDoor? {
    let table = table
    let settings = FrontDoor.Settings(
      headTimeout: configuration.headTimeout, pending: 1_024, sha1: dependencies.sha1,
      correlation: { Correlation.make() })
    return state.withLock { state in
      guard !state.stopped else { return nil }
      let door = FrontDoor(
        listeners: state.listeners, settings: settings, table: table, media: dependencies.media,
        deliver: { connection in
          if case .enqueued = deliver(connection) { return }
          close(connection.descriptor)
          table.left(connection.source)
        })
      state.door = door
      return door
    }
  }
}

/// Short random names for requests.
enum Correlation {
  static func make() -> String {
    let value = UInt64.random(in: .min ... .max)
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}
