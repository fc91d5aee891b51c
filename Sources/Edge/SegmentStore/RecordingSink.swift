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
    /// End of the last fragment that the queue accepted.
    var acceptedEnd: WallTime?
    var isHalted = false
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
      if let failure = lane.takeFailure() {
        state.cutter.abandon(lastEnd: failure.lastEnd, cause: failure.cause, detail: failure.detail)
      }
      if recorder.isFull {
        halt(&state)
        return
      }
      state.isHalted = false
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
        let gap = GapRecord(
          channel: channel, start: start, end: end, cause: .recorderStopped, detail: Self.slowDisk)
        recorder.submit(.gap(lane, gap))
      }
      if state.isHalted, let start = state.acceptedEnd {
        // The gap that was opened when the disk filled up ends with the stream.
        let gap = GapRecord(
          channel: channel, start: start, end: max(start, recorder.now()), cause: .diskFull,
          detail: Self.fullDisk)
        recorder.submit(.gap(lane, gap))
      }
      recorder.submit(.ended(lane, reason))
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

  private static let fullDisk = "the disk is full"
  private static let slowDisk = "the disk was too slow; a group was dropped"

  /// Hands actions to the writer thread up to the first that is refused; the file then ends before it.
  ///
  /// - Returns: the end of the fragment that was dropped, nil when all were taken.
  private func submit(_ actions: [CutAction], _ state: inout State) -> WallTime? {
    for action in actions where !submit(action, &state) {
      recorder.countDrop()
      recorder.submit(.close(lane, state.acceptedEnd))
      if case .write(let content) = action { return content.end }
    }
    return nil
  }

  /// - Returns: false when the queue is full.
  private func submit(_ action: CutAction, _ state: inout State) -> Bool {
    switch action {
    case .open(let opening):
      recorder.submit(.open(lane, opening))
    case .write(let content):
      let weight = content.units.reduce(0) { $0 + $1.payload.count }
      guard recorder.submit(.write(lane, content), weight: max(weight, 1)) else { return false }
      state.acceptedEnd = content.end
    case .close(let end):
      recorder.submit(.close(lane, end))
      state.acceptedEnd = end
    case .gap(let from, let to, let cause, let detail):
      let gap = GapRecord(channel: channel, start: from, end: to, cause: cause, detail: detail)
      recorder.submit(.gap(lane, gap))
    }
    return true
  }

  /// The disk is full: close what is open, announce the gap once, and skip everything until there is space.
  private func halt(_ state: inout State) {
    guard !state.isHalted else { return }
    state.isHalted = true
    var actions: [CutAction] = []
    state.cutter.end { actions.append($0) }
    _ = submit(actions, &state)
    let end = state.acceptedEnd
    state.cutter.abandon(lastEnd: end, cause: .diskFull, detail: Self.fullDisk)
    if let end {
      let gap = GapRecord(channel: channel, start: end, end: nil, cause: .diskFull, detail: Self.fullDisk)
      recorder.submit(.gap(lane, gap))
    }
  }
}
