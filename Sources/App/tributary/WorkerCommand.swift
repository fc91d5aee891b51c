import ArgumentParser
import Codec
import LoadGenerator

/// The process in which untrusted video is decoded. Started by the server, never by people.
struct WorkerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker", abstract: "Decode and encode for the server.", shouldDisplay: false)

  func run() throws {
    TranscodeWorker.run(input: 0, output: 1)
  }
}
