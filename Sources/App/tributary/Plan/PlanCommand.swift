import ArgumentParser
import Federation
import Foundation
import PlanFile

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Compute what the links and disks of a network must bear, and where it is too narrow.",
    discussion: """
      Reads a YAML description of levels, cameras, viewers, recordings and links (docs/guide/planning.md). \
      Exit codes: 0 everything that was declared is enough; 1 something is too small; 2 the description is wrong.
      """)

  @Argument(help: "The description.") var file: String
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
      throw Self.wrong("'\(file)' cannot be read")
    }
    let report: PlanReport
    do throws(PlanFileError) { report = try PlanFile.read(text).report() } catch {
      throw Self.wrong("\(file): \(error)")
    }
    if json { sayJSON(PlanDocument(report)) } else { PlanTable(report).lines.forEach(say) }
    if !report.fits { throw ExitCode(1) }
  }

  private static func wrong(_ sentence: String) -> ExitCode {
    FileHandle.standardError.write(Data("tributary: \(sentence)\n".utf8))
    return ExitCode(2)
  }
}
