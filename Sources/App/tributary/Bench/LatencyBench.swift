import ArgumentParser
import Foundation
import LoadGenerator

/// What the server adds to a picture: from the last packet of a frame to the last byte of its fragment at a viewer.
struct LatencyBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "What we add to every frame, from its last packet to its last byte at a viewer, under load.")

  @OptionGroup var options: BenchOptions
  @Option(help: "Streams that are received and recorded meanwhile; the viewer watches the first.")
  var streams = 800

  func validate() throws {
    guard (1...5_000).contains(streams) else { throw ValidationError("--streams must be 1 to 5000") }
  }

  func run() async throws {
    options.report("added latency beside \(streams) recorded streams") {
      try BenchMachine.prepare()
      let clip = try options.clip()
      var (medians, tails): ([Double], [Double]) = ([], [])
      for round in 1...options.rounds {
        note("latency beside \(streams) streams, round \(round) of \(options.rounds)")
        let delays = try once(clip).sorted()
        medians.append(Figure.median(delays))
        tails.append(delays[min(delays.count - 1, delays.count * 99 / 100)])
      }
      return [
        Figure("latency-median", unit: "ms", values: medians),
        Figure("latency-p99", target: "P8", unit: "ms", values: tails),
      ]
    }
  }

  private static let warmUp = 5.0

  /// Milliseconds for each frame of the first stream.
  private func once(_ clip: LoadClip) throws -> [Double] {
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var job = MediaTargetOptions(streams: streams, recordings: folder + "/recordings", acceptsViewers: true)
    job.mergesWrites = false
    let target = try TargetProcess(.media(job), core: BenchMachine.ours)
    defer { target.end() }
    let sender = try BenchMachine.start(.send(load(clip, target.ready.media)), core: BenchMachine.load)
    _ = try sender.waitUntilReady()
    wait(3)
    var viewer = StreamReaders.Options(
      port: target.ready.viewers, paths: ["/live.mp4"], viewers: 1, seconds: options.seconds)
    viewer.warmUp = 2
    viewer.notesFragments = true
    let readers = try BenchMachine.start(.readers(viewer), core: BenchMachine.load)
    let meter = try UsageMeter(target.identifier)
    guard case .readers(let seen) = try readers.waitForOutcome() else {
      throw LoadError("the viewer gave no result")
    }
    let reading = try meter.read()
    sender.stop()
    guard case .send(let sent) = try sender.waitForOutcome() else {
      throw LoadError("the load gave no result")
    }
    note(String(format: "  the processor was busy for %.0f %%", reading.cpuSeconds / reading.seconds * 100))
    guard let delays = FrameDelays.match(sent: sent.sentAt, seen: seen.arrivals), !delays.isEmpty else {
      throw LoadError("the viewer's pictures do not match those that were sent")
    }
    return delays
  }

  private func load(_ clip: LoadClip, _ port: UInt16) -> LoadGenerator.Options {
    let targets = (0..<streams).map { index in
      LoadGenerator.Target(port: port, ssrc: MediaTargetOptions.firstSSRC + UInt32(index))
    }
    var job = LoadGenerator.Options(
      clip: clip, targets: targets, seconds: Self.warmUp + options.seconds + 10)
    job.notesFrames = true
    return job
  }
}
