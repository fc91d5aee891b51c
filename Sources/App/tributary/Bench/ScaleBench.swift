import ArgumentParser
import DeviceSimulator
import Foundation
import HTTPAPI
import MPEGCore
import MediaTime
import MediaTransport
import RTPCore
import Registry
import Server
import Soak

/// How far one machine's bookkeeping reaches, by simulation: the receiving state of thousands of streams without
/// sockets, and the sessions of a hundred thousand viewers without browsers.
struct ScaleBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: "State of thousands of streams and sessions of a hundred thousand viewers, by simulation.")

  @Option(help: "Streams of 2 Mbit/s, each with its last group of pictures in memory.") var streams = 5_000
  @Option(help: "Viewers with an open session, spread over the streams.") var viewers = 100_000
  @OptionGroup var options: BenchOptions

  func validate() throws {
    guard (100...20_000).contains(streams) else { throw ValidationError("--streams must be 100 to 20000") }
    guard (1_000...1_000_000).contains(viewers) else {
      throw ValidationError("--viewers must be 1000 to 1000000")
    }
  }

  func run() throws {
    options.report("\(streams) streams and \(viewers) viewers, simulated") {
      let streams = try StreamScale(clip: ClipLibrary.benchClip(), count: streams)
      let viewers = ViewerScale(viewers: viewers, streams: self.streams)
      var (memory, cost, small) = ([Double](), [Double](), [Double]())
      var (sessions, few, sweeps) = ([Double](), [Double](), [Double]())
      let bytes = viewers.bytesPerViewer()
      for round in 1...options.rounds {
        note("round \(round) of \(options.rounds)")
        let one = streams.measure(few: 50)
        memory.append(one.bytesPerStream / 1_048_576)
        cost.append(one.microseconds)
        small.append(one.microsecondsOfFew)
        let other = viewers.measure(few: 1_000)
        sessions.append(other.microseconds)
        few.append(other.microsecondsOfFew)
        sweeps.append(other.sweepMilliseconds)
      }
      return [
        Figure(
          "stream-memory", unit: "MiB per stream, 2 s of pictures included",
          // Later rounds use the memory of the first.
          values: [memory.max() ?? 0]),
        Figure(
          "stream-cost", unit: "µs per stream-second; floor: the same with 50", values: cost, floors: small),
        Figure(
          "viewer-session", unit: "µs to open, watch and close; floor: the same with 1000", values: sessions,
          floors: few),
        Figure("viewer-sweep", unit: "ms to look for idle sessions", values: sweeps),
        Figure("viewer-memory", unit: "KiB per viewer", values: [bytes / 1_024]),
      ]
    }
  }
}

/// The receiving state of many streams.
private struct StreamScale {
  struct Outcome {
    var bytesPerStream = 0.0
    /// Processor time of one stream for a second of its packets.
    var microseconds = 0.0
    var microsecondsOfFew = 0.0
  }

  /// Packets of four seconds, by picture.
  private let pictures: [[[UInt8]]]
  private let count: Int
  private static let host = MediaAddress(host: "10.0.0.1", port: 9_000)

  init(clip path: String, count: Int) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    guard let reader = ElementaryStreamReader(bytes) else {
      throw BenchFailure(description: "the clip \(path) cannot be read")
    }
    var (muxer, packetizer) = (PSMuxer(formats: [reader.format]), RTPPacketizer(ssrc: 1))
    pictures = (0..<100).map { number in
      let unit = reader.unit(number % reader.count)
      var (pack, bytes, ranges) = ([UInt8](), [UInt8](), [Range<Int>]())
      muxer.pack(unit, into: &pack)
      packetizer.append(pack.span, timestamp: UInt32(number * 3_600), to: &bytes, packets: &ranges)
      return ranges.map { Array(bytes[$0]) }
    }
    self.count = count
  }

  func measure(few: Int) -> Outcome {
    var outcome = Outcome()
    // The first two seconds fill every buffer, the next two use them again.
    let some = make(few)
    _ = feed(some, 0..<50)
    outcome.microsecondsOfFew = feed(some, 50..<100)
    let before = ProcessFigures.current.residentBytes
    let paths = make(count)
    _ = feed(paths, 0..<50)
    outcome.microseconds = feed(paths, 50..<100)
    outcome.bytesPerStream = Double(ProcessFigures.current.residentBytes - before) / Double(count)
    for path in paths + some { path.end() }
    return outcome
  }

  private func make(_ count: Int) -> [StreamPath] {
    (0..<count).map { _ in
      StreamPath(
        ssrc: 1, host: "10.0.0.1", now: MonotonicTime(nanoseconds: 1), wall: WallTime(nanoseconds: 1))
    }
  }

  /// Two seconds, picture by picture for all streams in turn, as they come in a city.
  private func feed(_ paths: [StreamPath], _ part: Range<Int>) -> Double {
    guard let host = Self.host else { return 0 }
    let begin = clock()
    for (number, packets) in zip(part, pictures[part]) {
      let time = Int64(number + 1) * 40_000_000
      let (now, wall) = (MonotonicTime(nanoseconds: time), WallTime(nanoseconds: time))
      for path in paths {
        for packet in packets { path.receive(packet.span, from: host, now: now, wall: wall) }
        path.deliver()
      }
    }
    return Double(clock() - begin) / Double(CLOCKS_PER_SEC) * 1e6 / Double(paths.count) / 2
  }
}

/// The sessions of many viewers.
private struct ViewerScale {
  struct Outcome {
    var microseconds = 0.0
    var microsecondsOfFew = 0.0
    var sweepMilliseconds = 0.0
  }

  let viewers: Int
  let streams: Int
  private static let samples = 10_000

  func measure(few: Int) -> Outcome {
    var outcome = Outcome()
    outcome.microsecondsOfFew = turnOver(filled(few), holding: few)
    let table = filled(viewers)
    outcome.microseconds = turnOver(table, holding: viewers)
    let begin = ContinuousClock.now
    let idle = table.idle(now: MonotonicTime(nanoseconds: 1), wall: WallTime(nanoseconds: 1))
    outcome.sweepMilliseconds = (ContinuousClock.now - begin) / .milliseconds(1)
    precondition(idle.isEmpty && table.count == viewers)
    return outcome
  }

  /// Only the first time in a process: later ones use memory that is there.
  func bytesPerViewer() -> Double {
    let before = ProcessFigures.current.residentBytes
    return withExtendedLifetime(filled(viewers)) {
      Double(ProcessFigures.current.residentBytes - before) / Double(viewers)
    }
  }

  private func filled(_ count: Int) -> MediaSessionTable {
    let table = MediaSessionTable()
    for number in 0..<count { open(number, in: table) }
    return table
  }

  private func open(_ number: Int, in table: MediaSessionTable) {
    guard let channel = ChannelKey("34020000001320000001_\(34_020_000 + number % streams)") else {
      preconditionFailure("a made-up channel is none")
    }
    let id = "session-\(number)"
    let isIn = table.insert(
      MediaSession(
        id: id, kind: .live, channel: channel, user: "user-\(number / 16)", credential: "credential",
        codecs: ["avc1"], started: WallTime(nanoseconds: 0), expires: WallTime(nanoseconds: .max),
        look: "\(number)", lastUse: MonotonicTime(nanoseconds: 0)))
    precondition(isIn)
    _ = table.viewerOpened(
      ViewerID(serial: UInt64(number), thread: 0), of: id,
      stream: StreamID(serial: UInt64(number % streams), thread: 0), now: MonotonicTime(nanoseconds: 0))
  }

  /// Microseconds for one viewer that comes, watches and goes, while `count` others stay.
  private func turnOver(_ table: MediaSessionTable, holding count: Int) -> Double {
    let begin = clock()
    for number in count..<count + Self.samples {
      open(number, in: table)
      table.viewerClosed(ViewerID(serial: UInt64(number), thread: 0), now: MonotonicTime(nanoseconds: 0))
      _ = table.remove("session-\(number)")
    }
    return Double(clock() - begin) / Double(CLOCKS_PER_SEC) * 1e6 / Double(Self.samples)
  }
}

private struct BenchFailure: Error, CustomStringConvertible { var description: String }
