import Foundation
import Synchronization

/// Reads a stream on a thread of its own and remembers when its last byte came.
final class StreamWatcher: Sendable {
  private struct State {
    var lastByte: Date?
    var isOver = false
  }

  private let state: Mutex<State>

  init(_ http: LocalHTTP, _ path: String) {
    state = Mutex(State())
    Thread.detachNewThread { [self] in
      try? http.follow(path) { _ in
        self.state.withLock { $0.lastByte = Date() }
        return true
      }
      self.state.withLock { $0.isOver = true }
    }
  }

  var lastByte: Date? { state.withLock { $0.lastByte } }

  /// Waits until the stream is over or silent. Blocks.
  ///
  /// - Parameters:
  ///   - quiet: seconds without a byte after which it counts as over.
  ///   - limit: seconds to wait for that.
  /// - Returns: when its last byte came.
  func end(quiet: Double, limit: Double) throws -> Date {
    let deadline = Date().addingTimeInterval(limit)
    while Date() < deadline {
      let now = state.withLock { $0 }
      if let last = now.lastByte, now.isOver || Date().timeIntervalSince(last) > quiet { return last }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw Expectation(description: "the stream went on for \(Int(limit)) s")
  }
}
