import ArgumentParser
import CharacterSets
import DeviceSimulator
import Foundation
import GBCore
import Logging
import MPEGCore
import SIPTransport
import Server
import ServiceLifecycle
import SimulatorScenario
import UnixSignals

struct SimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Many GB/T 28181 devices in one process, with real pictures over real sockets.")

  @Option(help: "A YAML file that describes every peer (docs/ref/scenario.md). What is given beside it wins.")
  var scenario: String?
  @Option(help: "The same seed gives the same random choices.") var seed: UInt64?
  @Option(help: "The platform's address.") var host: String?
  @Option(help: "The platform's SIP port.") var port: Int?
  @Option(help: "The platform's code.") var platform = "34020000002000000001"
  @Option(help: "The code of the first device; the others follow.") var firstDevice = "34020000001187000001"
  @Option(help: "How many devices.") var devices = 1
  @Option(help: "Channels of each device.") var channels = 4
  @Option(help: "The password of all devices. Needed without --scenario.") var password: String?
  @Option(help: "SIP over udp, tcp or tls; over TLS any certificate is accepted.") var transport = "udp"
  @Option(help: "Edition: 2011, 2016 or 2022.") var edition = "2016"
  @Option(help: "h264 or h265.") var codec = "h264"
  @Option(help: "Any file FFmpeg opens, instead of the generated street.") var file: String?
  @Flag(help: "Encode the street while it runs (a clock of the present), instead of a prepared minute.")
  var live = false
  @Flag(help: "Without sound.") var silent = false
  @Option(help: "Seconds between heartbeats.") var keepalive = 60
  @Option(help: "Devices that begin to register per second.") var registrationsPerSecond: Int?
  @Flag(help: "Print one JSON line a second instead of a status line.") var json = false
  @Option(help: "Write down at the end what chance decided, a line each, to compare runs of one seed.")
  var decisions: String?
  @Flag(help: "Read the scenario, say what it contains, and end.") var check = false

  func run() async throws {
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .notice, json: false) }
    var description: FleetDescription
    do {
      description = try scenario.map(described) ?? uniform()
    } catch let error as SimulatorError {
      throw StartError(error.description)
    } catch let error as ScenarioError {
      throw StartError("\(scenario ?? ""): \(error)")
    }
    if let host { description.serverHost = host }
    if let port { description.sipPort = port }
    if let seed { description.seed = seed }
    if let registrationsPerSecond { description.registrationsPerSecond = registrationsPerSecond }
    description.textCodec = .chinese
    if description.peers.contains(where: { $0.transport == .tls }) {
      description.tlsHandler = try TLSClient.handlers()
    }
    if check { return summarise(description) }
    note("seed \(description.seed)")
    let log = decisions.map { _ in DecisionLog() }
    description.decisions = log
    let fleet = SimulatedFleet(description, logger: Logger(label: "simulator"))
    let json = json
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await ServiceGroup(
          services: [FleetService(fleet: fleet)], gracefulShutdownSignals: [.sigterm, .sigint],
          logger: Logger(label: "simulator")
        ).run()
      }
      group.addTask {
        while !Task.isCancelled {
          try await Task.sleep(for: .seconds(1))
          let now = fleet.snapshot()
          if json {
            sayJSON(now)
          } else {
            say(
              "\(now.registered)/\(now.devices) registered · \(now.streams) streams · \(now.packets) packets")
          }
        }
      }
      do { try await group.next() } catch let error as SimulatorError {
        group.cancelAll()
        throw StartError(error.description)
      }
      group.cancelAll()
    }
    if let decisions, let log {
      let lines = log.decisions.map { "\($0)\n" }.joined()
      try lines.write(toFile: decisions, atomically: true, encoding: .utf8)
    }
  }
}

extension SimulateCommand {
  private func described(_ path: String) throws -> FleetDescription {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StartError("cannot read the scenario '\(path)'")
    }
    return try Scenario.read(String(decoding: data, as: UTF8.self))
  }

  /// Devices that are all alike.
  private func uniform() throws -> FleetDescription {
    guard let password else {
      throw ConfigurationError("--password is needed, unless a --scenario gives them")
    }
    guard let platformID = DeviceID(platform), let first = DeviceID(firstDevice) else {
      throw ConfigurationError("--platform and --first-device must be codes of 1 to 32 letters or digits")
    }
    guard let way = SimulatorConfiguration.Transport(rawValue: transport) else {
      throw ConfigurationError("--transport must be udp, tcp or tls")
    }
    let editions: [String: GBVersion] = ["2011": .v2011, "2016": .v2016, "2022": .v2022]
    guard let version = editions[edition] else {
      throw ConfigurationError("--edition must be 2011, 2016 or 2022")
    }
    guard let picture: MediaCodec = ["h264": .h264, "h265": .h265][codec] else {
      throw ConfigurationError("--codec must be h264 or h265")
    }
    var media = MediaSettings(codec: picture, hasAudio: !silent)
    if let file { media.source = .file(file) } else if live { media.source = .liveStreet(scenes: 2) }
    return try SimulatorConfiguration(
      platformID: platformID, firstDeviceID: first, devices: devices, channelsPerDevice: channels,
      password: password, transport: way, edition: version, media: media, keepaliveInterval: keepalive
    ).fleet()
  }

  /// `--check`: what the scenario contains.
  private func summarise(_ fleet: FleetDescription) {
    let kinds = Dictionary(grouping: fleet.peers, by: \.kind).mapValues(\.count)
    let words = kinds.map { "\($0.value) \($0.key.rawValue)" }.sorted().joined(separator: ", ")
    let channels = fleet.peers.reduce(0) { $0 + $1.channels.count }
    let entries = fleet.peers.reduce(0) { $0 + $1.directory.count }
    let faults = fleet.peers.reduce(0) { $0 + $1.faults.faults.count }
    say(
      "\(fleet.peers.count) peers (\(words)), \(channels) channels, \(entries) directory entries, \(faults) faults"
    )
    say("registering at \(fleet.serverHost):\(fleet.sipPort) as a peer of \(fleet.platformID)")
  }
}

extension TextCodec {
  /// What a server uses: GB18030 by validity.
  static let chinese = TextCodec(
    decode: { ChineseText.decode($0) },
    encode: { text, name in name == .utf8 ? Array(text.utf8) : ChineseText.gb18030(text) })
}

/// The fleet as a service: ends when the group shuts down.
struct FleetService: Service {
  let fleet: SimulatedFleet

  func run() async throws {
    let fleet = fleet
    do {
      try await cancelWhenGracefulShutdown { try await fleet.run() }
    } catch is CancellationError {}
  }
}
