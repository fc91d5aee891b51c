import Glibc

/// A file with a key in it, made at the first run.
enum KeyFile {
  static func readOrCreate(_ path: String, length: Int) throws(SecretBoxError) -> [UInt8] {
    if let key = try read(path, length: length) { return key }
    try create(path, SecureRandom.bytes(length))
    // Read back what is there now: another process may have been first.
    guard let key = try read(path, length: length) else {
      throw failure("The key file \(path) vanished while it was made.")
    }
    return key
  }

  /// Nil when there is no such file.
  private static func read(_ path: String, length: Int) throws(SecretBoxError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw failure("The key file \(path) cannot be read: \(reason()).") }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw failure("\(path) is not a file: move it away, or restore the key file from a backup.")
    }
    guard facts.st_mode & 0o077 == 0 else {
      throw failure("The key file \(path) is readable by others: run “chmod 600 \(path)”.")
    }
    var key = [UInt8](repeating: 0, count: length + 1)
    guard Glibc.read(descriptor, &key, key.count) == length else {
      throw failure("The key file \(path) is damaged: restore it from a backup.")
    }
    return Array(key.prefix(length))
  }

  /// Written aside, synced and linked into place, so that a crash leaves all of the key or nothing.
  private static func create(_ path: String, _ key: [UInt8]) throws(SecretBoxError) {
    let aside = path + ".\(getpid()).new"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure("The key file \(path) cannot be made: \(reason()).") }
    let written = write(descriptor, key, key.count) == key.count && fsync(descriptor) == 0
    close(descriptor)
    defer { unlink(aside) }
    guard written, link(aside, path) == 0 || errno == EEXIST else {
      throw failure("The key file \(path) cannot be made: \(reason()).")
    }
  }

  private static func reason() -> String { String(cString: strerror(errno)) }

  private static func failure(_ message: String) -> SecretBoxError {
    SecretBoxError(code: .keyFile, message: message)
  }
}
