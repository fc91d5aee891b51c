import ArgumentParser
import Server

struct ConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Show what is configured, and which keys exist.",
    subcommands: [Show.self, Keys.self], defaultSubcommand: Show.self)

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print the configuration in force.")
    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
      for (key, value) in try options.load().listing { say("\(key): \(value)") }
    }
  }

  struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print every key as the table of docs/ref/configuration.md.")

    func run() async throws {
      say(ServerConfiguration.referenceTable)
    }
  }
}

struct PortsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ports", abstract: "Print the firewall table for this configuration.")
  @OptionGroup var options: ConfigurationOptions

  func run() async throws {
    let configuration = try options.load()
    say("port            protocol  from            what")
    for row in configuration.firewallTable { say(row) }
  }
}
