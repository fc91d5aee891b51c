import CAllocationCounter
import Glibc
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

/// What sending asks of the heap.
@Suite(.enabled(if: allocation_counts())) struct RelayAllocationTests {
  @Test("a relayed packet allocates nothing, over a hundred thousand packets to two peers")
  func relayed() throws {
    let path = StreamPath(
      ssrc: PacketSource.ssrc, host: "127.0.0.1", now: MonotonicTime(nanoseconds: 1),
      wall: WallTime(nanoseconds: 1))
    let source = try #require(MediaAddress(host: "127.0.0.1", port: 5_000))
    let peer = try #require(Self.boundSocket())
    defer { close(peer.descriptor) }
    for _ in 0..<2 { try path.relay(to: "127.0.0.1", port: peer.port) }
    var camera = PacketSource()
    var (sending, packing, packets, pictures) = (0, 0, 0, 0)
    while packets < 50_000 {
      let (bytes, ranges) = camera.next()
      let time = Int64(camera.pictures) * 40_000_000
      for range in ranges {
        path.receive(
          bytes.span.extracting(range), from: source, now: MonotonicTime(nanoseconds: time),
          wall: WallTime(nanoseconds: time))
      }
      let before = allocation_count()
      path.deliver()
      let between = allocation_count()
      var pass: Int64 = 0
      while pass < 8 {
        path.sendRelays(now: MonotonicTime(nanoseconds: time + pass * 5_000_000))
        pass += 1
      }
      let after = allocation_count()
      // Until every buffer has grown to its size.
      guard camera.pictures > 100 else { continue }
      packing += Int(between - before)
      sending += Int(after - between)
      packets += ranges.count
      pictures += 1
    }
    print(
      "allocations, \(packets) packets relayed to two peers: \(Double(sending) / Double(packets)) per packet,",
      "\(Double(packing) / Double(pictures)) per picture")
    #expect(sending == 0)
    // The pack's object, the list handed to sinks, and in a debug build what the optimizer would leave out.
    #expect(packing <= 16 * pictures)
    let figures = path.figures.relays
    #expect(figures.count == 2 && figures.allSatisfy { $0.packets > 50_000 && $0.backlogBytes == 0 })
  }

  private static func boundSocket() -> (descriptor: Int32, port: UInt16)? {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    return isBound ? (descriptor, UInt16(bigEndian: address.sin_port)) : nil
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
