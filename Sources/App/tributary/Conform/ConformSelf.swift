import Conformance
import DeviceSimulator
import Foundation
import GBCore
import Glibc
import Logging
import SIPCore
import Server
import Synchronization
import TestSupport

/// The tester against this very program: a server as a child process, a simulated device as lower platform.
struct ConformSelf: Sendable {
  let width: Int

  func run(
    _ editions: [Edition], _ selection: CaseSelection, done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> RunReport {
    let folder = NSTemporaryDirectory() + "tributary-conform-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let server = try await ChildServer.start(in: folder + "/server")
    defer { server.stop() }
    // A second one sends whoever registers there to the first.
    let redirects = ConformCatalogue.all.contains { $0.id == "D26" && selection.contains($0) }
    let door =
      redirects && editions.contains(.edition2022)
      ? try await ChildServer.start(in: folder + "/redirecting", sendingTo: server) : nil
    defer { door?.stop() }
    let started = Date()
    // A run an edition, both at once: their devices, addresses and ports differ, and waiting is most of a run.
    let reports = try await withThrowingTaskGroup(of: RunReport.self) { tasks in
      for edition in editions {
        tasks.addTask { try await self.run(edition, selection, server, door, folder, done: done) }
      }
      return try await tasks.reduce(into: [RunReport]()) { $0.append($1) }
    }
    let cases = reports.sorted {
      $0.cases.first?.edition.rawValue ?? "" < $1.cases.first?.edition.rawValue ?? ""
    }
    .flatMap(\.cases)
    guard var report = reports.first else { throw StartError("no edition was chosen") }
    (report.cases, report.counts, report.started) = (cases, RunCounts(cases), started)
    report.seconds = Date().timeIntervalSince(started)
    return report
  }

  private func run(
    _ edition: Edition, _ selection: CaseSelection, _ server: ChildServer, _ door: ChildServer?,
    _ folder: String, done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> RunReport {
    let password = "conform-\(UInt32.random(in: 100_000...999_999))"
    let lower = LowerDevice(
      edition: edition, password: password, folder: folder + "/" + edition.rawValue)
    var settings = ConformSettings(
      server: SIPHostPort(host: "127.0.0.1", port: server.sip), platformID: server.platform,
      password: password, hash: ConformCommand.hash, codec: .chinese,
      actions: HTTPActions(
        host: "127.0.0.1", port: server.http, token: server.token, redirecting: door.map(Self.redirecting)
      ) { order in
        try await lower.perform(order)
      })
    settings.listenPort = lower.upperPort
    settings.lowerID = lower.id
    settings.lowerKeepalive = LowerDevice.keepalive
    settings.lowerName = "simulated device"
    settings.serverName = "this server"
    settings.width = width
    do {
      let report = try await ConformRun(settings, editions: [edition], selection: selection).run(done: done)
      await lower.end()
      return report
    } catch {
      await lower.end()
      throw error
    }
  }
}

extension ConformSelf {
  /// Makes a device known at the server that sends devices away.
  private static func redirecting(_ door: ChildServer) -> @Sendable (TestIdentity) async throws -> SIPHostPort
  {
    { identity in
      try await HTTPActions(host: "127.0.0.1", port: door.http, token: door.token).provision(identity)
      return SIPHostPort(host: "127.0.0.1", port: door.sip)
    }
  }
}

/// `tributary serve` on free ports of this machine, with an API key.
private struct ChildServer: Sendable {
  /// The code of the server that sends devices away.
  private static let redirectingID = "34020000002000000099"

  let platform: DeviceID
  let http: Int
  let sip: Int
  let token: String
  private let process: RunningChild

  /// - Parameter other: a server that this one sends all devices to.
  static func start(in data: String, sendingTo other: ChildServer? = nil) async throws -> ChildServer {
    let key = try child([
      "token", "create", "--data", data, "--name", "conform", "--role", "administrator", "--json",
    ])
    struct Key: Decodable { let token: String }
    guard let token = try? JSONDecoder().decode(Key.self, from: Data(key.utf8)).token else {
      throw StartError("no API key could be made for the server under test")
    }
    let ports = (0..<3).compactMap { _ in FreePort.loopback() }
    guard ports.count == 3 else { throw StartError("no free port was found") }
    var environment = [
      "TRIBUTARY_LISTEN_HTTP": "127.0.0.1:\(ports[0])", "TRIBUTARY_LISTEN_SIP": "127.0.0.1:\(ports[1])",
      "TRIBUTARY_LISTEN_MEDIA": "127.0.0.1:\(ports[2])", "TRIBUTARY_LISTEN_METRICS": "off",
      "TRIBUTARY_LOG_LEVEL": "error", "TRIBUTARY_PLATFORM_NAME": "Server under test",
    ]
    if let other {
      environment["TRIBUTARY_REDIRECT"] = "\(other.platform)@127.0.0.1:\(other.sip)"
      // Its own code would be a share that stays.
      environment["TRIBUTARY_PLATFORM_ID"] = redirectingID
    }
    let process = try RunningChild(["serve", "--data", data], environment: environment)
    let client = LocalHTTP(port: Int(ports[0]), token: token)
    for _ in 0..<300 {
      if let answer = try? client.request("GET", "/healthz"), answer.status == 200 {
        let platform = ServerConfiguration().platform.id
        return ChildServer(
          platform: platform, http: Int(ports[0]), sip: Int(ports[1]), token: token, process: process)
      }
      guard process.isRunning else { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    process.stop()
    throw StartError("the server under test did not start")
  }

  func stop() { process.stop() }

  /// Runs this program with other arguments and returns what it prints.
  private static func child(_ arguments: [String]) throws -> String {
    let (process, output) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    (process.arguments, process.standardOutput) = (arguments, output)
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A child process that ends when it is told to, or with this one.
private final class RunningChild: Sendable {
  private let process = Mutex<Process?>(nil)

  init(_ arguments: [String], environment: [String: String]) throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    child.arguments = arguments
    child.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    // Its first-run link is for nobody.
    child.standardOutput = FileHandle.nullDevice
    try child.run()
    process.withLock { $0 = child }
  }

  var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

  func stop() {
    guard let child = process.withLock({ $0 }), child.isRunning else { return }
    child.terminate()
    child.waitUntilExit()
  }
}
