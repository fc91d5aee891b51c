import Glibc
public import Recording

/// Every disk that recordings are written to or read from, by configuration and by index.
public final class DiskSet: Sendable {
  public let disks: [RecordingDisk]
  /// Disks of the index that no configured directory holds.
  public let unconfigured: [KnownDisk]

  init(_ disks: [RecordingDisk], unconfigured: [KnownDisk] = []) {
    (self.disks, self.unconfigured) = (disks, unconfigured)
  }

  /// The configured disk, there or not.
  public func disk(_ id: DiskID) -> RecordingDisk? { disks.first { $0.id == id } }

  /// Disks that are away, whose recordings cannot be read now.
  public var absent: Set<DiskID> {
    Set(disks.filter { !$0.isPresent }.map(\.id) + unconfigured.map(\.id))
  }

  public var present: [RecordingDisk] { disks.filter(\.isPresent) }

  /// The directory that `disk` is mounted at, nil while it is away.
  public func root(of id: DiskID) -> String? {
    guard let disk = disk(id), disk.isPresent else { return nil }
    return disk.path
  }

  /// Why the files of a disk cannot be read, for people; nil when they can.
  public func absence(of id: DiskID) -> String? {
    if let disk = disk(id) { return disk.loss }
    guard let known = unconfigured.first(where: { $0.id == id }) else { return "the disk \(id) is not known" }
    return "the disk that was mounted at \(known.directory.isEmpty ? "another place" : known.directory) "
      + "is not among the configured directories"
  }

  /// Where the file of `segment` lies.
  public func place(of segment: SegmentRecord) throws(SegmentReadError) -> String {
    guard let root = root(of: segment.disk) else {
      throw SegmentReadError(path: segment.path, reason: absence(of: segment.disk) ?? "away")
    }
    return root
  }
}

/// Finds the directory of a recorded file.
public struct SegmentPlaces: Sendable {
  let find: @Sendable (SegmentRecord) throws(SegmentReadError) -> String

  /// All files lie below one directory.
  public init(root: String) { find = { _ throws(SegmentReadError) in root } }

  /// Each lies on its disk.
  public init(_ disks: DiskSet) {
    find = { segment throws(SegmentReadError) in try disks.place(of: segment) }
  }

  /// A reader of `segment`.
  public func reader(_ segment: SegmentRecord) throws(SegmentReadError) -> SegmentReader {
    try SegmentReader(root: find(segment), path: segment.path)
  }
}
