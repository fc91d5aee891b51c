import Access
import Hummingbird
import NIOCore
import Synchronization

/// Server-sent events (WHATWG HTML §9.2): one body per listener.
///
/// A listener that reads slowly loses the oldest events, never memory. A listener
/// whose session has ended is let go at the next event or heartbeat.
final class EventStreams: Sendable {
  private enum Frame: Sendable {
    case event(ServerEvent)
    case heartbeat
  }
  private struct State {
    var next = 0
    var ended = false
    var listeners: [Int: AsyncStream<Frame>.Continuation] = [:]
  }

  /// Events that wait for one slow listener.
  static let backlog = 512

  private let heartbeat: Duration
  private let gatekeeper: Gatekeeper
  private let state = Mutex(State())

  init(heartbeat: Duration, gatekeeper: Gatekeeper) {
    (self.heartbeat, self.gatekeeper) = (heartbeat, gatekeeper)
  }

  /// Ends every stream, and those that would begin later.
  func endAll() {
    let listeners = state.withLock { state in
      state.ended = true
      return Array(state.listeners.values)
    }
    for listener in listeners { listener.finish() }
  }

  func body(_ events: AsyncStream<ServerEvent>, for principal: Principal) -> ResponseBody {
    ResponseBody { writer in
      let (frames, continuation) = AsyncStream<Frame>.makeStream(
        bufferingPolicy: .bufferingNewest(Self.backlog))
      let id = self.register(continuation)
      defer { self.unregister(id) }
      try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
      let pause = self.heartbeat
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for await event in events { continuation.yield(.event(event)) }
          continuation.finish()
        }
        group.addTask {
          while (try? await Task.sleep(for: pause)) != nil { continuation.yield(.heartbeat) }
        }
        defer { group.cancelAll() }
        for await frame in frames {
          guard self.gatekeeper.stillGood(principal) else { break }
          switch frame {
          case .event(let event): try await writer.write(ByteBuffer(bytes: try Self.encode(event)))
          case .heartbeat: try await writer.write(ByteBuffer(string: ": still here\n\n"))
          }
        }
      }
      try await writer.finish(nil)
    }
  }

  private func register(_ continuation: AsyncStream<Frame>.Continuation) -> Int {
    state.withLock { state in
      if state.ended { continuation.finish() }
      state.next += 1
      state.listeners[state.next] = continuation
      return state.next
    }
  }

  private func unregister(_ id: Int) {
    state.withLock { $0.listeners[id] = nil }
  }

  static func encode(_ event: ServerEvent) throws -> [UInt8] {
    let (name, json) =
      switch event {
      case .device(let value): ("device", try JSON.encode(value))
      case .channel(let value): ("channel", try JSON.encode(value))
      case .quarantine(let value): ("quarantine", try JSON.encode(value))
      case .session(let value): ("session", try JSON.encode(value))
      case .storage(let value): ("storage", try JSON.encode(value))
      case .health(let value): ("health", try JSON.encode(value))
      case .control(let value): ("control", try JSON.encode(value))
      case .alarm(let value): ("alarm", try JSON.encode(value))
      case .voice(let value): ("voice", try JSON.encode(value))
      }
    return Array("event: \(name)\ndata: ".utf8) + json + Array("\n\n".utf8)
  }
}
