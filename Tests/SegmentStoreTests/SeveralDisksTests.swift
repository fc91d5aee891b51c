import Foundation
import Glibc
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming
import Synchronization
import TestSupport
import Testing

@Suite("Recording on several disks")
struct SeveralDisksTests {
  /// The disk that a sink's open file lies on.
  private func disk(_ bench: Bench, of sink: RecordingSink) throws -> RecordingDisk {
    let open = try #require(bench.recorder.openSegments(sink.channel).last)
    let disks = try bench.disks()
    return try #require(disks.disk(open.disk))
  }

  @Test("channels are spread over the disks, and everything reads back from where it lies")
  func spread() async throws {
    let rack = try DiskRack("spread")
    let bench = try await rack.bench(3)
    let sinks = try (1...9).map { bench.recorder.makeSink(for: try channel($0)) }
    for sink in sinks { sink.formatsChanged([Plain.format]) }
    for unit in Plain.pictures(0, 10) { for sink in sinks { sink.receive([unit]) } }
    #expect(await eventually { bench.recorder.snapshot().disks.map(\.writing) == [3, 3, 3] })
    bench.recorder.stop()
    let records = bench.closed
    #expect(records.count == 9 * 3 && bench.gaps.isEmpty)
    for number in 1...9 {
      let own = records.filter { $0.channel == (try? channel(number)) }
      #expect(try bench.frames(own) == Array(0..<250))
    }
    let all = WallInterval(at(0), at(60))
    let first = records.filter { $0.channel == sinks[0].channel }
    let export = try ExportFile(places: SegmentPlaces(try bench.disks()), segments: first, range: all)
    #expect(export.sampleCount == 250)
  }

  @Test("a disk that fills up is left at the next key frame, without a gap")
  func full() async throws {
    let rack = try DiskRack("full")
    let bench = try await rack.bench(2)
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 2.5))
    #expect(await eventually { bench.recorder.openSegments(sink.channel).first != nil })
    let disk = try disk(bench, of: sink)
    rack.figures.set(disk.path, free: 0)
    #expect(
      await eventually { bench.recorder.snapshot().disks.contains { $0.path == disk.path && $0.isFull } })
    #expect(!bench.recorder.snapshot().isFull)
    sink.receive(Plain.pictures(2.5, 5))
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(bench.closed.map(\.start) == [at(0), at(3)])
    #expect(bench.closed[0].disk == disk.id && bench.closed[1].disk != disk.id)
    #expect(bench.gaps.isEmpty)
    #expect(try bench.frames(bench.closed) == Array(0..<125))
  }

  @Test(
    "a disk that is full at the start says that another records, and its own reserve leaves room to delete")
  func fullAtStart() async throws {
    let rack = try DiskRack("start")
    var directories = try rack.make(1...2)
    directories[0].reserveBytes = 1 << 20
    rack.figures.set(rack.path(1), free: 3 << 17)
    let bench = try Bench("several", disks: try await rack.open(directories).disks, figures: rack.figures) {
      $0.floorBytes = 1 << 30
    }
    let reports = bench.events.compactMap { if case .diskFull(let disk) = $0 { disk } else { nil } }
    #expect(reports.map(\.path) == [rack.path(1)] && reports.map(\.accepting) == [1])
    // Below the reserve and above half of it, deleting has begun and writing goes on.
    rack.figures.set(rack.path(1), free: 6 << 17)
    #expect(await eventually { bench.recorder.snapshot().disks.allSatisfy { !$0.isFull } })
    #expect(
      bench.events.contains { if case .diskLow(let disk) = $0 { disk.path == rack.path(1) } else { false } })
    bench.recorder.stop()
  }

  @Test(
    "a disk that is taken away loses nothing: its file is finished there, the next lies elsewhere, and both are back with it"
  )
  func takenAway() async throws {
    let rack = try DiskRack("away")
    let bench = try await rack.bench(2)
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 2.5))
    #expect(await eventually { bench.recorder.openSegments(sink.channel).first != nil })
    let id = try disk(bench, of: sink).id
    let disks = try bench.disks()
    let number = try #require(disks.disks.firstIndex { $0.id == id }) + 1
    try rack.takeAway(number)
    #expect(await eventually { bench.losses() == [rack.path(number)] })
    #expect(disks.absent == [id])
    #expect(disks.absence(of: id)?.contains("not mounted") == true)
    sink.receive(Plain.pictures(2.5, 8))
    #expect(await eventually { bench.closed.contains { $0.disk == id } })
    let early = try #require(bench.closed.first { $0.disk == id })
    #expect(throws: SegmentReadError.self) { try SegmentPlaces(disks).reader(early) }
    try rack.bringBack(number)
    #expect(await eventually { bench.returns() == [rack.path(number)] })
    sink.receive(Plain.pictures(8, 9))
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(bench.gaps.isEmpty)
    #expect(Set(bench.closed.map(\.disk)) == Set(disks.disks.map(\.id)))
    #expect(try bench.frames(bench.closed) == Array(0..<225))
  }

  @Test("a disk with I/O errors costs what was on its way to it, with a cause, and the rest goes elsewhere")
  func errors() async throws {
    let rack = try DiskRack("errors")
    let broken = Mutex<String?>(nil)
    let bench = try await rack.bench(2) { configuration in
      configuration.write = { descriptor, bytes, offset in
        let path = broken.withLock { $0 }
        return Descriptor.isBelow(path, descriptor)
          ? .failed(EIO) : Descriptor.write(descriptor, bytes, offset)
      }
    }
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 3.5))
    #expect(await eventually { bench.recorder.openSegments(sink.channel).first?.end == at(3) })
    let path = try disk(bench, of: sink).path
    broken.withLock { $0 = path }
    sink.receive(Plain.pictures(3.5, 6.5))
    #expect(await eventually { bench.losses() == [path] })
    for unit in Plain.pictures(6.5, 20) { sink.receive([unit]) }
    sink.ended(.closed)
    broken.withLock { $0 = nil }
    // It works again: after a pause it is taken back.
    #expect(await eventually { bench.returns() == [path] })
    bench.recorder.stop()
    #expect(bench.gaps.contains { $0.cause == .diskLost && $0.start == at(3) && $0.end == at(7) })
    #expect(bench.closed.last?.end == at(20))
    try bench.expectComplete(bench.closed, 0..<500, gaps: [.diskLost])
    let timeline = Timeline.build(
      plan: PlanHistory([PlanEntry(channel: sink.channel, since: at(-10), plan: .continuous)]),
      coverage: RecordedCoverage(segments: bench.closed), gaps: bench.gaps,
      range: WallInterval(at(0), at(20)),
      now: at(20))
    #expect(timeline.totals.unknown == .zero)
  }

  @Test("a disk that does not answer holds up nobody else, and its channels go on elsewhere")
  func hangs() async throws {
    let rack = try DiskRack("hangs")
    let stuck = Mutex<String?>(nil)
    let gate = DispatchSemaphore(value: 0)
    let bench = try await rack.bench(2) { configuration in
      configuration.stallLimit = .milliseconds(100)
      configuration.write = { descriptor, bytes, offset in
        if Descriptor.isBelow(stuck.withLock { $0 }, descriptor) { gate.wait() }
        return Descriptor.write(descriptor, bytes, offset)
      }
    }
    let sinks = try (1...2).map { bench.recorder.makeSink(for: try channel($0)) }
    for sink in sinks {
      sink.formatsChanged([Plain.format])
      sink.receive(Plain.pictures(0, 2.5))
    }
    #expect(await eventually { bench.recorder.snapshot().disks.map(\.writing) == [1, 1] })
    let disk = try disk(bench, of: sinks[0])
    let (id, path) = (disk.id, disk.path)
    stuck.withLock { $0 = path }
    for sink in sinks { sink.receive(Plain.pictures(2.5, 4.5)) }
    #expect(await eventually { bench.losses() == [path] })
    for sink in sinks { for unit in Plain.pictures(4.5, 9.5) { sink.receive([unit]) } }
    #expect(await eventually { bench.recorder.openSegments(sinks[0].channel).contains { $0.disk != id } })
    #expect(await eventually { bench.recorder.openSegments(sinks[1].channel).contains { $0.end >= at(9) } })
    #expect(bench.gaps.contains { $0.channel == sinks[0].channel && $0.cause == .diskLost })
    stuck.withLock { $0 = nil }
    for _ in 0..<64 { gate.signal() }
    // A thread that still hung would be left behind.
    #expect(await eventually { bench.recorder.snapshot().queuedBytes == 0 })
    #expect(await eventually { bench.returns() == [path] })
    bench.recorder.stop()
    let own = bench.closed.filter { $0.channel == sinks[0].channel }
    try bench.expectComplete(own, 0..<237, gaps: [.diskLost])
    #expect(try bench.frames(bench.closed.filter { $0.channel == sinks[1].channel }) == Array(0..<237))
  }

  @Test("with every disk gone one gap lasts until one is back")
  func allGone() async throws {
    let rack = try DiskRack("gone")
    let bench = try await rack.bench(1)
    let sink = bench.recorder.makeSink(for: try channel())
    sink.formatsChanged([Plain.format])
    sink.receive(Plain.pictures(0, 2.5))
    #expect(await eventually { bench.recorder.openSegments(sink.channel).first?.end == at(2) })
    try rack.takeAway(1)
    #expect(await eventually { bench.losses().count == 1 })
    for unit in Plain.pictures(2.5, 10) { sink.receive([unit]) }
    #expect(await eventually { bench.gaps.contains { $0.cause == .diskLost && $0.end == nil } })
    try rack.bringBack(1)
    #expect(await eventually { bench.returns().count == 1 })
    for unit in Plain.pictures(10, 12) { sink.receive([unit]) }
    sink.ended(.closed)
    bench.recorder.stop()
    #expect(Set(bench.gaps.map(\.id)).count == 1)
    #expect(bench.gaps.last?.end == at(10))
    try bench.expectComplete(bench.closed, 0..<300, gaps: [.diskLost])
  }
}
