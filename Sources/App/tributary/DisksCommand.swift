import ArgumentParser
import Recording
import Server

/// The disks of recordings without a browser.
struct DisksCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disks", abstract: "The disks of recordings: list them, replace one, give one up.",
    subcommands: [List.self, Adopt.self, Forget.self], defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Every disk of configuration and index.")
    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Print JSON.") var json = false

    private struct Row: Encodable {
      let disk: String
      let directory: String
      let lost: String?
      let total: Int64?
      let free: Int64?
      let files: Int
      let bytes: Int64
    }

    func run() async throws {
      let folder = try Administration.folder(options)
      let lines = try await folder.listDisks()
      if json {
        return sayJSON(
          lines.map {
            Row(
              disk: $0.id.text, directory: $0.directory, lost: $0.loss, total: $0.figures?.total,
              free: $0.figures?.free, files: $0.segments, bytes: $0.bytes)
          })
      }
      for line in lines {
        let state = line.loss.map { "AWAY: \($0)" } ?? "\(line.figures?.free ?? 0) bytes free"
        say("\(line.id)  \(line.directory)  \(line.segments) files, \(line.bytes) bytes  \(state)")
      }
    }
  }

  struct Adopt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Take a new disk in where another was mounted. Stop the server first.")
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "Its directory, as in 'recordings'.") var directory: String

    func run() async throws {
      let folder = try DisksCommand.stopped(options)
      say("\(directory) is disk \(try await folder.adoptDisk(at: directory))")
    }
  }

  struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give up a disk that will never come back: its recordings become gaps. Stop the server first."
    )
    @OptionGroup var options: ConfigurationOptions
    @Argument(help: "The disk, as 'disks list' prints it.") var disk: String

    func run() async throws {
      let folder = try DisksCommand.stopped(options)
      guard let id = DiskID(disk) else {
        throw ConfigurationError(
          "'\(disk)' is no disk: sixteen hexadecimal digits, see 'tributary disks list'")
      }
      say("\(try await folder.forgetDisk(id)) files were given up")
    }
  }

  fileprivate static func stopped(_ options: ConfigurationOptions) throws -> DataFolder {
    let folder = try Administration.folder(options)
    guard RunningServer(folder: folder.path) == nil else {
      throw ConfigurationError("a server runs on this folder; stop it first")
    }
    return folder
  }
}
