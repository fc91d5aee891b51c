/// Work that is left over when an answer is gone, done by a task that somebody owns.
///
/// The last reference to an answer's body may disappear anywhere: after its last
/// byte, when the peer hangs up, or without the body ever having been asked for.
final class AfterCare: Sendable {
  private let queue = AsyncStream<@Sendable () async -> Void>.makeStream()

  func add(_ work: @escaping @Sendable () async -> Void) { queue.continuation.yield(work) }

  /// No more will come; ``run()`` returns when all is done.
  func finish() { queue.continuation.finish() }

  func run() async {
    for await work in queue.stream { await work() }
  }
}
