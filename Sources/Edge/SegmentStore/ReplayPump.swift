public import MPEGCore
public import MediaTime
public import Recording

/// What a replay gives out, in order, on its own thread.
public enum ReplayOutput: Sendable {
  /// The tracks of what follows. Viewers start afresh: at the beginning, after a seek or a change of rate
  /// or direction, and where the recording changed.
  case formats([TrackFormat])
  /// Units in decoding order, on a clock that only grows and already runs at the replay's rate.
  case units([AccessUnit])
  /// At `ticks` of that clock the picture of `wall` is shown; from there wall time runs at `rate`.
  case position(wall: WallTime, ticks: MediaTicks, rate: Double)
  /// Nothing was recorded here; the replay went on after it.
  case gap(from: WallTime, to: WallTime)
  /// The end of the interval, or of what was recorded of it.
  case ended(at: WallTime)
  /// A file could not be read; the replay went on with the next.
  case failed(String)
}

/// Replays an interval of one channel's recordings at a rate, from the files.
///
/// `run()` owns it: it starts the thread that reads and paces, asks the index for
/// segments on its behalf, and returns when the replay has stopped. All other
/// functions may be called from any thread at any time.
public final class ReplayPump: Sendable {
  /// Answers which segments overlap a range, ascending by start.
  public typealias Index = @Sendable (WallInterval) async throws -> [SegmentRecord]

  /// How far the output may run ahead of real time.
  public static let lead: Duration = .seconds(1)

  let control: Monitor<ReplayControl>
  private let places: SegmentPlaces
  private let range: WallInterval
  private let index: Index
  private let output: @Sendable (ReplayOutput) -> Void
  private let isTransfer: Bool

  /// - Parameters:
  ///   - places: where files lie.
  ///   - range: what may be replayed; seeking stays inside.
  ///   - rate: −32…32 without 0; see ``ReplayClock``.
  ///   - isTransfer: gives out everything there is, sound included, on a clock that runs at life's pace whatever the
  ///     rate: for somebody who keeps it.
  ///   - output: called on the replay's thread; it may block it for a moment.
  public init(
    places: SegmentPlaces, range: WallInterval, rate: Double = 1, isTransfer: Bool = false,
    index: @escaping Index, output: @escaping @Sendable (ReplayOutput) -> Void
  ) {
    self.isTransfer = isTransfer
    self.places = places
    self.range = range
    self.index = index
    self.output = output
    control = Monitor(ReplayControl(rate: ReplayClock.usable(rate), position: range.start))
  }

  /// Of files that all lie below one directory.
  public convenience init(
    root: String, range: WallInterval, rate: Double = 1, index: @escaping Index,
    output: @escaping @Sendable (ReplayOutput) -> Void
  ) {
    self.init(places: SegmentPlaces(root: root), range: range, rate: rate, index: index, output: output)
  }

  /// One order or several at once, carried out in one stride: what is nil stays as it is.
  ///
  /// - Parameters:
  ///   - rate: goes on at another rate or in the other direction, from the present position unless one is given.
  ///   - position: goes on from the last key frame at or before it, or after the gap it lies in.
  ///   - isPaused: whether the output stops where it is; the session stays.
  public func order(rate: Double? = nil, position: WallTime? = nil, isPaused: Bool? = nil) {
    let position = position.map { min(max($0, range.start), range.end) }
    control.signal { control in
      if let rate { control.newRate = ReplayClock.usable(rate) }
      if let position { control.seek = position }
      if let isPaused { control.isPaused = isPaused }
    }
  }

  /// Ends the replay; `run()` returns soon after.
  public func stop() { control.signal { $0.isStopped = true } }

  /// Wall-clock time of the last picture given out, its rate, and whether it is paused.
  public var position: (wall: WallTime, rate: Double, isPaused: Bool) {
    control.withLock { ($0.position, $0.rate, $0.isPaused) }
  }

  /// Runs until ``stop()`` or until the surrounding task is cancelled. Reaching the end of the recording does
  /// not end it: the viewer may seek back. Call once.
  public func run() async {
    let (questions, ask) = AsyncStream.makeStream(of: WallInterval.self)
    let reader = ReplayThread(
      places: places, range: range, control: control, isTransfer: isTransfer, output: output
    ) {
      ask.yield($0)
    }
    let isStarted = Thread.start(name: "replay") {
      reader.run()
      ask.finish()
    }
    guard isStarted else {
      output(.failed("the system refused a thread"))
      return
    }
    await withTaskCancellationHandler {
      for await question in questions {
        let answer: Result<[SegmentRecord], ReplayIndexError>
        do {
          answer = .success(try await index(question))
        } catch {
          answer = .failure(ReplayIndexError(description: "\(error)"))
        }
        control.signal { $0.answer = answer }
      }
    } onCancel: {
      stop()
    }
  }
}

/// The index could not be asked.
struct ReplayIndexError: Error { var description: String }

/// What the replay's thread is told, and what it tells.
struct ReplayControl {
  var rate: Double
  var position: WallTime
  var isPaused = false
  var isStopped = false
  var seek: WallTime?
  var newRate: Double?
  var answer: Result<[SegmentRecord], ReplayIndexError>?

  var hasOrder: Bool { isStopped || seek != nil || newRate != nil }
}
