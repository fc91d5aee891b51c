import Foundation
import Glibc
import LoadGenerator

/// Who runs where. Ours and the floor have one processor for themselves, everything else has another.
enum BenchMachine {
  static let ours = 0
  static var load: Int { min(1, max(ProcessInfo.processInfo.activeProcessorCount - 1, 0)) }

  /// This program, as a path that can be started.
  static var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  /// The measuring process itself belongs to the load's side. Call first.
  static func prepare() throws {
    guard FileManager.default.isExecutableFile(atPath: "/usr/bin/taskset") else {
      throw LoadError("taskset is missing: install the package util-linux")
    }
    if ProcessInfo.processInfo.activeProcessorCount < 2 {
      note("this machine has one processor: load and server share it, and the figures say little")
    }
    let pin = Process()
    pin.executableURL = URL(fileURLWithPath: "/usr/bin/taskset")
    pin.arguments = ["-acp", String(load), String(getpid())]
    pin.standardOutput = FileHandle.nullDevice
    do { try pin.run() } catch { throw LoadError("taskset cannot be started") }
    pin.waitUntilExit()
  }

  /// A load or a floor in a process of its own.
  static func start(_ job: LoadJob, core: Int) throws -> LoadChild {
    try LoadChild(executable: executable, arguments: ["bench-job"], job: job, core: core)
  }
}

extension LoadChild {
  /// Ends it; nobody wants to know what it found.
  func discard() {
    stop()
    _ = try? waitForOutcome()
  }
}

/// What a process used between two moments.
struct UsageMeter {
  private let process: Int32
  private let before: ProcessUsage
  private let began = loadClock()

  init(_ process: Int32) throws {
    guard let usage = ProcessUsage(of: process) else { throw LoadError("the measured process ended early") }
    (self.process, before) = (process, usage)
  }

  struct Reading {
    var cpuSeconds: Double
    var seconds: Double
    /// Proportional set size at the end.
    var memory: Double
  }

  func read() throws -> Reading {
    guard let after = ProcessUsage(of: process) else { throw LoadError("the measured process ended early") }
    return Reading(
      cpuSeconds: after.cpuSeconds - before.cpuSeconds, seconds: Double(loadClock() - began) / 1e9,
      memory: Double(after.memory))
  }
}

func wait(_ seconds: Double) { usleep(UInt32(seconds * 1e6)) }
