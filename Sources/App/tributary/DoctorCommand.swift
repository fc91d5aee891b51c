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
    subcommands: [Media.self])

  /// Exit codes: 0 all well, 1 something is wrong, 3 could not be examined.
  struct Media: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Call a camera and explain why its picture does or does not arrive.")
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "The channel: device_channel, or a channel's code when only one device has it.")
    var channel: String
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      guard let server = RunningServer(folder: folder.path) else {
        say("no server runs on \(folder.path): start it with 'tributary serve' first")
        throw ExitCode(3)
      }
      let gatekeeper = try await folder.gatekeeper()
      let (key, record) = try await gatekeeper.addToken(
        name: "doctor", role: .administrator, by: "command line")
      let http = LocalHTTP(host: server.host, port: server.port, token: key)
      let result = Result { try examine(http) }
      try await gatekeeper.revokeToken(id: record.id)
      try await folder.announceChange()
      switch result {
      case .success(true): return
      case .success(false): throw ExitCode(1)
      case .failure(let error):
        say("\(error)")
        throw ExitCode(3)
      }
    }

    private func examine(_ http: LocalHTTP) throws -> Bool {
      let id = try resolve(http)
      if !json { say("calling \(id) …") }
      let answer = try http.request("GET", "/api/v1/channels/\(id)/doctor", limit: 120)
      guard answer.status == 200 else { throw LocalHTTP.HTTPFailure(answer.text) }
      let diagnosis = try answer.json(API.MediaDiagnosis.self)
      let isWell = !diagnosis.steps.isEmpty && diagnosis.steps.allSatisfy(\.ok)
      if json {
        sayJSON(diagnosis)
        return isWell
      }
      for step in diagnosis.steps { say("\(step.ok ? "ok  " : "FAIL")  \(step.name): \(step.detail)") }
      if let sent = diagnosis.sdpSent { say("\nSDP sent:\n\(indented(sent))") }
      if let received = diagnosis.sdpReceived { say("SDP received:\n\(indented(received))") }
      if let port = diagnosis.port {
        say("port \(port.number): \(port.packets) packets of this call")
        for source in port.sources { say("  from \(source)") }
        for number in port.wrongSSRC { say("  other stream number \(number)") }
      }
      if !diagnosis.messages.isEmpty { say("\nmessages:") }
      for message in diagnosis.messages {
        say("  \(message.time.wall.rfc3339)  \(message.direction == .in ? "←" : "→")  \(message.summary)")
      }
      say("\n\(diagnosis.verdict)")
      if let fix = diagnosis.fix { say("→ \(fix)") }
      return isWell
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

    private func indented(_ text: String) -> String {
      text.split(whereSeparator: \.isNewline).map { "  \($0)" }.joined(separator: "\n")
    }
  }
}
