import Foundation
import Glibc
import MediaTime
import Recording
import Registry
import SegmentStore
import Streaming
import TestSupport
import Testing

/// File systems of their own, mounted by the test.
private final class Mounts: Sendable {
  let rack: DiskRack

  init(_ name: String) throws { rack = try DiskRack(name) }

  static func run(_ name: String, _ arguments: String...) async throws {
    let result = try await Tool.run(name, arguments)
    guard result.status == 0 else {
      throw Tool.Failure(description: "\(name) \(arguments): \(result.errors)")
    }
  }

  /// A file system in memory of `megabytes`.
  func memory(_ number: Int, megabytes: Int) async throws {
    _ = try rack.make(number...number)
    try await Self.run("mount", "-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", rack.path(number))
  }

  /// An ext4 in a file, which outlives being unmounted.
  func ext4(_ number: Int, megabytes: Int) async throws {
    _ = try rack.make(number...number)
    let image = rack.path(number) + ".img"
    _ = FileManager.default.createFile(atPath: image, contents: nil)
    let file = try FileHandle(forWritingTo: URL(filePath: image))
    try file.truncate(atOffset: UInt64(megabytes) << 20)
    try file.close()
    try await Self.run("mkfs.ext4", "-q", "-F", image)
    try await mount(number)
  }

  func mount(_ number: Int) async throws {
    try await Self.run("mount", "-o", "loop", rack.path(number) + ".img", rack.path(number))
  }

  /// Unmounts as soon as nobody holds it any more, and mounts it again.
  func mountAgain(_ number: Int, after isUnmounted: Bool) async -> Bool {
    let path = rack.path(number)
    let isFree = await eventually {
      if isUnmounted { return true }
      return (try? await Self.run("umount", path)) != nil
    }
    guard isFree else { return false }
    return await eventually { (try? await self.mount(number)) != nil }
  }

  /// Unmounts everything, lazily: a recorder may still hold it.
  func end() async {
    for number in 1...3 { try? await Self.run("umount", "-l", rack.path(number)) }
  }

  /// Why these tests cannot run here; nil when they can.
  static let obstacle: String? = {
    guard geteuid() == 0 else { return "mounting file systems takes root" }
    let probe = NSTemporaryDirectory() + "mount-\(getpid())"
    guard mkdir(probe, 0o700) == 0, Glibc.mount("tmpfs", probe, "tmpfs", 0, nil) == 0 else {
      rmdir(probe)
      return "this system lets nobody mount file systems here"
    }
    umount2(probe, Int32(MNT_DETACH))
    rmdir(probe)
    return nil
  }()

  static let canLoop =
    obstacle == nil && access("/dev/loop-control", W_OK) == 0 && access("/usr/sbin/mkfs.ext4", X_OK) == 0
}

@Suite(
  "Recording on real file systems", .serialized,
  .enabled(if: Mounts.obstacle == nil, "skipped: \(Mounts.obstacle ?? "")"))
struct MountedDisksTests {
  /// - Parameter reserve: of the second disk; one larger than the disk sends most files to the first.
  private func bench(_ mounts: Mounts, reserve: Int64 = 0, segment: Duration = .seconds(4)) async throws
    -> Bench
  {
    let directories = [
      RecordingDirectory(path: mounts.rack.path(1)),
      RecordingDirectory(path: mounts.rack.path(2), reserveBytes: reserve),
    ]
    let disks = try await mounts.rack.open(directories).disks
    return try Bench("mounted", disks: disks, figures: SystemDisk()) { configuration in
      // The disk is to be filled to its last block.
      (configuration.reserveBytes, configuration.floorBytes) = (0, 0)
      configuration.limits.segment = segment
    }
  }

  private func with(_ name: String, _ body: (Mounts) async throws -> Void) async throws {
    let mounts = try Mounts(name)
    do { try await body(mounts) } catch {
      await mounts.end()
      throw error
    }
    await mounts.end()
  }

  /// Records `seconds` of one channel in steps, each on its disk before the next.
  private func feed(_ sink: RecordingSink, _ bench: Bench, _ seconds: Range<Int>, bytes: Int) async -> Bool {
    for second in seconds {
      sink.receive(Plain.pictures(Double(second), Double(second) + 1, bytes: bytes))
      guard await eventually({ bench.recorder.snapshot().queuedBytes == 0 }) else { return false }
    }
    return true
  }

  @Test(
    "a disk that is really full ends its file whole; what follows lies on the other, and nothing is unexplained"
  )
  func full() async throws {
    try await with("enospc") { mounts in
      try await mounts.memory(1, megabytes: 6)
      try await mounts.memory(2, megabytes: 60)
      let bench = try await bench(mounts, reserve: 1 << 30, segment: .seconds(3_600))
      let sinks = try (1...4).map { bench.recorder.makeSink(for: try channel($0)) }
      for sink in sinks { sink.formatsChanged([Plain.format]) }
      for second in 0..<40 {
        for sink in sinks { sink.receive(Plain.pictures(Double(second), Double(second) + 1, bytes: 12_000)) }
        #expect(await eventually { bench.recorder.snapshot().queuedBytes == 0 })
      }
      #expect(
        bench.events.contains {
          if case .diskFull(let disk) = $0 { disk.path == mounts.rack.path(1) } else { false }
        })
      for sink in sinks { sink.ended(.closed) }
      bench.recorder.stop()
      #expect(Set(bench.closed.map(\.disk)).count == 2)
      for sink in sinks {
        let own = bench.closed.filter { $0.channel == sink.channel }
        try bench.expectComplete(own, 0..<1_000, gaps: [.diskFull], of: sink.channel, bytes: 12_000)
        #expect(own.last?.end == at(40))
      }
    }
  }

  @Test(
    "a disk that is unmounted under load is left without a gap, and its files are there again when it is mounted",
    .enabled(if: Mounts.canLoop, "skipped: no loop devices or no mkfs.ext4 here"))
  func unmounted() async throws {
    try await with("umount") { mounts in
      for number in 1...2 { try await mounts.ext4(number, megabytes: 64) }
      let bench = try await bench(mounts)
      let sinks = try (1...4).map { bench.recorder.makeSink(for: try channel($0)) }
      for sink in sinks {
        sink.formatsChanged([Plain.format])
        #expect(await feed(sink, bench, 0..<6, bytes: 4_000))
      }
      let disks = try bench.disks()
      try await Mounts.run("umount", "-l", mounts.rack.path(1))
      #expect(await eventually { bench.losses() == [mounts.rack.path(1)] })
      for sink in sinks { #expect(await feed(sink, bench, 6..<12, bytes: 4_000)) }
      // Nothing was written below the mount point.
      #expect(try FileManager.default.contentsOfDirectory(atPath: mounts.rack.path(1)).isEmpty)
      let away = bench.closed.filter { $0.disk == disks.disks[0].id }
      #expect(!away.isEmpty && away.allSatisfy { (try? SegmentPlaces(disks).reader($0)) == nil })
      #expect(await eventually { bench.recorder.snapshot().disks[0].writing == 0 })
      #expect(await mounts.mountAgain(1, after: true))
      #expect(await eventually { bench.returns() == [mounts.rack.path(1)] })
      for sink in sinks { sink.ended(.closed) }
      bench.recorder.stop()
      #expect(bench.gaps.isEmpty)
      for sink in sinks {
        let own = bench.closed.filter { $0.channel == sink.channel }
        try bench.expectComplete(own, 0..<300, gaps: [], of: sink.channel, bytes: 4_000)
      }
    }
  }

  @Test(
    "a file system that turns read-only under load costs at most what was on its way, and is mended when it is back",
    .enabled(if: Mounts.canLoop, "skipped: no loop devices or no mkfs.ext4 here"))
  func readOnly() async throws {
    try await with("readonly") { mounts in
      for number in 1...2 { try await mounts.ext4(number, megabytes: 64) }
      let bench = try await bench(mounts)
      let sink = bench.recorder.makeSink(for: try channel())
      sink.formatsChanged([Plain.format])
      #expect(await feed(sink, bench, 0..<3, bytes: 4_000))
      let disks = try bench.disks()
      let open = try #require(bench.recorder.openSegments(sink.channel).last)
      let number = try #require(disks.disks.firstIndex { $0.id == open.disk }) + 1
      // As after an error of the device: every write fails from here on.
      try await Mounts.run("mount", "-o", "remount,abort", mounts.rack.path(number))
      #expect(await feed(sink, bench, 3..<5, bytes: 4_000))
      #expect(await eventually { bench.losses() == [mounts.rack.path(number)] })
      #expect(await feed(sink, bench, 5..<20, bytes: 4_000))
      sink.ended(.closed)
      #expect(await eventually { bench.closed.last?.end == at(20) })
      #expect(bench.closed.last?.disk != open.disk)
      // Nothing of ours holds the lost one.
      #expect(await mounts.mountAgain(number, after: false))
      #expect(await eventually { bench.returns() == [mounts.rack.path(number)] })
      bench.recorder.stop()
      let mended = disks.mend([open], hash: { TestHash() }).mended
      let files = bench.closed.filter { $0.disk != open.disk } + mended
      try bench.expectComplete(
        files, 0..<500, gaps: [.diskLost], of: sink.channel, bytes: 4_000, lost: 0..<100)
    }
  }
}
