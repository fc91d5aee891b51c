import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Serves accepted connections with the HTTP stack, one task each.
final class HTTPConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var draining = false
  }

  private let configuration: HTTPConfiguration
  private let table: ConnectionTable
  private let logger: Logger
  private let interface: HTTP1Channel
  private let metrics: HTTP1Channel
  private let streams: EventStreams
  private let afterCare = AfterCare()
  private let state = Mutex(State())
  private let drainSignal = AsyncStream<Void>.makeStream()

  init(configuration: HTTPConfiguration, dependencies: HTTPDependencies, table: ConnectionTable) {
    (self.configuration, self.table, logger) = (configuration, table, dependencies.logger)
    let streams = EventStreams(heartbeat: configuration.eventHeartbeat, gatekeeper: dependencies.gatekeeper)
    self.streams = streams
    let responder = APIResponder(
      dependencies: dependencies, configuration: configuration, streams: streams, afterCare: afterCare,
      table: table)
    let metricsResponder = MetricsResponder(operations: dependencies.operations)
    let idle = TimeAmount(configuration.idleTimeout)
    interface = Self.stack(idle) { request, channel in await responder.respond(to: request, channel: channel)
    }
    metrics = Self.stack(idle) { request, _ in await metricsResponder.respond(to: request) }
  }

  private static func stack(
    _ idle: TimeAmount, _ respond: @escaping @Sendable (Request, any Channel) async -> Response
  ) -> HTTP1Channel {
    HTTP1Channel(
      responder: { request, writer, channel in
        var response = await respond(request, channel)
        response.headers[.date] = HTTPDate.now
        // An answer without a length ends with its chunks; a body the peer did not ask for (HEAD) is left out.
        if request.method == .head { response = response.createHeadResponse() }
        try await writer.write(response: response.head, body: response.body)
      },
      configuration: .init(
        idleTimeout: idle,
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: HTTPLimits.head, maxHeaderListSize: HTTPLimits.head,
          maxHeaderFieldCount: HTTPLimits.headerCount)))
  }

  /// Returns when `accepted` has ended and every connection is closed, or when draining has taken long enough.
  func serve(_ accepted: AsyncStream<AcceptedConnection>) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.afterCare.run() }
      await serveUntilDrained(accepted)
      afterCare.finish()
    }
  }

  private func serveUntilDrained(_ accepted: AsyncStream<AcceptedConnection>) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        await withDiscardingTaskGroup { connections in
          for await connection in accepted {
            connections.addTask { await self.serve(connection) }
          }
        }
      }
      group.addTask {
        for await _ in self.drainSignal.stream { break }
        try? await Task.sleep(for: self.configuration.drain)
      }
      await group.next()
      group.cancelAll()
    }
  }

  /// Closes idle connections now and busy ones after their answer; ends event streams.
  func beginDraining() {
    let channels = state.withLock { state in
      state.draining = true
      return Array(state.channels.values)
    }
    streams.endAll()
    for channel in channels { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
    drainSignal.continuation.yield()
  }

  private func serve(_ connection: AcceptedConnection) async {
    defer { table.left(connection.source) }
    let stack = connection.metrics ? metrics : interface
    let logger = logger
    do {
      let value = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelOption(.allowRemoteHalfClosure, value: true)
        .withConnectedSocket(connection.descriptor) { channel in stack.setup(channel: channel, logger: logger)
        }
      let id = ObjectIdentifier(value.channel)
      let draining = state.withLock { state in
        state.channels[id] = value.channel
        return state.draining
      }
      defer { state.withLock { $0.channels[id] = nil } }
      if draining { value.channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
      await stack.handle(value: value, logger: logger)
    } catch {
      logger.debug("connection could not be served", metadata: ["http.error": "\(error)"])
    }
  }
}
