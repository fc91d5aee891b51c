import Foundation
import MPEGCore
import MediaTime
import MediaTransport
import Recording
import Streaming
import Synchronization

/// The way of a device's pictures to a viewer: positions, re-timing, and what the viewer is told.
///
/// Called on media threads and by the session; one lock, held for the length of a batch.
final class ReplayFeed: Sendable {
  struct State {
    var clock: DeviceReplayClock
    var formats: [TrackFormat] = []
    var needsFormats = true
    var bridge: TranscodeBridge?
    /// Rises with every call; what an earlier one still delivers is dropped.
    var call = 0
    var lastUnit: MonotonicTime?
    var hasShown = false
    var hasEnded = false
    var shownRate = 1.0
  }

  /// What the session must know of.
  enum Happening: Sendable, Hashable {
    case formats
    /// The interval is over.
    case end
    /// The device does something else with the rate than was believed.
    case pace(ReplayPace)
  }

  let stream: StreamID
  private let plane: MediaPlane
  private let state: Mutex<State>
  private let happened: @Sendable (Happening) -> Void

  init(
    _ clock: DeviceReplayClock, stream: StreamID, plane: MediaPlane,
    happened: @escaping @Sendable (Happening) -> Void
  ) {
    (self.stream, self.plane, self.happened) = (stream, plane, happened)
    state = Mutex(State(clock: clock))
  }

  /// Changes the clock, between two batches.
  func change<Result>(_ body: (inout State) -> Result) -> Result { state.withLock { body(&$0) } }

  /// A sink for the next call; those before it are deaf from now on.
  func nextSink() -> ReplaySink {
    state.withLock { state in
      state.call += 1
      state.lastUnit = nil
      state.hasEnded = false
      return ReplaySink(feed: self, call: state.call)
    }
  }

  /// Nothing more is taken from the present call.
  func detach() { state.withLock { $0.call += 1 } }

  func route(into bridge: TranscodeBridge) {
    state.withLock { state in
      state.bridge = bridge
      if !state.formats.isEmpty { bridge.formatsChanged(state.formats) }
    }
  }

  // MARK: On a media thread

  fileprivate func formatsChanged(_ formats: [TrackFormat], _ call: Int) {
    let isNew = state.withLock { state in
      guard state.call == call, !formats.isEmpty else { return false }
      state.formats = formats
      state.needsFormats = true
      return true
    }
    if isNew { happened(.formats) }
  }

  fileprivate func receive(_ units: [AccessUnit], _ call: Int) {
    var happenings: [Happening] = []
    state.withLock { state in
      guard state.call == call, !state.hasEnded else { return }
      let now = SystemClock.monotonic()
      state.lastUnit = now
      var batch: [AccessUnit] = []
      let pace = state.clock.pace
      for unit in units where !state.hasEnded { take(unit, now, &state, &batch, &happenings) }
      give(&batch, state)
      if state.clock.pace != pace { happenings.append(.pace(state.clock.pace)) }
    }
    for happening in happenings { happened(happening) }
  }

  private func take(
    _ unit: AccessUnit, _ now: MonotonicTime, _ state: inout State, _ batch: inout [AccessUnit],
    _ happenings: inout [Happening]
  ) {
    switch state.clock.receive(unit, now: now) {
    case .drop: return
    case .end:
      state.hasEnded = true
      happenings.append(.end)
    case .show(let shown, let startsOver, let skipped):
      if let skipped {
        tell(
          ["type": "gap", "from": skipped.start.rfc3339, "to": skipped.end.rfc3339, "cause": "no-footage"],
          state)
      }
      if startsOver || state.needsFormats && shown.isKeyFrame && shown.codec.isVideo {
        give(&batch, state)
        begin(&state)
      }
      guard !state.needsFormats else { return }
      if shown.isKeyFrame, shown.codec.isVideo {
        give(&batch, state)
        tellPosition(shown, state)
        state.shownRate = state.clock.effectiveRate
        state.hasShown = true
      }
      batch.append(shown)
    }
  }

  /// Viewers start afresh with what follows.
  private func begin(_ state: inout State) {
    state.needsFormats = false
    let sounds = state.clock.effectiveRate == 1
    let formats = sounds ? state.formats : state.formats.filter(\.codec.isVideo)
    if let bridge = state.bridge {
      bridge.formatsChanged(formats)
    } else {
      plane.push(stream, formats: formats, units: [])
    }
  }

  private func give(_ batch: inout [AccessUnit], _ state: State) {
    guard !batch.isEmpty else { return }
    if let bridge = state.bridge {
      bridge.receive(batch)
    } else {
      plane.push(stream, formats: nil, units: batch)
    }
    batch.removeAll(keepingCapacity: true)
  }

  private func tellPosition(_ unit: AccessUnit, _ state: State) {
    tell(
      [
        "type": "position", "wall": unit.arrival.rfc3339, "media": unit.pts.seconds,
        "rate": state.clock.effectiveRate,
      ], state)
  }

  // MARK: Words to the viewer

  func tell(_ object: [String: any Sendable]) { state.withLock { tell(object, $0) } }

  private func tell(_ object: [String: any Sendable], _ state: State) {
    guard let data = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]) else {
      return
    }
    let text = String(decoding: data, as: UTF8.self)
    if let bridge = state.bridge { bridge.say(text) } else { plane.sendText(stream, text) }
  }
}

/// One call's end at the feed.
final class ReplaySink: StreamSink {
  private let feed: ReplayFeed
  private let call: Int

  fileprivate init(feed: ReplayFeed, call: Int) { (self.feed, self.call) = (feed, call) }

  func formatsChanged(_ formats: [TrackFormat]) { feed.formatsChanged(formats, call) }
  func receive(_ units: [AccessUnit]) { feed.receive(units, call) }
  func ended(_ reason: StreamEnd) {}
}
