import Glibc

/// A file read from its beginning on, never written: a copy on a read-only medium is enough.
final class FileBytes {
  private let stream: UnsafeMutablePointer<FILE>
  private static let chunk = 1 << 20

  /// Nil when there is no such file or it cannot be read.
  init?(_ path: String) {
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, let stream = fopen(path, "re") else {
      return nil
    }
    self.stream = stream
  }

  deinit { fclose(stream) }

  /// Fewer bytes only at the end of the file.
  func next(_ count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = fread(buffer.baseAddress, 1, count, stream)
    }
  }

  /// A small file as a whole; nil when it is longer than that or not there.
  static func whole(_ path: String, atMost limit: Int) -> [UInt8]? {
    guard let bytes = FileBytes(path)?.next(limit + 1), bytes.count <= limit else { return nil }
    return bytes
  }

  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a folder.
  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
