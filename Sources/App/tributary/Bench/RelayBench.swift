import ArgumentParser
import LoadGenerator

struct RelayBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "relay",
    abstract: "What a stream costs that is sent on as RTP with a program stream in it, over UDP.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Streams of 2 Mbit/s at once, each relayed to one peer.") var streams = 200

  func validate() throws {
    guard (1...5_000).contains(streams) else { throw ValidationError("--streams must be 1 to 5000") }
  }

  func run() async throws {
    options.report("relay, \(streams) streams of 2 Mbit/s, each to one peer over UDP") {
      try BenchMachine.prepare()
      let streams = StreamMeasure(options: options, clip: try options.clip(), streams: streams)
      return try RelayMeasure(streams: streams).figures()
    }
  }
}

/// Streams that come in and go out again. What relaying adds is the whole less the same streams without relays.
struct RelayMeasure {
  let streams: StreamMeasure

  /// Microseconds of processor time per stream and second.
  private struct Round {
    var whole: Double
    var ingest: Double
    var sending: Double
    var receiving: Double
    /// Megabits per stream and second, with RTP headers.
    var megabits: Double
  }

  func figures() throws -> [Figure] {
    var rounds: [Round] = []
    for round in 1...streams.options.rounds {
      note("relay, \(streams.streams) streams, round \(round) of \(streams.options.rounds)")
      let receiving = try streams.floor().cost
      let (sending, megabits) = try floor()
      rounds.append(
        Round(
          whole: try product(), ingest: try streams.attempt().trial.cost, sending: sending,
          receiving: receiving, megabits: megabits))
    }
    return [
      Figure(
        "relay", unit: "µs CPU per delivered Mbit",
        values: rounds.map { ($0.whole - $0.ingest) / $0.megabits },
        floors: rounds.map { $0.sending / $0.megabits }),
      Figure(
        "relay-stream", unit: "µs CPU per stream-second", values: rounds.map { $0.whole - $0.ingest },
        floors: rounds.map(\.sending)),
      Figure(
        "relay-with-ingest", unit: "µs CPU per stream-second", values: rounds.map(\.whole),
        floors: rounds.map { $0.receiving + $0.sending }),
    ]
  }

  private func receiver() throws -> (process: LoadChild, port: UInt16) {
    let job = Floor.ReceiveOptions(streams: streams.streams, work: .discard, seconds: streams.seconds + 60)
    let receiver = try BenchMachine.start(.receiveFloor(job), core: BenchMachine.load)
    guard let port = try receiver.waitUntilReady() else { throw LoadError("the receiver has no port") }
    return (receiver, port)
  }

  /// The same bytes from a plain sender.
  private func floor() throws -> (cost: Double, megabits: Double) {
    let (receiver, port) = try receiver()
    let targets = (0..<streams.streams).map { index in
      LoadGenerator.Target(port: port, ssrc: MediaTargetOptions.firstSSRC + UInt32(index))
    }
    let job = Floor.sending(
      LoadGenerator.Options(clip: streams.clip, targets: targets, seconds: streams.seconds))
    let sender = try BenchMachine.start(.send(job), core: BenchMachine.ours)
    _ = try sender.waitUntilReady()
    let cost = try streams.measure(sender.processIdentifier).cost
    sender.stop()
    guard case .send(let result) = try sender.waitForOutcome() else {
      throw LoadError("the sending floor gave no result")
    }
    receiver.discard()
    return (cost, result.megabitsPerSecond / Double(streams.streams))
  }

  private func product() throws -> Double {
    let (receiver, port) = try receiver()
    var job = MediaTargetOptions(streams: streams.streams)
    job.relayPort = port
    let target = try TargetProcess(.media(job), core: BenchMachine.ours)
    defer { target.end() }
    let sender = try streams.send(to: target.ready.media)
    let cost = try streams.measure(target.identifier).cost
    let report = try target.report()
    sender.stop()
    try streams.judge(sender)
    receiver.stop()
    guard case .receiveFloor(let result) = try receiver.waitForOutcome() else {
      throw LoadError("the receiver gave no result")
    }
    guard report.relayedPackets > 0, report.pictures == streams.streams else {
      throw LoadError(
        "only \(report.pictures) of \(streams.streams) streams arrived: try fewer with --streams")
    }
    if report.lost + result.lost + report.relayTroubles > 0 {
      note(
        "  \(report.lost) packets lost before the relay and \(result.lost) behind it; relays had trouble "
          + "\(report.relayTroubles) times")
    }
    return cost
  }
}
