import GBCore
import MediaTime
public import Registry

/// Many streams with random faults, on simulated time: hours in seconds, without sockets and threads.
public struct SimulatedSoak {
  public var streams: Int
  public var hours: Int
  public var seed: UInt64
  /// The number of the first camera: with one stream, the life of a single camera of a larger run again.
  public var firstCamera = 0

  public init(streams: Int, hours: Int, seed: UInt64) {
    (self.streams, self.hours, self.seed) = (streams, hours, seed)
  }

  /// What a run came to.
  public struct Outcome: Sendable {
    public var simulatedHours = 0
    public var packets = 0
    public var pictures = 0
    public var interruptions = 0
    public var keyFrameRequests = 0
    public var wholeGroups = 0
    public var files = 0
    public var gaps = 0
    public var foreignPackets: UInt64 = 0
    public var faults: [Fault: Int] = [:]
    public var violations: [String] = []
    /// At the end of each simulated hour.
    public var figures: [ProcessFigures] = []
  }

  /// - Parameter progress: told after every simulated hour; returns false to stop early.
  public func run(_ progress: (Outcome) -> Bool = { _ in true }) -> Outcome {
    var outcome = Outcome()
    let all = (firstCamera..<firstCamera + streams).map { index in
      SimulatedStream(stream: index, channel: SoakIdentity.channel(index), seed: seed) { ledger, now in
        PathTarget(ssrc: SimulatedStream.ssrc(of: index), host: "10.0.0.2", now: now, sink: ledger)
      }
    }
    for hour in 1...max(hours, 1) {
      for stream in all { stream.run(.seconds(3_600)) }
      outcome.simulatedHours = hour
      outcome.figures.append(.current)
      guard progress(outcome) else { break }
    }
    for stream in all {
      stream.end()
      add(stream, to: &outcome)
    }
    return outcome
  }

  private func add(_ stream: SimulatedStream, to outcome: inout Outcome) {
    let account = stream.account
    outcome.packets += stream.packets
    outcome.pictures += account.pictures
    outcome.interruptions += account.interruptions
    outcome.keyFrameRequests += stream.keyFrameRequests
    outcome.wholeGroups += stream.wholeGroups
    outcome.files += account.files
    outcome.gaps += account.gaps
    outcome.foreignPackets += stream.foreignPackets
    outcome.faults.merge(stream.faults) { $0 + $1 }
    outcome.violations += account.violations
    if account.interruptions > 0, stream.keyFrameRequests == 0 {
      outcome.violations.append("camera: pictures were missing and no key frame was asked for")
    }
  }
}

/// Names of simulated cameras.
public enum SoakIdentity {
  public static func channel(_ index: Int) -> ChannelKey {
    let serial = String(index + 1)
    let code = "3402000000132" + String(repeating: "0", count: 7 - serial.count) + serial
    // Twenty digits are a code whatever they are.
    guard let id = DeviceID(code) else { preconditionFailure("\(code) is no code") }
    return ChannelKey(device: id, channel: id)
  }
}
