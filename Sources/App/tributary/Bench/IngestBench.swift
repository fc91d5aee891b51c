import ArgumentParser

struct IngestBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ingest",
    abstract:
      "What a stream costs that is received, demultiplexed and cached for viewers, over UDP and over TCP.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Streams of 2 Mbit/s at once.") var streams = 400
  @Flag(
    help:
      "Also from 50 streams to twice as many as given, and with two threads: does the cost of one stream depend on that?"
  )
  var linearity = false

  func validate() throws {
    guard (1...5_000).contains(streams) else { throw ValidationError("--streams must be 1 to 5000") }
  }

  func run() async throws {
    options.report("ingest, \(streams) streams of 2 Mbit/s") {
      try BenchMachine.prepare()
      let clip = try options.clip()
      let udp = StreamMeasure(options: options, clip: clip, streams: streams)
      var tcp = udp
      tcp.overTCP = true
      var figures = try udp.figures("ingest-udp", targets: ("P1", nil))
      figures += try tcp.figures("ingest-tcp", targets: ("P3", nil))
      if linearity {
        figures.append(try udp.linearity([50, streams / 4, streams / 2, streams, streams * 2]))
        figures.append(try udp.twoThreads())
      }
      return figures
    }
  }
}
