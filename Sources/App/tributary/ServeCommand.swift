import ArgumentParser
import Logging
import Server
import ServiceLifecycle
import UnixSignals

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Run one level of the network in the foreground.")

  @OptionGroup var options: ConfigurationOptions

  func run() async throws {
    let configuration = try options.load()
    let logger = Self.logger(configuration)
    let runtime = try await ServerRuntime(configuration: configuration, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await ServiceGroup(
          configuration: ServiceGroupConfiguration(
            services: [.init(service: runtime, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
      }
      group.addTask {
        guard await runtime.waitUntilReady(), runtime.needsFirstRun,
          let link = try? await runtime.firstRunLink()
        else { return }
        say("No administrator has a password yet. Open this single-use link within a day:")
        say("  \(link)")
      }
      // The link task may wait for ever when the server cannot start: the first error ends both.
      do {
        try await group.next()
        try await group.next()
      } catch {
        group.cancelAll()
        throw error
      }
    }
  }

  static func logger(_ configuration: ServerConfiguration) -> Logger {
    let level = Logger.Level(rawValue: configuration.logLevel) ?? .info
    let json = configuration.logFormat == "json"
    LoggingSystem.bootstrap { LineLogHandler(label: $0, level: level, json: json) }
    return Logger(label: "tributary")
  }
}
