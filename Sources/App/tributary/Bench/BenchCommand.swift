import ArgumentParser
import DeviceSimulator
import Foundation
import Glibc
import LoadGenerator
import MPEGCore

/// Load and latency, measured beside the least that the work itself costs on this machine.
///
/// Our side, the load and the floor each run in a process of their own, ours and the floor on one processor and
/// the load on another (docs/performance.md).
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Load and latency, beside the floor of this machine.",
    subcommands: [
      IngestBench.self, RecordBench.self, FanoutBench.self, RelayBench.self, StartBench.self,
      LatencyBench.self,
      RegisterBench.self, CatalogBench.self, LevelsBench.self,
      TimelineBench.self, ScaleBench.self, LogBench.self,
    ])
}

/// What all measures share.
struct BenchOptions: ParsableArguments {
  @Option(help: "How often everything is repeated; the median counts.") var rounds = 3
  @Option(help: "Seconds of each measurement, after its warm-up.") var seconds = 10.0
  @Flag(help: "One JSON line per measure instead of a table.") var json = false
  @Option(help: "Folder on the disk to measure with; what is written there is deleted again.")
  var directory = NSTemporaryDirectory()

  func validate() throws {
    guard (1...100).contains(rounds) else { throw ValidationError("--rounds must be 1 to 100") }
    guard (1...3_600).contains(seconds) else { throw ValidationError("--seconds must be 1 to 3600") }
  }

  /// A folder of its own for one measurement.
  func makeFolder() throws -> String {
    let path = (directory as NSString).appendingPathComponent("tributary-bench-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw LoadError("the folder \(directory) cannot be written: choose another with --directory")
    }
    return path
  }
}

extension BenchOptions {
  /// The clip that all streams repeat: 1080p25 H.264 at 2 Mbit/s with a key frame every 2 s. Made once, then kept.
  func clip() throws -> LoadClip {
    note("preparing the clip (the first time this takes half a minute)")
    do { return LoadClip(path: try ClipLibrary.benchClip()) } catch { throw LoadError(error.description) }
  }

  /// Runs a measure and prints what it found. A failure is one sentence and exit code 1.
  func report(_ title: String, _ measure: () throws -> [Figure]) {
    do {
      let figures = try measure()
      if json { for figure in figures { say(figure.json) } } else { say(Figure.table(figures, title: title)) }
    } catch let error as LoadError {
      exitWithSentence(error.description)
    } catch {
      exitWithSentence("the measurement failed: \(error)")
    }
  }
}

/// Progress and doubts go to standard error: standard output holds only results.
func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
