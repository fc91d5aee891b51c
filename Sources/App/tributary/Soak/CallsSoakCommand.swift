import ArgumentParser
import Foundation

struct CallsSoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "calls",
    abstract: "Opens and closes pictures of cameras that do everything wrong: nothing may be left of them.")

  @Option(help: "Times that a picture is opened and closed.") var cycles = 10_000
  @Option(help: "Pictures asked for at the same time.") var width = 24
  @Option(help: "The same seed gives the same wishes and the same faults.") var seed: UInt64 = 1
  @Flag(help: "One line of JSON instead of text.") var json = false

  func validate() throws {
    guard (8...10_000_000).contains(cycles) else { throw ValidationError("--cycles must be 8 to 10000000") }
    guard (1...100).contains(width) else { throw ValidationError("--width must be 1 to 100") }
  }

  func run() async throws {
    let begin = ContinuousClock.now
    let outcome = try await CallsSoak(cycles: cycles, width: width, seed: seed).run { number, held in
      note(
        "\(number) of \(cycles): \(Int(held.sessions)) sessions, \(Int(held.calls)) calls, "
          + "\(Int(held.mediaStreams)) streams, \(held.descriptors) descriptors, \(held.residentBytes >> 20) MiB"
      )
    }
    let report = CallsSoakReport(self, outcome, took: ContinuousClock.now - begin)
    if json { sayJSON(report) } else { for line in report.lines { say(line) } }
    if !report.passed { throw ExitCode.failure }
  }
}

/// What `soak calls` prints.
private struct CallsSoakReport: Encodable {
  /// Descriptors and memory may end this much above where they were after an eighth of the time.
  private static let slackDescriptors = 8
  private static let slackBytes = 32 << 20

  let cycles: Int
  let seed: UInt64
  let seconds: Double
  let pictures: Int
  let callsSeenByCameras: Int
  let refusals: [String: Int]
  let early: CallsSoak.Holdings
  let end: CallsSoak.Holdings
  let showsAfterwards: Bool
  let passed: Bool

  init(_ command: CallsSoakCommand, _ outcome: CallsSoak.Outcome, took: Duration) {
    (cycles, seed, seconds) = (outcome.cycles, command.seed, Double(took.components.seconds))
    (pictures, callsSeenByCameras, refusals) = (outcome.pictures, outcome.calls, outcome.refusals)
    (early, end, showsAfterwards) = (outcome.early, outcome.end, outcome.showsAfterwards)
    passed =
      outcome.end.isEmpty && outcome.showsAfterwards
      && outcome.end.mediaSockets <= outcome.before.mediaSockets
      && outcome.end.descriptors <= outcome.early.descriptors + Self.slackDescriptors
      && outcome.end.residentBytes <= outcome.early.residentBytes + Self.slackBytes
  }

  var lines: [String] {
    func held(_ holdings: CallsSoak.Holdings) -> String {
      "\(Int(holdings.sessions)) sessions, \(Int(holdings.viewers)) viewers, \(Int(holdings.calls)) calls, "
        + "\(Int(holdings.streamNumbers)) stream numbers, \(Int(holdings.mediaStreams)) streams, "
        + "\(Int(holdings.mediaSockets)) media sockets, \(holdings.descriptors) descriptors, "
        + "\(holdings.residentBytes >> 20) MiB"
    }
    return [
      "\(cycles) times opened and closed in \(Int(seconds)) s, seed \(seed): \(pictures) pictures, "
        + "\(callsSeenByCameras) calls at the cameras",
      "not had: "
        + refusals.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      "after an eighth: " + held(early),
      "at the end: " + held(end),
      showsAfterwards ? "a camera without faults shows its picture" : "NO PICTURE of a camera without faults",
      passed ? "passed" : "FAILED",
    ]
  }
}
