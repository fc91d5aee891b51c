import Access
import ArgumentParser
import CharacterSets
import Foundation
import GBCore
import Logging
import MediaTime
import Recording
import Registry
import SegmentStore
import Server

/// Devices without a browser. Works on the data folder; a running server notices within a second.
struct DevicesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "devices", abstract: "Announce, approve and list devices.",
    subcommands: [Add.self, Import.self, Approve.self, List.self, Remove.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Announce a device, so that it may register.")
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "Its code, usually 20 digits.") var id: String
    @Option(help: "The password that is set in its menu.") var password: String
    @Option(help: "What people call it.") var name: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      guard let code = DeviceID(id) else {
        throw ConfigurationError("the code '\(id)' must be 1 to 32 letters or digits, usually 20 digits")
      }
      guard !password.isEmpty else { throw ConfigurationError("the password must not be empty") }
      let folder = try Administration.folder(options)
      if try await folder.registry.device(code) != nil {
        throw ConfigurationError("the device \(code) exists already")
      }
      let device = Device(id: code, name: name ?? code.text, added: SystemClock.wall())
      try await Administration.save(device, password: password, in: folder)
      json ? sayJSON(["id": code.text, "name": device.name]) : say("added \(code) (\(device.name))")
    }
  }

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Announce the devices of a CSV file (id, name, password).")
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The file.") var file: String
    @Flag(help: "Only say what would happen.") var dryRun = false
    @Flag(help: "Print JSON.") var json = false

    struct Answer: Encodable {
      struct Rejected: Encodable {
        let line: Int
        let reason: String
      }
      let accepted: Int
      let rejected: [Rejected]
      let dryRun: Bool
    }

    func run() async throws {
      guard let data = FileManager.default.contents(atPath: file) else {
        throw ConfigurationError("cannot read the file '\(file)'")
      }
      let folder = try Administration.folder(options)
      let known = try await folder.registry.devices()
      let table = DeviceImport(csv: ChineseText.decode(Array(data)), known: Set(known.map(\.id)))
      if !dryRun {
        for entry in table.accepted {
          var device =
            known.first { $0.id == entry.id }
            ?? Device(id: entry.id, name: entry.name, added: SystemClock.wall())
          (device.name, device.settings) = (entry.name, entry.settings)
          try await Administration.save(device, password: entry.password, in: folder)
        }
      }
      if json {
        sayJSON(
          Answer(
            accepted: table.accepted.count,
            rejected: table.rejected.map { .init(line: $0.line, reason: $0.reason) }, dryRun: dryRun))
      } else {
        for row in table.rejected { say("line \(row.line): \(row.reason)") }
        say(
          "\(table.accepted.count) accepted, \(table.rejected.count) rejected\(dryRun ? " (dry run: nothing changed)" : "")"
        )
      }
      if !table.rejected.isEmpty { throw ExitCode(1) }
    }
  }

  struct Approve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a device out of quarantine.")
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Its code.") var id: String
    @Option(help: "The password that is set in its menu.") var password: String
    @Option(help: "What people call it.") var name: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      guard let code = DeviceID(id), try await folder.registry.quarantine().contains(where: { $0.id == code })
      else {
        throw ConfigurationError(
          "no device with the code '\(id)' waits in quarantine; see 'tributary devices list'")
      }
      let device = Device(id: code, name: name ?? code.text, added: SystemClock.wall(), origin: .approved)
      try await Administration.save(device, password: password, in: folder)
      json ? sayJSON(["id": code.text, "name": device.name]) : say("approved \(code)")
    }
  }

  struct Remove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Remove a device with its channels. Recordings stay.")
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Its code.") var id: String

    func run() async throws {
      let folder = try Administration.folder(options)
      guard let code = DeviceID(id), try await folder.registry.device(code) != nil else {
        throw ConfigurationError("there is no device with the code '\(id)'")
      }
      try await folder.registry.deleteDevice(code)
      try await folder.announceChange()
      say("removed \(code)")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List devices, and those that wait in quarantine.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    struct Row: Encodable {
      let id: String
      let name: String
      let status: String
      let since: String
      let address: String?
      let channels: Int
    }
    struct Waiting: Encodable {
      let id: String
      let address: String
      let lastSeen: String
    }
    struct Answer: Encodable {
      let devices: [Row]
      let quarantine: [Waiting]
    }

    func run() async throws {
      let folder = try Administration.folder(options)
      var rows: [Row] = []
      for device in try await folder.registry.devices().sorted(by: { $0.id < $1.id }) {
        rows.append(
          Row(
            id: device.id.text, name: device.name, status: device.status.rawValue,
            since: device.since.rfc3339,
            address: device.contact?.address.description,
            channels: try await folder.registry.channels(of: device.id).count))
      }
      let waiting = try await folder.registry.quarantine().map {
        Waiting(id: $0.id.text, address: $0.address.description, lastSeen: $0.lastSeen.rfc3339)
      }
      if json { return sayJSON(Answer(devices: rows, quarantine: waiting)) }
      for row in rows {
        say("\(row.id)  \(row.status)  \(row.channels) channels  \(row.address ?? "-")  \(row.name)")
      }
      for row in waiting { say("\(row.id)  in quarantine since \(row.lastSeen) from \(row.address)") }
      if rows.isEmpty, waiting.isEmpty { say("no devices yet: tributary devices add --id … --password …") }
    }
  }
}

struct UsersCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "users", abstract: "People who may sign in.", subcommands: [Add.self, List.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add an account. The password is read from standard input unless given.")
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "The name to sign in with.") var name: String
    @Option(help: "administrator, operator, auditor or device-manager.") var role = "operator"
    @Option(help: "The password; better typed or piped in.") var password: String?
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      guard let role = Role(rawValue: role) else {
        throw ConfigurationError(
          "the role must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      let secret = password ?? readLine(strippingNewline: true) ?? ""
      do {
        try await folder.gatekeeper().addAccount(name: name, role: role, password: secret)
      } catch let refusal as AccessRefusal {
        throw ConfigurationError("the account was not added: \(refusal.sentence)")
      }
      try await folder.announceChange()
      json ? sayJSON(["name": name, "role": role.rawValue]) : say("added \(name) (\(role.rawValue))")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List accounts.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let accounts = try await Administration.folder(options).gatekeeper().accounts()
      if json { return sayJSON(accounts.map { ["name": $0.name, "role": $0.role.rawValue] }) }
      for account in accounts { say("\(account.name)  \(account.role.rawValue)") }
    }
  }
}

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Keys for programs.", subcommands: [Create.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make an API key. It is shown once.")
    @OptionGroup var options: ConfigurationOptions
    @Option(help: "What the key is for.") var name: String
    @Option(help: "administrator, operator, auditor, device-manager or machine.") var role = "machine"
    @Flag(help: "Print JSON.") var json = false

    func run() async throws {
      let folder = try Administration.folder(options)
      guard let role = Role(rawValue: role) else {
        throw ConfigurationError(
          "the role must be one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      do {
        let (key, record) = try await folder.gatekeeper().addToken(name: name, role: role, by: "command line")
        json
          ? sayJSON(["id": record.id, "name": name, "role": role.rawValue, "token": key])
          : say(key)
      } catch let refusal as AccessRefusal {
        throw ConfigurationError("the key was not made: \(refusal.sentence)")
      }
      try await folder.announceChange()
    }
  }
}

struct DatabaseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "db", abstract: "Check the database; rebuild the recordings index from the files.",
    subcommands: [Check.self, RebuildIndex.self])

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let SQLite check every page, and hold the recordings index against the files.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Forget lost files, take in unknown ones, mark damaged ones. Stop the server first.")
    var repair = false
    @Flag(help: "Read and hash every recorded file again; takes as long as reading the disk.")
    var hashes = false

    func run() async throws {
      let folder = try Administration.folder(options)
      if repair, RunningServer(folder: folder.path) != nil {
        throw ConfigurationError("a server runs on this folder and compares by itself; stop it first")
      }
      let problems = try await folder.check()
      for problem in problems { say(problem) }
      say(problems.isEmpty ? "the database is sound" : "\(problems.count) problems: restore a backup")
      let report: IndexCheckReport
      do {
        report = try await folder.compareIndex(repairs: repair, hashes: hashes) { fault, path in
          say("\(path): \(fault.name)")
        }
      } catch let error as IndexCheckError {
        throw ConfigurationError(error.description)
      }
      let ending = report.faultCount == 0 ? "" : repair ? ", repaired" : ": run db check --repair"
      say("\(report.files) recorded files compared, \(report.faultCount) faults\(ending)")
      if !problems.isEmpty || (report.faultCount > 0 && !repair) { throw ExitCode(1) }
    }
  }

  struct RebuildIndex: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rebuild-index",
      abstract: "Make the recordings index anew from the files alone. Stop the server first.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    struct Answer: Encodable {
      let segments: Int
      let files: Int
      let notIntact: Int
    }

    func run() async throws {
      let folder = try Administration.folder(options)
      if let address = RunningServer(folder: folder.path) {
        throw ConfigurationError(
          "a server runs on this folder (http port \(address.port)); stop it first, or its open files would be cut"
        )
      }
      var files = 0
      var others = 0
      let (count, remarks) = try await folder.rebuildIndex { path, outcome in
        files += 1
        if outcome != "intact" {
          others += 1
          if !json { say("\(path): \(outcome)") }
        } else if !json, files % 1_000 == 0 {
          say("\(files) files …")
        }
      }
      try await folder.announceChange()
      if !json { for remark in remarks { say(remark) } }
      json
        ? sayJSON(Answer(segments: count, files: files, notIntact: others))
        : say("the index holds \(count) segments of \(files) files")
    }
  }
}

/// What the administration commands have in common.
enum Administration {
  static func folder(_ options: ConfigurationOptions) throws -> DataFolder {
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: .error, json: false) }
    let configuration = try options.load()
    return try DataFolder(path: configuration.data, recordings: configuration.recordings)
  }

  static func save(_ device: Device, password: String, in folder: DataFolder) async throws {
    try await folder.registry.save([device])
    try await folder.registry.setPassword(password, of: device.id)
    try await folder.registry.deleteQuarantine(device.id)
    try await folder.announceChange()
  }
}

extension AccessRefusal {
  /// One sentence for the terminal.
  var sentence: String {
    switch self {
    case .weakPassword(let text), .badName(let text): text
    case .nameTaken: "the name is taken"
    default: "\(self)"
    }
  }
}
