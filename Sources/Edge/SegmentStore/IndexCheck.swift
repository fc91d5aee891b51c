import Glibc
public import MediaTime
public import Recording
import WireBytes

/// Why a comparison of index and files was broken off.
public struct IndexCheckError: Error, Sendable, CustomStringConvertible {
  public var description: String
}

/// Compares the index with the files, slowly, while both are in use.
///
/// First every entry of the index is held against its file, then every file
/// against the index. It reads little at a time and waits while the disk is
/// busy; recording comes first. What is open or younger than
/// ``settlingTime`` is left alone: index and files may differ there for a moment.
public struct IndexCheck: Sendable {
  /// How much is looked at, and what is done about it.
  public struct Options: Sendable {
    /// Forget what is gone, take in what is unknown, mark what is damaged; otherwise only count.
    public var repairs = true
    /// Bytes to read and hash again in this run; 0 compares lengths only.
    public var hashBytes: Int64 = 0
    /// Bytes per second to read; nil as fast as it goes.
    public var bytesPerSecond: Int64?
    /// Entries and files per second to look at; nil as fast as it goes.
    public var entriesPerSecond: Int?
    /// Hashing starts after this segment: where the run before ended.
    public var hashAfter: SegmentID?

    public init() {}
  }

  /// What the check needs to know of the rest of the program.
  public struct Surroundings: Sendable {
    public var now: @Sendable () -> WallTime
    /// Whether the disk has more important things to do.
    public var isBusy: @Sendable () -> Bool
    public var pause: @Sendable (Duration) async throws -> Void
    /// Called for every fault.
    public var report: @Sendable (IndexFault, String) -> Void

    public init(
      now: @escaping @Sendable () -> WallTime, isBusy: @escaping @Sendable () -> Bool = { false },
      pause: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
      report: @escaping @Sendable (IndexFault, String) -> Void = { _, _ in }
    ) {
      (self.now, self.isBusy, self.pause, self.report) = (now, isBusy, pause, report)
    }
  }

  /// Younger files are not judged.
  public static let settlingTime: Duration = .seconds(600)
  private static let page = 200
  private static let block = 1 << 20

  private let disks: DiskSet
  private let store: any RecordingStore
  private let hash: HashFactory
  private let surroundings: Surroundings

  /// - Parameter disks: of those that are away nothing is judged.
  public init(
    disks: DiskSet, store: any RecordingStore, hash: @escaping HashFactory, surroundings: Surroundings
  ) {
    (self.disks, self.store, self.hash, self.surroundings) = (disks, store, hash, surroundings)
  }

  /// One comparison. Cancelling the task ends it between two files.
  ///
  /// - Returns: what was found, and the last segment that was hashed.
  /// - Throws: ``IndexCheckError`` when so much is missing that the disk rather than files must be gone;
  ///   nothing is forgotten then.
  public func run(_ options: Options) async throws -> (report: IndexCheckReport, hashedUpTo: SegmentID?) {
    var report = IndexCheckReport(started: surroundings.now(), repairs: options.repairs)
    var hashedUpTo = options.hashAfter
    try await compareIndex(options, &report)
    if options.hashBytes > 0 { hashedUpTo = try await compareHashes(options, &report) }
    try await compareFiles(options, &report)
    report.ended = surroundings.now()
    return (report, hashedUpTo)
  }

  // MARK: Every entry has its file

  private func compareIndex(_ options: Options, _ report: inout IndexCheckReport) async throws {
    var last: SegmentID?
    while true {
      let entries = try await store.segments(after: last, limit: Self.page)
      guard let end = entries.last?.id else { return }
      last = end
      var missing: [SegmentRecord] = []
      let judged = entries.filter(isJudged)
      for entry in judged {
        guard let handle = disks.disk(entry.disk)?.handle else { continue }
        report.files += 1
        switch size(of: entry.path, in: handle) {
        case .failure(.missing): missing.append(entry)
        case .failure(let fault): try await note(fault, entry, options, &report)
        case .success(entry.bytes): break
        case .success(let found):
          try await note(.size(expected: entry.bytes, found: found), entry, options, &report)
        }
      }
      // A directory that is not mounted looks as if everything had been deleted.
      guard missing.count <= max(10, judged.count / 2) else {
        throw IndexCheckError(
          description:
            "\(missing.count) of \(judged.count) recorded files are missing at once: "
            + "check that the disk is there. Nothing was changed.")
      }
      for entry in missing { try await note(.missing, entry, options, &report) }
      try await rest(after: entries.count, options)
    }
  }

  private func isJudged(_ entry: SegmentRecord) -> Bool {
    (entry.state == .closed || entry.state == .repaired)
      && surroundings.now() - entry.end >= Self.settlingTime
  }

  /// Asked of the open directory: a file is missing only where its disk says so.
  private func size(of path: String, in handle: DirectoryHandle) -> Result<Int64, IndexFault> {
    handle.status(of: path).map { Int64($0.st_size) }.mapError {
      $0.code == ENOENT ? .missing : .unreadable($0.text)
    }
  }

  // MARK: The bytes are those that were recorded

  private func compareHashes(_ options: Options, _ report: inout IndexCheckReport) async throws -> SegmentID?
  {
    var last = options.hashAfter
    while report.hashedBytes < options.hashBytes {
      let entries = try await store.segments(after: last, limit: Self.page)
      // At the end of the index the next run begins at its beginning.
      guard !entries.isEmpty else { return nil }
      for entry in entries where report.hashedBytes < options.hashBytes {
        last = entry.id
        guard isJudged(entry), let expected = entry.sha256, let root = disks.root(of: entry.disk) else {
          continue
        }
        do {
          let found = try await digest(entry, root, options)
          report.hashed += 1
          report.hashedBytes += entry.bytes
          if found != expected {
            try await note(.hash, entry, options, &report)
          } else if options.repairs {
            try await store.markDamaged(entry.id, nil, at: surroundings.now())
          }
        } catch let error as SegmentReadError {
          // Deleted meanwhile, or gone with its disk: no fault of the file.
          guard try await store.segment(entry.id)?.state == entry.state, isThere(entry) else { continue }
          try await note(.unreadable(error.reason), entry, options, &report)
        }
      }
    }
    return last
  }

  private func isThere(_ entry: SegmentRecord) -> Bool {
    disks.disk(entry.disk)?.answers ?? false
  }

  private func digest(_ entry: SegmentRecord, _ root: String, _ options: Options) async throws -> String {
    let file = try ReadableFile(root: root, path: entry.path)
    let hash = hash()
    var offset: Int64 = 0
    while offset < entry.bytes {
      try await waitWhileBusy()
      guard let block = file.bytes(offset, Int(min(entry.bytes - offset, Int64(Self.block)))) else {
        throw SegmentReadError(path: entry.path, reason: "unreadable at byte \(offset)")
      }
      block.withUnsafeBytes { hash.update($0) }
      offset += Int64(block.count)
      if let rate = options.bytesPerSecond, rate > 0 {
        try await surroundings.pause(.seconds(Double(block.count) / Double(rate)))
      }
    }
    // Nobody asked for these bytes: the page cache is worth more to others.
    posix_fadvise(file.descriptor, 0, 0, POSIX_FADV_DONTNEED)
    return Hex.lowercase(hash.finish())
  }

  // MARK: Every file has its entry

  private func compareFiles(_ options: Options, _ report: inout IndexCheckReport) async throws {
    for disk in disks.present { try await compareFiles(of: disk, options, &report) }
  }

  private func compareFiles(of disk: RecordingDisk, _ options: Options, _ report: inout IndexCheckReport)
    async throws
  {
    let root = disk.path
    let repair = SegmentRepair(root: root, disk: disk.id, hash: hash)
    for day in Directory.names(root) where day.utf8.count == 10 {
      for channel in Directory.names("\(root)/\(day)") {
        let names = Directory.names("\(root)/\(day)/\(channel)")
        for name in names {
          let path = "\(day)/\(channel)/\(name)"
          guard let id = SegmentID(path: path), try await store.segment(id) == nil, isSettled(path, disk)
          else {
            continue
          }
          guard options.repairs else {
            count(.unknown, path, &report)
            continue
          }
          guard var record = repair.examine(path, repairs: true).record else { continue }
          record.state = .repaired
          try await store.putSegment(record)
          count(.unknown, path, &report)
        }
        try await rest(after: names.count, options)
      }
    }
  }

  /// Whether a file is there and has not been written to lately.
  private func isSettled(_ path: String, _ disk: RecordingDisk) -> Bool {
    guard case .success(let status)? = disk.handle?.status(of: path) else { return false }
    let changed = WallTime(seconds: Int64(status.st_mtim.tv_sec))
    return surroundings.now() - changed >= Self.settlingTime
  }

  // MARK: Inside

  private func note(
    _ fault: IndexFault, _ entry: SegmentRecord, _ options: Options, _ report: inout IndexCheckReport
  ) async throws {
    // Deleted by rule meanwhile, or written again: no fault.
    guard try await store.segment(entry.id) == entry else { return }
    if options.repairs {
      if fault == .missing {
        try await store.forgetLost(entry)
      } else {
        try await store.markDamaged(entry.id, fault.name, at: surroundings.now())
      }
    }
    count(fault, entry.path, &report)
  }

  private func count(_ fault: IndexFault, _ path: String, _ report: inout IndexCheckReport) {
    report.faults[fault.name, default: 0] += 1
    surroundings.report(fault, path)
  }

  private func rest(after entries: Int, _ options: Options) async throws {
    try Task.checkCancellation()
    if let rate = options.entriesPerSecond, rate > 0 {
      try await surroundings.pause(.seconds(Double(entries) / Double(rate)))
    }
    try await waitWhileBusy()
  }

  private func waitWhileBusy() async throws {
    while surroundings.isBusy() { try await surroundings.pause(.seconds(1)) }
  }
}
