import Cryptography
import Foundation
import Glibc
import LoadGenerator
import MP4Core
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import StoreSQLite
import Streaming
import Synchronization
import WireBytes

/// Asks a full index the way the server does, and takes the time.
///
/// *Warm* asks one connection again and again; *cold* drops the database and the
/// recorded file from the page cache and opens a new connection before each question.
struct TimelineMeasure {
  /// The index of a measurement holds no secrets.
  static let secrets = SecretSeal(seal: { secret, _ in secret }, open: { sealed, _ in sealed })

  let index: MadeUpIndex
  let path: String
  let samples: Int
  private let recordings: String
  private let file: SegmentRecord

  init(index: MadeUpIndex, path: String, recordings: String, samples: Int) throws {
    (self.index, self.path, self.samples, self.recordings) = (index, path, samples, recordings)
    file = try OneMinute.record(below: recordings)
  }

  func figures() async throws -> [Figure] {
    var figures: [Figure] = []
    for (name, broken) in [("timeline-30-days", false), ("timeline-30-days-broken", true)] {
      for isCold in [false, true] {
        let values = try await repeated(isCold, among: index.indices(broken: broken), timeline)
        figures.append(Figure(name + (isCold ? "-cold" : ""), unit: "ms", values: values))
      }
    }
    for isCold in [false, true] {
      let values = try await repeated(isCold, among: Array(0..<index.channels), seek)
      figures.append(Figure("seek" + (isCold ? "-cold" : ""), unit: "ms", values: values))
    }
    return figures
  }

  /// Milliseconds of each sample.
  private func repeated(
    _ isCold: Bool, among indices: [Int], _ question: (SQLiteStore, ChannelKey) async throws -> Void
  ) async throws -> [Double] {
    var values: [Double] = []
    var store = try SQLiteStore(path: path, secrets: Self.secrets)
    for _ in 0..<samples {
      guard let channel = indices.randomElement().flatMap({ index.channel($0) }) else { continue }
      if isCold {
        try store.close()
        for file in [path, path + "-wal", "\(recordings)/\(file.path)"] { try Self.forget(file) }
        store = try SQLiteStore(path: path, secrets: Self.secrets)
      }
      let began = loadClock()
      try await question(store, channel)
      values.append(Double(loadClock() - began) / 1e6)
    }
    try store.close()
    return values
  }

  /// What `GET …/timeline` does before it writes its answer.
  private func timeline(_ store: SQLiteStore, _ channel: ChannelKey) async throws {
    let end = index.end - .seconds(Int64.random(in: 0..<3_600))
    let range = WallInterval(end - .seconds(30 * 86_400), end)
    let timeline = Timeline.build(
      plan: try await store.plans(channel), coverage: try await store.coverage(channel, in: range),
      gaps: try await store.gaps(channel, in: range), range: range, now: index.end)
    guard timeline.totals.unknown <= .seconds(120), !timeline.recorded.isEmpty else {
      throw LoadError("the timeline is wrong: \(timeline.totals)")
    }
  }

  /// What a replay does between the order to seek and the first picture it gives out: asks for the files of ten
  /// minutes, opens the first, reads its tables, then one group of pictures.
  private func seek(_ store: SQLiteStore, _ channel: ChannelKey) async throws {
    let span = (index.end - MadeUpIndex.start).nanoseconds - 600_000_000_000
    let moment = MadeUpIndex.start + .nanoseconds(Int64.random(in: 0..<span))
    let found = try await store.segments(
      channel, in: WallInterval(moment, moment + .seconds(600)), limit: .max)
    guard !found.isEmpty else { throw LoadError("nothing was found at \(moment)") }
    let reader = try SegmentReader(root: recordings, path: file.path)
    let group = Int.random(in: 0..<reader.index.fragments.count)
    guard try !reader.units(of: group).isEmpty else { throw LoadError("a group of pictures is empty") }
  }

  /// Drops a file from the page cache.
  private static func forget(_ path: String) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    fdatasync(file)
    guard posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 else {
      throw LoadError("the page cache cannot be dropped")
    }
  }
}

/// A recorded minute of 2 Mbit/s: 25 pictures a second, a key frame every two.
private enum OneMinute {
  private static let format = TrackFormat(
    codec: .h264,
    parameterSets: [
      [0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x05, 0x07, 0xE8, 0x40, 0, 0, 3, 0, 0x40, 0, 0, 0x0C, 0x83],
      [0x68, 0xCE, 0x0F, 0xC8],
    ], width: 1_920, height: 1_080)

  static func record(below root: String) throws -> SegmentRecord {
    guard let channel = ChannelKey("34020000001110000001_34020000001310000001") else {
      throw LoadError("no channel")
    }
    let closed = Mutex<SegmentRecord?>(nil)
    let recorder = Recorder(
      RecorderConfiguration(root: root), hash: { SHA256Stream() }, now: { MadeUpIndex.start },
      events: { event in
        if case .closed(let record) = event { closed.withLock { $0 = record } }
      })
    try recorder.start()
    let sink = recorder.makeSink(for: channel)
    sink.formatsChanged([format])
    for index in 0..<1_499 { sink.receive([picture(index)]) }
    sink.ended(.closed)
    recorder.stop()
    guard let record = closed.withLock({ $0 }) else { throw LoadError("nothing was recorded") }
    return record
  }

  private static func picture(_ index: Int) -> AccessUnit {
    let isKeyFrame = index % 50 == 0
    let size = isKeyFrame ? 80_000 : 8_600
    let ticks = MediaTicks(Int64(index) * 3_600)
    let length = [UInt8(size >> 24), UInt8(size >> 16 & 255), UInt8(size >> 8 & 255), UInt8(size & 255)]
    return AccessUnit(
      codec: .h264, isKeyFrame: isKeyFrame, pts: ticks, dts: ticks,
      arrival: MadeUpIndex.start + .milliseconds(index * 40),
      payload: SharedBytes(length + [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size)))
  }
}
