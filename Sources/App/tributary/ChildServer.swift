import Foundation
import GBCore
import Server
import Synchronization
import TestSupport

/// `tributary serve` on free ports of this machine, with an API key.
struct ChildServer: Sendable {
  /// The code of the server that sends devices away.
  private static let redirectingID = "34020000002000000099"

  let platform: DeviceID
  let http: Int
  let sip: Int
  let token: String
  private let child: RunningChild

  /// The process.
  var process: Int32 { child.identifier }

  /// - Parameters:
  ///   - other: a server that this one sends all devices to.
  ///   - id: its code, where it is not the usual one.
  static func start(
    in data: String, sendingTo other: ChildServer? = nil, as id: DeviceID? = nil
  ) async throws -> ChildServer {
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
    if let id { environment["TRIBUTARY_PLATFORM_ID"] = id.text }
    let process = try RunningChild(["serve", "--data", data], environment: environment)
    let client = LocalHTTP(port: Int(ports[0]), token: token)
    for _ in 0..<300 {
      if let answer = try? client.request("GET", "/healthz"), answer.status == 200 {
        let platform = id ?? ServerConfiguration().platform.id
        return ChildServer(
          platform: platform, http: Int(ports[0]), sip: Int(ports[1]), token: token, child: process)
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
