import ArgumentParser
import Cryptography
import Foundation
import SegmentStore
import Server
import Soak

/// Long runs with random faults (docs/ref/soak.md). What went wrong is repeated by the same seed.
struct SoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak", abstract: "Long runs with random faults: what breaks, grows or gets lost.",
    subcommands: [
      SimulatedSoakCommand.self, SocketSoakCommand.self, KillSoakCommand.self, PresenceSoakCommand.self,
      CallsSoakCommand.self,
    ])
}

struct SimulatedSoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Streams with random faults on simulated time: 72 hours of 100 streams in a few minutes.")

  @Option(help: "Simulated hours.") var hours = 72
  @Option(help: "Streams.") var streams = 100
  @Option(help: "The same seed gives the same faults.") var seed: UInt64 = 1
  @Option(help: "Number of the first camera: with --streams 1 the life of one camera of a larger run again.")
  var firstCamera = 0
  @Flag(help: "One line of JSON instead of text.") var json = false

  func validate() throws {
    guard (1...100_000).contains(hours) else { throw ValidationError("--hours must be 1 to 100000") }
    guard (1...5_000).contains(streams), (0...5_000).contains(firstCamera) else {
      throw ValidationError("--streams must be 1 to 5000, --first-camera 0 to 5000")
    }
  }

  func run() throws {
    var soak = SimulatedSoak(streams: streams, hours: hours, seed: seed)
    soak.firstCamera = firstCamera
    let begin = ContinuousClock.now
    let outcome = soak.run { outcome in
      if let figures = outcome.figures.last, outcome.simulatedHours % max(1, hours / 12) == 0 {
        note(
          "\(outcome.simulatedHours) h: \(figures.residentBytes >> 10) KiB, \(figures.descriptors) descriptors"
        )
      }
      return true
    }
    let report = SimulatedSoakReport(self, outcome, took: ContinuousClock.now - begin)
    if json { sayJSON(report) } else { for line in report.lines { say(line) } }
    for violation in outcome.violations { note(violation) }
    if !report.passed { throw ExitCode.failure }
  }
}

/// What `soak simulate` prints.
private struct SimulatedSoakReport: Encodable {
  /// Memory may end this much above where it was when every buffer had its size.
  static let slackBytes = 4 << 20

  var streams: Int
  var hours: Int
  var seed: UInt64
  var seconds: Double
  var packets: Int
  var pictures: Int
  var interruptions: Int
  var keyFrameRequests: Int
  var wholeGroups: Int
  var files: Int
  var gaps: Int
  var foreignPackets: UInt64
  var faults: [String: Int]
  /// After an eighth of the time, and at the end.
  var residentBytesEarly: Int
  var residentBytesEnd: Int
  var descriptorsEarly: Int
  var descriptorsEnd: Int
  var violations: Int
  var passed: Bool

  init(_ command: SimulatedSoakCommand, _ outcome: SimulatedSoak.Outcome, took: Duration) {
    (streams, hours, seed) = (command.streams, outcome.simulatedHours, command.seed)
    seconds = Double(took.components.seconds)
    (packets, pictures, interruptions) = (outcome.packets, outcome.pictures, outcome.interruptions)
    (keyFrameRequests, wholeGroups) = (outcome.keyFrameRequests, outcome.wholeGroups)
    (files, gaps, foreignPackets) = (outcome.files, outcome.gaps, outcome.foreignPackets)
    faults = Dictionary(uniqueKeysWithValues: outcome.faults.map { ($0.key.rawValue, $0.value) })
    let early = outcome.figures[outcome.figures.count / 8]
    let end = outcome.figures[outcome.figures.count - 1]
    (residentBytesEarly, residentBytesEnd) = (early.residentBytes, end.residentBytes)
    (descriptorsEarly, descriptorsEnd) = (early.descriptors, end.descriptors)
    violations = outcome.violations.count
    passed =
      violations == 0 && descriptorsEnd <= descriptorsEarly
      && residentBytesEnd <= residentBytesEarly + Self.slackBytes
  }

  var lines: [String] {
    [
      "\(streams) streams, \(hours) simulated hours in \(Int(seconds)) s, seed \(seed)",
      "\(packets) packets, \(pictures) pictures came out, \(interruptions) interruptions, "
        + "\(keyFrameRequests) requests for a key frame, \(foreignPackets) foreign packets refused",
      "\(wholeGroups) groups of pictures arrived whole, \(files) files, \(gaps) gaps with a cause",
      "faults: " + faults.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      "memory \(residentBytesEarly >> 10) KiB after an eighth of the time, \(residentBytesEnd >> 10) KiB at the end; "
        + "descriptors \(descriptorsEarly) and \(descriptorsEnd)",
      passed ? "passed" : "FAILED: \(violations) violations",
    ]
  }
}

struct SocketSoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sockets",
    abstract: "Streams with random faults, floods and nonsense on real sockets, recorded, in real time.")

  /// Until then buffers grow to their size.
  private static let warmUp = 60
  private static let slackBytes = 32 << 20

  @Option(help: "Minutes of real time.") var minutes = 10.0
  @Option(help: "Streams.") var streams = 50
  @Option(help: "The same seed gives the same faults.") var seed: UInt64 = 1
  @Option(help: "Folder on the disk to record to; what is written there is deleted again.")
  var directory = NSTemporaryDirectory()

  func validate() throws {
    guard (0.1...100_000).contains(minutes) else { throw ValidationError("--minutes must be 0.1 to 100000") }
    guard (1...1_000).contains(streams) else { throw ValidationError("--streams must be 1 to 1000") }
  }

  func run() throws {
    let folder = (directory as NSString).appendingPathComponent("tributary-soak-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let recorder = Recorder(
      RecorderConfiguration(root: folder), hash: { SHA256Stream() }, now: { SystemClock.wall() },
      events: { _ in })
    try recorder.start()
    let soak = try SocketSoak(streams: streams, seed: seed) {
      [recorder.makeSink(for: SoakIdentity.channel($0))]
    }
    let outcome = soak.run(.milliseconds(Int64(minutes * 60_000))) { outcome in
      if outcome.seconds % 30 == 0, let figures = outcome.figures.last {
        note("\(outcome.seconds) s: \(figures.residentBytes >> 10) KiB, \(figures.descriptors) descriptors")
      }
      return true
    }
    let written = recorder.snapshot()
    recorder.stop()
    report(outcome, written)
    var violations = outcome.violations + growth(outcome)
    if written.fragments == 0 || written.droppedFragments > 0 {
      violations.append(
        "the recorder wrote \(written.fragments) fragments and dropped \(written.droppedFragments)")
    }
    for violation in violations.prefix(50) { say(violation) }
    say(violations.isEmpty ? "passed" : "FAILED: \(violations.count) violations")
    if !violations.isEmpty { throw ExitCode.failure }
  }

  private func report(_ outcome: SocketSoak.Outcome, _ written: RecorderSnapshot) {
    say(
      "\(streams) streams, \(outcome.seconds) s, seed \(seed): \(outcome.packets) packets, \(outcome.pictures) pictures, "
        + "\(outcome.interruptions) interruptions, \(outcome.keyFrameRequests) requests for a key frame")
    say(
      "\(outcome.floodPackets) flood packets, \(outcome.nonsenseConnections) connections with nonsense, "
        + "\(written.fragments) fragments written")
  }

  /// Memory and descriptors at the end against those after the warm-up.
  private func growth(_ outcome: SocketSoak.Outcome) -> [String] {
    guard outcome.figures.count > 2 * Self.warmUp, let end = outcome.figures.last else { return [] }
    // The highest of the second minute: streams come and go with their faults.
    let early = outcome.figures[Self.warmUp..<2 * Self.warmUp]
    let (memory, descriptors) = (early.map(\.residentBytes).max() ?? 0, early.map(\.descriptors).max() ?? 0)
    say("memory \(memory >> 10) KiB in the second minute, \(end.residentBytes >> 10) KiB at the end")
    say("descriptors at most \(descriptors) in the second minute, \(end.descriptors) at the end")
    var violations: [String] = []
    if end.residentBytes > memory + Self.slackBytes { violations.append("memory grew") }
    if end.descriptors > descriptors + streams { violations.append("descriptors grew") }
    return violations
  }
}

struct KillSoakCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kill",
    abstract: "A recording process under load, killed at random moments: what is left of its files and index."
  )

  @Option(help: "Minutes of real time.") var minutes = 10.0
  @Option(help: "Streams of 2 Mbit/s.") var streams = 20
  @Option(help: "The same seed gives the same moments.") var seed: UInt64 = 1
  @Option(help: "Folder on the disk to use; what is written there is deleted again.")
  var directory = NSTemporaryDirectory()

  func validate() throws {
    guard (0.05...10_000).contains(minutes) else { throw ValidationError("--minutes must be 0.05 to 10000") }
    guard (1...500).contains(streams) else { throw ValidationError("--streams must be 1 to 500") }
  }

  func run() async throws {
    let folder = (directory as NSString).appendingPathComponent("tributary-soak-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let data = try DataFolder(path: folder)
    let streams = streams
    let spawn: (Int) throws -> Process = { life in
      let child = Process()
      child.executableURL = URL(fileURLWithPath: BenchMachine.executable)
      child.arguments = ["soak-recorder", folder, "--streams", String(streams), "--life", String(life)]
      try child.run()
      return child
    }
    var soak = KillSoak(
      folder: folder, streams: streams, seed: seed, store: data.recording, hash: { SHA256Stream() },
      spawn: spawn)
    do {
      let outcome = try await soak.run(.milliseconds(Int64(minutes * 60_000))) { outcome in
        note(
          "\(outcome.kills) kills, \(outcome.pictures) pictures looked at, \(outcome.violations.count) violations"
        )
      }
      say(
        "\(outcome.kills) kills, \(streams) streams, \(outcome.pictures) pictures and \(outcome.files) files looked at, "
          + "\(outcome.torn) repaired, at most \(outcome.worstLoss) whole groups of a stream lost")
      for violation in outcome.violations.prefix(50) { say(violation) }
      say(outcome.violations.isEmpty ? "passed" : "FAILED: \(outcome.violations.count) violations")
      if !outcome.violations.isEmpty { throw ExitCode.failure }
    } catch let error as SoakError {
      exitWithSentence(error.description)
    }
  }
}

/// The process that `soak kill` kills, never started by people.
struct SoakRecorderCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "soak-recorder", abstract: "Records until it is killed.", shouldDisplay: false)

  @Argument var folder: String
  @Option var streams = 20
  @Option var life = 0

  func run() async throws {
    let data = try DataFolder(path: folder)
    try await RecorderUnderFire(
      folder: folder, streams: streams, life: life, store: data.recording, hash: { SHA256Stream() }
    ).run()
  }
}
