import MPEGCore
import MediaTransport
import Streaming
import TestSupport
import Testing
import WireBytes

/// Media as devices really send it. The numbers are those of `docs/ref/deviations.md`.
@Suite struct DeviceTraceTests {
  @Test("22: a camera that sends under a number of its own, or under 0, is known by its machine")
  func ownNumber() async throws {
    for ssrc: UInt32 in [703_001_718, 0] {
      let (units, formats) = try clip()
      let running = try RunningPlane()
      let (_, sink) = try running.open(200_001_234)
      let camera = TestCamera(udp: running.plane.port, ssrc: ssrc, formats: formats)
      camera.send(Array(units.prefix(5)))
      #expect(await eventually { sink.pictures.count >= 4 }, "\(ssrc)")
    }
  }

  @Test("27: datagrams are taken although TCP was agreed")
  func datagramsInsteadOfTCP() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(200_001_234, .tcpPassive)
    let camera = TestCamera(udp: lease.port, ssrc: 200_001_234, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
  }

  @Test("28: what comes before the answer is not lost")
  func beforeTheAnswer() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(200_001_234)
    let camera = TestCamera(udp: lease.port, ssrc: 200_001_234, formats: formats)
    camera.send(Array(units.prefix(3)))
    #expect(await eventually { sink.pictures.count >= 2 })
    running.plane.answer(lease.stream, ssrc: nil, host: "127.0.0.1", port: nil)
    camera.send(Array(units[3..<6]))
    #expect(await eventually { sink.pictures.count >= 5 })
    #expect(sink.pictures.first?.payload.array == units[0].payload.array)
  }

  @Test("32: a camera that goes on after BYE is not taken for the next one, and does not disturb it")
  func goesOn() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (old, oldSink) = try running.open(200_001_234)
    let stubborn = TestCamera(udp: old.port, ssrc: 200_001_234, formats: formats)
    stubborn.send(Array(units.prefix(5)))
    #expect(await eventually { oldSink.pictures.count >= 4 })
    running.plane.close(old.stream, .closed)
    #expect(await eventually { running.plane.snapshot().streams.isEmpty })
    // The next call waits for media of the same machine: without a memory it would get the old one's.
    let (next, sink) = try running.open(200_001_235)
    stubborn.send(Array(units[25..<50]))
    let camera = TestCamera(udp: next.port, ssrc: 200_001_235, formats: formats)
    camera.send(Array(units.prefix(5)))
    stubborn.send(Array(units[50..<60]))
    camera.send(Array(units[5..<8]))
    #expect(await eventually { sink.pictures.count >= 7 })
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
  }

  @Test(
    "29: a program stream under an unknown payload type is found", arguments: [UInt8(0), 33, 50, 96, 126])
  func payloadTypes(_ type: UInt8) async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(200_001_234)
    let camera = TestCamera(udp: lease.port, ssrc: 200_001_234, formats: formats)
    let packets = units.prefix(5).flatMap { camera.packets($0) }.map { bytes in
      [bytes[0], bytes[1] & 0x80 | type] + bytes.dropFirst(2)
    }
    camera.send(packets)
    #expect(await eventually { sink.pictures.count >= 4 })
    #expect(sink.pictures.first?.payload.array == units[0].payload.array)
  }
}
