import MPEGCore
import MediaTime
import Recording
import Registry
import Streaming
import Synchronization

/// The far end of one stream: checks every picture that comes out, and that its recording accounts for every second.
///
/// What must hold, whatever happened to the packets:
/// - a picture is whole and of this stream,
/// - numbers ascend, and after a missing one the next is a key frame that was asked for,
/// - between two files lies no time without a gap that names a cause.
final class StreamLedger: StreamSink {
  /// A silent hole may be as long as the recorder's own limit, and one picture.
  private static let tolerance: Duration = .seconds(3)
  private static let maximumViolations = 20

  struct Account: Sendable {
    var pictures = 0
    var keyFrames = 0
    /// Places where pictures are missing.
    var interruptions = 0
    var formatChanges = 0
    var files = 0
    var gaps = 0
    var violations: [String] = []
  }

  private struct State {
    var account = Account()
    var cutter: SegmentCutter
    /// Unbroken runs of numbers that came out, the latest last.
    var runs: [ClosedRange<Int>] = []
    var covered: WallTime?
    /// The latest faults, for whoever reads a violation.
    var context: [String] = []
  }

  private let stream: Int
  private let state: Mutex<State>

  init(stream: Int, channel: ChannelKey) {
    self.stream = stream
    state = Mutex(State(cutter: SegmentCutter(channel: channel, run: UInt64(stream) << 32)))
  }

  var account: Account { state.withLock(\.account) }

  /// Whether the pictures `numbers` came out without one missing.
  func hasShown(_ numbers: ClosedRange<Int>) -> Bool {
    state.withLock { $0.runs.contains { $0.contains(numbers.lowerBound) && $0.contains(numbers.upperBound) } }
  }

  /// The number of the last picture that came out, -1 before the first.
  var lastNumber: Int { state.withLock { $0.runs.last?.upperBound ?? -1 } }

  /// Notes a fault that begins.
  func note(_ fault: String) {
    state.withLock { state in
      if state.context.count >= 4 { state.context.removeFirst() }
      state.context.append(fault)
    }
  }

  func violate(_ text: String) { state.withLock { Self.violate(stream, text, &$0) } }

  func formatsChanged(_ formats: [TrackFormat]) {
    state.withLock { state in
      state.account.formatChanges += 1
      state.cutter.formatsChanged(formats)
    }
  }

  func receive(_ units: [AccessUnit]) {
    state.withLock { state in
      for unit in units {
        check(unit, &state)
        record(unit, &state)
      }
    }
  }

  func ended(_ reason: StreamEnd) {
    state.withLock { state in
      var actions: [CutAction] = []
      state.cutter.end { actions.append($0) }
      for action in actions { cover(action, &state) }
    }
  }

  private func check(_ unit: AccessUnit, _ state: inout State) {
    state.account.pictures += 1
    if unit.isKeyFrame { state.account.keyFrames += 1 }
    guard let tag = TaggedPicture.read(unit) else {
      return Self.violate(stream, "a picture came out that is not as it was sent", &state)
    }
    guard tag.stream == stream else {
      return Self.violate(stream, "a picture of camera \(tag.stream) came out", &state)
    }
    guard let run = state.runs.last else {
      if !unit.isKeyFrame { Self.violate(stream, "the first picture is no key frame", &state) }
      state.runs = [tag.number...tag.number]
      return
    }
    if tag.number == run.upperBound + 1 {
      state.runs[state.runs.count - 1] = run.lowerBound...tag.number
    } else {
      interrupted(unit, tag, after: run.upperBound, &state)
    }
  }

  private func interrupted(
    _ unit: AccessUnit, _ tag: TaggedPicture.Tag, after last: Int, _ state: inout State
  ) {
    state.account.interruptions += 1
    if tag.number <= last { Self.violate(stream, "picture \(tag.number) came after \(last)", &state) }
    if !unit.isKeyFrame {
      Self.violate(stream, "after \(last) came \(tag.number), which is no key frame", &state)
    }
    if state.runs.count >= 16 { state.runs.removeFirst(8) }
    state.runs.append(tag.number...tag.number)
  }

  private func record(_ unit: AccessUnit, _ state: inout State) {
    var actions: [CutAction] = []
    state.cutter.receive(unit) { actions.append($0) }
    for action in actions { cover(action, &state) }
  }

  private func cover(_ action: CutAction, _ state: inout State) {
    switch action {
    case .open(let opening):
      state.account.files += 1
      if let covered = state.covered, opening.metadata.start - covered > Self.tolerance {
        Self.violate(
          stream, "nothing accounts for \(opening.metadata.start - covered) before a file", &state)
      }
    case .write: break
    case .close(let end): state.covered = max(state.covered ?? end, end)
    case .gap(let from, let to, let cause, _):
      state.account.gaps += 1
      if cause == .unknown { Self.violate(stream, "a gap of \(to - from) has no cause", &state) }
      if let covered = state.covered, from - covered > Self.tolerance {
        Self.violate(stream, "nothing accounts for \(from - covered) before a gap", &state)
      }
      state.covered = max(state.covered ?? to, to)
    }
  }

  private static func violate(_ stream: Int, _ text: String, _ state: inout State) {
    guard state.account.violations.count < maximumViolations else { return }
    let context = state.context.joined(separator: ", ")
    state.account.violations.append("camera \(stream) after [\(context)]: \(text)")
  }
}
