import ArgumentParser

struct RecordBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "What a stream costs that is received and recorded, with its SHA-256.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Streams of 2 Mbit/s at once.") var streams = 400
  @Flag(help: "Also how many streams one processor records before it loses the first packet.")
  var capacity = false

  func validate() throws {
    guard (1...5_000).contains(streams) else { throw ValidationError("--streams must be 1 to 5000") }
  }

  func run() async throws {
    options.report("record, \(streams) streams of 2 Mbit/s over UDP") {
      try BenchMachine.prepare()
      let measure = StreamMeasure(options: options, clip: try options.clip(), streams: streams, records: true)
      var figures = try measure.figures("record-udp", targets: ("P2", "P6"))
      if capacity { figures.append(try measure.capacity(from: 800)) }
      return figures
    }
  }
}
