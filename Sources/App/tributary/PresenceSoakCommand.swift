import ArgumentParser
import Soak

struct PresenceSoakCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "presence",
    abstract: "Heartbeats of many devices on simulated time: nobody who lives may be called offline.")

  @Option(help: "Simulated hours.") var hours = 24
  @Option(help: "Devices.") var devices = 10_000
  @Option(help: "Seconds of a registration.") var expires = 3_600
  @Option(help: "The same seed gives the same day.") var seed: UInt64 = 1
  @Flag(help: "One line of JSON instead of text.") var json = false

  func validate() throws {
    guard (1...10_000).contains(hours) else { throw ValidationError("--hours must be 1 to 10000") }
    guard (1...1_000_000).contains(devices) else { throw ValidationError("--devices must be 1 to 1000000") }
    guard (600...86_400).contains(expires) else { throw ValidationError("--expires must be 600 to 86400") }
  }

  func run() throws {
    var soak = PresenceSoak(devices: devices, hours: hours, seed: seed)
    soak.expires = expires
    let begin = ContinuousClock.now
    let outcome = soak.run()
    let report = PresenceSoakReport(self, outcome, took: ContinuousClock.now - begin)
    if json { sayJSON(report) } else { for line in report.lines { say(line) } }
    for violation in outcome.violations { note(violation) }
    if !report.passed { throw ExitCode.failure }
  }
}

/// What `soak presence` prints.
private struct PresenceSoakReport: Encodable {
  let devices: Int
  let hours: Int
  let seed: UInt64
  let seconds: Double
  let heartbeats: Int
  let lostHeartbeats: Int
  let registrations: Int
  let rebindings: Int
  let deviceRestarts: Int
  let serverRestarts: Int
  let outages: Int
  let detectedOutages: Int
  let doubts: Int
  let violations: Int

  var passed: Bool { violations == 0 }

  init(_ command: PresenceSoakCommand, _ outcome: PresenceSoak.Outcome, took: Duration) {
    (devices, hours, seed) = (command.devices, outcome.simulatedHours, command.seed)
    seconds = Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18
    (heartbeats, lostHeartbeats) = (outcome.heartbeats, outcome.lostHeartbeats)
    (registrations, rebindings) = (outcome.registrations, outcome.rebindings)
    (deviceRestarts, serverRestarts) = (outcome.deviceRestarts, outcome.serverRestarts)
    (outages, detectedOutages) = (outcome.outages, outcome.detectedOutages)
    (doubts, violations) = (outcome.doubts, outcome.violations.count)
  }

  var lines: [String] {
    [
      "\(devices) devices, \(hours) simulated hours in \(Int(seconds)) s, seed \(seed)",
      "\(heartbeats) heartbeats arrived, \(lostHeartbeats) were lost; \(registrations) registrations, "
        + "\(rebindings) new ports, \(deviceRestarts) restarts of devices, \(serverRestarts) of the server",
      "\(outages) devices fell silent and \(detectedOutages) were called offline; \(doubts) doubts",
      passed ? "passed: nobody who lived was called offline" : "FAILED: \(violations) violations",
    ]
  }
}
