import Access
import ArgumentParser
import Foundation
import HTTPAPI
import Logging
import MediaTime
import Server

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say in plain words why something does not work.",
    subcommands: [Media.self, Device.self])

  enum Speech: String, ExpressibleByArgument, CaseIterable {
    case en, zh

    /// What the terminal is set to; English otherwise.
    static var ofTerminal: Speech {
      let environment = ProcessInfo.processInfo.environment
      let set = environment["LC_ALL"] ?? environment["LC_MESSAGES"] ?? environment["LANG"] ?? ""
      return set.hasPrefix("zh") ? .zh : .en
    }

    func of(_ text: API.DiagnosisText) -> String { self == .zh ? text.zh : text.en }
  }

  /// What both kinds of examination share. Exit codes: 0 all well, 1 something is wrong, 3 could not be examined.
  struct Options: ParsableArguments {
    @OptionGroup var place: ConfigurationOptions
    @Option(help: "en or zh; by default the terminal's.") var language: Speech = .ofTerminal
    @Flag(help: "Print JSON.") var json = false

    /// Signs in at the running server for one examination.
    func examine(_ body: (LocalHTTP) throws -> API.MediaDiagnosis) async throws {
      let folder = try Administration.folder(place)
      guard let server = RunningServer(folder: folder.path) else {
        say("no server runs on \(folder.path): start it with 'tributary serve' first")
        throw ExitCode(3)
      }
      let gatekeeper = try await folder.gatekeeper()
      let (key, record) = try await gatekeeper.addToken(
        name: "doctor", role: .administrator, by: "command line")
      let http = LocalHTTP(host: server.host, port: server.port, token: key)
      let result = Result { try body(http) }
      try await gatekeeper.revokeToken(id: record.id)
      try await folder.announceChange()
      switch result {
      case .success(let diagnosis):
        if json { sayJSON(diagnosis) } else { report(diagnosis) }
        let isWell = diagnosis.findings.isEmpty && diagnosis.steps.allSatisfy(\.ok)
        if !isWell { throw ExitCode(1) }
      case .failure(let error):
        say("\(error)")
        throw ExitCode(3)
      }
    }

    private func report(_ diagnosis: API.MediaDiagnosis) {
      say(diagnosis.hops.map { "\(mark($0.state)) \($0.hop)" }.joined(separator: "  →  "))
      for step in diagnosis.steps { say("\(step.ok ? "ok  " : "FAIL")  \(step.name): \(step.detail)") }
      if let sent = diagnosis.sdpSent { say("\nSDP sent:\n\(indented(sent))") }
      if let received = diagnosis.sdpReceived { say("SDP received:\n\(indented(received))") }
      if let port = diagnosis.port {
        say("port \(port.number): \(port.packets) packets of this call")
        for source in port.sources { say("  from \(source)") }
        for number in port.wrongSSRC { say("  other stream number \(number)") }
      }
      if !diagnosis.messages.isEmpty { say("\nmessages:") }
      for (index, message) in diagnosis.messages.enumerated() {
        let shows = diagnosis.findings.contains { $0.message == index } ? "  ◀ !" : ""
        let arrow = message.direction == .in ? "←" : "→"
        say("  \(message.time.wall.rfc3339)  \(arrow)  \(message.summary)\(shows)")
      }
      say("")
      if diagnosis.findings.isEmpty { say(diagnosis.verdict) }
      for finding in diagnosis.findings {
        say("[\(finding.hop)] \(language.of(finding.text))")
        say("→ \(language.of(finding.fix))")
      }
    }

    private func mark(_ state: String) -> String {
      switch state {
      case "works": "✓"
      case "suffers": "!"
      case "fails": "✗"
      default: "·"
      }
    }

    private func indented(_ text: String) -> String {
      text.split(whereSeparator: \.isNewline).map { "  \($0)" }.joined(separator: "\n")
    }

    func get(_ http: LocalHTTP, _ path: String) throws -> API.MediaDiagnosis {
      let answer = try http.request("GET", path, limit: 120)
      guard answer.status == 200 else { throw LocalHTTP.HTTPFailure(answer.text) }
      return try answer.json(API.MediaDiagnosis.self)
    }
  }

  struct Device: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Explain why a device does not register, or what is wrong with it.")
    @OptionGroup var options: Options
    @Option(help: "The 20-digit code of the device.") var device: String

    func run() async throws {
      try await options.examine { http in
        if !options.json { say("examining \(device) …") }
        return try options.get(http, "/api/v1/devices/\(device)/doctor")
      }
    }
  }

  struct Media: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call a camera and explain why its picture does or does not arrive.")
    @OptionGroup var options: Options
    @Option(help: "The channel: device_channel, or a channel's code when only one device has it.")
    var channel: String

    func run() async throws {
      try await options.examine { http in
        let id = try resolve(http)
        if !options.json { say("calling \(id) …") }
        return try options.get(http, "/api/v1/channels/\(id)/doctor")
      }
    }

    private func resolve(_ http: LocalHTTP) throws -> String {
      if channel.contains("_") { return channel }
      let page = try http.request("GET", "/api/v1/channels?limit=20&q=\(channel)").json(
        API.Page<API.Channel>.self)
      let matching = page.items.filter { $0.channel == channel }
      guard matching.count == 1, let only = matching.first else {
        throw LocalHTTP.HTTPFailure(
          matching.isEmpty
            ? "no channel has the code \(channel)"
            : "several devices have a channel \(channel): give device_channel, one of \(matching.map(\.id).joined(separator: ", "))"
        )
      }
      return only.id
    }
  }
}
