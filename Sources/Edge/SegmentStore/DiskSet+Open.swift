import Glibc
public import MediaTime
public import Recording

extension DiskSet {
  /// What opening found that people should know.
  public struct Opening: Sendable {
    public var disks: DiskSet
    /// One sentence each.
    public var remarks: [String] = []
  }

  /// A look at one configured directory.
  private struct Found {
    var directory: RecordingDirectory
    var handle: DirectoryHandle?
    var id: DiskID?
    var loss: String?
    var isNew = false
  }

  /// Finds the disk of every directory and marks those that are new.
  ///
  /// A directory where the index knows a disk and none is mounted gets no new marker: whoever forgets to mount a
  /// disk must not find a week of recordings below its mount point.
  ///
  /// - Parameters:
  ///   - directories: in the order of the configuration.
  ///   - former: the directory that held all recordings before there was a list.
  ///   - store: the index; nil for a recorder without one.
  ///   - random: bits for a new disk.
  /// - Throws: ``RecorderError``, one sentence, for a directory that was never used and cannot be.
  public static func open(
    _ directories: [RecordingDirectory], former: String, store: (any RecordingStore)?, now: WallTime,
    random: () -> UInt64 = { .random(in: 1 ... .max) }
  ) async throws -> Opening {
    let known = try await store?.disks() ?? []
    var found: [Found] = []
    for directory in directories { found.append(try look(directory, known)) }
    try refuseTwins(found)
    for index in found.indices where found[index].isNew {
      guard let handle = found[index].handle else { continue }
      let id = DiskID(bits: random())
      let code = DiskMarker.write(id, in: handle)
      guard code == 0 else { throw unusable(directories[index].path, SystemError(code: code)) }
      found[index].id = id
    }
    if let store {
      let claimant = claimant(found, known, former)
      for (index, entry) in found.enumerated() where entry.loss == nil {
        guard let id = entry.id else { continue }
        try await store.attachDisk(id, at: entry.directory.path, claimsFormer: index == claimant, now: now)
      }
    }
    return conclude(found, try await store?.disks() ?? [])
  }

  /// For a recorder without an index: a disk without a marker is new.
  static func open(_ directory: RecordingDirectory) throws(RecorderError) -> DiskSet {
    var entry = try look(directory, [])
    if entry.isNew, let handle = entry.handle {
      let id = DiskID(bits: .random(in: 1 ... .max))
      let code = DiskMarker.write(id, in: handle)
      guard code == 0 else { throw unusable(directory.path, SystemError(code: code)) }
      entry.id = id
    }
    return conclude([entry], []).disks
  }

  private static func conclude(_ found: [Found], _ known: [KnownDisk]) -> Opening {
    let disks = found.map { entry in
      RecordingDisk(entry.directory, id: entry.id ?? .former, handle: entry.handle, loss: entry.loss)
    }
    let ids = Set(disks.map(\.id))
    let set = DiskSet(disks, unconfigured: known.filter { !ids.contains($0.id) && $0.segments > 0 })
    var remarks = found.compactMap { entry in
      entry.loss.map { "A disk of recordings is away: \($0)." }
    }
    remarks += set.unconfigured.map { disk in
      "\(disk.segments) recorded files lie on a disk that is not among the configured directories"
        + (disk.directory.isEmpty ? "." : " (it was mounted at \(disk.directory)): add it to 'recordings'.")
    }
    return Opening(disks: set, remarks: remarks + sharing(found))
  }

  // MARK: One directory

  private static func look(_ directory: RecordingDirectory, _ known: [KnownDisk]) throws(RecorderError)
    -> Found
  {
    let path = directory.path
    let before = known.filter { $0.directory == path }.max { $0.attached < $1.attached }
    guard let handle = DirectoryHandle(path) else {
      let error = SystemError(code: errno)
      guard let before else { throw unusable(path, error) }
      return Found(directory: directory, id: before.id, loss: "\(path) cannot be opened: \(error.text)")
    }
    switch DiskMarker.read(handle) {
    case .success(let id):
      return judge(Found(directory: directory, handle: handle, id: id))
    case .failure(SystemError(code: ENOENT)):
      if let before {
        return Found(
          directory: directory, id: before.id,
          loss: "the disk is not mounted at \(path): its marker file is not there")
      }
      let code = RecordingDisk.probe(handle)
      guard code == 0 else { throw unusable(path, SystemError(code: code)) }
      return Found(directory: directory, handle: handle, isNew: true)
    case .failure(let error):
      guard let before else { throw unusable(path, error) }
      return Found(
        directory: directory, id: before.id, loss: "the marker file in \(path) cannot be read: \(error.text)")
    }
  }

  /// A disk we know may be out of order; that is no reason not to start.
  private static func judge(_ found: Found) -> Found {
    var found = found
    guard let id = found.id else { return found }
    if case .failure(let loss) = RecordingDisk.look(found.directory.path, for: id, probes: true) {
      (found.loss, found.handle) = (loss.text, nil)
    }
    return found
  }

  private static func unusable(_ path: String, _ error: SystemError) -> RecorderError {
    switch error.code {
    case ENOENT:
      RecorderError(
        description:
          "the recordings directory \(path) does not exist: make it, mount its disk, or take it out of "
          + "'recordings'")
    case ENOTDIR:
      RecorderError(description: "\(path) in 'recordings' is no directory: name the directory of a disk")
    case EACCES, EPERM, EROFS:
      RecorderError(
        description: "the recordings directory \(path) is not writable: give this user write permission or "
          + "choose another directory")
    case EINVAL:
      RecorderError(
        description:
          "\(path)/\(DiskMarker.name) was not written by this program: move it away or choose another "
          + "directory")
    default:
      RecorderError(description: "the recordings directory \(path) cannot be used: \(error.text)")
    }
  }

  // MARK: All together

  private static func refuseTwins(_ found: [Found]) throws(RecorderError) {
    var seen: [String: String] = [:]
    for entry in found {
      guard let handle = entry.handle else { continue }
      // By marker and by place: two names of a directory that has no marker yet are one directory, too.
      var names = entry.id.map { [$0.text] } ?? []
      if case .success(let status) = handle.status(of: ".") {
        names.append("\(status.st_dev) \(status.st_ino)")
      }
      for name in names {
        if let other = seen[name] {
          throw RecorderError(
            description:
              "\(other) and \(entry.directory.path) in 'recordings' are the same directory, or one is a "
              + "copy of the other: name each disk once")
        }
        seen[name] = entry.directory.path
      }
    }
  }

  /// Which directory holds what was recorded before disks were told apart: the one of old, else the first that has
  /// recordings and no marker yet, else, when there can be none, the first of all.
  private static func claimant(_ found: [Found], _ known: [KnownDisk], _ former: String) -> Int? {
    let usable = found.indices.filter { found[$0].loss == nil }
    if let index = usable.first(where: { found[$0].directory.path == former }) { return index }
    guard known.contains(where: { $0.id == .former }) else { return nil }
    if holdsRecordings(former) { return nil }
    return usable.first { found[$0].isNew && holdsRecordings(found[$0].directory.path) }
  }

  private static func holdsRecordings(_ path: String) -> Bool {
    Directory.names(path).contains {
      $0.utf8.count == 10 && $0.utf8.first.map { (48...57).contains($0) } == true
    }
  }

  /// Two directories on one file system are allowed, and said: they share its space and its fate.
  private static func sharing(_ found: [Found]) -> [String] {
    var first: [dev_t: String] = [:]
    var remarks: [String] = []
    for entry in found {
      guard let handle = entry.handle, case .success(let status) = handle.status(of: ".") else { continue }
      let path = entry.directory.path
      if let other = first[status.st_dev] {
        remarks.append(
          "\(other) and \(path) lie on the same disk: they share its space, and are lost together.")
      } else {
        first[status.st_dev] = path
      }
    }
    return remarks
  }
}
