import Foundation
import GBCore
import MP4Core
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming
import Synchronization
import TestSupport
import Testing
import WireBytes

/// Not a cryptographic hash, but one that notices every byte and its place.
final class TestHash: StreamingHash {
  private var value: UInt64 = 0xcbf2_9ce4_8422_2325
  private var marked: UInt64 = 0xcbf2_9ce4_8422_2325
  func mark() { marked = value }
  func rewind() { value = marked }
  func update(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }
  func finish() -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) } }
}

func testDigest(_ bytes: [UInt8]) -> String {
  let hash = TestHash()
  bytes.withUnsafeBytes { hash.update($0) }
  return Hex.lowercase(hash.finish())
}

let origin = WallTime(seconds: 1_700_000_000)

func at(_ seconds: Double) -> WallTime { origin + .milliseconds(Int64((seconds * 1_000).rounded())) }

func channel(_ number: Int = 1) throws -> ChannelKey {
  try #require(ChannelKey("34020000001320000001_3402000000132000000\(number)"))
}

/// A disk that says what the test wants.
final class FakeDisk: Disk {
  private let free: Mutex<Int64>
  init(free: Int64 = 1 << 40) { self.free = Mutex(free) }
  func set(free bytes: Int64) { free.withLock { $0 = bytes } }
  func figures(of path: String) -> DiskFigures? {
    DiskFigures(total: 1 << 41, free: free.withLock { $0 })
  }
}

/// A recorder in a directory of its own, with everything it said.
final class Bench: Sendable {
  let root: String
  let recorder: Recorder
  let disk: FakeDisk
  private let log: Log
  let clock: TestClock

  final class Log: Sendable {
    let events = Mutex<[RecorderEvent]>([])
  }
  final class TestClock: Sendable {
    let now = Mutex<WallTime>(origin)
  }

  init(
    _ name: String, disk: FakeDisk = FakeDisk(), disks: DiskSet? = nil, figures: (any Disk)? = nil,
    adjust: (inout RecorderConfiguration) -> Void = { _ in }
  ) throws {
    self.disk = disk
    root = Tool.scratch.appending(path: "\(name)-\(UUID().uuidString)").path()
    let (log, clock) = (Log(), TestClock())
    (self.log, self.clock) = (log, clock)
    var configuration = RecorderConfiguration(root: root)
    configuration.limits.segment = .seconds(4)
    configuration.reserveBytes = 1 << 30
    configuration.floorBytes = 1 << 20
    configuration.diskInterval = .zero
    adjust(&configuration)
    recorder = Recorder(
      configuration, disks: disks, hash: { TestHash() }, disk: figures ?? disk,
      now: { clock.now.withLock { $0 } },
      events: { event in log.events.withLock { $0.append(event) } })
    try recorder.start()
  }

  /// The disks of the recorder, which has been started.
  func disks() throws -> DiskSet { try #require(recorder.disks) }

  var events: [RecorderEvent] { log.events.withLock { $0 } }
  var closed: [SegmentRecord] {
    events.compactMap { if case .closed(let record) = $0 { record } else { nil } }
      .sorted { $0.start < $1.start }
  }
  var gaps: [GapRecord] { events.compactMap { if case .gap(let gap) = $0 { gap } else { nil } } }

  /// Records all `units` and returns the files.
  func record(_ formats: [TrackFormat], _ units: [AccessUnit]) throws -> [SegmentRecord] {
    let sink = recorder.makeSink(for: try channel())
    sink.formatsChanged(formats)
    for unit in units { sink.receive([unit]) }
    sink.ended(.closed)
    recorder.stop()
    return closed
  }

  func bytes(_ record: SegmentRecord) throws -> [UInt8] {
    try Array(Data(contentsOf: URL(filePath: "\(root)/\(record.path)")))
  }

  /// An index over what was closed, for replays.
  func index() -> ReplayPump.Index {
    let records = closed
    return { range in records.filter { $0.end > range.start && $0.start < range.end } }
  }
}

/// A camera's stream: the clip on a stream clock that started long ago, arriving as it is taken.
func stream(_ clip: SampleClip, start: Double = 0, ticks: Int64 = 1 << 33) -> [AccessUnit] {
  clip.units.map { unit in
    AccessUnit(
      codec: unit.codec, isKeyFrame: unit.isKeyFrame, pts: unit.pts + ticks, dts: unit.dts + ticks,
      arrival: at(start + unit.dts.seconds), payload: unit.payload)
  }
}

/// Pictures that no decoder would like, for tests that only count them.
enum Plain {
  static let format = TrackFormat(
    codec: .h264,
    parameterSets: [
      [
        0x67, 0x42, 0xC0, 0x1E, 0xDA, 0x05, 0x07, 0xE8, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00, 0x00, 0x0C,
        0x83,
      ],
      [0x68, 0xCE, 0x0F, 0xC8],
    ], width: 320, height: 240)

  /// 25 pictures per second, a key frame every second, which may have another size.
  static func pictures(_ from: Double, _ to: Double, bytes: Int = 400, key: Int? = nil) -> [AccessUnit] {
    (Int(from * 25)..<Int(to * 25)).map { index in
      let ticks = MediaTicks(Int64(index) * 3_600)
      let bytes = index % 25 == 0 ? key ?? bytes : bytes
      var body = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: bytes)
      for (place, byte) in zip(0..<min(4, bytes), [0, bytes >> 16, bytes >> 8, bytes]) {
        body[place] = UInt8(truncatingIfNeeded: byte)
      }
      return AccessUnit(
        codec: .h264, isKeyFrame: index % 25 == 0, pts: ticks, dts: ticks, arrival: at(Double(index) / 25),
        payload: SharedBytes(body))
    }
  }
}
