import ArgumentParser
import Foundation
import LoadGenerator

struct RegisterBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "What a registration with digest and a heartbeat cost, and whether a crowd of devices gets in.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Devices that register.") var devices = 1_000

  func validate() throws {
    guard (1...20_000).contains(devices) else { throw ValidationError("--devices must be 1 to 20000") }
  }

  func run() async throws {
    options.report("registration, \(devices) devices") {
      try BenchMachine.prepare()
      return try costs() + [crowd()]
    }
  }

  private struct Cost {
    var microseconds: Double
    var perSecond: Double
  }

  // MARK: Cost

  private func costs() throws -> [Figure] {
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try TargetProcess(
      .server(ServerTargetOptions(folder: folder, devices: devices)), core: BenchMachine.ours)
    defer { server.end() }
    note("\(devices) devices register for the first time")
    _ = try load(.register, at: UInt16(server.ready.sip), process: server.identifier, transactions: devices)
    var registers: [Cost] = []
    var keepalives: [Cost] = []
    var registerFloors: [Double] = []
    var keepaliveFloors: [Double] = []
    for round in 1...options.rounds {
      note("registrations and heartbeats, round \(round) of \(options.rounds)")
      registerFloors.append(try echo(.register))
      registers.append(try load(.register, at: UInt16(server.ready.sip), process: server.identifier))
      keepaliveFloors.append(try echo(.keepalive))
      keepalives.append(try load(.keepalive, at: UInt16(server.ready.sip), process: server.identifier))
    }
    return [
      Figure(
        "register", target: "P9", unit: "µs CPU per registration", values: registers.map(\.microseconds),
        floors: registerFloors),
      Figure("register-rate", unit: "registrations per second", values: registers.map(\.perSecond)),
      Figure(
        "keepalive", target: "P10", unit: "µs CPU per heartbeat", values: keepalives.map(\.microseconds),
        floors: keepaliveFloors),
      Figure("keepalive-rate", unit: "heartbeats per second", values: keepalives.map(\.perSecond)),
    ]
  }

  private func echo(_ kind: SIPLoad.Kind) throws -> Double {
    let floor = try BenchMachine.start(
      .echoFloor(Floor.EchoOptions(seconds: options.seconds + 60)), core: BenchMachine.ours)
    defer { floor.discard() }
    guard let port = try floor.waitUntilReady() else { throw LoadError("the floor has no port") }
    return try load(kind, at: port, process: floor.processIdentifier, againstEcho: true).microseconds
  }

  /// As many as the server takes with 64 under way.
  ///
  /// - Parameter transactions: so many, instead of ``BenchOptions/seconds``.
  private func load(
    _ kind: SIPLoad.Kind, at port: UInt16, process: Int32, againstEcho: Bool = false, transactions: Int? = nil
  ) throws -> Cost {
    var job = SIPLoad.Options(
      port: port, platformID: BenchIdentity.platform, domain: BenchIdentity.domain,
      password: BenchIdentity.password, firstDevice: BenchIdentity.firstDevice, devices: devices)
    job.kind = kind
    job.againstEcho = againstEcho
    job.transactions = transactions ?? 100_000_000
    // Heartbeats are preceded by a registration of each device, which does not count but takes its time.
    let preparation = kind == .keepalive && !againstEcho ? Double(devices) / 500 : 0
    job.seconds = transactions == nil ? options.seconds + preparation : 60
    let load = try BenchMachine.start(.sip(job), core: BenchMachine.load)
    _ = try load.waitUntilReady()
    let meter = try UsageMeter(process)
    guard case .sip(let result) = try load.waitForOutcome() else {
      throw LoadError("the load gave no result")
    }
    let reading = try meter.read()
    guard result.completed > 0 else {
      throw LoadError("no transaction succeeded; the first refusal was \(result.badStatus)")
    }
    if result.failed > 0 || result.timedOut > 0 {
      note(
        "  \(result.failed) refused (first with \(result.badStatus)), \(result.timedOut) without an answer")
    }
    if result.retransmissions * 100 > result.completed { note("  \(result.retransmissions) retransmissions") }
    return Cost(
      microseconds: reading.cpuSeconds * 1e6 / Double(result.completed), perSecond: result.perSecond)
  }

  // MARK: Crowd

  /// All devices come at once, with sockets of their own, and are asked for their catalogs.
  private func crowd() throws -> Figure {
    var samples: [Double] = []
    for round in 1...options.rounds {
      note("\(devices) simulated devices register at once, round \(round) of \(options.rounds)")
      samples.append(try crowdOnce())
    }
    return Figure("register-crowd", unit: "s until all are registered", values: samples)
  }

  private func crowdOnce() throws -> Double {
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let server = try TargetProcess(
      .server(ServerTargetOptions(folder: folder, devices: devices)), core: BenchMachine.ours)
    defer { server.end() }
    let fleet = try TargetProcess(
      .fleet(
        FleetTargetOptions(
          sipPort: server.ready.sip, devices: devices, channels: 1,
          registrationsPerSecond: max(devices / 2, 1))),
      core: BenchMachine.load)
    defer { fleet.end() }
    for _ in 0..<1_800 {
      let report = try fleet.report()
      if let seconds = report.allRegisteredAfter {
        if report.refused > 0 {
          note("  \(report.refused) registrations were refused or not answered at first")
        }
        return seconds
      }
      wait(0.1)
    }
    throw LoadError(
      "only \(try fleet.report().registered) of \(devices) devices were registered after three minutes")
  }
}
