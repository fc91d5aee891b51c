import Foundation

/// What a running process has used so far, from `/proc`.
public struct ProcessUsage: Sendable, Hashable, Codable {
  /// Of all threads that are still alive, in seconds, exact to the nanosecond.
  public var cpuSeconds: Double
  /// Proportional set size in bytes: what the process would free if it ended.
  public var memory: Int
  public var threads: Int

  /// - Returns: nil when there is no such process.
  public init?(of process: Int32) {
    guard let tasks = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task") else {
      return nil
    }
    threads = tasks.count
    var nanoseconds: Int64 = 0
    for task in tasks {
      // The first field of schedstat is the time on a processor (Documentation/scheduler/sched-stats).
      let text = Self.text("/proc/\(process)/task/\(task)/schedstat")
      nanoseconds += text.split(separator: " ").first.flatMap { Int64($0) } ?? 0
    }
    cpuSeconds = Double(nanoseconds) / 1e9
    memory = 0
    for line in Self.text("/proc/\(process)/smaps_rollup").split(separator: "\n") where line.hasPrefix("Pss:")
    {
      memory = (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1_024
    }
  }

  /// Datagrams that the kernel dropped at this UDP port because nobody read them in time.
  public static func droppedDatagrams(port: UInt16) -> Int {
    var dropped = 0
    for path in ["/proc/net/udp", "/proc/net/udp6"] {
      for line in text(path).split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ")
        guard fields.count >= 13,
          fields[1].split(separator: ":").last.flatMap({ UInt16($0, radix: 16) }) == port
        else { continue }
        dropped += fields.last.flatMap { Int($0) } ?? 0
      }
    }
    return dropped
  }

  /// Files of `/proc` have no size: they are read to their end.
  private static func text(_ path: String) -> String {
    guard let file = FileHandle(forReadingAtPath: path) else { return "" }
    defer { try? file.close() }
    return (try? file.readToEnd()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
