import Glibc
import MPEGCore
import MediaTime
import MediaTransport
import RTPCore
import Streaming
import TestSupport
import Testing
import WireBytes

/// A peer's plain socket.
final class PeerSocket {
  private(set) var descriptor: Int32
  private(set) var port: UInt16 = 0
  private var framer = InterleavedFramer()

  init(_ type: __socket_type, bufferBytes: Int32? = nil) {
    descriptor = socket(AF_INET, Int32(type.rawValue), 0)
    if var size = bufferBytes {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    _ = withSocketAddress(loopback(0)) { bind(descriptor, $0, $1) }
    var (address, length) = (sockaddr_in(), socklen_t(MemoryLayout<sockaddr_in>.size))
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    port = UInt16(bigEndian: address.sin_port)
    if type == SOCK_STREAM { listen(descriptor, 4) }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { hangUp() }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// Turns the listener into the connection that came.
  func accepted() -> Bool {
    let connection = accept(descriptor, nil, nil)
    guard connection >= 0 else { return false }
    close(descriptor)
    descriptor = connection
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return true
  }

  /// Sender reports that came between the packets.
  private(set) var reports = 0

  /// The packets that are there.
  func packets() -> [[UInt8]] {
    var result: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      let chunk = Array(buffer[..<count])
      try? framer.feed(chunk.span, expectedSSRC: nil) { packet in
        if RTPHeader.isRTCP(packet) {
          reports += RTCP.SenderReport(parsing: packet) == nil ? 0 : 1
        } else {
          result.append(packet.withUnsafeBufferPointer { Array($0) })
        }
      }
    }
    return result
  }

  func datagrams() -> [[UInt8]] {
    var result: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count >= 0 else { return result }
      result.append(Array(buffer[..<count]))
    }
  }
}

@Suite(.serialized) struct RelayPeerTests {
  private func pushed(
    _ running: RunningPlane, _ request: RelayRequest, _ units: [AccessUnit]
  ) throws -> (stream: StreamID, relay: RelayID) {
    let stream = running.plane.openPush(label: "source")
    running.plane.push(stream, formats: [TrackFormat(codec: .h264)], units: units)
    return (stream, try running.plane.attachRelay(stream, request))
  }

  private func ended(_ running: RunningPlane, _ relay: RelayID) -> RelayEnd? {
    running.log.events.lazy.compactMap { event -> RelayEnd? in
      if case .relayEnded(relay, _, _, let reason) = event { reason } else { nil }
    }.first
  }

  @Test("A peer that refuses datagrams again and again ends the relay; its neighbour goes on")
  func refused() async throws {
    let running = try RunningPlane { $0.relayRefusalTimeout = .milliseconds(300) }
    let (gone, there) = (PeerSocket(SOCK_DGRAM), PeerSocket(SOCK_DGRAM))
    let first = TestMedia.picture(at: 0, isKey: true)
    let (stream, relay) = try pushed(
      running, RelayRequest(ssrc: 1, transport: .udp, host: "127.0.0.1", port: gone.port), [first])
    let other = try running.plane.attachRelay(
      stream, RelayRequest(ssrc: 2, transport: .udp, host: "127.0.0.1", port: there.port))
    var heard: [[UInt8]] = []
    #expect(
      await eventually {
        heard += there.datagrams()
        return heard.count == 1 && gone.datagrams().count == 1
      })
    gone.hangUp()
    var index = 1
    #expect(
      await eventually {
        running.plane.push(stream, formats: nil, units: [TestMedia.picture(at: index, isKey: index % 5 == 0)])
        index += 1
        heard += there.datagrams()
        return ended(running, relay) != nil
      })
    #expect(ended(running, relay) == .refused)
    #expect(ended(running, other) == nil)
    #expect(
      await eventually {
        heard += there.datagrams()
        return heard.count == index
      })
    let numbers = try heard.map { try RTPHeader(parsing: $0.span).sequenceNumber }
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 &+ 1 })
  }

  @Test("A peer that closes its connection ends the relay")
  func disconnected() async throws {
    let running = try RunningPlane()
    let peer = PeerSocket(SOCK_STREAM)
    let (_, relay) = try pushed(
      running, RelayRequest(ssrc: 1, transport: .tcpActive, host: "127.0.0.1", port: peer.port),
      [TestMedia.picture(at: 0, isKey: true)])
    #expect(await eventually { peer.accepted() })
    #expect(await eventually { peer.packets().count == 1 })
    #expect(running.log.contains { if case .relayConnected(relay) = $0 { true } else { false } })
    peer.hangUp()
    #expect(await eventually { ended(running, relay) == .disconnected })
  }

  @Test("A peer that cannot be reached in time, or does not come, ends the relay")
  func notConnected() async throws {
    let running = try RunningPlane { $0.relayConnectTimeout = .milliseconds(200) }
    let peer = PeerSocket(SOCK_DGRAM)
    let (stream, active) = try pushed(
      running, RelayRequest(ssrc: 1, transport: .tcpActive, host: "127.0.0.1", port: peer.port), [])
    let passive = try running.plane.attachRelay(
      stream, RelayRequest(ssrc: 2, transport: .tcpPassive, host: "127.0.0.1", port: 0))
    #expect(await eventually { ended(running, active) == .notConnected })
    #expect(await eventually { ended(running, passive) == .notConnected })
  }

  @Test("A connection from another machine is not given the stream")
  func stranger() async throws {
    let running = try RunningPlane()
    let request = RelayRequest(ssrc: 1, transport: .tcpPassive, host: "127.0.0.1", port: 0)
    let (_, relay) = try pushed(running, request, [TestMedia.picture(at: 0, isKey: true)])
    let stranger = TestCamera(tcp: relay.port, ssrc: 9, formats: [], lastByte: 2)
    let peer = TestCamera(tcp: relay.port, ssrc: 9, formats: [])
    for camera in [stranger, peer] { _ = fcntl(camera.descriptor, F_SETFL, O_NONBLOCK) }
    var bytes = [UInt8](repeating: 0, count: 4_096)
    #expect(await eventually { read(peer.descriptor, &bytes, bytes.count) > 0 })
    #expect(read(stranger.descriptor, &bytes, bytes.count) <= 0)
  }

  @Test(
    "A slow connection loses whole groups of pictures and goes on at a key frame; its neighbour loses nothing"
  )
  func slow() async throws {
    let running = try RunningPlane()
    let (slow, quick) = (PeerSocket(SOCK_STREAM, bufferBytes: 4_096), PeerSocket(SOCK_STREAM))
    let stream = running.plane.openPush(label: "source")
    running.plane.push(stream, formats: [TrackFormat(codec: .h264)], units: [])
    let relays = try [slow, quick].map {
      try running.plane.attachRelay(
        stream, RelayRequest(ssrc: 1, transport: .tcpActive, host: "127.0.0.1", port: $0.port))
    }
    #expect(await eventually { slow.accepted() })
    #expect(await eventually { quick.accepted() })
    #expect(
      await eventually {
        relays.allSatisfy { relay in
          running.log.contains { if case .relayConnected(relay) = $0 { true } else { false } }
        }
      })
    // Groups of five pictures of 60 000 bytes; nobody reads the slow connection until the quick one has them all.
    let units = (0..<200).map { TestMedia.picture(at: $0, isKey: $0 % 5 == 0, bytes: 60_000) }
    var (received, late): ([[UInt8]], [[UInt8]]) = ([], [])
    var pictures = 0
    for (index, unit) in units.enumerated() {
      running.plane.push(stream, formats: nil, units: [unit])
      let isThere = await eventually(interval: .milliseconds(1)) {
        let more = quick.packets()
        pictures += more.filter { $0[1] & 0x80 != 0 }.count
        received += more
        return pictures > index
      }
      try #require(isThere)
    }
    #expect(
      await eventually {
        running.plane.snapshot().streams.first?.relays.first { $0.id == relays[0] }
          .map { $0.droppedGroups > 0 } ?? false
      })
    #expect(
      await eventually(interval: .milliseconds(1)) {
        late += slow.packets()
        let relay = running.plane.snapshot().streams.first?.relays.first { $0.id == relays[0] }
        return relay?.backlogBytes == 0 && late.count == Int(relay?.packets ?? 0)
      })
    // Another key frame: the slow one is with the others again.
    running.plane.push(stream, formats: nil, units: [TestMedia.picture(at: 200, isKey: true)])
    #expect(
      await eventually {
        late += slow.packets()
        return late.last.flatMap { try? RTPHeader(parsing: $0.span) }?.timestamp == 200 * 3_600
      })
    #expect(slow.reports > 0)
    try expectWholeGroups(late)
  }

  /// Numbers without a gap; pictures whole; after what was left out a key frame.
  private func expectWholeGroups(_ packets: [[UInt8]]) throws {
    let headers = try packets.map { try RTPHeader(parsing: $0.span) }
    #expect(zip(headers, headers.dropFirst()).allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 })
    var last: UInt32?
    var start = 0
    var pictures = 0
    for (index, header) in headers.enumerated() where header.marker {
      let picture = packets[start...index]
      start = index + 1
      pictures += 1
      #expect(picture.allSatisfy { $0[4..<8].elementsEqual(packets[index][4..<8]) })
      let number = header.timestamp / 3_600
      if let last, number != last + 1 { #expect(number % 5 == 0) }
      last = number
    }
    #expect(start == packets.count && pictures > 5 && pictures < 201)
  }

  @Test("A large picture arrives whole", arguments: [true, false])
  func large(offload: Bool) async throws {
    let running = try RunningPlane { $0.segmentationOffload = offload }
    let peer = PeerSocket(SOCK_DGRAM, bufferBytes: 4 << 20)
    let (stream, _) = try pushed(
      running, RelayRequest(ssrc: 1, transport: .udp, host: "127.0.0.1", port: peer.port),
      [TestMedia.picture(at: 0, isKey: true)])
    #expect(await eventually { peer.datagrams().count == 1 })
    let units = [
      TestMedia.picture(at: 1, isKey: false, bytes: 300_000), TestMedia.picture(at: 2, isKey: false),
    ]
    running.plane.push(stream, formats: nil, units: units)
    var packets: [[UInt8]] = []
    #expect(
      await eventually(interval: .milliseconds(1)) {
        packets += peer.datagrams()
        return packets.filter { $0[1] & 0x80 != 0 }.count == 2
      })
    let headers = try packets.map { try RTPHeader(parsing: $0.span) }
    #expect(zip(headers, headers.dropFirst()).allSatisfy { $1.sequenceNumber == $0.sequenceNumber &+ 1 })
    #expect(headers.dropLast().allSatisfy { $0.timestamp == 3_600 } && packets.count == 216)
    #expect(packets.dropLast(2).allSatisfy { $0.count == 1_412 })
  }

  @Test("Sender reports go to the port above", .timeLimit(.minutes(1)))
  func reports() async throws {
    let running = try RunningPlane()
    // A pair of neighbouring ports.
    var pair: (media: PeerSocket, reports: PeerSocket)?
    while pair == nil {
      let (media, reports) = (PeerSocket(SOCK_DGRAM), PeerSocket(SOCK_DGRAM))
      if reports.port == media.port + 1 { pair = (media, reports) }
    }
    let (media, reports) = try #require(pair)
    _ = try pushed(
      running, RelayRequest(ssrc: 77, transport: .udp, host: "127.0.0.1", port: media.port),
      [TestMedia.picture(at: 0, isKey: true)])
    var packets: [[UInt8]] = []
    #expect(
      await eventually {
        packets += reports.datagrams()
        return !packets.isEmpty
      })
    let first = packets[0]
    let parsed = RTCP.SenderReport(parsing: first.span)
    let report = try #require(parsed)
    #expect(report.ssrc == 77 && report.packetCount == 1 && report.octetCount == 263)
  }

  @Test("What cannot be sent to is refused at once")
  func badAddresses() throws {
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "source")
    for (host, port) in [("camera.example", UInt16(9)), ("0.0.0.0", 9), ("127.0.0.1", 0), ("::1", 9)] {
      let error = #expect(throws: MediaPlaneError.self) {
        try running.plane.attachRelay(
          stream, RelayRequest(ssrc: 1, transport: .udp, host: host, port: port))
      }
      #expect(error?.code == .badAddress)
    }
  }
}
