import Foundation
import LoadGenerator

/// Our side of a measurement, seen from `bench`. Not thread safe; calls block.
final class TargetProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffered = Data()
  let ready: TargetReady

  /// Starts it on one processor and waits until it is ready.
  convenience init(_ job: TargetJob, core: Int) throws { try self.init(job, cores: [core]) }

  /// The same on several.
  init(_ job: TargetJob, cores: [Int]) throws {
    process.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    let list = cores.map(String.init).joined(separator: ",")
    process.arguments = ["-c", list, BenchMachine.executable, "bench-target"]
    process.standardInput = input
    process.standardOutput = output
    let line = try JSONEncoder().encode(job)
    do { try process.run() } catch { throw LoadError("the measured process cannot be started") }
    // The child's end of the pipe must be its alone, so that its end is noticed.
    try? output.fileHandleForWriting.close()
    try input.fileHandleForWriting.write(contentsOf: line + Data([10]))
    ready = try Self.read(TargetReady.self, output, &buffered)
  }

  var identifier: Int32 { process.processIdentifier }

  func report() throws -> TargetReport {
    try input.fileHandleForWriting.write(contentsOf: Data([10]))
    return try Self.read(TargetReport.self, output, &buffered)
  }

  /// Ends it in order and waits.
  func end() {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  private static func read<Value: Decodable>(
    _ type: Value.Type, _ output: Pipe, _ buffered: inout Data
  ) throws -> Value {
    while true {
      if let end = buffered.firstIndex(of: 10) {
        let line = buffered[..<end]
        buffered = Data(buffered[(end + 1)...])
        if let value = try? JSONDecoder().decode(type, from: line) { return value }
        throw LoadError("the measured process said: \(String(decoding: line.prefix(200), as: UTF8.self))")
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw LoadError("the measured process ended without an answer") }
      buffered.append(more)
    }
  }
}
