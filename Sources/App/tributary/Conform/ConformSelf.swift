import Conformance
import DeviceSimulator
import Foundation
import GBCore
import Glibc
import Logging
import SIPCore
import Server
import Synchronization

/// The tester against this very program: a server as a child process, a simulated device as lower platform.
struct ConformSelf: Sendable {
  let width: Int

  func run(
    _ editions: [Edition], _ selection: CaseSelection, done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> RunReport {
    let folder = NSTemporaryDirectory() + "tributary-conform-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let server = try await ChildServer.start(in: folder)
    defer { server.stop() }
    var cases: [CaseReport] = []
    var last: RunReport?
    let started = Date()
    // One run an edition: the simulated device speaks one.
    for edition in editions {
      let password = "conform-\(UInt32.random(in: 100_000...999_999))"
      let lower = LowerDevice(edition: edition, password: password, folder: folder)
      var settings = ConformSettings(
        server: SIPHostPort(host: "127.0.0.1", port: server.sip), platformID: server.platform,
        password: password, hash: ConformCommand.hash, codec: .chinese,
        actions: HTTPActions(host: "127.0.0.1", port: server.http, token: server.token) { order in
          try await lower.perform(order)
        })
      settings.listenPort = lower.upperPort
      settings.lowerID = lower.id
      settings.lowerKeepalive = LowerDevice.keepalive
      settings.lowerName = "simulated device"
      settings.serverName = "this server"
      settings.width = width
      let report: RunReport
      do {
        report = try await ConformRun(settings, editions: [edition], selection: selection).run(done: done)
      } catch {
        await lower.end()
        throw error
      }
      await lower.end()
      cases += report.cases
      last = report
    }
    guard var report = last else { throw StartError("no edition was chosen") }
    (report.cases, report.counts, report.started) = (cases, RunCounts(cases), started)
    report.seconds = Date().timeIntervalSince(started)
    return report
  }
}

/// `tributary serve` on free ports of this machine, with an API key.
struct ChildServer: Sendable {
  let platform: DeviceID
  let http: Int
  let sip: Int
  let token: String
  private let child: RunningChild

  /// The process.
  var process: Int32 { child.identifier }

  static func start(in folder: String) async throws -> ChildServer {
    let data = folder + "/server"
    let key = try child([
      "token", "create", "--data", data, "--name", "conform", "--role", "administrator", "--json",
    ])
    struct Key: Decodable { let token: String }
    guard let token = try? JSONDecoder().decode(Key.self, from: Data(key.utf8)).token else {
      throw StartError("no API key could be made for the server under test")
    }
    let ports = try (0..<3).map { _ in try LoopbackPort.free() }
    let environment = [
      "TRIBUTARY_LISTEN_HTTP": "127.0.0.1:\(ports[0])", "TRIBUTARY_LISTEN_SIP": "127.0.0.1:\(ports[1])",
      "TRIBUTARY_LISTEN_MEDIA": "127.0.0.1:\(ports[2])", "TRIBUTARY_LISTEN_METRICS": "off",
      "TRIBUTARY_LOG_LEVEL": "error", "TRIBUTARY_PLATFORM_NAME": "Server under test",
    ]
    let process = try RunningChild(["serve", "--data", data], environment: environment)
    let client = LocalHTTP(port: ports[0], token: token)
    for _ in 0..<300 {
      if let answer = try? client.request("GET", "/healthz"), answer.status == 200 {
        let platform = ServerConfiguration().platform.id
        return ChildServer(platform: platform, http: ports[0], sip: ports[1], token: token, child: process)
      }
      guard process.isRunning else { break }
      try await Task.sleep(for: .milliseconds(100))
    }
    process.stop()
    throw StartError("the server under test did not start")
  }

  func stop() { child.stop() }

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
final class RunningChild: Sendable {
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

  var identifier: Int32 { process.withLock { $0?.processIdentifier ?? 0 } }

  var isRunning: Bool { process.withLock { $0?.isRunning ?? false } }

  func stop() {
    guard let child = process.withLock({ $0 }), child.isRunning else { return }
    child.terminate()
    child.waitUntilExit()
  }
}

/// Ports of the loopback interface that nobody uses at the moment.
enum LoopbackPort {
  /// A port free for UDP and TCP alike.
  static func free() throws -> Int {
    for _ in 0..<64 {
      guard let port = bound(Int32(SOCK_STREAM.rawValue), to: 0), port > 0 else { continue }
      if bound(Int32(SOCK_DGRAM.rawValue), to: port) != nil { return Int(port) }
    }
    throw StartError("no free port was found")
  }

  private static func bound(_ type: Int32, to port: UInt16) -> UInt16? {
    let descriptor = socket(AF_INET, type, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
      }
    }
    return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }
}
