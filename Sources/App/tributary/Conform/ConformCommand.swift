import ArgumentParser
import CharacterSets
import Conformance
import Cryptography
import Foundation
import GBCore
import Logging
import SIPCore
import Server

/// The acceptance tester for GB/T 28181.
struct ConformCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conform",
    abstract: "Plays the upper or the lower peer against any implementation and runs numbered cases.",
    discussion: """
      --peer self starts a server of its own in a temporary folder and tests it; the lists D and R treat it as \
      the server of devices, the list U tests the simulated device as lower platform.
      --peer sip:HOST:PORT tests any other server; a person is asked to act there, unless --api names a \
      Tributary server or --non-interactive skips what needs somebody.
      --listen HOST:PORT waits for a lower platform and runs the list U on it.
      """)

  @Option(help: "self, or the server under test as sip:HOST:PORT.") var peer: String?
  @Option(help: "Listen as upper platform for a lower one under test: HOST:PORT.") var listen: String?
  @Option(help: "The code of the server under test, or with --listen the tester's own.")
  var id = "34020000002000000001"
  @Option(help: "The password that devices, or the lower platform, register with.") var password: String?
  @Option(help: "With --listen: a camera of the lower platform; found in its catalog without it.")
  var camera: String?
  @Option(help: "2016, 2022 or both.") var edition = "both"
  @Option(help: "Cases, ranges and lists: U1,D10-D14,R.") var cases: String?
  @Option(help: "Cases, ranges and lists that are left out.") var except: String?
  @Option(help: "The HTTP interface of a Tributary server under test, http://HOST:PORT.") var api: String?
  @Option(help: "Its API key; better given in the variable TRIBUTARY_TOKEN.") var token: String?
  @Option(help: "Cases at the same time.") var width = 6
  @Flag(help: "Print one JSON line per case and a last line with the counts.") var json = false
  @Option(help: "Write a report for people into this file.") var html: String?
  @Option(help: "Write everything, messages included, into this file as JSON.") var report: String?
  @Flag(help: "Skip what needs a person, and say so.") var nonInteractive = false

  func run() async throws {
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .error, json: false) }
    let editions = try chosenEditions()
    let selection = try chosenCases()
    let outcome: RunReport
    if peer == "self" {
      outcome = try await ConformSelf(width: width).run(editions, selection, done: show)
    } else {
      let run = ConformRun(
        try foreignSettings(), editions: editions, selection: try restricted(selection))
      outcome = try await run.run(done: show)
    }
    if json { say(ReportLines.last(outcome.counts)) } else { conclude(outcome) }
    if let html { try write(Array(HTMLReport.page(outcome).utf8), html) }
    if let report { try write(try ReportLines.document(outcome), report) }
    if outcome.exitCode != 0 { throw ExitCode(outcome.exitCode) }
  }

  private func show(_ test: CaseReport) {
    say(json ? ReportLines.line(test) : ReportLines.plain(test))
  }

  private func conclude(_ outcome: RunReport) {
    let counts = outcome.counts
    say(
      "\(counts.pass) passed, \(counts.fail) failed (\(counts.mandatoryFailures) mandatory), "
        + "\(counts.skip) skipped (\(counts.mandatorySkips) mandatory), \(Int(outcome.seconds)) s")
  }

  private func write(_ bytes: [UInt8], _ path: String) throws {
    do { try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw ConfigurationError("the report could not be written to \(path): \(error.localizedDescription)")
    }
  }

  private func chosenCases() throws -> CaseSelection {
    guard let selection = cases.map({ CaseSelection($0) }) ?? .all else {
      throw ConfigurationError("--cases must be a list such as U1,D10-D14,R, found '\(cases ?? "")'")
    }
    guard let except else { return selection }
    guard let unwanted = CaseSelection(except) else {
      throw ConfigurationError("--except must be a list such as U1,D10-D14,R, found '\(except)'")
    }
    return selection.excluding(unwanted)
  }

  private func chosenEditions() throws -> [Edition] {
    if edition == "both" { return Edition.allCases }
    guard let one = Edition(rawValue: edition) else {
      throw ConfigurationError("--edition must be 2016, 2022 or both")
    }
    return [one]
  }

  /// Without a server there is no D and R, without a port to listen on no U.
  private func restricted(_ selection: CaseSelection) throws -> CaseSelection {
    switch (peer != nil, listen != nil) {
    case (true, true): return selection
    case (true, false): return cases == nil ? selection.excluding(try Self.list("U")) : selection
    case (false, true): return cases == nil ? selection.excluding(try Self.list("D,R")) : selection
    case (false, false): throw ConfigurationError("--peer self, --peer sip:HOST:PORT or --listen HOST:PORT")
    }
  }

  private static func list(_ text: String) throws -> CaseSelection {
    guard let list = CaseSelection(text) else { throw ConfigurationError("\(text) is no list of cases") }
    return list
  }

  private func foreignSettings() throws -> ConformSettings {
    guard let code = DeviceID(id), code.isStandard else {
      throw ConfigurationError("--id must be a code of 20 digits, found '\(id)'")
    }
    guard let password else { throw ConfigurationError("--password is what devices register with") }
    let server = try peer.map {
      try Self.hostPort($0.hasPrefix("sip:") ? String($0.dropFirst(4)) : $0, "--peer")
    }
    var settings = ConformSettings(
      server: server ?? SIPHostPort(host: "127.0.0.1", port: 5_060), platformID: code, password: password,
      hash: Self.hash, codec: .chinese, actions: try actions())
    settings.width = api == nil ? 1 : width
    if let listen {
      let own = try Self.hostPort(listen, "--listen")
      (settings.listenHost, settings.listenPort) = (own.host, own.port)
      if peer == nil { settings.upperID = code }
      settings.cameraID = camera.flatMap { DeviceID($0) }
    }
    return settings
  }

  private func actions() throws -> any PeerActions {
    guard let api else { return Prompted(isInteractive: !nonInteractive, say: { say($0) }) }
    guard let url = URL(string: api), url.scheme == "http", let host = url.host else {
      throw ConfigurationError("--api must be http://HOST:PORT, found '\(api)'")
    }
    guard let token = token ?? ProcessInfo.processInfo.environment["TRIBUTARY_TOKEN"] else {
      throw ConfigurationError("--api needs an API key in --token or TRIBUTARY_TOKEN")
    }
    return HTTPActions(host: host, port: url.port ?? 80, token: token)
  }

  private static func hostPort(_ text: String, _ option: String) throws -> SIPHostPort {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (1...65_535).contains(port)
    else { throw ConfigurationError("\(option) must end in :PORT, found '\(text)'") }
    return SIPHostPort(host: String(text[..<colon]), port: port)
  }

  /// The digests of the library that the server uses too; the tester's own code has none.
  static let hash: DigestFunction = { algorithm, bytes in
    switch algorithm {
    case .md5: Hash.md5.digest(bytes)
    case .sha256: Hash.sha256.digest(bytes)
    }
  }
}
