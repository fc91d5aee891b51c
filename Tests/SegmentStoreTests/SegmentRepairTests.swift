import Foundation
import MP4Core
import MPEGCore
import MediaTime
import Recording
import SegmentStore
import TestSupport
import Testing

@Suite("Segment repair")
struct SegmentRepairTests {
  private func repair(_ bench: Bench) -> SegmentRepair {
    SegmentRepair(
      root: bench.root, disk: DiskMarker.read(bench.root) ?? .former, hash: { TestHash() })
  }

  @Test("the index rebuilt from the files is the index that was kept")
  func rebuild() async throws {
    let clip = try await SampleClip.make(.h264, sound: .alaw, seconds: 10)
    let bench = try Bench("rebuild")
    let records = try bench.record(clip.formats, stream(clip))
    #expect(records.count == 3)
    #expect(repair(bench).rebuild() == records)
    var seen: [SegmentRecord] = []
    repair(bench).scan(since: at(86_400 * 2), repairs: false) { outcome in
      if let record = outcome.record { seen.append(record) }
      return true
    }
    #expect(seen.isEmpty)
  }

  @Test("a file torn at any point loses at most its last fragment, and what is left decodes")
  func tornTail() async throws {
    let clip = try await SampleClip.make(.h264, sound: .alaw, seconds: 3, size: "64x48")
    let bench = try Bench("torn") { $0.limits.segment = .seconds(60) }
    let record = try #require(try bench.record(clip.formats, stream(clip)).first)
    let whole = try bench.bytes(record)
    let index = try FragmentIndex(MP4Source(whole))
    let ends = index.fragments.map { Int($0.offset + $0.byteCount) }
    #expect(ends.count == 3)
    let url = URL(filePath: "\(bench.root)/\(record.path)")
    // Every byte of the headers, then steps through the payload.
    let lengths =
      Array(ends[1]..<ends[1] + 200) + Array(stride(from: ends[1] + 200, to: whole.count, by: 251))
    for length in lengths + [whole.count - 1, whole.count] {
      try Data(whole[..<length]).write(to: url)
      let outcome = repair(bench).examine(record.path, repairs: true)
      let expected = length == whole.count ? ends[2] : ends[1]
      switch outcome {
      case .intact(let found):
        #expect(length == expected && found.state == .closed && found.bytes == Int64(expected))
      case .repaired(let found, let lost):
        #expect(Int(lost) == length - expected && found.state == .repaired)
        #expect(found.end <= record.end && found.end >= at(1.9))
        #expect(found.sha256 == testDigest(Array(whole[..<expected])))
      default: Issue.record("\(outcome) at \(length)")
      }
      #expect(try Data(contentsOf: url).count == expected)
    }
    try Data(whole[..<(ends[1] + 100)]).write(to: url)
    _ = repair(bench).examine(record.path, repairs: true)
    #expect(try await Tool.frames(url, decoded: true).filter { $0.stream == 0 }.count == 50)
  }

  @Test("a file without content is removed, and what is not ours is never touched")
  func emptyAndForeign() throws {
    let bench = try Bench("foreign")
    let record = try #require(try bench.record([Plain.format], Plain.pictures(0, 2)).first)
    let whole = try bench.bytes(record)
    let url = URL(filePath: "\(bench.root)/\(record.path)")
    for length in [0, 4, 8, 30, 500] {
      try Data(whole[..<length]).write(to: url)
      #expect(repair(bench).examine(record.path, repairs: false) == .empty(path: record.path))
      #expect(repair(bench).examine(record.path, repairs: true) == .empty(path: record.path))
      #expect(!FileManager.default.fileExists(atPath: url.path()))
    }
    try Data("not a movie at all".utf8).write(to: url)
    let outcome = repair(bench).examine(record.path, repairs: true)
    #expect(outcome.record == nil)
    #expect(FileManager.default.fileExists(atPath: url.path()))
    #expect(repair(bench).examine("../../etc/passwd", repairs: true).record == nil)
    #expect(repair(bench).rebuild().isEmpty)
  }

  @Test("a restart repairs what was open and takes in what the index missed")
  func startup() async throws {
    let bench = try Bench("startup")
    let records = try bench.record([Plain.format], Plain.pictures(0, 12))
    #expect(records.count == 3)
    let store = MemoryStore()
    var open = records[0]
    (open.state, open.sha256, open.end) = (.open, nil, at(1))
    await store.putSegment(open)
    await store.putSegment(records[1])
    var lost = records[0]
    lost.id = SegmentID(channel: lost.channel, startMilliseconds: at(500).milliseconds)
    (lost.path, lost.state) = (lost.id.path, .open)
    await store.putSegment(lost)
    _ = try await repair(bench).resume(store, now: at(20))
    let all = await store.segments(try channel(), in: WallInterval(at(-1), at(1_000)), limit: 100)
    #expect(all.map(\.id) == records.map(\.id))
    #expect(all.map(\.state) == [.repaired, .closed, .repaired])
    #expect(all.map(\.sha256) == records.map(\.sha256))
    #expect(all.map(\.end) == records.map(\.end))
  }

  // MARK: - kill -9

  static let childRoot = ProcessInfo.processInfo.environment["TRIBUTARY_TEST_CHILD_ROOT"]

  @Test("(child of the next test) records until it is killed", .enabled(if: childRoot != nil))
  func recordsUntilKilled() throws {
    let root = try #require(Self.childRoot)
    var configuration = RecorderConfiguration(root: root)
    configuration.limits.segment = .seconds(4)
    let recorder = Recorder(configuration, hash: { TestHash() }, now: { origin }, events: { _ in })
    try recorder.start()
    let sink = recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    let journal = try FileHandle(forWritingTo: URL(filePath: "\(root).journal"))
    for second in 0..<100_000 {
      sink.receive(Plain.pictures(Double(second), Double(second + 1), bytes: 4_000))
      // What the recorder reports as written is on record before the kill can come.
      try journal.write(contentsOf: Data("\(recorder.snapshot().fragments)\n".utf8))
      repeat { usleep(1_000) } while recorder.snapshot().queuedBytes > 1 << 20
    }
  }

  @Test("kill -9 at any moment loses at most the fragment that was being written")
  func killed() async throws {
    for round in 0..<5 {
      let root = Tool.scratch.appending(path: "killed-\(round)-\(UUID().uuidString)").path()
      _ = FileManager.default.createFile(atPath: "\(root).journal", contents: nil)
      let child = Process()
      child.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      child.arguments = Self.childArguments
      child.environment = ProcessInfo.processInfo.environment.merging(["TRIBUTARY_TEST_CHILD_ROOT": root]) {
        $1
      }
      child.standardOutput = FileHandle.nullDevice
      child.standardError = FileHandle.nullDevice
      try child.run()
      func written() -> Int {
        let text = (try? String(contentsOfFile: "\(root).journal", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").last.flatMap { Int($0) } ?? 0
      }
      #expect(await eventually { written() > 10 + 7 * round })
      kill(child.processIdentifier, SIGKILL)
      child.waitUntilExit()
      let known = written()
      var fragments = 0
      var files = 0
      let repair = SegmentRepair(root: root, hash: { TestHash() })
      repair.scan(repairs: true) { outcome in
        if let record = outcome.record {
          files += 1
          let bytes = (try? Data(contentsOf: URL(filePath: "\(root)/\(record.path)"))).map { Array($0) } ?? []
          let index = try? FragmentIndex(MP4Source(bytes))
          #expect(index?.isTorn == false)
          #expect(record.sha256 == testDigest(bytes))
          fragments += index?.fragments.count ?? 0
        } else if case .foreign(let path, let reason) = outcome {
          Issue.record("\(path): \(reason)")
        }
        return true
      }
      #expect(fragments >= known)
      #expect(files >= 2)
      let records = repair.rebuild()
      for (record, next) in zip(records, records.dropFirst()) { #expect(record.end == next.start) }
    }
  }

  /// This test runner again, for the one test above.
  private static var childArguments: [String] {
    var arguments: [String] = []
    var skipsNext = false
    for argument in CommandLine.arguments.dropFirst() {
      if skipsNext {
        skipsNext = false
      } else if ["--filter", "--skip"].contains(argument) {
        skipsNext = true
      } else {
        arguments.append(argument)
      }
    }
    return arguments + ["--filter", "recordsUntilKilled"]
  }
}
