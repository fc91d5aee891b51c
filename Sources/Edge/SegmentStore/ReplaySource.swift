import MP4Core
import MPEGCore
import MediaTime
import Recording

/// One fragment as the replay wants it.
struct ReplayGroup {
  var units: [AccessUnit]
  var formats: [TrackFormat]
  /// See ``SegmentMetadata/run``.
  var run: UInt64
  var start: WallTime
  var end: WallTime
}

/// Walks the fragments of a channel's segments forwards or backwards. Used by the replay's thread alone.
struct ReplaySource {
  enum Step {
    case group(ReplayGroup)
    /// A file could not be read; the next step goes on after it.
    case failed(String)
    /// The index could not be asked; the next step would ask again.
    case lost(String)
    case end(WallTime)
    case stopped
  }

  /// How much of the index is asked for at a time; grows while nothing is found.
  private static let window: Duration = .seconds(600)

  private let places: SegmentPlaces
  private let range: WallInterval
  private let ask: (WallInterval) -> Result<[SegmentRecord], ReplayIndexError>?
  private var reader: SegmentReader?
  private var record: SegmentRecord?
  private var fragment = 0
  /// Where the next segment is looked for.
  private var edge: WallTime
  private var seekTarget: WallTime?

  init(
    places: SegmentPlaces, range: WallInterval,
    ask: @escaping (WallInterval) -> Result<[SegmentRecord], ReplayIndexError>?
  ) {
    self.places = places
    self.range = range
    self.ask = ask
    edge = range.start
  }

  mutating func seek(to moment: WallTime) {
    reader = nil
    record = nil
    edge = moment
    seekTarget = moment
  }

  /// The moment of the last seek, once.
  mutating func takeSeekTarget() -> WallTime? {
    defer { seekTarget = nil }
    return seekTarget
  }

  /// The next fragment in the direction of play.
  mutating func next(backwards: Bool, keyFramesOnly: Bool) -> Step {
    while true {
      if let reader, let group = read(reader, backwards: backwards, keyFramesOnly: keyFramesOnly) {
        switch group {
        case .success(let group):
          if !backwards, group.start >= range.end { return .end(range.end) }
          if group.units.isEmpty { continue }
          return .group(group)
        case .failure(let error):
          self.reader = nil
          return .failed(error.description)
        }
      }
      switch backwards ? openPrevious() : openNext() {
      case .opened: continue
      case .nothing: return .end(edge)
      case .stopped: return .stopped
      case .failed(let reason): return .failed(reason)
      case .lost(let reason): return .lost(reason)
      }
    }
  }

  private mutating func read(
    _ reader: SegmentReader, backwards: Bool, keyFramesOnly: Bool
  ) -> Result<ReplayGroup, SegmentReadError>? {
    guard reader.index.fragments.indices.contains(fragment) else {
      self.reader = nil
      return nil
    }
    let samples = reader.leadSamples(fragment)
    let current = fragment
    fragment += backwards ? -1 : 1
    do throws(SegmentReadError) {
      var units = try reader.units(of: current, keyFramesOnly: keyFramesOnly)
      if backwards { units.reverse() } else { units.removeAll { $0.arrival >= range.end } }
      let start = samples.first.map { reader.wallTime(of: $0) } ?? edge
      let end = samples.last.map { reader.metadata.wallTime(ofFileTime: $0.decode + $0.duration) } ?? start
      return .success(
        ReplayGroup(units: units, formats: reader.formats, run: reader.metadata.run, start: start, end: end))
    } catch {
      return .failure(error)
    }
  }

  private enum Opening {
    case opened, nothing, stopped
    case failed(String)
    case lost(String)
  }

  private mutating func openNext() -> Opening {
    var reach = Self.window
    while true {
      let until = min(range.end, edge + reach)
      guard edge < range.end else { return .nothing }
      guard let answer = ask(WallInterval(edge, until)) else { return .stopped }
      guard case .success(let found) = answer else { return .lost("the index of recordings cannot be read") }
      let following = found.filter { $0.end > edge && $0.id != record?.id }.sorted { $0.start < $1.start }
      if let record = following.first {
        return open(record, at: max(edge, record.start), leaving: record.end)
      }
      if until >= range.end { return .nothing }
      reach += reach
    }
  }

  private mutating func openPrevious() -> Opening {
    var reach = Self.window
    while true {
      let from = max(range.start, edge - reach)
      guard edge > range.start else { return .nothing }
      guard let answer = ask(WallInterval(from, edge)) else { return .stopped }
      guard case .success(let found) = answer else { return .lost("the index of recordings cannot be read") }
      let preceding = found.filter { $0.start < edge && $0.id != record?.id }.sorted { $0.start < $1.start }
      if let record = preceding.last { return open(record, at: min(edge, record.end), leaving: record.start) }
      if from <= range.start { return .nothing }
      reach += reach
    }
  }

  private mutating func open(_ record: SegmentRecord, at moment: WallTime, leaving edge: WallTime) -> Opening
  {
    self.edge = edge
    self.record = record
    do throws(SegmentReadError) {
      let reader = try places.reader(record)
      fragment = reader.fragment(for: moment)
      self.reader = reader
      return .opened
    } catch {
      return .failed(error.description)
    }
  }
}
