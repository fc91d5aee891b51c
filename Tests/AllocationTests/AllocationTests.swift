import CAllocationCounter
import MPEGCore
import MediaTime
import MediaTransport
import Streaming
import Synchronization
import TestSupport
import Testing

/// What the receiving path asks of the heap, over a million packets.
@Suite(.enabled(if: allocation_counts())) struct AllocationTests {
  @Test("a packet that completes no picture allocates nothing, over a million packets in order")
  func inOrder() throws {
    var meter = try Meter()
    meter.run(packets: Meter.million)
    meter.print("in order")
    #expect(meter.insidePictures == 0)
    // The counter counts: a picture's bytes are asked for.
    #expect(meter.atPictures >= meter.pictures)
    // Four in a release build: bytes, their object, the unit, the list handed to sinks.
    #expect(meter.atPictures <= 16 * meter.pictures)
  }

  @Test("a packet that must wait for another allocates nothing, over a million packets out of order")
  func reordered() throws {
    var meter = try Meter()
    meter.shuffles = true
    meter.run(packets: Meter.million)
    meter.print("out of order")
    #expect(meter.insidePictures == 0)
  }
}

/// Feeds packets and keeps apart what is asked for inside a picture and at its last packet.
struct Meter {
  static let million = 1_000_000
  /// Until every buffer has grown to its size.
  private static let warmUp = 20_000

  private let path: StreamPath
  private let sink = CountingSink()
  private let source: MediaAddress
  private var camera = PacketSource()
  var shuffles = false
  private(set) var packets = 0
  private(set) var pictures = 0
  private(set) var insidePictures = 0
  private(set) var atPictures = 0
  private var random = SeededRandom(seed: 1)

  init() throws {
    source = try #require(MediaAddress(host: "127.0.0.1", port: 5_000))
    path = StreamPath(
      ssrc: PacketSource.ssrc, host: "127.0.0.1", now: MonotonicTime(nanoseconds: 1),
      wall: WallTime(nanoseconds: 1))
    path.attach(sink)
  }

  mutating func run(packets count: Int) {
    while packets < Self.warmUp { sendPicture() }
    (packets, pictures, insidePictures, atPictures) = (0, 0, 0, 0)
    while packets < count { sendPicture() }
  }

  private mutating func sendPicture() {
    var (bytes, ranges) = camera.next()
    if shuffles { swapNeighbours(&ranges) }
    let time = Int64(camera.pictures) * 40_000_000
    for (position, range) in ranges.enumerated() {
      let packet = bytes.span.extracting(range)
      let before = allocation_count()
      path.receive(
        packet, from: source, now: MonotonicTime(nanoseconds: time), wall: WallTime(nanoseconds: time))
      let asked = Int(allocation_count() - before)
      if position < ranges.count - 1 { insidePictures += asked } else { atPictures += asked }
    }
    let before = allocation_count()
    path.deliver()
    atPictures += Int(allocation_count() - before)
    packets += ranges.count
    pictures += 1
    bytes = []
  }

  /// Packets trade places inside the picture; its last one stays last.
  private mutating func swapNeighbours(_ ranges: inout [Range<Int>]) {
    guard ranges.count > 3 else { return }
    for index in 0..<ranges.count - 2 where Bool.random(using: &random) { ranges.swapAt(index, index + 1) }
  }

  func print(_ title: String) {
    Swift.print(
      "allocations, \(packets) packets \(title): \(Double(insidePictures) / Double(packets)) per packet,",
      "\(Double(atPictures) / Double(pictures)) per picture")
  }
}

/// Takes what it is given, and nothing else.
final class CountingSink: StreamSink {
  private let units = Atomic<Int>(0)
  var count: Int { units.load(ordering: .relaxed) }
  func formatsChanged(_ formats: [TrackFormat]) {}
  func receive(_ units: [AccessUnit]) { self.units.wrappingAdd(units.count, ordering: .relaxed) }
  func ended(_ reason: StreamEnd) {}
}
