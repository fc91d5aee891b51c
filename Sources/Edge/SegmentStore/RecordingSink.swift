public import MPEGCore
import MediaTime
import Recording
public import Registry
public import Streaming
import Synchronization
import WireBytes

/// The recorder's end of one stream: cuts it into fragments and hands them to the writer thread.
///
/// Called on the stream's media thread. It collects references and never waits;
/// when too much waits for the disk it drops whole fragments and says so.
public final class RecordingSink: StreamSink {
  public let channel: ChannelKey
  private let recorder: Recorder
  let lane: RecorderLane
  // Held by the media thread for the length of a call; contended only by `finish`.
  private let state: Mutex<State>

  private struct State {
    var cutter: SegmentCutter
    /// The last file that was begun.
    var file: FileLane?
    /// Fragments go to it.
    var isFileOpen = false
    var fileStart: WallTime?
    /// The file before it, until all of it is on its disk, and where it is to end.
    var previous: (file: FileLane, end: WallTime)?
    /// End of the last fragment that the queue accepted.
    var acceptedEnd: WallTime?
    /// The gap that lasts while no disk takes files.
    var halt: (cause: GapCause, detail: String)?
    var isOver = false
  }

  init(channel: ChannelKey, recorder: Recorder, cutter: SegmentCutter) {
    self.channel = channel
    self.recorder = recorder
    lane = RecorderLane(channel: channel)
    state = Mutex(State(cutter: cutter))
  }

  public func formatsChanged(_ formats: [TrackFormat]) {
    state.withLock { $0.cutter.formatsChanged(formats) }
  }

  public func receive(_ units: [AccessUnit]) {
    state.withLock { state in
      guard !state.isOver else { return }
      if let failure = lane.takeFailure() { take(failure, &state) }
      guard hasPlace(&state) else { return }
      state.halt = nil
      for unit in units { process(unit, &state) }
    }
  }

  public func ended(_ reason: StreamEnd) {
    state.withLock { state in
      guard !state.isOver else { return }
      state.isOver = true
      var actions: [CutAction] = []
      state.cutter.end { actions.append($0) }
      if let end = submit(actions, &state), let start = state.acceptedEnd {
        tell(gap: start, end, .recorderStopped, Self.slowDisk, &state)
      }
      if let halt = state.halt, let start = state.acceptedEnd {
        // The gap that was opened when the last disk went ends with the stream.
        tell(gap: start, max(start, recorder.now()), halt.cause, halt.detail, &state)
      }
      if let file = state.file, !file.writer.isStalled {
        file.writer.submit(.ended(file, reason))
      } else {
        if let file = state.file { file.writer.submit(.close(file, nil)) }
        recorder.tell(.ended(channel, at: lane.finish(), reason))
      }
    }
    recorder.remove(self)
  }

  private func process(_ unit: AccessUnit, _ state: inout State) {
    // A key frame may end a file and begin another: rarely more than one action.
    var actions: [CutAction] = []
    state.cutter.receive(unit) { actions.append($0) }
    if submit(actions, &state) != nil {
      state.cutter.abandon(lastEnd: state.acceptedEnd, cause: .recorderStopped, detail: Self.slowDisk)
    }
  }

  private static let slowDisk = "the disk was too slow; a group was dropped"

  /// Hands actions to the writer threads up to the first that is refused; the file then ends before it.
  ///
  /// - Returns: the end of the fragment that was dropped, nil when all were taken.
  private func submit(_ actions: [CutAction], _ state: inout State) -> WallTime? {
    for action in actions where !submit(action, &state) {
      recorder.countDrop()
      close(at: state.acceptedEnd, &state)
      if case .write(let content) = action { return content.end }
    }
    return nil
  }

  /// - Returns: false when the queue is full.
  private func submit(_ action: CutAction, _ state: inout State) -> Bool {
    switch action {
    case .open(let opening):
      guard let writer = recorder.place(after: state.file?.writer) else { return true }
      let file = FileLane(lane, writer)
      (state.file, state.isFileOpen, state.fileStart) = (file, true, opening.metadata.start)
      writer.submit(.open(file, opening))
    case .write(let content):
      guard let file = state.file else { return true }
      let weight = content.units.reduce(0) { $0 + $1.payload.count }
      guard file.writer.submit(.write(file, content), weight: max(weight, 1)) else { return false }
      state.acceptedEnd = content.end
    case .close(let end):
      close(at: end, &state)
      state.acceptedEnd = end
    case .gap(let from, let to, let cause, let detail):
      tell(gap: from, to, cause, detail, &state)
    }
    return true
  }

  private func close(at end: WallTime?, _ state: inout State) {
    guard let file = state.file else { return }
    file.writer.submit(.close(file, end))
    file.release()
    state.isFileOpen = false
    if let end = end ?? state.acceptedEnd { state.previous = (file, end) }
  }

  /// Tells a gap after what is on its way to the disk, or at once when that disk does not answer.
  private func tell(
    gap start: WallTime, _ end: WallTime?, _ cause: GapCause, _ detail: String, _ state: inout State
  ) {
    var gap = GapRecord(channel: channel, start: start, end: end, cause: cause, detail: detail)
    if let file = state.file, !file.writer.isStalled {
      file.writer.submit(.gap(file, gap))
    } else {
      if let end = state.file?.goodEnd { gap.start = min(start, end) }
      recorder.tell(.gap(gap))
    }
  }

  // MARK: - When a disk fails

  /// A file could not be written. It waits for a key frame, unless the recording has gone on elsewhere already.
  private func take(_ failure: RecorderLane.Failure, _ state: inout State) {
    guard failure.file !== state.file else {
      failure.file.release()
      (state.isFileOpen, state.previous) = (false, nil)
      // What was accepted after that never reached the disk.
      state.acceptedEnd = failure.lastEnd ?? state.acceptedEnd
      // While nothing is recorded at all, one gap with one cause lasts.
      let reason = state.halt ?? (failure.cause, failure.detail)
      state.cutter.abandon(lastEnd: failure.lastEnd, cause: reason.cause, detail: reason.detail)
      return
    }
    guard let start = failure.lastEnd, let end = state.fileStart, start < end else { return }
    recorder.tell(
      .gap(
        GapRecord(channel: channel, start: start, end: end, cause: failure.cause, detail: failure.detail)))
  }

  /// Whether pictures can go anywhere. A file on a disk that takes no more ends at the next key frame.
  private func hasPlace(_ state: inout State) -> Bool {
    if let previous = state.previous { follow(previous.file, to: previous.end, &state) }
    if state.isFileOpen, let file = state.file {
      guard !file.writer.accepts else { return true }
      if file.writer.isStalled { leave(file, &state) }
    }
    guard recorder.accepts else {
      halt(&state)
      return false
    }
    if state.isFileOpen { state.cutter.endFileSoon() }
    return true
  }

  /// The disk does not answer: what waits for it may never be written.
  private func leave(_ file: FileLane, _ state: inout State) {
    recorder.countDrop()
    close(at: nil, &state)
    state.previous = nil
    state.cutter.abandon(lastEnd: file.goodEnd, cause: .diskLost, detail: silence(file))
  }

  /// A file that has ended is still on its way to its disk; should that not answer, the rest of it is a gap. If it
  /// does so later, the timeline shows what was written.
  private func follow(_ file: FileLane, to end: WallTime, _ state: inout State) {
    let written = file.goodEnd
    if let written, written >= end { state.previous = nil }
    guard file.writer.isStalled, let written, written < end else { return }
    state.previous = nil
    recorder.tell(
      .gap(GapRecord(channel: channel, start: written, end: end, cause: .diskLost, detail: silence(file))))
  }

  private func silence(_ file: FileLane) -> String { file.writer.disk.loss ?? "the disk does not answer" }

  /// No disk takes files: close what is open, announce the gap once, and skip everything until one does.
  private func halt(_ state: inout State) {
    guard state.halt == nil else { return }
    let refusal = recorder.refusal
    state.halt = refusal
    var actions: [CutAction] = []
    state.cutter.end { actions.append($0) }
    _ = submit(actions, &state)
    let end = state.acceptedEnd
    state.cutter.abandon(lastEnd: end, cause: refusal.cause, detail: refusal.detail)
    if let end { tell(gap: end, nil, refusal.cause, refusal.detail, &state) }
  }
}
