import Foundation

/// A job running in a process of its own.
///
/// ```swift
/// let floor = try LoadChild(executable: path, arguments: ["bench-job"], job: .echoFloor(…), core: 0)
/// let port = try floor.waitUntilReady()
/// …
/// let outcome = try floor.waitForOutcome()
/// ```
/// Not thread safe; calls block.
public final class LoadChild {
  private let process = Process()
  private let output = Pipe()
  private var buffered: [UInt8] = []

  /// - Parameters:
  ///   - executable: absolute path of a program that calls ``LoadJob/runFromStandardInput()`` when given
  ///     `arguments`.
  ///   - core: the processor to run on; nil lets the system choose.
  public init(executable: String, arguments: [String], job: LoadJob, core: Int? = nil) throws(LoadError) {
    if let core {
      process.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
      process.arguments = ["-c", String(core), executable] + arguments
    } else {
      process.executableURL = URL(fileURLWithPath: executable)
      process.arguments = arguments
    }
    let input = Pipe()
    process.standardInput = input
    process.standardOutput = output
    do {
      let text = try JSONEncoder().encode(job)
      try process.run()
      try input.fileHandleForWriting.write(contentsOf: text + Data([10]))
      try input.fileHandleForWriting.close()
    } catch {
      throw LoadError("cannot start \(executable) for a measurement")
    }
  }

  /// Its process, for ``ProcessUsage``.
  public var processIdentifier: Int32 { process.processIdentifier }

  /// Waits for the line that says that all sockets are open.
  ///
  /// - Returns: the port it announced, or nil when the job has none.
  public func waitUntilReady() throws(LoadError) -> UInt16? {
    let line = try line()
    guard line.hasPrefix("ready") else { throw Self.failure(in: line) }
    return UInt16(line.dropFirst(5).drop { $0 == " " })
  }

  /// Waits for the end of the measurement.
  public func waitForOutcome() throws(LoadError) -> LoadOutcome {
    var text = try line()
    while text.hasPrefix("ready") { text = try line() }
    process.waitUntilExit()
    guard let outcome = try? JSONDecoder().decode(LoadOutcome.self, from: Data(text.utf8)) else {
      throw LoadError("a measurement ended with: \(text.prefix(200))")
    }
    if case .failed(let reason) = outcome { throw LoadError(reason) }
    return outcome
  }

  /// Asks the measurement to end now; its outcome covers the time until then.
  public func stop() { if process.isRunning { process.terminate() } }

  private func line() throws(LoadError) -> String {
    while true {
      if let end = buffered.firstIndex(of: 10) {
        defer { buffered.removeFirst(end + 1) }
        return String(decoding: buffered[..<end], as: UTF8.self)
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { throw LoadError("a measurement ended without a result") }
      buffered.append(contentsOf: more)
    }
  }

  private static func failure(in line: String) -> LoadError {
    if case .failed(let reason)? = try? JSONDecoder().decode(LoadOutcome.self, from: Data(line.utf8)) {
      return LoadError(reason)
    }
    return LoadError("a measurement said: \(line.prefix(200))")
  }
}
