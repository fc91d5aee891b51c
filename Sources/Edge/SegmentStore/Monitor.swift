import Glibc
import MediaTime

/// State behind a lock that a thread may wait on: for our own blocking threads only, never on the media path.
final class Monitor<State>: @unchecked Sendable {
  // Proof for @unchecked: `state` is touched only with `lock` held, and leaves only as what `body` returns.
  private let lock: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var state: State

  init(_ state: State) {
    self.state = state
    lock = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    // Waits are measured on the clock that nobody sets.
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(changed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(lock)
    changed.deallocate()
    lock.deallocate()
  }

  func withLock<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return body(&state)
  }

  /// Changes the state and wakes every thread that waits.
  func signal<Result>(_ body: (inout State) -> Result) -> Result {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    defer { pthread_cond_broadcast(changed) }
    return body(&state)
  }

  /// Waits until `body` gives a value, at most `timeout`; nil waits for ever.
  func wait<Result>(timeout: Duration? = nil, _ body: (inout State) -> Result?) -> Result? {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    let deadline = timeout.map { MonotonicClock.now + max($0, .zero) }
    while true {
      if let result = body(&state) { return result }
      guard let deadline else {
        pthread_cond_wait(changed, lock)
        continue
      }
      guard MonotonicClock.now < deadline else { return nil }
      var moment = timespec(
        tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
      pthread_cond_timedwait(changed, lock, &moment)
    }
  }
}
