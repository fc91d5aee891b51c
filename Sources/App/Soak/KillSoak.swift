public import Foundation
import Glibc
import MP4Core
import MPEGCore
import MediaTime
public import Recording
import Registry
public import SegmentStore

/// Kills a recording process at random moments, again and again, and looks at what it left.
///
/// After every kill: each file is one that can be played to its end, byte for byte what was recorded; of each stream
/// at most the fragment in the making and the one being written are missing; and when the next process has repaired,
/// the index says of every file what the file says.
public struct KillSoak {
  /// What a run came to.
  public struct Outcome: Sendable {
    public var kills = 0
    /// Looked at, each after every kill until it is deleted.
    public var files = 0
    public var pictures = 0
    /// Whole groups of pictures that were handed over and are not in a file, in the worst case of one stream.
    public var worstLoss = 0
    /// Files that had something torn off their end.
    public var torn = 0
    public var violations: [String] = []
  }

  private let folder: String
  private let streams: Int
  private let hash: HashFactory
  private let store: any RecordingStore
  /// Starts a process that runs ``RecorderUnderFire`` for a life.
  private let spawn: (_ life: Int) throws -> Process
  private var random: SoakRandom

  public init(
    folder: String, streams: Int, seed: UInt64, store: any RecordingStore, hash: @escaping HashFactory,
    spawn: @escaping (_ life: Int) throws -> Process
  ) {
    (self.folder, self.streams, self.store, self.hash, self.spawn) = (folder, streams, store, hash, spawn)
    random = SoakRandom(seed: seed)
  }

  private var root: String { RecorderUnderFire.recordings(folder) }
  private var repair: SegmentRepair { SegmentRepair(root: root, hash: hash) }

  /// - Parameters:
  ///   - duration: new lives begin until then.
  ///   - progress: told after every kill.
  public mutating func run(_ duration: Duration, _ progress: (Outcome) -> Void = { _ in }) async throws
    -> Outcome
  {
    var outcome = Outcome()
    let end = ContinuousClock.now + duration
    var begins: [WallTime] = []
    repeat {
      let life = outcome.kills
      begins.append(RecorderUnderFire.wall())
      let child = try spawn(life)
      try await Task.sleep(for: .nanoseconds(random.nanoseconds(1.5...6)))
      guard child.isRunning else { throw SoakError("the recording process ended by itself") }
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      outcome.kills += 1
      try await examine(life, &outcome)
      progress(outcome)
      // Looked at after two kills: room for the next ones.
      if life > 0 { try await forget(before: begins[life - 1]) }
    } while ContinuousClock.now < end
    return outcome
  }

  private func forget(before moment: WallTime) async throws {
    for stream in 0..<streams {
      let range = WallInterval(WallTime(nanoseconds: 0), moment)
      let old = try await store.segments(SoakIdentity.channel(stream), in: range, limit: .max)
        .filter { $0.end < moment }
      for segment in old { unlink("\(root)/\(segment.path)") }
      try await store.removeSegments(old.map(\.id))
    }
  }

  /// What one life left.
  private func examine(_ life: Int, _ outcome: inout Outcome) async throws {
    let moment = RecorderUnderFire.wall()
    for result in try await repair.resume(store, now: moment) {
      switch result {
      case .repaired: outcome.torn += 1
      case .intact, .empty: break
      case .foreign(let path, let reason): outcome.violations.append("\(path): \(reason)")
      }
    }
    let handed = RecorderUnderFire.handedOver(folder, life: life, streams: streams)
    for stream in 0..<streams {
      guard let last = handed[stream] else { continue }
      try await examine(stream, life, handed: last, &outcome)
    }
    try await compare(&outcome)
  }

  private func examine(_ stream: Int, _ life: Int, handed: Int, _ outcome: inout Outcome) async throws {
    let channel = SoakIdentity.channel(stream)
    let all = WallInterval(WallTime(nanoseconds: 0), RecorderUnderFire.wall() + .seconds(3_600))
    let base = life * RecorderUnderFire.numbersPerLife
    var next = base
    for segment in try await store.segments(channel, in: all, limit: .max) {
      for unit in try units(segment.path) {
        guard let tag = TaggedPicture.read(unit), tag.stream == stream else {
          outcome.violations.append("\(segment.path): a picture that was not recorded like this")
          continue
        }
        guard tag.number >= base else { continue }
        if tag.number != next {
          outcome.violations.append("\(segment.path): \(tag.number) where \(next) belongs")
        }
        next = tag.number + 1
        outcome.pictures += 1
      }
    }
    // The groups before the last key frame were complete and handed over.
    let lost = max(0, handed - (next - base) + RecorderUnderFire.group - 1) / RecorderUnderFire.group
    outcome.worstLoss = max(outcome.worstLoss, lost)
    if lost > 1 { outcome.violations.append("stream \(stream): \(lost) whole groups are missing") }
  }

  private func units(_ path: String) throws -> [AccessUnit] {
    let reader = try SegmentReader(root: root, path: path)
    return try reader.index.fragments.indices.flatMap { try reader.units(of: $0) }
  }

  /// The index must say of every file what the file says, and know no other.
  private func compare(_ outcome: inout Outcome) async throws {
    var files: [SegmentID: SegmentRecord] = [:]
    repair.scan(repairs: false) { result in
      switch result {
      case .intact(let record): files[record.id] = record
      case .repaired(let record, let lost):
        outcome.violations.append("\(record.path): \(lost) bytes too many after the repair")
      case .empty(let path): outcome.violations.append("\(path): empty after the repair")
      case .foreign(let path, let reason): outcome.violations.append("\(path): \(reason)")
      }
      return true
    }
    outcome.files += files.count
    let all = WallInterval(WallTime(nanoseconds: 0), RecorderUnderFire.wall() + .seconds(3_600))
    for stream in 0..<streams {
      for row in try await store.segments(SoakIdentity.channel(stream), in: all, limit: .max) {
        guard let file = files.removeValue(forKey: row.id) else {
          outcome.violations.append("\(row.path): in the index, but not on the disk")
          continue
        }
        if row.bytes != file.bytes || row.sha256 != file.sha256 || row.start != file.start
          || row.state == .open
        {
          outcome.violations.append("\(row.path): the index says something else than the file")
        }
      }
    }
    for path in files.values.map(\.path) { outcome.violations.append("\(path): not in the index") }
  }
}
