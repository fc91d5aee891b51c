import ArgumentParser
import Foundation
import HTTPAPI
import LoadGenerator

/// A catalog as large as a county's: complete, the same when it comes again, and at what memory.
struct CatalogBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "catalog",
    abstract: "A large catalog: until it is complete, until it has come again, and what it costs in memory.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Channels of the device.") var channels = 100_000
  @Option(help: "Items in one message.") var items = 1_000
  @Flag(help: "Over UDP instead of TCP.") var udp = false

  func validate() throws {
    guard (1...100_000).contains(channels) else {
      throw ValidationError("--channels must be 1 to 100000")
    }
    guard (1...10_000).contains(items) else { throw ValidationError("--items must be 1 to 10000") }
  }

  /// One server, one catalog, and the same catalog again.
  private struct Round {
    var first = 0.0
    var again = 0.0
    var mebibytes = 0.0
    var cpu = 0.0
  }

  func run() async throws {
    let transport = udp ? "UDP" : "TCP"
    options.report("\(channels) channels, \(items) in a message, over \(transport)") {
      try BenchMachine.prepare()
      var rounds: [Round] = []
      for round in 1...options.rounds {
        note("round \(round) of \(options.rounds)")
        rounds.append(try measure())
      }
      return [
        Figure(
          "catalog", unit: "s from registration until every channel is there", values: rounds.map(\.first)),
        Figure("catalog-again", unit: "s for the same catalog once more", values: rounds.map(\.again)),
        Figure("catalog-cpu", unit: "µs CPU per item, both times", values: rounds.map(\.cpu)),
        Figure("catalog-memory", unit: "MiB above idle, at most", values: rounds.map(\.mebibytes)),
      ]
    }
  }

  private func measure() throws -> Round {
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try TargetProcess(
      .server(ServerTargetOptions(folder: folder, devices: 1)), core: BenchMachine.ours)
    defer { server.end() }
    let http = try BenchSession.signIn(server.ready)
    let idle = try resident(server)
    let meter = try UsageMeter(server.identifier)
    var job = FleetTargetOptions(sipPort: server.ready.sip, devices: 1, channels: channels)
    (job.overTCP, job.catalogItemsPerPart) = (!udp, items)
    let fleet = try TargetProcess(.fleet(job), core: BenchMachine.load)
    defer { fleet.end() }
    var peak = idle
    var round = Round()
    try until(180) { try fleet.report().registered == 1 }
    round.first = try time {
      try until(600) {
        peak = max(peak, try resident(server))
        return try server.report().catalogs >= 1
      }
    }
    try check(server)
    let device = BenchIdentity.device(0)
    round.again = try time {
      _ = try http.request("POST", "/api/v1/devices/\(device)/refresh")
      try until(600) {
        peak = max(peak, try resident(server))
        return try server.report().catalogs >= 2
      }
    }
    try check(server)
    round.cpu = try meter.read().cpuSeconds * 1e6 / Double(2 * channels)
    round.mebibytes = Double(peak - idle) / 1_048_576
    return round
  }

  /// Every channel is there, once, and nothing was set aside.
  private func check(_ server: TargetProcess) throws {
    let report = try server.report()
    guard report.channels == channels, report.brokenItems == 0 else {
      throw LoadError(
        "\(report.channels) of \(channels) channels are there, \(report.brokenItems) items were not understood"
      )
    }
  }

  /// Bytes that the server would free if it ended.
  private func resident(_ server: TargetProcess) throws -> Int {
    guard let usage = ProcessUsage(of: server.identifier) else { throw LoadError("the server is gone") }
    return usage.memory
  }

  private func time(_ body: () throws -> Void) rethrows -> Double {
    let began = loadClock()
    try body()
    return Double(loadClock() - began) / 1e9
  }

  private func until(_ seconds: Int, _ condition: () throws -> Bool) throws {
    for _ in 0..<(seconds * 10) {
      if try condition() { return }
      wait(0.1)
    }
    throw LoadError("the catalog was not complete after \(seconds) s")
  }
}

/// Signing in at a measured server.
enum BenchSession {
  static func signIn(_ ready: TargetReady) throws -> LocalHTTP {
    var http = LocalHTTP(port: ready.http)
    let answer = try http.request("POST", "/api/v1/session", json: API.SignIn(firstRunToken: ready.token))
    http.token = try answer.json(API.SignedInSession.self).token
    return http
  }
}
