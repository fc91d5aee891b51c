import Foundation
import MPEGCore
import Synchronization
import WireBytes

/// What waits for a worker process. Locked; only ``next()`` waits.
final class WorkerQueue: Sendable {
  private struct State {
    var waiting: [[UInt8]] = []
    var bytes = 0
    /// Sent first to every new process.
    var configuration: WorkerMessage?
    var dropped = 0
    var waitingForKeyFrame = true
    var isClosed = false
    /// Which process is being served; a writer of an older one stops.
    var generation = 0
    var isServing = false
    var nextRequest: UInt32 = 1
    var requests: [UInt32: CheckedContinuation<[UInt8], any Error>] = [:]
  }

  private let limit: Int
  private let state = Mutex(State())
  private let wakeUp = DispatchSemaphore(value: 0)

  init(limit: Int) { self.limit = limit }

  var dropped: Int { state.withLock { $0.dropped } }
  var isClosed: Bool { state.withLock { $0.isClosed } }

  func configure(_ message: WorkerMessage) {
    state.withLock {
      $0.configuration = message
      // Units of the track before are of no use any more.
      $0.waiting = [message.encoded()]
      $0.bytes = 0
      $0.waitingForKeyFrame = true
    }
    wakeUp.signal()
  }

  func append(_ unit: AccessUnit) -> Bool {
    let accepted = state.withLock { state in
      guard !state.isClosed else { return false }
      if unit.isKeyFrame { state.waitingForKeyFrame = false }
      guard !state.waitingForKeyFrame, state.bytes + unit.payload.count <= limit else {
        state.waitingForKeyFrame = true
        state.dropped += 1
        return false
      }
      let message = WorkerMessage.unit(unit).encoded()
      state.waiting.append(message)
      state.bytes += message.count
      return true
    }
    if accepted { wakeUp.signal() }
    return accepted
  }

  func request(
    _ continuation: CheckedContinuation<[UInt8], any Error>, _ message: (UInt32) -> WorkerMessage
  ) {
    let queued = state.withLock { state in
      guard !state.isClosed, state.bytes <= limit else { return false }
      let id = state.nextRequest
      state.nextRequest &+= 1
      state.requests[id] = continuation
      let bytes = message(id).encoded()
      state.waiting.append(bytes)
      state.bytes += bytes.count
      return true
    }
    if queued {
      wakeUp.signal()
    } else {
      continuation.resume(throwing: CodecError(.exhausted, "the worker process takes no more requests"))
    }
  }

  func complete(_ id: UInt32, _ result: Result<[UInt8], any Error>) {
    state.withLock { $0.requests.removeValue(forKey: id) }?.resume(with: result)
  }

  /// Answers every request that will not be answered any more, and forgets what waits.
  ///
  /// The next process knows nothing: it gets the configuration, and units from the next key frame.
  func restart(failing error: CodecError) {
    let requests = state.withLock { state in
      state.waiting = state.configuration.map { [$0.encoded()] } ?? []
      state.bytes = 0
      state.waitingForKeyFrame = true
      defer { state.requests = [:] }
      return state.requests
    }
    for continuation in requests.values { continuation.resume(throwing: error) }
  }

  /// A process is about to be served: messages are handed out.
  func begin() -> Int {
    state.withLock {
      $0.generation += 1
      $0.isServing = true
      return $0.generation
    }
  }

  /// The process of this generation is gone: its writer is let go.
  func end(_ generation: Int) {
    state.withLock { if $0.generation == generation { $0.isServing = false } }
    wakeUp.signal()
  }

  func close() {
    state.withLock { $0.isClosed = true }
    wakeUp.signal()
  }

  /// Waits for the next message; nil when the queue is closed or its process is gone.
  func next() -> [UInt8]? {
    while true {
      let (message, over) = state.withLock { state -> ([UInt8]?, Bool) in
        guard !state.isClosed, state.isServing else { return (nil, true) }
        guard !state.waiting.isEmpty else { return (nil, false) }
        let message = state.waiting.removeFirst()
        state.bytes = max(0, state.bytes - message.count)
        return (message, false)
      }
      if over { return nil }
      if let message { return message }
      // Signals may be left over from messages taken without waiting: the loop looks again.
      wakeUp.wait()
    }
  }
}
