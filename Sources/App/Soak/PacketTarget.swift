import MediaTime
import MediaTransport
import Streaming
import Synchronization

/// Where the packets of a simulated network end up.
protocol PacketTarget: AnyObject {
  func receive(_ packet: FaultyNetwork.Packet)
  /// Time went on.
  func sweep(at now: Int64)
  func end()
  var keyFrameRequests: Int { get }
  var foreignPackets: UInt64 { get }
}

/// Counts what a stream asks its camera for.
final class KeyFrameRequests: Sendable {
  private let requests = Atomic<Int>(0)
  var count: Int { requests.load(ordering: .relaxed) }
  func add() { requests.wrappingAdd(1, ordering: .relaxed) }
}

/// Our receiving path itself, on simulated time.
final class PathTarget: PacketTarget {
  private static let wallStart: Int64 = 1_767_225_600_000_000_000
  private let path: StreamPath
  private let requests = KeyFrameRequests()

  init(ssrc: UInt32, host: String, now: Int64, sink: any StreamSink) {
    let requests = requests
    path = StreamPath(
      ssrc: ssrc, host: host, now: MonotonicTime(nanoseconds: now),
      wall: WallTime(nanoseconds: now + Self.wallStart),
      events: { event in if case .keyFrameWanted = event { requests.add() } })
    path.attach(sink)
  }

  func receive(_ packet: FaultyNetwork.Packet) {
    path.receive(
      packet.bytes.span, from: packet.source, now: MonotonicTime(nanoseconds: packet.arrival),
      wall: WallTime(nanoseconds: packet.arrival + Self.wallStart))
  }

  func sweep(at now: Int64) {
    path.sweep(now: MonotonicTime(nanoseconds: now), wall: WallTime(nanoseconds: now + Self.wallStart))
  }

  func end() { path.end() }
  var keyFrameRequests: Int { requests.count }
  var foreignPackets: UInt64 { path.figures.foreignPackets }
}
