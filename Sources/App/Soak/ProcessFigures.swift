import Glibc

/// What a process holds at one moment.
public struct ProcessFigures: Sendable, Codable, Hashable {
  public var residentBytes: Int
  public var descriptors: Int

  /// Of this process.
  public static var current: ProcessFigures {
    ProcessFigures(of: getpid())
  }

  /// Of any process of this user.
  public init(of process: Int32) {
    (residentBytes, descriptors) = (Self.resident(process), Self.openDescriptors(process))
  }

  private static func resident(_ process: Int32) -> Int {
    guard let file = fopen("/proc/\(process)/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      .split(separator: " ")
    return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func openDescriptors(_ process: Int32) -> Int {
    guard let folder = opendir("/proc/\(process)/fd") else { return 0 }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    return count
  }
}
