import Glibc
public import Recording

/// The small file in a recordings directory that says which disk it is.
public enum DiskMarker {
  /// Its name; hidden, because nobody has to do anything with it.
  public static let name = ".tributary-disk"
  private static let title = "tributary-disk 1"

  /// The disk that is mounted at a directory.
  ///
  /// - Returns: nil when the directory has no marker, or cannot be read.
  public static func read(_ directory: String) -> DiskID? {
    guard let handle = DirectoryHandle(directory), case .success(let id) = read(handle) else { return nil }
    return id
  }

  /// Marks the disk at a directory as a new one.
  ///
  /// - Throws: ``RecorderError`` when it has a marker, or cannot be written.
  public static func make(at directory: String) throws(RecorderError) -> DiskID {
    guard let handle = DirectoryHandle(directory) else {
      throw RecorderError(description: "\(directory) cannot be opened: \(SystemError(code: errno).text)")
    }
    if case .success(let id) = read(handle) {
      throw RecorderError(description: "the disk \(id) is mounted at \(directory): it is known already")
    }
    let id = DiskID(bits: .random(in: 1 ... .max))
    let code = write(id, in: handle)
    guard code == 0 else {
      throw RecorderError(
        description: "nothing can be written to \(directory): \(SystemError(code: code).text)")
    }
    return id
  }

  static func read(_ handle: DirectoryHandle) -> Result<DiskID, SystemError> {
    switch handle.contents(of: name, atMost: 256) {
    case .failure(let error): return .failure(error)
    case .success(let bytes):
      let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
      guard lines.count >= 2, lines[0] == title, let id = DiskID(lines[1]), id != .former else {
        return .failure(SystemError(code: EINVAL))
      }
      return .success(id)
    }
  }

  /// Marks a directory. The marker is there as a whole and durable, or it is not there.
  ///
  /// - Returns: 0, or the error number.
  static func write(_ id: DiskID, in handle: DirectoryHandle) -> Int32 {
    let text = "\(title)\n\(id)\nWhich disk of recordings this is. Do not copy or remove it.\n"
    let draft = "\(name).new"
    let file = handle.openFile(draft, O_WRONLY | O_CREAT | O_TRUNC)
    guard file >= 0 else { return errno }
    let bytes = Array(text.utf8)
    let isWritten = Glibc.write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    let code = isWritten ? 0 : errno == 0 ? EIO : errno
    close(file)
    guard code == 0 else {
      _ = handle.remove(draft)
      return code
    }
    guard renameat(handle.descriptor, draft, handle.descriptor, name) == 0 else { return errno }
    return fsync(handle.descriptor) == 0 ? 0 : errno
  }
}
