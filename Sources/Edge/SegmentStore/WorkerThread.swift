import MediaTime

/// A thread of our own with a queue of weighted jobs.
///
/// Used where blocking is the point: writing and syncing files. Jobs beyond the
/// weight limit are refused, never waited for.
final class WorkerThread<Job: Sendable>: Sendable {
  private struct State {
    var jobs: [(job: Job, weight: Int)] = []
    var weight = 0
    var isClosed = false
    var isRunning = false
  }

  private let state = Monitor(State())
  private let limit: Int

  /// - Parameter limit: the weight that may wait.
  init(limit: Int) { self.limit = limit }

  /// The weight that waits at present.
  var waiting: Int { state.withLock(\.weight) }

  /// - Returns: false when the job was refused: too much waits, or the thread has ended.
  ///   A job of weight 0 is refused only then.
  func submit(_ job: Job, weight: Int = 0) -> Bool {
    state.signal { state in
      guard !state.isClosed, weight == 0 || state.weight + weight <= limit else { return false }
      state.jobs.append((job, weight))
      state.weight += weight
      return true
    }
  }

  /// Starts the thread. `idle` runs after every batch of jobs and about once a second without jobs.
  ///
  /// - Returns: false when the system refuses another thread.
  func start(
    name: String, idle: @escaping @Sendable () -> Void = {}, body: @escaping @Sendable (Job) -> Void
  ) -> Bool {
    state.withLock { $0.isRunning = true }
    let isStarted = Thread.start(name: name, niceness: 5) { [self] in
      while let batch = next() {
        for entry in batch {
          body(entry.job)
          state.withLock { $0.weight -= entry.weight }
        }
        idle()
      }
      state.signal { $0.isRunning = false }
    }
    if !isStarted { state.withLock { $0.isRunning = false } }
    return isStarted
  }

  /// Refuses new jobs, lets the thread finish those that wait, and returns when it is done.
  ///
  /// - Parameter isHung: asked once a second; the thread is left behind when it will not come back.
  func stop(unless isHung: () -> Bool = { false }) {
    state.signal { $0.isClosed = true }
    while !isHung() {
      if state.wait(timeout: .seconds(1), { $0.isRunning ? nil : true }) != nil { return }
    }
  }

  /// Everything that waits, an empty batch after a second without jobs, or nil at the end.
  private func next() -> [(job: Job, weight: Int)]? {
    let batch = state.wait(timeout: .seconds(1)) { state -> [(job: Job, weight: Int)]?? in
      if state.jobs.isEmpty { return state.isClosed ? .some(nil) : nil }
      defer { state.jobs = [] }
      return .some(state.jobs)
    }
    return batch ?? []
  }
}
