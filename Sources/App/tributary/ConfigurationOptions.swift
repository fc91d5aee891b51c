import ArgumentParser
import Server

/// What `serve` and the administration commands share.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: "Configuration file (YAML). Defaults and TRIBUTARY_… variables apply without one.")
  var config: String?

  @Option(help: "Folder for database, keys and recordings; wins over the file.")
  var data: String?

  func load(overriding more: [(String, String)] = []) throws -> ServerConfiguration {
    var overrides = more
    if let data { overrides.append(("data", data)) }
    return try ServerConfiguration.load(file: config, overrides: overrides)
  }
}
