import Glibc
import MPEGCore
import MediaTransport
import Streaming
import TestSupport
import Testing
import WireBytes

@Suite struct TCPIngestTests {
  private func connected(_ stream: StreamID) -> (MediaEvent) -> Bool {
    { if case .tcpConnected(stream) = $0 { true } else { false } }
  }

  @Test(
    "A device that connects is matched by the SSRC of its first packet", arguments: [MediaCodec.h264, .h265])
  func passive(codec: MediaCodec) async throws {
    let (units, formats) = try clip(codec)
    let running = try RunningPlane()
    let (_, otherSink) = try running.open(70, .tcpPassive)
    let (lease, sink) = try running.open(71, .tcpPassive)
    let camera = TestCamera(tcp: lease.port, ssrc: 71, formats: formats)
    camera.send(Array(units.prefix(60)))
    #expect(await eventually { sink.pictures.count >= 59 })
    // Read once: more may arrive between two looks.
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
    #expect(otherSink.record.units.isEmpty)
    #expect(await eventually { running.log.contains(connected(lease.stream)) })
  }

  @Test("A frame cut into single bytes arrives whole")
  func dripFed() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(72, .tcpPassive)
    let camera = TestCamera(tcp: lease.port, ssrc: 72, formats: formats)
    let bytes = units.prefix(2).flatMap { camera.packets($0) }.flatMap { $0 }
    for byte in bytes.prefix(3_000) { camera.send([[byte]]) }
    camera.send([Array(bytes.dropFirst(3_000))])
    #expect(await eventually { sink.pictures.count >= 1 })
    #expect(sink.pictures.first?.payload.array == units[0].payload.array)
  }

  @Test("A connection that comes before the answer waits for it")
  func earlyConnection() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (_, _) = try running.open(73, .tcpPassive)
    let (lease, sink) = try running.open(74, .tcpPassive)
    let camera = TestCamera(tcp: lease.port, ssrc: 555, formats: formats)
    camera.send(Array(units.prefix(10)))
    try await Task.sleep(for: .milliseconds(150))
    #expect(sink.record.units.isEmpty)
    running.plane.answer(lease.stream, ssrc: 555, host: "127.0.0.1", port: nil)
    #expect(await eventually { sink.pictures.count >= 9 })
    // Read once: more may arrive between two looks.
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
  }

  @Test("A connection from a machine that the dialog does not name is closed")
  func foreign() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(75, .tcpPassive)
    let stranger = TestCamera(tcp: lease.port, ssrc: 75, formats: formats, lastByte: 2)
    stranger.send(Array(units.prefix(3)))
    #expect(
      await eventually {
        running.log.contains {
          if case .foreignSource(lease.stream, ssrc: 75, _) = $0 { true } else { false }
        }
      })
    #expect(sink.record.units.isEmpty)
  }

  @Test("We connect to the device, and try again when it listens late")
  func active() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(76, .tcpActive)
    let port = try #require(FreePort.loopback())
    running.plane.answer(lease.stream, ssrc: 76, host: "127.0.0.1", port: port)
    #expect(await eventually { running.plane.diagnosis(lease.stream).lastConnectError != nil })
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4)
    #expect(withSocketAddress(loopback(port)) { bind(listener, $0, $1) } == 0)
    listen(listener, 4)
    #expect(await eventually { running.log.contains(connected(lease.stream)) })
    let accepted = accept(listener, nil, nil)
    let camera = TestCamera(tcp: 0, ssrc: 76, formats: formats, connected: accepted)
    camera.send(Array(units.prefix(10)))
    #expect(await eventually { sink.pictures.count >= 9 })
    // Read once: more may arrive between two looks.
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
  }

  @Test("A device that reconnects within the window goes on; one that stays away ends the stream")
  func reconnects() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane { $0.reconnectWindow = .milliseconds(1_500) }
    let (lease, sink) = try running.open(77, .tcpPassive)
    let first = TestCamera(tcp: lease.port, ssrc: 77, formats: formats)
    first.send(Array(units.prefix(10)))
    #expect(await eventually { sink.pictures.count >= 9 })
    first.hangUp()
    let second = TestCamera(tcp: lease.port, ssrc: 77, formats: formats)
    second.send(Array(units[25..<35]))
    #expect(await eventually { sink.pictures.contains { $0.payload.array == units[25].payload.array } })
    second.hangUp()
    #expect(await eventually { sink.record.end == .connectionLost })
    let isTold = await eventually {
      running.log.contains { if case .ended(lease.stream, .connectionLost) = $0 { true } else { false } }
    }
    #expect(isTold)
  }

  @Test("The sender gets receiver reports over its connection")
  func reports() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, _) = try running.open(78, .tcpPassive)
    let camera = TestCamera(tcp: lease.port, ssrc: 78, formats: formats)
    camera.send(Array(units.prefix(5)))
    var report = [UInt8](repeating: 0, count: 64)
    #expect(await eventually { recv(camera.descriptor, &report, report.count, Int32(MSG_DONTWAIT)) > 32 })
    // Length, version 2 with one block, type 201, and the block's SSRC.
    #expect(report[2] == 0x81 && report[3] == 201)
    #expect(report[10..<14].elementsEqual([0, 0, 0, 78]))
  }

  @Test("Random bytes on every socket harm nobody")
  func garbage() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(79)
    let (_, _) = try running.open(82, .tcpPassive)
    let (noise, stream) = (
      TestCamera(udp: lease.port, ssrc: 79, formats: formats),
      TestCamera(tcp: lease.port, ssrc: 82, formats: formats)
    )
    var random = SeededRandom(seed: 3)
    for round in 0..<1_500 {
      var bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      // Every other one looks like a packet of the stream.
      if round % 2 == 0, bytes.count >= 12 {
        bytes.replaceSubrange(0..<12, with: [0x80, 96, 0x40, UInt8(round & 0xff), 0, 0, 0, 0, 0, 0, 0, 79])
      }
      noise.send([bytes])
      stream.send([bytes])
    }
    // The same sender, so that the source lock lets it in; far away in the numbering, so that it starts over.
    noise.send(Array(units.prefix(60)))
    #expect(
      await eventually { sink.pictures.suffix(20).contains { $0.payload.array == units[55].payload.array } })
  }

  @Test("In a port range each stream has an even port of its own and takes the SSRC that comes")
  func portRange() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane { $0.mode = .portRange(41_000...41_099) }
    let (first, firstSink) = try running.open(80)
    let (second, secondSink) = try running.open(81, .tcpPassive)
    #expect(first.port % 2 == 0 && second.port % 2 == 0 && first.port != second.port)
    let camera = TestCamera(udp: first.port, ssrc: 0, formats: formats)
    camera.send(Array(units.prefix(10)))
    let recorder = TestCamera(tcp: second.port, ssrc: 4_711, formats: formats)
    recorder.send(Array(units.prefix(10)))
    #expect(await eventually { firstSink.pictures.count >= 9 && secondSink.pictures.count >= 9 })
    #expect(running.plane.port == 41_000)
  }
}
