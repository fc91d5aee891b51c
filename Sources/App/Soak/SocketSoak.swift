import Glibc
import MediaTime
import MediaTransport
public import Streaming
import Synchronization

/// The media plane with its threads and sockets, in real time: cameras with random faults, and beside them floods on
/// the media port and connections that talk nonsense.
public final class SocketSoak {
  /// What a run came to.
  public struct Outcome: Sendable {
    public var seconds = 0
    public var packets = 0
    public var pictures = 0
    public var interruptions = 0
    public var keyFrameRequests = 0
    public var floodPackets = 0
    public var nonsenseConnections = 0
    public var faults: [Fault: Int] = [:]
    public var violations: [String] = []
    /// Once a second.
    public var figures: [ProcessFigures] = []
  }

  private let plane: MediaPlane
  private var streams: [SimulatedStream] = []
  private var random: SoakRandom
  private var flood: Int32 = -1
  private var nonsense: [Int32] = []
  private var outcome = Outcome()

  /// - Parameter extraSinks: for each stream more consumers, such as a recorder.
  public init(
    streams count: Int, seed: UInt64, threads: Int = 2,
    extraSinks: (_ stream: Int) -> [any StreamSink] = { _ in [] }
  ) throws {
    random = SoakRandom(seed: seed)
    let router = EventRouter()
    var configuration = MediaPlaneConfiguration(mode: .singlePort(0), events: router.handle)
    configuration.bindHost = "127.0.0.1"
    configuration.threads = threads
    plane = MediaPlane(configuration)
    try plane.start()
    for index in 0..<count {
      var failure: MediaPlaneError?
      let stream = SimulatedStream(
        stream: index, channel: SoakIdentity.channel(index), seed: seed, expectsWholeGroups: false
      ) { ledger, now in
        let requests = KeyFrameRequests()
        do throws(MediaPlaneError) {
          let target = try SocketTarget(
            plane, ssrc: SimulatedStream.ssrc(of: index), requests: requests,
            sinks: [ledger] + extraSinks(index))
          router.add(target.stream, requests)
          return target
        } catch {
          failure = error
          return PathTarget(ssrc: 0, host: "10.0.0.2", now: now, sink: ledger)
        }
      }
      if let failure { throw failure }
      streams.append(stream)
    }
    flood = LoopbackSocket.connected(from: SocketTarget.strangerHost, to: plane.port, stream: false)
  }

  deinit {
    plane.stop()
    if flood >= 0 { close(flood) }
    for descriptor in nonsense { close(descriptor) }
  }

  /// Runs in real time, a tenth of a second at a time.
  ///
  /// - Parameter progress: told every second; returns false to stop early.
  public func run(_ duration: Duration, _ progress: (Outcome) -> Bool = { _ in true }) -> Outcome {
    let begin = ContinuousClock.now
    let steps = Int(duration / .milliseconds(100))
    for step in 0..<steps {
      for stream in streams { stream.step() }
      if step % 50 < 10 { sendFlood() }
      if step % 7 == 0 { talkNonsense() }
      if step % 10 == 9 {
        outcome.seconds = (step + 1) / 10
        outcome.figures.append(.current)
        guard progress(outcome) else { break }
      }
      let pause = begin + .milliseconds(100 * (step + 1)) - ContinuousClock.now
      if pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
    }
    return finish()
  }

  private func finish() -> Outcome {
    for stream in streams { stream.end() }
    for descriptor in nonsense { close(descriptor) }
    nonsense = []
    // Ends every stream, which waits for the media threads.
    plane.stop()
    for stream in streams {
      let account = stream.account
      outcome.packets += stream.packets
      outcome.pictures += account.pictures
      outcome.interruptions += account.interruptions
      outcome.keyFrameRequests += stream.keyFrameRequests
      outcome.faults.merge(stream.faults) { $0 + $1 }
      outcome.violations += account.violations
      // Ten seconds of pictures: a camera may be frozen, switched off or cut off for most of a short run.
      if account.pictures == 0, stream.shots >= 20 {
        outcome.violations.append("a camera sent \(stream.shots) pictures, and nothing came out")
      }
    }
    return outcome
  }

  /// A second of every five: packets under SSRCs that nobody has, of streams that exist, and plain rubbish.
  private func sendFlood() {
    for _ in 0..<300 {
      var bytes = [UInt8](repeating: 0, count: Int.random(in: 0...1_200, using: &random))
      for index in bytes.indices.prefix(64) { bytes[index] = UInt8(truncatingIfNeeded: random.next()) }
      if bytes.count > 12, random.chance(0.8) {
        (bytes[0], bytes[1]) = (0x80, 0x60)
        if random.chance(0.3) {
          let ssrc = SimulatedStream.ssrc(of: Int.random(in: 0..<max(streams.count, 1), using: &random))
          for byte in 0..<4 { bytes[8 + byte] = UInt8(truncatingIfNeeded: ssrc >> (24 - 8 * UInt32(byte))) }
        }
      }
      _ = bytes.withUnsafeBytes { send(flood, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
      outcome.floodPackets += 1
    }
  }

  /// Opens a TCP connection to the media port, says something wrong on all of them, and hangs up on the oldest.
  private func talkNonsense() {
    let descriptor = LoopbackSocket.connected(
      from: SocketTarget.strangerHost, to: plane.port, stream: true)
    if descriptor >= 0 {
      nonsense.append(descriptor)
      outcome.nonsenseConnections += 1
    }
    for descriptor in nonsense {
      let bytes = (0..<2_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      _ = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
      }
    }
    if nonsense.count > 8 { close(nonsense.removeFirst()) }
  }
}

/// Brings the plane's wishes for key frames to the streams they are for.
private final class EventRouter: Sendable {
  private let requests = Mutex<[StreamID: KeyFrameRequests]>([:])

  func add(_ stream: StreamID, _ counter: KeyFrameRequests) { requests.withLock { $0[stream] = counter } }

  var handle: @Sendable (MediaEvent) -> Void {
    { [self] event in
      if case .keyFrameWanted(let stream) = event { requests.withLock { $0[stream] }?.add() }
    }
  }
}
