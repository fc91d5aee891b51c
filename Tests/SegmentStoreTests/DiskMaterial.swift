import Foundation
import Glibc
import MP4Core
import MPEGCore
import MediaTime
import Recording
import Registry
import SegmentStore
import Synchronization
import TestSupport
import Testing
import WireBytes

/// Directories that stand for disks, in one that goes away with the test.
final class DiskRack: Sendable {
  let root: String
  let figures = RackFigures()

  init(_ name: String) throws {
    root = Tool.scratch.appending(path: "rack-\(name)-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  func path(_ number: Int) -> String { "\(root)/disk\(number)" }

  func make(_ numbers: ClosedRange<Int>) throws -> [RecordingDirectory] {
    try numbers.map { number in
      try FileManager.default.createDirectory(atPath: path(number), withIntermediateDirectories: true)
      return RecordingDirectory(path: path(number))
    }
  }

  func open(_ directories: [RecordingDirectory], store: MemoryStore? = nil) async throws -> DiskSet.Opening {
    try await DiskSet.open(directories, former: "\(root)/recordings", store: store, now: at(0))
  }

  /// A recorder over `count` disks.
  func bench(_ count: Int, adjust: (inout RecorderConfiguration) -> Void = { _ in }) async throws -> Bench {
    let disks = try await open(try make(1...count)).disks
    return try Bench("several", disks: disks, figures: figures, adjust: adjust)
  }

  /// As when somebody unmounts it lazily: its directory shows what is below the mount point.
  func takeAway(_ number: Int) throws {
    try FileManager.default.moveItem(atPath: path(number), toPath: path(number) + ".away")
    try FileManager.default.createDirectory(atPath: path(number), withIntermediateDirectories: true)
  }

  func bringBack(_ number: Int) throws {
    // Refuses when anything was written below the mount point.
    guard rmdir(path(number)) == 0 else { throw CocoaError(.fileWriteFileExists) }
    try FileManager.default.moveItem(atPath: path(number) + ".away", toPath: path(number))
  }
}

/// How full each disk is, as the test wants it.
final class RackFigures: Disk {
  private let free = Mutex<[String: Int64]>([:])
  func set(_ path: String, free bytes: Int64) { free.withLock { $0[path] = bytes } }
  func figures(of path: String) -> DiskFigures? {
    DiskFigures(total: 1 << 41, free: free.withLock { $0[path] } ?? 1 << 40)
  }
}

/// What a test that replaces the write needs to know of a descriptor.
enum Descriptor {
  static func isBelow(_ path: String?, _ descriptor: Int32) -> Bool {
    guard let path else { return false }
    let name = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
    return name?.hasPrefix(path + "/") ?? false
  }

  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, _ offset: Int64) -> WriteOutcome {
    let count = pwrite(descriptor, bytes.baseAddress, bytes.count, Int(offset))
    return count < 0 ? .failed(errno) : .written(count)
  }
}

extension Bench {
  /// Which pictures of ``Plain/pictures(_:_:bytes:key:)`` the files hold, each compared with what was recorded.
  func frames(_ records: [SegmentRecord], bytes: Int = 400) throws -> [Int] {
    let places = SegmentPlaces(try disks())
    var found: [Int] = []
    for record in records {
      let reader = try places.reader(record)
      for fragment in reader.index.fragments.indices {
        for unit in try reader.units(of: fragment) {
          let index = Int(unit.dts.value / 3_600)
          let second = Plain.pictures(Double(index / 25), Double(index / 25) + 1, bytes: bytes)
          let wanted = second.first { $0.dts == unit.dts }
          #expect(unit.payload.array == wanted?.payload.array, "picture \(index)")
          found.append(index)
        }
      }
    }
    return found.sorted()
  }

  /// Every picture is in exactly one file, or in a gap of the channel with one of `causes`, or among `lost`.
  func expectComplete(
    _ records: [SegmentRecord], _ pictures: Range<Int>, gaps causes: Set<GapCause>,
    of channel: ChannelKey? = nil,
    bytes: Int = 400, lost: Range<Int> = 0..<0
  ) throws {
    let found = try frames(records, bytes: bytes)
    #expect(Set(found).count == found.count, "a picture was recorded twice")
    let explained = gaps.filter { causes.contains($0.cause) && (channel ?? $0.channel) == $0.channel }
    for index in Set(pictures).subtracting(found).subtracting(lost) {
      let moment = at(Double(index) / 25)
      #expect(
        explained.contains { $0.start <= moment && moment < $0.end ?? at(1e6) },
        "picture \(index) of \(explained)")
    }
  }

  func losses() -> [String] {
    events.compactMap { if case .diskLost(let disk, _) = $0 { disk.path } else { nil } }
  }

  func returns() -> [String] {
    events.compactMap { if case .diskReturned(let disk) = $0 { disk.path } else { nil } }
  }
}
