import CMediaIO
import Glibc
import MPEGCore
import Synchronization

/// Takes the sound of one stream to the codec thread and back.
final class AudioBridge: Sendable {
  let source: TrackFormat
  private let transcoder: any AudioTranscoding
  private let codec: CodecThread
  private let deliver: @Sendable (AudioBridge, [AccessUnit]) -> Void

  /// - Parameter deliver: called on the codec thread with what became complete.
  init(
    source: TrackFormat, transcoder: any AudioTranscoding, codec: CodecThread,
    deliver: @escaping @Sendable (AudioBridge, [AccessUnit]) -> Void
  ) {
    (self.source, self.transcoder, self.codec, self.deliver) = (source, transcoder, codec, deliver)
  }

  var format: TrackFormat { transcoder.format }

  /// Queues one unit. Dropped when the codec thread is hopelessly behind.
  func submit(_ unit: AccessUnit) {
    codec.submit { [self] in
      let units = transcoder.transcode(unit)
      if !units.isEmpty { deliver(self, units) }
    }
  }
}

/// The one thread on which sound is transcoded, so that no media thread waits for a codec. Started when first needed.
final class CodecThread: Sendable {
  /// Jobs that may wait: two seconds of sound of a hundred streams.
  static let maximumJobs = 10_000

  typealias Job = @Sendable () -> Void

  private struct State {
    var jobs: [Job] = []
    var isStopping = false
    var thread: WorkerThread?
  }

  private let bell: Int32
  private let state = Mutex(State())

  init() throws(MediaPlaneError) {
    bell = tio_bell(true)
    guard bell >= 0 else { throw .system("cannot create an eventfd", -bell) }
  }

  deinit { close(bell) }

  /// - Returns: false when the job was dropped.
  @discardableResult
  func submit(_ job: @escaping Job) -> Bool {
    let accepted = state.withLock { state in
      guard !state.isStopping, state.jobs.count < Self.maximumJobs else { return false }
      if state.thread == nil {
        // Holds no strong reference to itself beyond `stop`: the plane stops it before it lets go.
        state.thread = try? WorkerThread(name: "tributary-audio") { [self] in run() }
        guard state.thread != nil else { return false }
      }
      state.jobs.append(job)
      return true
    }
    if accepted { tio_bell_ring(bell) }
    return accepted
  }

  private func run() {
    while true {
      tio_bell_hear(bell)
      let (jobs, isStopping) = state.withLock { (exchange(&$0.jobs, with: []), $0.isStopping) }
      if isStopping { return }
      for job in jobs { job() }
    }
  }

  /// Forgets what waits and ends the thread.
  func stop() { end()?.join() }

  /// The same without waiting for a job that is running.
  func retire() { end()?.detach() }

  private func end() -> WorkerThread? {
    let thread = state.withLock { state in
      state.isStopping = true
      state.jobs = []
      return exchange(&state.thread, with: nil)
    }
    tio_bell_ring(bell)
    return thread
  }
}
