import ArgumentParser
import Server

/// One program, several faces. Each subcommand has a file of its own.
@main
struct Tributary: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tributary",
    abstract: "An accountable video network: GB/T 28181, live and recorded video, in one program.",
    version: TributaryVersion.text,
    subcommands: [
      ServeCommand.self, DemoCommand.self, SimulateCommand.self, DoctorCommand.self, ConformCommand.self,
      BenchCommand.self, DevicesCommand.self, UsersCommand.self, TokenCommand.self, DatabaseCommand.self,
      HoldsCommand.self, RetentionCommand.self, DisksCommand.self, VerifyCommand.self, ConfigCommand.self,
      PortsCommand.self, PlanCommand.self,
      SoakCommand.self, WorkerCommand.self, BenchJobCommand.self, BenchTargetCommand.self,
      SoakRecorderCommand.self,
    ])

  static func main() async {
    // A viewer that vanishes must not take the process with it.
    ignoreBrokenPipes()
    do {
      var command = try parseAsRoot()
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch let error as ConfigurationError {
      exitWithSentence(error.description)
    } catch let error as StartError {
      exitWithSentence(error.description)
    } catch {
      exit(withError: error)
    }
  }
}
