import Glibc

/// A directory held open: what is asked through it is asked of the very disk it was opened on, whatever has been
/// mounted over its path or taken away since.
final class DirectoryHandle: Sendable {
  let descriptor: Int32

  /// - Returns: nil with `errno` when it cannot be opened.
  init?(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    // Before anything is initialised, so that no deinitialiser changes `errno`.
    guard descriptor >= 0 else { return nil }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Makes the directories of a path below this one.
  ///
  /// - Returns: 0, or the error number.
  func makeDirectories(of path: String) -> Int32 {
    var directory = ""
    for part in path.split(separator: "/").dropLast() {
      directory += directory.isEmpty ? "\(part)" : "/\(part)"
      guard mkdirat(descriptor, directory, 0o750) == 0 || errno == EEXIST else { return errno }
    }
    return 0
  }

  /// - Returns: a descriptor, or -1 with `errno`.
  func openFile(_ path: String, _ flags: Int32, _ mode: mode_t = 0o640) -> Int32 {
    openat(descriptor, path, flags | O_CLOEXEC, mode)
  }

  /// Status of a file, or the error number.
  func status(of path: String) -> Result<stat, SystemError> {
    var status = stat()
    guard fstatat(descriptor, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      return .failure(SystemError(code: errno))
    }
    return .success(status)
  }

  /// - Returns: 0, or the error number.
  func remove(_ path: String) -> Int32 { unlinkat(descriptor, path, 0) == 0 ? 0 : errno }

  /// Removes a directory if it is empty.
  func removeDirectory(_ path: String) { unlinkat(descriptor, path, AT_REMOVEDIR) }

  /// The whole of a small file, or the error number.
  func contents(of path: String, atMost limit: Int) -> Result<[UInt8], SystemError> {
    let file = openFile(path, O_RDONLY)
    guard file >= 0 else { return .failure(SystemError(code: errno)) }
    defer { close(file) }
    var code: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
      let read = Glibc.read(file, buffer.baseAddress, limit)
      (code, count) = read < 0 ? (errno, 0) : (0, read)
    }
    return code == 0 ? .success(bytes) : .failure(SystemError(code: code))
  }
}

/// An error number of the operating system.
struct SystemError: Error, Hashable {
  var code: Int32
  var text: String { String(cString: strerror(code)) }
}
