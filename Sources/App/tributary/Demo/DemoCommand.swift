import ArgumentParser
import Foundation
import Glibc
import Logging
import Server
import ServiceLifecycle

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "Simulated cameras, live and recorded, on this machine. Nothing to edit.")

  @Flag(help: "Check everything without a browser; exit 0 only when all of it works.") var check = false
  @Flag(help: "With --check: one JSON line per step.") var json = false
  @Option(help: "Folder for the demo's data; delete it any time.") var data = "tributary-demo"
  @Option(help: "HTTP port; 0 takes a free one.") var port: Int?
  @Option(help: "Write url and link into this file as JSON once everything is ready.") var readyFile: String?
  @Option(help: "With --ready-file: first wait for so many seconds of recording.") var recorded = 0
  @Flag(help: "Show the server's log.") var verbose = false

  func run() async throws {
    let level: Logger.Level = verbose ? .info : check ? .error : .warning
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, json: false) }
    // A check must not meet what an earlier demo left.
    let folder =
      check && data == "tributary-demo" ? NSTemporaryDirectory() + "tributary-check-\(getpid())" : data
    let scene = DemoScene(folder: folder, httpPort: port ?? (check ? 0 : DemoScene.preferredPort()))
    if !json { say("data: \(folder)\(check ? "" : " (delete any time)")") }
    let demo = try await scene.start()
    if check {
      let code = await checked(demo)
      if folder != data { try? FileManager.default.removeItem(atPath: folder) }
      if code != 0 { throw ExitCode(code) }
    } else {
      try await shown(demo)
    }
  }

  private func checked(_ demo: RunningDemo) async -> Int32 {
    let report = StepReport(json: json)
    await DemoCheck(demo: demo, report: report).run()
    await demo.stop()
    return report.conclude()
  }

  private func shown(_ demo: RunningDemo) async throws {
    say("starting simulated cameras …")
    let isReady = await demo.waitForCameras(seconds: 60)
    if recorded > 0 { _ = await demo.waitForRecording(seconds: recorded) }
    let link = try await demo.runtime.firstRunLink()
    let url = "http://127.0.0.1:\(demo.runtime.addresses.http)"
    if let readyFile {
      let text = try JSONEncoder().encode(["url": url, "link": link])
      try text.write(to: URL(fileURLWithPath: readyFile), options: .atomic)
    }
    let count = demo.runtime.playableChannels.count
    say(
      isReady
        ? "\(count) cameras online, recording" : "\(count) cameras so far; the others are still starting")
    say("")
    say("  Open this link, it signs you in once:")
    say("  \(link)")
    say("")
    say("Ctrl+C stops everything.")
    await demo.waitForEnd()
    say("\nstopped. To clean up: rm -r \(data)")
  }
}
