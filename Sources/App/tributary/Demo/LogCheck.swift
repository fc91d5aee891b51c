import Foundation
import HTTPAPI
import Server

/// Whether the access logs of all levels prove what they say, and a changed copy is found out.
struct LogCheck: Sendable {
  let demo: RunningDemo
  let report: StepReport
  /// Signed in at each level, from the top.
  let doors: [LocalHTTP]

  private struct Verdict: Decodable {
    let verdict: String
    let entries: UInt64
  }

  func run() async {
    for (level, door) in zip(demo.levels, doors) {
      await report.step("\(level.name): access log verified offline") {
        try await apart {
          let (code, found) = try verify(level, door)
          try expect(code == 0 && found?.verdict == "good", "verify says \(code) \(found?.verdict ?? "")")
          return "\(found?.entries ?? 0) entries, every hash and signature"
        }
      }
    }
    await report.step("copy of a log with one changed byte rejected") {
      try await apart {
        let (code, found) = try verify(demo.county, doors[doors.count - 1], changes: true)
        try expect(code == 1, "verify says \(code) \(found?.verdict ?? "")")
        return "verify says “\(found?.verdict ?? "")”, exit code \(code)"
      }
    }
  }

  /// Copies the log of a level, as a controller does, and examines the copy with the key that the level told.
  private func verify(_ level: DemoLevel, _ door: LocalHTTP, changes: Bool = false) throws -> (
    Int32, Verdict?
  ) {
    let keys = try door.request("GET", "/api/v1/access-log/head").json(API.LogHead.self).keys
    guard let key = keys.first else { throw Expectation(description: "the level tells no key") }
    let copy = level.runtime.configuration.data + "/log-copy"
    defer { try? FileManager.default.removeItem(atPath: copy) }
    var answer: (Int32, Verdict?) = (-1, nil)
    // Entries of the last moment may be on the disk before the head that covers them.
    for _ in 0..<20 {
      try copyLog(of: level, to: copy)
      if changes { try changeByte(of: copy + "/entries") }
      let (code, output) = try Self.run(["verify", "log", copy, "--key", key, "--json"])
      answer = (code, try? JSONDecoder().decode(Verdict.self, from: Data(output.utf8)))
      if code != 2 { break }
      Thread.sleep(forTimeInterval: 0.5)
    }
    return answer
  }

  /// In the order in which a head is never ahead of the entries.
  private func copyLog(of level: DemoLevel, to copy: String) throws {
    let files = FileManager.default
    let log = level.runtime.configuration.data + "/log"
    try? files.removeItem(atPath: copy)
    try files.createDirectory(atPath: copy, withIntermediateDirectories: true)
    let first = ["checkpoint", "keys", "entries"]
    let others = try files.contentsOfDirectory(atPath: log).filter { !first.contains($0) }
    for name in first + others.sorted() {
      try files.copyItem(atPath: "\(log)/\(name)", toPath: "\(copy)/\(name)")
    }
  }

  /// Another letter in the middle of the entries.
  private func changeByte(of path: String) throws {
    guard var bytes = FileManager.default.contents(atPath: path), bytes.count > 200 else {
      throw Expectation(description: "there is nothing in \(path)")
    }
    let place = bytes.startIndex + bytes.count / 2
    bytes[place] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// This program with other arguments: its exit code and what it prints.
  private static func run(_ arguments: [String]) throws -> (Int32, String) {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    (process.arguments, process.standardOutput) = (arguments, output)
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }
}
