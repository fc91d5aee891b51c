import Synchronization

/// What the HTTP service counted since its start, and what is open now.
public struct HTTPCounters: Sendable, Hashable {
  /// Connections accepted.
  public var accepted = 0
  /// Connections turned away because there were too many, in all or from one address.
  public var refused = 0
  /// Connections closed because they said nothing, or not enough, in time.
  public var slow = 0
  /// Connections handed to the media plane.
  public var media = 0
  /// HTTP connections open now, those that have not spoken yet included.
  public var open = 0
  /// Requests answered by the HTTP stack.
  public var requests = 0
  /// Answers with a status of 500 and above.
  public var failures = 0
}

/// Counts open connections per source and admits new ones. Thread safe.
final class ConnectionTable: Sendable {
  private struct State {
    var counters = HTTPCounters()
    var perSource: [String: Int] = [:]
  }

  private let limit: Int
  private let limitPerSource: Int
  private let state = Mutex(State())

  init(limit: Int, limitPerSource: Int) {
    (self.limit, self.limitPerSource) = (limit, limitPerSource)
  }

  var counters: HTTPCounters { state.withLock { $0.counters } }

  func count(_ change: @Sendable (inout HTTPCounters) -> Void) {
    state.withLock { change(&$0.counters) }
  }

  /// Whether one more connection from `source` may be open; if so it is counted.
  func admit(_ source: String) -> Bool {
    state.withLock { state in
      state.counters.accepted += 1
      guard state.counters.open < limit, state.perSource[source, default: 0] < limitPerSource else {
        state.counters.refused += 1
        return false
      }
      state.counters.open += 1
      state.perSource[source, default: 0] += 1
      return true
    }
  }

  /// The connection from `source` is closed, or is no HTTP connection any more.
  func left(_ source: String) {
    state.withLock { state in
      state.counters.open -= 1
      let rest = state.perSource[source, default: 1] - 1
      state.perSource[source] = rest > 0 ? rest : nil
    }
  }
}
