import ArgumentParser
import Foundation
import Glibc
import Logging
import Server
import ServiceLifecycle

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Three levels above each other with simulated devices, on this machine. Nothing to edit.")

  @Flag(help: "Check everything without a browser; exit 0 only when all of it works.") var check = false
  @Flag(help: "With --check: one JSON line per step.") var json = false
  @Option(help: "Folder for the demo's data; delete it any time.") var data = "tributary-demo"
  @Option(help: "3: region, city and county; 1: the county alone.") var levels = 3
  @Option(help: "HTTP port of every level, each on an address of its own; 0 takes free ones.") var port: Int?
  @Option(help: "Write url and link of every level into this file as JSON once everything is ready.")
  var readyFile: String?
  @Option(help: "With --ready-file: first wait for so many seconds of recording.") var recorded = 0
  @Flag(help: "Show the servers' logs.") var verbose = false

  func validate() throws {
    guard levels == 1 || levels == 3 else { throw ValidationError("--levels is 1 or 3") }
  }

  func run() async throws {
    let level: Logger.Level = verbose ? .info : check ? .error : .warning
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, json: false) }
    // A check must not meet what an earlier demo left.
    let folder =
      check && data == "tributary-demo" ? NSTemporaryDirectory() + "tributary-check-\(getpid())" : data
    let scene = DemoScene(folder: folder, levels: levels, httpPort: port ?? (check ? 0 : nil))
    if !json { say("data: \(folder)\(check ? "" : " (delete any time)")") }
    let began = Date()
    let demo = try await scene.start()
    if check {
      let report = StepReport(json: json)
      await DemoCheck(demo: demo, report: report, began: began).run()
      await demo.stop()
      if folder != data { try? FileManager.default.removeItem(atPath: folder) }
      let code = report.conclude()
      if code != 0 { throw ExitCode(code) }
    } else {
      try await shown(demo)
    }
  }

  private func shown(_ demo: RunningDemo) async throws {
    say("starting simulated devices …")
    let isReady = await demo.waitForCameras(seconds: 60)
    if recorded > 0 { _ = await demo.waitForRecording(seconds: recorded) }
    var links: [String: String] = [:]
    for level in demo.levels { links[level.name] = try await level.runtime.firstRunLink() }
    if let readyFile { try announce(demo, links, in: readyFile) }
    await tellState(demo, isReady: isReady)
    say("")
    say(
      "  Open \(links.count == 1 ? "this link, it signs you in once" : "these links, each signs you in once"):"
    )
    for level in demo.levels {
      let name = demo.hasLevelsAbove ? level.name.padding(toLength: 8, withPad: " ", startingAt: 0) : ""
      say("  \(name)\(links[level.name] ?? "")")
    }
    if demo.hasLevelsAbove { tellWhatToTry() }
    say("")
    say("Ctrl+C stops everything.")
    await demo.waitForEnd()
    say("\nstopped. To clean up: rm -r \(data)")
  }

  /// The first level's, and each level's by its name.
  private func announce(_ demo: RunningDemo, _ links: [String: String], in path: String) throws {
    var known: [String: String] = [:]
    for level in demo.levels {
      (known["\(level.name)Url"], known["\(level.name)Link"]) = (level.url, links[level.name])
    }
    (known["url"], known["link"]) = (demo.levels[0].url, links[demo.levels[0].name])
    try JSONEncoder().encode(known).write(to: URL(fileURLWithPath: path), options: .atomic)
  }

  private func tellState(_ demo: RunningDemo, isReady: Bool) async {
    let count = demo.cameras(at: demo.county)
    guard demo.hasLevelsAbove else {
      return say(
        isReady ? "\(count) cameras online, recording" : "\(count) cameras so far; the others are starting")
    }
    if let link = await demo.county.runtime.upwardLink(to: demo.levels[1].id), link.isRegistered {
      say("region ← city ← county  linked (GB/T 28181 \(link.edition), \(link.encoding), digest ok)")
    } else {
      say("region ← city ← county  not linked yet")
    }
    say(
      "\(count) cameras at the county, \(demo.cameras(at: demo.levels[0])) of them seen at the region"
        + " · \(DemoFleet.faulty.count) devices with scripted faults"
        + " · a platform of the 2016 edition below the city")
  }

  private func tellWhatToTry() {
    say(
      """

        To try:
        1. At the region: open “\(DemoFleet.harbour.cameras[0])”. It comes from the county through the city.
           The purpose is beside your name; choose another one.
        2. At the county: Access log. It says who looked, for how long and why.
        3. At the county: end the grant “\(DemoFleet.harbour.name), for the city”. The picture at the region ends.
        4. At the county: Devices. Diagnose those whose names say what is wrong.
        5. tributary verify log \(data)/county/log
      """)
  }
}
