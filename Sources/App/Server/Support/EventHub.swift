import HTTPAPI
import Synchronization

/// Hands what changes to everybody who listens at `GET /api/v1/events`.
///
/// A listener that does not keep up loses the oldest events, never slows anybody down.
final class EventHub: Sendable {
  private struct Listener: Sendable {
    let stream: AsyncStream<ServerEvent>.Continuation
    let keeps: @Sendable (ServerEvent) -> Bool
  }

  private struct State {
    var next: UInt64 = 0
    var listeners: [UInt64: Listener] = [:]
  }
  /// Events kept for a slow listener.
  private static let backlog = 256
  private let state = Mutex(State())

  func publish(_ event: ServerEvent) {
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners where listener.keeps(event) { listener.stream.yield(event) }
  }

  /// - Parameter keeps: whether the listener may be told of an event; asked for each.
  func listen(keeping keeps: @escaping @Sendable (ServerEvent) -> Bool = { _ in true }) -> AsyncStream<
    ServerEvent
  > {
    let (stream, continuation) = AsyncStream.makeStream(
      of: ServerEvent.self, bufferingPolicy: .bufferingNewest(Self.backlog))
    let id = state.withLock { state in
      state.next += 1
      state.listeners[state.next] = Listener(stream: continuation, keeps: keeps)
      return state.next
    }
    continuation.onTermination = { [weak self] _ in
      self?.state.withLock { $0.listeners[id] = nil }
    }
    return stream
  }

  /// Ends every listener's stream.
  func close() {
    let listeners = state.withLock { state in
      defer { state.listeners = [:] }
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.stream.finish() }
  }

  var listenerCount: Int { state.withLock { $0.listeners.count } }
}
