import Foundation
import MP4Core
import MPEGCore
import MediaTime
import Recording
import SegmentStore
import Streaming
import Synchronization
import TestSupport
import Testing
import WireBytes

@Suite("Recorder")
struct RecorderTests {
  static let combinations: [(MediaCodec, SampleClip.Sound)] = [
    (.h264, .none), (.h264, .alaw), (.h264, .aac), (.h265, .none), (.h265, .alaw),
  ]

  @Test(
    "what was recorded over several files exports to the very frames that came in", arguments: combinations)
  func exportEqualsInput(codec: MediaCodec, sound: SampleClip.Sound) async throws {
    let clip = try await SampleClip.make(codec, sound: sound, seconds: 10, size: "160x120")
    let bench = try Bench("record")
    let records = try bench.record(clip.formats, stream(clip))
    #expect(records.count == 3)
    for record in records {
      let url = URL(filePath: "\(bench.root)/\(record.path)")
      #expect(try await Tool.probe(url, "stream=codec_type").count == clip.formats.count)
      #expect(record.sha256 == testDigest(try bench.bytes(record)))
      #expect(record.bytes == Int64(try bench.bytes(record).count))
      #expect(record.state == .closed && record.hasAudio == (sound != .none) && record.width == 160)
    }
    for (record, next) in zip(records, records.dropFirst()) { #expect(record.end == next.start) }
    let export = try ExportFile(
      root: bench.root, segments: records, range: WallInterval(at(0), at(11)))
    let url = try Tool.write(try export.read(0..<export.byteCount), "export")
    #expect(
      try await Tool.frames(url, decoded: false).hashes == Tool.frames(clip.original, decoded: false).hashes)
    #expect(
      try await Tool.frames(url, decoded: true).hashes == Tool.frames(clip.original, decoded: true).hashes)
  }

  @Test(
    "an open file is valid after every fragment: whole blocks, closed by a free box, no byte of it changed later"
  )
  func openFileIsValid() async throws {
    let bench = try Bench("open") { $0.limits.segment = .seconds(3_600) }
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    var before: [UInt8] = []
    /// Sends the key frame of `second` and looks at the file, which then ends with the one before.
    func send(_ second: Int, _ size: Int, fileEnd: Int? = nil) async throws -> FragmentIndex? {
      sink.receive(Plain.pictures(Double(second), Double(second) + 0.06, key: size))
      guard second > 0 else { return nil }
      let end = at(Double(second))
      #expect(await eventually { bench.recorder.openSegments(sink.channel).first?.end == end })
      let record = try #require(bench.recorder.openSegments(sink.channel).first)
      let bytes = try bench.bytes(record)
      let index = try FragmentIndex(MP4Source(bytes))
      #expect(bytes.count % 4_096 == 0 && !index.isTorn && index.fragments.count == second)
      #expect(index.validBytes == record.bytes && index.padding == Int64(bytes.count) - record.bytes)
      #expect(bytes.starts(with: before))
      if let fileEnd { #expect(record.bytes == Int64(fileEnd)) }
      before = Array(bytes[..<Int(record.bytes)])
      return index
    }
    _ = try await send(0, 400)
    let index = try #require(try await send(1, 400))
    let overhead = Int(index.fragments[0].byteCount) - 400
    var end = Int(index.validBytes) + overhead + 400
    // Where in its last block a fragment ends: around the smallest `free` box of eight bytes. Then large ones.
    let residues = Array(4_084..<4_096) + Array(0..<4)
    let large = [(1 << 20) - 9_000, 1 << 20, 3 << 20, 1]
    for second in 2..<(2 + residues.count + large.count) {
      let size =
        second - 2 < residues.count
        ? 1 + (residues[second - 2] - (end + overhead + 1) % 4_096 + 4_096) % 4_096
        : large[second - 2 - residues.count]
      _ = try await send(second, size, fileEnd: end)
      end += overhead + size
    }
    sink.ended(.closed)
    bench.recorder.stop()
    let record = try #require(bench.closed.first)
    let bytes = try bench.bytes(record)
    #expect(bytes.starts(with: before) && record.bytes == Int64(bytes.count))
    #expect(record.sha256 == testDigest(bytes))
    #expect(try FragmentIndex(MP4Source(bytes)).padding == 0)
  }

  @Test("events tell the life of every file, and the open one can be looked up")
  func events() async throws {
    let bench = try Bench("events")
    let sink = bench.recorder.makeSink(for: try channel(), retentionClass: .important)
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 3))
    #expect(await eventually { bench.recorder.openSegments(sink.channel).first?.end == at(2) })
    #expect(bench.recorder.snapshot().writing == 1)
    sink.receive(Plain.pictures(3, 6))
    sink.ended(.senderEnded)
    bench.recorder.stop()
    #expect(bench.recorder.openSegments(sink.channel).isEmpty)
    let names = bench.events.map { event in
      switch event {
      case .opened: "opened"
      case .progress: "progress"
      case .closed(let record): "closed \((record.end - origin).inSeconds) \(record.retentionClass)"
      case .ended(_, let end, let reason): "ended \(end.map { ($0 - origin).inSeconds } ?? -1) \(reason)"
      default: "other"
      }
    }
    #expect(names.filter { $0 == "opened" }.count == 2)
    #expect(names.contains("closed 4.0 important") && names.contains("closed 6.0 important"))
    #expect(names.contains("ended 6.0 senderEnded"))
    let snapshot = bench.recorder.snapshot()
    #expect(snapshot.channels == 0 && snapshot.writing == 0 && snapshot.fragments == 6)
  }

  @Test("a write that fails half way leaves every file good, names the gap, and recording goes on")
  func failedWrites() async throws {
    let disk = FakeDisk()
    let remaining = Mutex(15 * 4_096)
    let bench = try Bench("enospc", disk: disk) { configuration in
      configuration.write = { descriptor, bytes, offset in
        // A real disk takes what fits and fails at the next call.
        let room = remaining.withLock { $0 }
        guard room > 0 else {
          disk.set(free: 0)
          return .failed(ENOSPC)
        }
        let count = pwrite(descriptor, bytes.baseAddress, min(bytes.count, room), Int(offset))
        remaining.withLock { $0 -= max(count, 0) }
        return count < 0 ? .failed(errno) : .written(count)
      }
    }
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    for unit in Plain.pictures(0, 10) { sink.receive([unit]) }
    #expect(
      await eventually { bench.events.contains { if case .diskFull = $0 { true } else { false } } })
    remaining.withLock { $0 = .max }
    disk.set(free: 1 << 40)
    #expect(await eventually { !bench.recorder.snapshot().isFull })
    for unit in Plain.pictures(10, 20) { sink.receive([unit]) }
    sink.ended(.closed)
    bench.recorder.stop()
    let gaps = bench.gaps.filter { $0.cause == .diskFull && $0.end != nil }
    #expect(gaps.count == 1)
    let before = bench.closed.filter { $0.end <= at(10) }
    #expect(gaps.first?.start == before.last?.end)
    let after = try #require(bench.closed.first { $0.start >= at(10) })
    #expect(gaps.first?.end == after.start)
    for record in bench.closed {
      let index = try FragmentIndex(MP4Source(try bench.bytes(record)))
      #expect(!index.isTorn && !index.fragments.isEmpty)
      #expect(record.sha256 == testDigest(try bench.bytes(record)))
    }
    #expect(bench.events.contains { if case .failed(_, .diskFull, _) = $0 { true } else { false } })
  }

  @Test("low space is announced first, a full disk stops the writing, and space starts it again")
  func fullDisk() async throws {
    let bench = try Bench("full")
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 3))
    bench.disk.set(free: 1 << 29)
    #expect(await eventually { bench.events.contains { if case .diskLow = $0 { true } else { false } } })
    #expect(!bench.events.contains { if case .diskFull = $0 { true } else { false } })
    bench.disk.set(free: 1 << 10)
    #expect(await eventually { bench.recorder.snapshot().isFull })
    sink.receive(Plain.pictures(3, 20))
    #expect(await eventually { bench.closed.count == 1 })
    bench.disk.set(free: 1 << 31)
    #expect(await eventually { !bench.recorder.snapshot().isFull })
    sink.receive(Plain.pictures(20, 23))
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(bench.closed.map(\.end) == [at(3), at(23)])
    let gaps = bench.gaps
    #expect(gaps.map(\.cause) == [.diskFull, .diskFull])
    #expect(gaps.map(\.end) == [nil, at(20)])
    #expect(Set(gaps.map(\.id)).count == 1)
    #expect(bench.events.contains { if case .diskRecovered = $0 { true } else { false } })
  }

  @Test("a disk that stalls costs whole groups with a reason, never the media thread's time")
  func slowDisk() async throws {
    let gate = DispatchSemaphore(value: 0)
    let isStalled = Mutex(true)
    let bench = try Bench("slow") { configuration in
      configuration.queueBytes = 50_000
      configuration.write = { descriptor, bytes, offset in
        if isStalled.withLock({ $0 }) { gate.wait() }
        let count = pwrite(descriptor, bytes.baseAddress, bytes.count, Int(offset))
        return count < 0 ? .failed(errno) : .written(count)
      }
    }
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    let begin = ContinuousClock.now
    for unit in Plain.pictures(0, 30) { sink.receive([unit]) }
    #expect(ContinuousClock.now - begin < .seconds(5))
    #expect(bench.recorder.snapshot().droppedFragments > 0)
    isStalled.withLock { $0 = false }
    for _ in 0..<64 { gate.signal() }
    #expect(await eventually { bench.recorder.snapshot().queuedBytes == 0 })
    for unit in Plain.pictures(30, 35) { sink.receive([unit]) }
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(bench.gaps.contains { $0.cause == .recorderStopped && $0.end != nil })
    for record in bench.closed {
      let index = try FragmentIndex(MP4Source(try bench.bytes(record)))
      #expect(!index.isTorn)
      for fragment in index.fragments { #expect(fragment.runs.first?.samples.first?.isKeyFrame == true) }
    }
    // Recorded and explained seconds leave nothing open.
    let plan = PlanHistory([PlanEntry(channel: try channel(), since: at(0), plan: .continuous)])
    let timeline = Timeline.build(
      plan: plan, coverage: RecordedCoverage(segments: bench.closed), gaps: bench.gaps,
      range: WallInterval(at(0), at(35)), now: at(35))
    #expect(timeline.totals.unknown == .zero)
  }

  @Test("a directory that cannot be used is refused with one clear sentence")
  func unusableDirectory() throws {
    let recorder = Recorder(
      RecorderConfiguration(root: "/proc/nowhere"), hash: { TestHash() }, now: { origin }, events: { _ in })
    let error = #expect(throws: RecorderError.self) { try recorder.start() }
    #expect(error?.description.contains("/proc/nowhere") == true)
  }

  @Test("two files that would get the same name get two names")
  func sameMillisecond() throws {
    let bench = try Bench("same")
    for _ in 0..<2 {
      let sink = bench.recorder.makeSink(for: try channel())
      sink.formatsChanged([Plain.format])
      sink.receive(Plain.pictures(0, 2))
      sink.ended(.closed)
    }
    bench.recorder.stop()
    #expect(Set(bench.closed.map(\.id)).count == 2)
  }
}
