import ArgumentParser
import Foundation
import Glibc
import LoadGenerator

/// A load or a floor, started by `bench`, never by people.
struct BenchJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-job", abstract: "One load of a measurement.", shouldDisplay: false)

  func run() throws {
    admitSignals()
    throw ExitCode(LoadJob.runFromStandardInput())
  }
}

/// Our side of a measurement, started by `bench`, never by people.
///
/// Reads one ``TargetJob`` as a line of JSON, prints a ``TargetReady``, then answers each further line with a
/// ``TargetReport``, and ends with its standard input.
struct BenchTargetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench-target", abstract: "The measured side of a measurement.", shouldDisplay: false)

  func run() async throws {
    guard let line = readLine(), let job = try? JSONDecoder().decode(TargetJob.self, from: Data(line.utf8))
    else {
      exitWithSentence("the job is not understood")
    }
    admitSignals()
    raiseDescriptorLimit()
    let target: any BenchTarget =
      switch job {
      case .media(let options): try MediaTarget(options)
      case .server(let options): try await ServerTarget(options)
      case .fleet(let options): try FleetTarget(options)
      }
    sayJSON(try await target.start())
    for await _ in Self.lines() { sayJSON(await target.report()) }
    await target.stop()
  }

  /// Standard input on a thread of its own: with one processor the others may be few.
  private static func lines() -> AsyncStream<String> {
    let (stream, continuation) = AsyncStream<String>.makeStream()
    Thread.detachNewThread {
      while let line = readLine() { continuation.yield(line) }
      continuation.finish()
    }
    return stream
  }

  private func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

/// A child inherits the signal mask of the thread that started it, and threads of the runtime block them all.
private func admitSignals() {
  var none = sigset_t()
  sigemptyset(&none)
  sigprocmask(SIG_SETMASK, &none, nil)
}

/// Something of ours that is being measured, or that loads it with our own simulator.
protocol BenchTarget {
  func start() async throws -> TargetReady
  func report() async -> TargetReport
  func stop() async
}
