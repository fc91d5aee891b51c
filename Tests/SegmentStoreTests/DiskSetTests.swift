import Foundation
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming
import TestSupport
import Testing

@Suite("Finding disks")
struct DiskSetTests {
  private func sentence(_ rack: DiskRack, _ paths: [String], _ store: MemoryStore? = nil) async -> String {
    do {
      _ = try await rack.open(paths.map { RecordingDirectory(path: $0) }, store: store)
      return ""
    } catch { return "\(error)" }
  }

  @Test("a new disk is marked, and found again wherever it is mounted")
  func marked() async throws {
    let rack = try DiskRack("marked")
    let store = MemoryStore()
    let first = try await rack.open(try rack.make(1...2), store: store)
    let ids = first.disks.disks.map(\.id)
    #expect(Set(ids).count == 2 && !ids.contains(.former) && first.disks.absent.isEmpty)
    #expect(first.remarks.count == 1 && first.remarks[0].contains("same disk"))
    #expect(DiskMarker.read(rack.path(1)) == ids[0])
    try FileManager.default.moveItem(atPath: rack.path(2), toPath: rack.path(3))
    let again = try await rack.open(
      [RecordingDirectory(path: rack.path(3)), RecordingDirectory(path: rack.path(1))], store: store)
    #expect(again.disks.disks.map(\.id) == [ids[1], ids[0]])
    #expect(again.disks.root(of: ids[1]) == rack.path(3))
  }

  @Test("an empty mount point of a known disk gets no marker: the disk is away, not new")
  func unmounted() async throws {
    let rack = try DiskRack("unmounted")
    let store = MemoryStore()
    let directories = try rack.make(1...2)
    let id = try await rack.open(directories, store: store).disks.disks[1].id
    try rack.takeAway(2)
    let opening = try await rack.open(directories, store: store)
    #expect(opening.disks.absent == [id])
    #expect(opening.remarks.contains { $0.contains("not mounted at \(rack.path(2))") })
    #expect(try FileManager.default.contentsOfDirectory(atPath: rack.path(2)).isEmpty)
    try FileManager.default.removeItem(atPath: rack.path(2))
    #expect(try await rack.open(directories, store: store).disks.absent == [id])
    // Somebody puts a new disk there and says so.
    try FileManager.default.createDirectory(atPath: rack.path(2), withIntermediateDirectories: false)
    let new = try DiskMarker.make(at: rack.path(2))
    #expect(try await rack.open(directories, store: store).disks.disks.map(\.id).last == new)
    #expect(throws: RecorderError.self) { try DiskMarker.make(at: rack.path(2)) }
  }

  @Test("what cannot be used is told in one sentence before anything starts")
  func refusals() async throws {
    let rack = try DiskRack("refusals")
    let paths = try rack.make(1...3).map(\.path)
    #expect(await sentence(rack, [paths[0], rack.path(9)]).contains("\(rack.path(9)) does not exist"))
    try Data("x".utf8).write(to: URL(filePath: rack.path(8)))
    #expect(await sentence(rack, [rack.path(8)]).contains("is no directory"))
    #expect(await sentence(rack, [paths[0], paths[0] + "/."]).contains("same directory"))
    try Data("hello".utf8).write(to: URL(filePath: paths[1] + "/" + DiskMarker.name))
    #expect(await sentence(rack, [paths[1]]).contains("was not written by this program"))
    try FileManager.default.createSymbolicLink(atPath: rack.path(7), withDestinationPath: paths[2])
    #expect(await sentence(rack, [paths[2], rack.path(7)]).contains("same directory"))
  }

  @Test("of disks that are away nothing is judged, deleted or mended")
  func untouched() async throws {
    let rack = try DiskRack("untouched")
    let store = MemoryStore()
    let disks = try await rack.open(try rack.make(1...2), store: store).disks
    for number in 0..<20 {
      var record = SegmentRecord(
        id: SegmentID(channel: try channel(), startMilliseconds: at(Double(number)).milliseconds),
        disk: disks.disks[1].id, start: at(Double(number)), end: at(Double(number) + 1), bytes: 5,
        state: .closed,
        codec: .h264)
      if number == 19 { record.state = .open }
      await store.putSegment(record)
    }
    let open = await store.segments(state: .open, limit: 9)
    await store.markDeleting(
      [.init(segment: try #require(await store.all.values.min { $0.start < $1.start }), rule: .age)],
      now: at(50))
    try rack.takeAway(2)
    let away = try await rack.open(disks.disks.map(\.directory), store: store).disks
    let before = await store.all
    let later = WallTime(seconds: 4_000_000_000)
    let report = try await IndexCheck(
      disks: away, store: store, hash: { TestHash() }, surroundings: .init(now: { later })
    ).run(IndexCheck.Options()).report
    #expect(report.faultCount == 0 && report.files == 0)
    let policy = RetentionPolicy(maximumAge: .seconds(1), reserveBytes: .max)
    #expect(try await RetentionRunner(disks: away, store: store).run(policy, now: later).deletedSegments == 0)
    #expect(away.mend(open, hash: { TestHash() }) == DiskSet.Mending())
    #expect(away.rebuild(hash: { TestHash() }).isEmpty)
    #expect(await store.all == before)
    // The set of before has not noticed yet: what is asked of the open directory is still answered by the disk.
    #expect(
      try await RetentionRunner(disks: disks, store: store).preview(policy, now: later).total.files == 18)
  }

  @Test("the index of all disks is rebuilt from their files")
  func rebuild() async throws {
    let rack = try DiskRack("rebuild")
    let bench = try await rack.bench(2)
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    for second in 0..<30 {
      // Files begin every four seconds, each time beside another fuller disk.
      let fuller = (second + 2) / 4 % 2
      rack.figures.set(rack.path(fuller + 1), free: 1 << 39)
      rack.figures.set(rack.path(2 - fuller), free: 1 << 40)
      // Each disk's own thread looks: where a file goes is decided by what it saw last.
      let full = rack.path(fuller + 1)
      #expect(
        await eventually {
          bench.recorder.snapshot().disks.allSatisfy {
            $0.figures?.free == ($0.path == full ? 1 << 39 : 1 << 40)
          }
        })
      sink.receive(Plain.pictures(Double(second), Double(second) + 1))
      #expect(await eventually { bench.recorder.snapshot().queuedBytes == 0 })
    }
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(Set(bench.closed.map(\.disk)).count == 2)
    #expect(try bench.disks().rebuild(hash: { TestHash() }) == bench.closed)
  }
}
