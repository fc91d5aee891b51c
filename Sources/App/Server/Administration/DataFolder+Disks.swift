import Glibc
import MediaTime
public import Recording
public import SegmentStore
import StoreSQLite

/// The disks of recordings.
extension DataFolder {
  /// Where recordings are when nothing is configured.
  static func former(_ path: String) -> String { path + "/recordings" }

  /// Finds the disk of every directory, marks those that are new, and tells the index.
  ///
  /// - Throws: ``StartError``, one sentence that says what to do.
  public func openDisks() async throws -> DiskSet.Opening {
    let former = Self.former(path)
    if directories.map(\.path) == [former], mkdir(former, 0o750) != 0, errno != EEXIST {
      throw StartError(
        "cannot create the recordings directory \(former): \(String(cString: strerror(errno)))")
    }
    do {
      return try await DiskSet.open(directories, former: former, store: database, now: SystemClock.wall())
    } catch let error as RecorderError {
      throw StartError("\(error)")
    }
  }

  /// A disk as the command line lists it.
  public struct DiskLine: Sendable {
    public var id: DiskID
    public var directory: String
    /// Why it is away; nil while it is there.
    public var loss: String?
    public var figures: DiskFigures?
    public var segments: Int
    public var bytes: Int64
  }

  /// Every disk of configuration and index.
  public func listDisks() async throws -> [DiskLine] {
    let disks = try await openDisks().disks
    let known = Dictionary(uniqueKeysWithValues: try await database.disks().map { ($0.id, $0) })
    let configured = disks.disks.map { disk in
      DiskLine(
        id: disk.id, directory: disk.path, loss: disk.loss,
        figures: disk.isPresent ? SystemDisk().figures(of: disk.path) : nil,
        segments: known[disk.id]?.segments ?? 0, bytes: known[disk.id]?.bytes ?? 0)
    }
    return configured
      + disks.unconfigured.map { disk in
        DiskLine(
          id: disk.id, directory: disk.directory, loss: disks.absence(of: disk.id), figures: nil,
          segments: disk.segments, bytes: disk.bytes)
      }
  }

  /// Takes a new disk in at a directory where another one is known: it gets a marker of its own.
  ///
  /// - Throws: ``StartError`` when the directory has a marker, is not configured, or cannot be written.
  public func adoptDisk(at path: String) async throws -> DiskID {
    guard directories.contains(where: { $0.path == path }) else {
      throw StartError("\(path) is not among the recordings directories: add it to 'recordings' first")
    }
    do {
      let id = try DiskMarker.make(at: path)
      try await database.attachDisk(id, at: path, claimsFormer: false, now: SystemClock.wall())
      return id
    } catch let error as RecorderError {
      throw StartError("\(error)")
    }
  }

  /// Gives up a disk that will never come back: what lay on it becomes `file-lost` gaps.
  ///
  /// - Returns: files that were given up.
  /// - Throws: ``StartError`` when the disk is there, or not known.
  public func forgetDisk(_ id: DiskID) async throws -> Int {
    let disks = try await openDisks().disks
    guard disks.absent.contains(id) else {
      throw StartError("the disk \(id) is there, or not known: only a disk that is away can be forgotten")
    }
    var count = 0
    var last: SegmentID?
    while true {
      let entries = try await database.segments(after: last, limit: 500)
      guard let end = entries.last?.id else { break }
      last = end
      for entry in entries where entry.disk == id {
        // What was marked for deletion has its account already.
        if entry.state == .deleting {
          try await database.removeSegments([entry.id])
        } else {
          try await database.forgetLost(entry)
        }
        count += 1
      }
    }
    try await database.forgetDisk(id)
    return count
  }
}
