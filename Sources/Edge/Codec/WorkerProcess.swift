import Foundation
public import MPEGCore
import Synchronization

/// What a worker process reports.
public enum WorkerEvent: Sendable {
  /// The track of the units that follow; again after a change and after a restart.
  case format(TrackFormat)
  case unit(AccessUnit)
  /// The process ended and was started again; units follow from the next key frame.
  case restarted(reason: String)
  /// It will not be started again: it ended too often, or it said that it cannot do what was asked.
  case failed(reason: String)
}

/// A decoder in a process of its own.
///
/// Calls may come from any thread and never wait: units go into a bounded queue
/// which a thread empties into the process. When the process cannot keep up,
/// whole groups of pictures are dropped. When it dies it is started again, a
/// limited number of times.
public final class WorkerProcess: Sendable {
  /// Times a worker is started again within ``restartWindow`` seconds before it is given up.
  public static let maximumRestarts = 3
  static let restartWindow: Double = 60
  /// Bytes that may wait for the process.
  static let queueLimit = 16 << 20

  private let executable: String
  private let arguments: [String]
  private let output: @Sendable (WorkerEvent) -> Void
  private let queue: WorkerQueue

  /// - Parameters:
  ///   - executable: absolute path; the program calls ``TranscodeWorker/run(input:output:confined:)``.
  ///   - output: called on the worker's own thread, in order. Must not block for long.
  public init(
    executable: String, arguments: [String], output: @escaping @Sendable (WorkerEvent) -> Void
  ) {
    (self.executable, self.arguments, self.output) = (executable, arguments, output)
    queue = WorkerQueue(limit: Self.queueLimit)
  }

  /// Starts the process and its two threads. Call once.
  public func start() throws(CodecError) {
    let child = try ChildProcess(executable: executable, arguments: arguments)
    Thread.detachNewThread { [self] in supervise(child) }
  }

  /// From now on ``send(_:)`` transcodes units of this track. Call again when the track changes.
  public func transcode(_ source: TrackFormat, to target: VideoTarget) {
    queue.configure(.transcode(source: source, target: target))
  }

  /// Queues a unit.
  ///
  /// - Returns: false when it was dropped: the queue is full, or was and no key frame has come since.
  @discardableResult
  public func send(_ unit: AccessUnit) -> Bool { queue.append(unit) }

  /// Makes a JPEG of a key frame in the process.
  ///
  /// - Returns: a whole JFIF file.
  /// - Throws: ``CodecError`` when the unit cannot be decoded, the process died or is stopped.
  public func requestPicture(
    of unit: AccessUnit, format: TrackFormat, maxWidth: Int = 0
  ) async throws -> [UInt8] {
    try await withCheckedThrowingContinuation { continuation in
      queue.request(continuation) { .picture(id: $0, format: format, unit: unit, maxWidth: maxWidth) }
    }
  }

  /// Units dropped so far because the process did not keep up.
  public var dropped: Int { queue.dropped }

  /// Ends the process. No event comes after the one that may be under way.
  public func stop() { queue.close() }

  /// Runs on a thread of its own: reads what the process says, starts it again when it dies.
  private func supervise(_ first: ChildProcess) {
    var child = first
    var restarts: [ContinuousClock.Instant] = []
    while true {
      let reason = serve(child)
      child.reap()
      queue.restart(failing: CodecError(.failed, reason))
      guard !queue.isClosed else { return }
      let now = ContinuousClock.now
      restarts = restarts.filter { now - $0 < .seconds(Self.restartWindow) } + [now]
      guard restarts.count <= Self.maximumRestarts else { return giveUp(reason) }
      do {
        child = try ChildProcess(executable: executable, arguments: arguments)
      } catch {
        return giveUp(error.context)
      }
      output(.restarted(reason: reason))
    }
  }

  private func giveUp(_ reason: String) {
    queue.close()
    queue.restart(failing: CodecError(.failed, reason))
    output(.failed(reason: reason))
  }

  /// Feeds and reads one process until it ends.
  ///
  /// - Returns: why it ended.
  private func serve(_ child: ChildProcess) -> String {
    let queue = queue
    let writing = Thread { [channel = child.channel] in
      while let message = queue.next(), channel.write(message) {}
      child.hangUp()
    }
    let generation = queue.begin()
    writing.start()
    var reason = "the worker process ended unexpectedly"
    while let message = child.channel.read() {
      guard !queue.isClosed else { break }
      switch message {
      case .format(let format): output(.format(format))
      case .unit(let unit): output(.unit(unit))
      case .pictureMade(let id, let jpeg): queue.complete(id, .success(jpeg))
      case .pictureFailed(let id, let text): queue.complete(id, .failure(CodecError(.malformed, text)))
      case .failed(let text): reason = text
      case .transcode, .picture: reason = "the worker process spoke out of turn"
      }
    }
    // The writer must be out of the socket before it is closed.
    queue.end(generation)
    while !writing.isFinished { usleep(1_000) }
    return reason
  }
}
