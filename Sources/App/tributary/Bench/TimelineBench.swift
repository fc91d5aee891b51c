import ArgumentParser
import Foundation
import LoadGenerator
import MediaTime
import Recording
import Registry
import SegmentStore
import StoreSQLite

/// How long the index takes to answer, with as many recorded files in it as a city has.
struct TimelineBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "timeline",
    abstract: "30 days of any channel, and the way to any picture, in an index full of recordings.")

  @Option(help: "Recorded files in the index; 100 million take about 20 GB and ten minutes to make.")
  var segments = 1_000_000
  @Option(help: "Channels they belong to; by default as many as have 30 days of one-minute files.")
  var channels: Int?
  @Option(help: "Timelines and seeks of each kind, each of a random channel; the median counts.")
  var samples = 50
  @Option(help: "Folder on the disk to measure with; what is written there is deleted again.")
  var directory = NSTemporaryDirectory()
  @Flag(help: "One JSON line per measure instead of a table.") var json = false

  func validate() throws {
    guard (1_440...1_000_000_000).contains(segments) else {
      throw ValidationError("--segments must be 1440 to 1000000000")
    }
    guard (10...1_000_000).contains(channels ?? 10) else {
      throw ValidationError("--channels must be 10 to 1000000")
    }
    guard (1...10_000).contains(samples) else { throw ValidationError("--samples must be 1 to 10000") }
  }

  func run() async throws {
    do {
      let figures = try await measure()
      let title = "timeline and seek, \(segments) files in the index"
      if json { for figure in figures { say(figure.json) } } else { say(Figure.table(figures, title: title)) }
    } catch let error as LoadError {
      exitWithSentence(error.description)
    } catch {
      exitWithSentence("the measurement failed: \(error)")
    }
  }

  private func measure() async throws -> [Figure] {
    var options = BenchOptions()
    options.directory = directory
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let index = MadeUpIndex(
      path: "\(folder)/index.db", segments: segments, channels: channels ?? max(10, segments / 43_200))
    let report = try index.fill(secrets: TimelineMeasure.secrets) { written in
      note("\(written) files in the index")
    }
    note(
      "filled in \(Int(report.filling.inSeconds)) s, stretches made in \(Int(report.stretching.inSeconds)) s, "
        + "\(report.bytes >> 20) MiB")
    let measure = try TimelineMeasure(
      index: index, path: "\(folder)/index.db", recordings: "\(folder)/recordings", samples: samples)
    return try await measure.figures()
  }
}
