import Foundation
import GBCore
import LoadGenerator
import Logging
import Registry
import Server
import ServiceLifecycle

/// The whole server on free ports of the loopback interface, with devices that may register.
final class ServerTarget: BenchTarget {
  private let runtime: ServerRuntime
  private let group: ServiceGroup
  private var task: Task<Void, any Error>?

  init(_ options: ServerTargetOptions) async throws {
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .error, json: false) }
    var configuration = ServerConfiguration()
    if let platform = DeviceID(options.platform) {
      configuration.platform.id = platform
      configuration.platform.realm = String(options.platform.prefix(10))
    }
    configuration.data = options.folder
    configuration.http = .init(host: "127.0.0.1", port: 0)
    configuration.sip = .init(host: "127.0.0.1", port: 0)
    configuration.media = .init(host: "127.0.0.1", port: 0)
    configuration.metrics = nil
    var runtimeOptions = ServerRuntime.Options()
    runtimeOptions.reserveBytes = 64 << 20
    runtimeOptions.executable = BenchMachine.executable
    runtime = try await ServerRuntime(
      configuration: configuration, options: runtimeOptions, logger: Logger(label: "bench"))
    group = ServiceGroup(services: [runtime], logger: Logger(label: "bench"))
    for index in 0..<options.devices {
      guard let id = DeviceID(BenchIdentity.device(index)) else { continue }
      try await runtime.addDevice(
        Device(id: id, name: "Bench \(index + 1)", added: SystemClock.wall()),
        password: BenchIdentity.password)
    }
  }

  func start() async throws -> TargetReady {
    let group = group
    task = Task { try await group.run() }
    await runtime.waitUntilReady()
    let addresses = runtime.addresses
    let link = try await runtime.firstRunLink()
    return TargetReady(
      media: UInt16(addresses.media), http: addresses.http, sip: addresses.sip,
      token: String(link.split(separator: "/").last ?? ""))
  }

  func report() async -> TargetReport {
    var report = TargetReport()
    let figures = runtime.catalogFigures
    (report.catalogs, report.channels) = (figures.complete, figures.channels)
    report.brokenItems = figures.brokenItems
    return report
  }

  func stop() async {
    await group.triggerGracefulShutdown()
    _ = try? await task?.value
  }
}
