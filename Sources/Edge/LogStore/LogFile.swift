import Glibc

/// One open file. Reading is for any thread, writing for the one that writes.
final class LogFile: Sendable {
  let path: String
  private let descriptor: Int32

  /// - Parameter mode: of a file that is made.
  init(_ path: String, creates: Bool = true) throws(LogStoreError) {
    self.path = path
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (creates ? O_CREAT : 0)
    descriptor = open(path, flags, 0o600)
    guard descriptor >= 0 else { throw Self.failure("opened", path, errno) }
  }

  deinit { close(descriptor) }

  /// Whether no other process holds it; held until the file is closed.
  func lock() -> Bool { flock(descriptor, LOCK_EX | LOCK_NB) == 0 }
  func unlock() { flock(descriptor, LOCK_UN) }

  func length() throws(LogStoreError) -> Int64 {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw Self.failure("read", path, errno) }
    return Int64(facts.st_size)
  }

  /// Fewer bytes than asked for only at the end.
  func read(at offset: Int64, count: Int) throws(LogStoreError) -> [UInt8] {
    var problem: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = pread(
          descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
        if got < 0, errno == EINTR { continue }
        if got < 0 { problem = errno }
        if got <= 0 { break }
        filled += got
      }
    }
    guard problem == 0 else { throw Self.failure("read", path, problem) }
    return bytes
  }

  func write(_ bytes: [UInt8], at offset: Int64) throws(LogStoreError) {
    var done = 0
    let problem: Int32 = bytes.withUnsafeBytes { buffer in
      while done < buffer.count {
        let put = pwrite(
          descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset) + off_t(done))
        if put < 0, errno == EINTR { continue }
        if put <= 0 { return put < 0 ? errno : ENOSPC }
        done += put
      }
      return 0
    }
    guard problem == 0 else { throw Self.failure("written", path, problem) }
  }

  func truncate(to length: Int64) throws(LogStoreError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure("cut", path, errno) }
  }

  func sync() throws(LogStoreError) {
    guard fdatasync(descriptor) == 0 else { throw Self.failure("synced", path, errno) }
  }

  static func failure(_ what: String, _ path: String, _ number: Int32) -> LogStoreError {
    LogStoreError(
      .disk,
      "The access log \(path) cannot be \(what): \(String(cString: strerror(number))); make room or mend the disk."
    )
  }

  // MARK: Whole files

  /// Nil when there is none.
  static func contents(_ path: String, atMost limit: Int) throws(LogStoreError) -> [UInt8]? {
    guard access(path, F_OK) == 0 else { return nil }
    let bytes = try LogFile(path, creates: false).read(at: 0, count: limit + 1)
    guard bytes.count <= limit else { throw LogStoreError(.changed, "\(path) is longer than it can be.") }
    return bytes
  }

  /// Writes a file aside and renames it, so that a crash leaves the old one or the new one.
  static func replace(_ path: String, _ bytes: [UInt8]) throws(LogStoreError) {
    let aside = try LogFile(path + ".new")
    try aside.truncate(to: 0)
    try aside.write(bytes, at: 0)
    try aside.sync()
    guard rename(aside.path, path) == 0 else { throw failure("written", path, errno) }
    try syncDirectory(of: path)
  }

  static func syncDirectory(of path: String) throws(LogStoreError) {
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure("synced", folder, errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failure("synced", folder, errno) }
  }
}
