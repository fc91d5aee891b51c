import Glibc
import MP4Core
import MPEGCore
public import MediaTime
public import Recording
import WireBytes

/// Checks recorded files, cuts torn tails off, and rebuilds what the index should say about them.
public struct SegmentRepair: Sendable {
  /// What became of one file.
  public enum Outcome: Sendable, Hashable {
    /// Whole. Whether it had been closed cleanly only the index knows.
    case intact(SegmentRecord)
    /// Something incomplete followed the last good fragment; it was cut off when that was asked for.
    case repaired(SegmentRecord, lostBytes: Int64)
    /// Nothing in it can be played; it was removed when repairs were asked for.
    case empty(path: String)
    /// Not written by us, or not readable: never touched.
    case foreign(path: String, reason: String)

    public var record: SegmentRecord? {
      switch self {
      case .intact(let record), .repaired(let record, _): record
      case .empty, .foreign: nil
      }
    }
  }

  private let root: String
  private let disk: DiskID
  private let hash: HashFactory

  /// - Parameters:
  ///   - root: the recordings directory.
  ///   - disk: the one that is mounted there.
  public init(root: String, disk: DiskID = .former, hash: @escaping HashFactory) {
    self.root = root
    self.disk = disk
    self.hash = hash
  }

  /// Checks one file.
  ///
  /// - Parameters:
  ///   - path: relative to the recordings directory.
  ///   - repairs: whether to cut a torn tail off and to remove a file without content.
  public func examine(_ path: String, repairs: Bool) -> Outcome {
    guard let id = SegmentID(path: path) else {
      return .foreign(path: path, reason: "not the name of a segment")
    }
    let reader: SegmentReader
    do throws(SegmentReadError) {
      reader = try SegmentReader(root: root, path: path)
    } catch {
      // A crash between creating a file and its first fragment leaves a few bytes without a movie.
      guard isStub(path) else { return .foreign(path: path, reason: error.reason) }
      return remove(path, repairs)
    }
    guard reader.metadata.channel == id.channel else {
      return .foreign(path: path, reason: "the file belongs to another channel than its name says")
    }
    guard !reader.index.fragments.isEmpty else { return remove(path, repairs) }
    let lost = reader.index.size - reader.index.validBytes - reader.index.padding
    if reader.index.size > reader.index.validBytes, repairs,
      truncate("\(root)/\(path)", Int(reader.index.validBytes)) != 0
    {
      return .foreign(
        path: path, reason: "the torn tail cannot be cut off: \(String(cString: strerror(errno)))")
    }
    guard let digest = digest(path, bytes: reader.index.validBytes) else {
      return .foreign(path: path, reason: "unreadable")
    }
    let lead = reader.lead.format
    var record = SegmentRecord(
      id: id, disk: disk, path: path, start: reader.metadata.start, end: reader.end,
      bytes: reader.index.validBytes,
      sha256: digest, state: lost > 0 ? .repaired : .closed, codec: lead.codec, width: lead.width,
      height: lead.height, hasAudio: reader.index.audio != nil, retentionClass: reader.metadata.retentionClass
    )
    record.end = max(record.end, record.start)
    return lost > 0 ? .repaired(record, lostBytes: lost) : .intact(record)
  }

  /// Checks every segment below the directory, day by day, channel by channel, in order of time.
  ///
  /// - Parameters:
  ///   - since: days before this one are left out; nil takes all.
  ///   - visit: gets each outcome; returns false to stop.
  public func scan(since: WallTime? = nil, repairs: Bool, _ visit: (Outcome) -> Bool) {
    for path in paths(since: since) {
      guard visit(examine(path, repairs: repairs)) else { return }
    }
  }

  /// What lies below the directory where segments lie, day by day, channel by channel, in order of time.
  func paths(since: WallTime?) -> [String] {
    let first = since.map { String(CivilTime($0).iso8601().prefix(10)) } ?? ""
    var paths: [String] = []
    for day in Directory.names(root) where day.utf8.count == 10 && day >= first {
      for channel in Directory.names("\(root)/\(day)") {
        for name in Directory.names("\(root)/\(day)/\(channel)") { paths.append("\(day)/\(channel)/\(name)") }
      }
    }
    return paths
  }

  /// The index as the files alone tell it (`db rebuild-index`), ascending by channel and start.
  ///
  /// Where one file continues the stream clock of the one before it to the tick,
  /// the two meet exactly, as they did when they were recorded.
  public func rebuild(repairs: Bool = true, report: (Outcome) -> Void = { _ in }) -> [SegmentRecord] {
    var records: [SegmentRecord] = []
    scan(repairs: repairs) { outcome in
      report(outcome)
      if let record = outcome.record { records.append(record) }
      return true
    }
    Self.join(&records, SegmentPlaces(root: root))
    return records
  }

  /// Sorts records by channel and start, and lets those meet that continue each other's stream clock.
  static func join(_ records: inout [SegmentRecord], _ places: SegmentPlaces) {
    records.sort { ($0.channel, $0.start, $0.id) < ($1.channel, $1.start, $1.id) }
    for index in records.indices.dropLast() where records[index].channel == records[index + 1].channel {
      if continues(records[index], records[index + 1], places) {
        records[index].end = records[index + 1].start
      }
    }
  }

  private static func continues(
    _ first: SegmentRecord, _ second: SegmentRecord, _ places: SegmentPlaces
  ) -> Bool {
    // The recorder corrects its clock by at most 1 % at a boundary.
    guard abs((second.start - first.end).inSeconds) <= max(1, (first.end - first.start).inSeconds / 50),
      let left = try? places.reader(first), let right = try? places.reader(second),
      left.metadata.run == right.metadata.run
    else { return false }
    return left.metadata.origin + left.endFileTime == right.metadata.origin + right.metadata.anchor
  }

  private func isStub(_ path: String) -> Bool {
    guard let file = try? ReadableFile(root: root, path: path) else { return false }
    // An init segment of ours is some 1.5 kB; anything larger without a movie is not our torn file.
    guard file.size <= 64 << 10, let bytes = file.bytes(0, Int(file.size)) else { return false }
    return bytes.count < 8 || bytes[4..<8].elementsEqual("ftyp".utf8)
  }

  private func remove(_ path: String, _ repairs: Bool) -> Outcome {
    if repairs { unlink("\(root)/\(path)") }
    return .empty(path: path)
  }

  private func digest(_ path: String, bytes total: Int64) -> String? {
    guard let file = try? ReadableFile(root: root, path: path) else { return nil }
    let hash = hash()
    var offset: Int64 = 0
    while offset < total {
      guard let block = file.bytes(offset, Int(min(total - offset, 1 << 20))) else { return nil }
      block.withUnsafeBytes { hash.update($0) }
      offset += Int64(block.count)
    }
    return Hex.lowercase(hash.finish())
  }
}

/// Names in a directory.
enum Directory {
  /// Sorted; without `.` and `..`; empty when it cannot be read.
  static func names(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
