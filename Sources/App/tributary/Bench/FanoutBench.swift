import ArgumentParser
import LoadGenerator

struct FanoutBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fanout", abstract: "What a delivered megabit costs: one stream to many viewers.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Viewers of the one stream.") var viewers = 1_000

  func validate() throws {
    guard (1...15_000).contains(viewers) else { throw ValidationError("--viewers must be 1 to 15000") }
  }

  func run() async throws {
    options.report("fan-out, one stream of 2 Mbit/s to \(viewers) viewers") {
      try BenchMachine.prepare()
      let clip = try options.clip()
      var (webSocket, http, floors): ([Double], [Double], [Double]) = ([], [], [])
      for round in 1...options.rounds {
        note("fan-out to \(viewers) viewers, round \(round) of \(options.rounds)")
        floors.append(try floor(clip))
        webSocket.append(try product(clip, overWebSocket: true))
        http.append(try product(clip, overWebSocket: false))
      }
      let unit = "µs CPU per delivered Mbit"
      return [
        Figure("fanout-websocket", target: "P5", unit: unit, values: webSocket, floors: floors),
        Figure("fanout-http", target: "P5", unit: unit, values: http, floors: floors),
      ]
    }
  }

  private static let warmUp = 3.0
  /// At 25 frames per second the floor's writes are as far apart as ours are to a crowd: 160 ms.
  private static let merged = 4

  private func product(_ clip: LoadClip, overWebSocket: Bool) throws -> Double {
    let target = try TargetProcess(
      .media(MediaTargetOptions(streams: 1, acceptsViewers: true)), core: BenchMachine.ours)
    defer { target.end() }
    let job = LoadGenerator.Options(
      clip: clip,
      targets: [LoadGenerator.Target(port: target.ready.media, ssrc: MediaTargetOptions.firstSSRC)],
      seconds: options.seconds + Self.warmUp + 60)
    let sender = try BenchMachine.start(.send(job), core: BenchMachine.load)
    defer { sender.discard() }
    _ = try sender.waitUntilReady()
    wait(3)
    return try measure(target.identifier, port: target.ready.viewers, overWebSocket: overWebSocket)
  }

  private func floor(_ clip: LoadClip) throws -> Double {
    var job = Floor.FanOutOptions(clip: clip, viewers: viewers, seconds: options.seconds + Self.warmUp + 60)
    job.merge = Self.merged
    let server = try BenchMachine.start(.fanOutFloor(job), core: BenchMachine.ours)
    defer { server.discard() }
    guard let port = try server.waitUntilReady() else { throw LoadError("the floor has no port") }
    return try measure(server.processIdentifier, port: port, overWebSocket: false, parsed: 0)
  }

  /// Processor time of the server per second, over what reached the viewers per second.
  ///
  /// - Parameter parsed: so many viewers check what they get; the floor sends no MP4.
  private func measure(
    _ process: Int32, port: UInt16, overWebSocket: Bool, parsed: Int = 1
  ) throws -> Double {
    var job = StreamReaders.Options(
      port: port, paths: ["/live.mp4"], viewers: viewers, seconds: options.seconds)
    job.overWebSocket = overWebSocket
    job.warmUp = Self.warmUp
    job.parsed = parsed
    let readers = try BenchMachine.start(.readers(job), core: BenchMachine.load)
    _ = try readers.waitUntilReady()
    wait(Self.warmUp)
    let meter = try UsageMeter(process)
    wait(options.seconds - 0.5)
    let reading = try meter.read()
    guard case .readers(let result) = try readers.waitForOutcome() else {
      throw LoadError("the viewers gave no result")
    }
    guard result.streaming == viewers, result.closed == 0 else {
      throw LoadError(
        "only \(result.streaming - result.closed) of \(viewers) viewers stayed: try fewer with --viewers")
    }
    if result.brokenBoxes > 0 || result.sequenceGaps > 0 {
      note("  a viewer got \(result.brokenBoxes) broken boxes and \(result.sequenceGaps) gaps")
    }
    let megabits = Double(result.steadyBytes) * 8 / 1e6 / result.seconds
    return reading.cpuSeconds * 1e6 / reading.seconds / megabits
  }
}
