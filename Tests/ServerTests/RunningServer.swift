import Access
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import ServiceLifecycle
import Streaming
import TestSupport

@testable import Server

/// A whole server on the loopback interface, on ports that the kernel chose, with a folder of its own.
final class RunningServer: Sendable {
  static let platformID = "34020000002000000001"
  static let password = "camera-1"

  let runtime: ServerRuntime
  let http: HTTPClient
  private let group: ServiceGroup
  private let running: Task<Void, any Error>

  /// - Parameters:
  ///   - folder: the data folder, kept for a restart.
  ///   - sip: a port that devices already know, 0 for any.
  ///   - grants: what platforms above see and may look at; nothing, unless it is given.
  static func start(
    folder: String, sip: Int = 0, grants: UpwardGrants? = nil,
    _ change: (inout ServerConfiguration) -> Void = { _ in }
  ) async throws -> RunningServer {
    var configuration = ServerConfiguration()
    configuration.data = folder
    configuration.http = .init(host: "127.0.0.1", port: 0)
    configuration.sip = .init(host: "127.0.0.1", port: sip)
    configuration.media = .init(host: "127.0.0.1", port: 0)
    configuration.metrics = .init(host: "127.0.0.1", port: 0)
    change(&configuration)
    var options = ServerRuntime.Options()
    options.reserveBytes = 1 << 20
    options.live.grace = .seconds(1)
    options.catalogs = CatalogSync.Timing(
      compare: .seconds(2), settle: .milliseconds(200), retry: .milliseconds(500))
    if let grants { options.upwardGrants = grants }
    if let program = Program.path { options.executable = program }
    let logger = Logger(label: "test") { _ in SilentLog() }
    let runtime = try await ServerRuntime(configuration: configuration, options: options, logger: logger)
    let group = ServiceGroup(services: [runtime], logger: logger)
    let running = Task { try await group.run() }
    guard await runtime.waitUntilReady() else {
      try await running.value
      throw CancellationError()
    }
    let (key, _) = try await runtime.services.gatekeeper.addToken(
      name: "test", role: .administrator, by: "test")
    return RunningServer(runtime, HTTPClient(port: runtime.addresses.http, token: key), group, running)
  }

  private init(
    _ runtime: ServerRuntime, _ http: HTTPClient, _ group: ServiceGroup, _ running: Task<Void, any Error>
  ) {
    (self.runtime, self.http, self.group, self.running) = (runtime, http, group, running)
  }

  /// As Ctrl+C does.
  func stop() async throws {
    await group.triggerGracefulShutdown()
    try await running.value
  }

  /// The same server again, on the SIP port that others know, after it was stopped.
  func again() async throws -> RunningServer {
    let before = runtime.configuration
    return try await Self.start(folder: before.data, sip: runtime.addresses.sip) {
      ($0.platform, $0.http.host) = (before.platform, before.http.host)
    }
  }

  var services: Services { runtime.services }

  func announce(_ device: DeviceID, password: String = RunningServer.password, name: String = "Gate")
    async throws
  {
    var settings = DeviceSettings()
    (settings.heartbeatInterval, settings.heartbeatCount) = (1, 3)
    try await runtime.addDevice(
      Device(id: device, name: name, added: SystemClock.wall(), settings: settings), password: password)
  }

  /// Waits for the state of a device; false when it does not come.
  func reaches(_ status: DeviceStatus, _ device: DeviceID) async -> Bool {
    await eventually { self.services.directory.device(device)?.status == status }
  }
}

extension RunningServer {
  /// Starts a server in a fresh folder, runs `body`, and stops it.
  static func with(
    _ change: (inout ServerConfiguration) -> Void = { _ in }, _ body: (RunningServer) async throws -> Void
  ) async throws {
    try await Folder.with { folder in
      let server = try await start(folder: folder, change)
      do { try await body(server) } catch {
        try? await server.stop()
        throw error
      }
      try await server.stop()
    }
  }
}

enum Folder {
  /// A fresh folder that is removed afterwards.
  static func with(_ body: (String) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "tributary-test-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
  }
}

/// The program itself, when the package built it beside the tests.
enum Program {
  static let path: String? = {
    let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
    for folder in [bundle, bundle.deletingLastPathComponent()] {
      let candidate = folder.appendingPathComponent("tributary").path
      if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
    }
    return nil
  }()
}

/// Swallows everything: tests look at behaviour.
struct SilentLog: LogHandler {
  var logLevel = Logger.Level.critical
  var metadata: Logger.Metadata = [:]
  func log(event: LogEvent) {}
  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }
}

/// A list that grows on other threads.
final class Collected<Element: Sendable>: Sendable {
  private let items = Locked<[Element]>([])
  func add(_ item: Element) { items.with { $0.append(item) } }
  var all: [Element] { items.with { $0 } }
}

final class Locked<Value: Sendable>: @unchecked Sendable {
  // Guarded by the lock.
  private var value: Value
  private let lock = NSLock()
  init(_ value: Value) { self.value = value }
  func with<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.withLock { body(&value) }
  }
}
