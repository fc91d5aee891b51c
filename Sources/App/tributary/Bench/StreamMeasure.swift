import Foundation
import LoadGenerator

/// Many streams come in: what one of them costs us, and what it costs the floor.
struct StreamMeasure {
  let options: BenchOptions
  let clip: LoadClip
  var streams: Int
  var overTCP = false
  /// Every stream is recorded.
  var records = false
  /// Media threads of ours.
  var threads = 1

  struct Trial {
    /// Microseconds of processor time per stream and second.
    var cost: Double
    /// Bytes of the whole process per stream.
    var memory: Double
  }

  /// Before anything counts: all streams have begun, and the last group of pictures of each is kept.
  static let warmUp = 5.0

  /// `rounds` times the floor and then we, so that both meet the same machine.
  func run() throws -> (ours: [Trial], floors: [Trial]) {
    var ours: [Trial] = []
    var floors: [Trial] = []
    for round in 1...options.rounds {
      let name = "\(records ? "record" : "ingest") over \(overTCP ? "TCP" : "UDP")"
      note("\(name), \(streams) streams, round \(round) of \(options.rounds)")
      floors.append(try floor())
      ours.append(try product())
    }
    return (ours, floors)
  }

  /// What one run of ours came to, whether all of it arrived or not.
  struct Outcome {
    var trial: Trial
    var report: TargetReport
    /// The load kept its pace.
    var isFair: Bool

    /// Share of the packets that did not arrive.
    var lost: Double { Double(report.lost) / Double(max(report.packets + report.lost, 1)) }
  }

  private func product() throws -> Trial {
    let outcome = try attempt()
    guard outcome.report.pictures == streams else {
      throw LoadError(
        "only \(outcome.report.pictures) of \(streams) streams arrived: try fewer with --streams")
    }
    if outcome.lost > 0.000_1 {
      note(String(format: "  we lost %.2f %% of the packets: this processor is full", outcome.lost * 100))
    }
    if outcome.report.droppedFragments > 0 {
      note("  \(outcome.report.droppedFragments) groups were not recorded: the disk is full")
    }
    return outcome.trial
  }

  /// Sends all streams to us once.
  func attempt() throws -> Outcome {
    let folder = records ? try options.makeFolder() : nil
    defer { if let folder { try? FileManager.default.removeItem(atPath: folder) } }
    var job = MediaTargetOptions(
      streams: streams, overTCP: overTCP, recordings: folder.map { $0 + "/recordings" })
    job.threads = threads
    let target = try TargetProcess(.media(job), core: BenchMachine.ours)
    defer { target.end() }
    let sender = try send(to: target.ready.media)
    let trial = try measure(target.identifier)
    let report = try target.report()
    sender.stop()
    return Outcome(trial: trial, report: report, isFair: try judge(sender))
  }

  func floor() throws -> Trial {
    let folder = records ? try options.makeFolder() : nil
    defer { if let folder { try? FileManager.default.removeItem(atPath: folder) } }
    var job = Floor.ReceiveOptions(
      streams: streams, work: records ? .write : .demultiplex, seconds: seconds + 60)
    job.overTCP = overTCP
    job.directory = folder
    let receiver = try BenchMachine.start(.receiveFloor(job), core: BenchMachine.ours)
    guard let port = try receiver.waitUntilReady() else { throw LoadError("the floor has no port") }
    let sender = try send(to: port)
    let trial = try measure(receiver.processIdentifier)
    receiver.stop()
    sender.stop()
    guard case .receiveFloor(let result) = try receiver.waitForOutcome() else {
      throw LoadError("the floor gave no result")
    }
    if records, !result.direct {
      note("  the disk of \(options.directory) refuses direct writing: the floor used the page cache")
    }
    try judge(sender)
    return trial
  }

  var seconds: Double { Self.warmUp + options.seconds + 5 }

  func send(to port: UInt16) throws -> LoadChild {
    let targets = (0..<streams).map { index in
      LoadGenerator.Target(port: port, ssrc: MediaTargetOptions.firstSSRC + UInt32(index))
    }
    var job = LoadGenerator.Options(clip: clip, targets: targets, seconds: seconds)
    job.overTCP = overTCP
    let sender = try BenchMachine.start(.send(job), core: BenchMachine.load)
    _ = try sender.waitUntilReady()
    return sender
  }

  func measure(_ process: Int32) throws -> Trial {
    wait(Self.warmUp)
    let meter = try UsageMeter(process)
    wait(options.seconds)
    let reading = try meter.read()
    let streams = Double(streams)
    return Trial(
      cost: reading.cpuSeconds * 1e6 / reading.seconds / streams, memory: reading.memory / streams)
  }

  /// A sender that cannot keep its pace measures nothing.
  @discardableResult
  func judge(_ sender: LoadChild) throws -> Bool {
    guard case .send(let result) = try sender.waitForOutcome() else { return false }
    let isFair = result.lateBy20 <= 0.01 && result.droppedFrames == 0
    if !isFair {
      note(
        String(
          format: "  the load was late in %.1f %% of its steps and left out %d frames: take fewer streams",
          result.lateBy20 * 100, result.droppedFrames))
    }
    return isFair
  }
}

extension StreamMeasure {
  /// The figures of one kind of stream.
  ///
  /// - Parameter targets: which ones cost and memory answer.
  func figures(_ name: String, targets: (cost: String?, memory: String?)) throws -> [Figure] {
    let (ours, floors) = try run()
    let mebibyte = 1_048_576.0
    return [
      Figure(
        name, target: targets.cost, unit: "µs CPU per stream-second", values: ours.map(\.cost),
        floors: floors.map(\.cost)),
      Figure(
        name + "-memory", target: targets.memory, unit: "MiB per stream",
        values: ours.map { $0.memory / mebibyte },
        floors: floors.map { $0.memory / mebibyte }),
    ]
  }
}
