import MPEGCore
import MediaTime
import MediaTransport
import Streaming
import TestSupport
import Testing
import WireBytes

/// A running plane on a free loopback port that stops with the test.
final class RunningPlane: Sendable {
  let plane: MediaPlane
  let log = EventLog()

  init(_ change: (inout MediaPlaneConfiguration) -> Void = { _ in }) throws {
    var configuration = MediaPlaneConfiguration(mode: .singlePort(0), events: log.handler)
    configuration.bindHost = "127.0.0.1"
    change(&configuration)
    plane = MediaPlane(configuration)
    try plane.start()
  }

  deinit { plane.stop() }

  func open(
    _ ssrc: UInt32, _ transport: IngestTransport = .udp, host: String? = "127.0.0.1"
  ) throws -> (lease: IngestLease, sink: CollectingSink) {
    let lease = try plane.openIngest(
      IngestRequest(ssrc: ssrc, transport: transport, expectedHost: host, label: "camera \(ssrc)"))
    let sink = CollectingSink()
    plane.attachSink(lease.stream, sink, fromCache: true)
    return (lease, sink)
  }
}

func clip(_ codec: MediaCodec = .h264) throws -> (units: [AccessUnit], formats: [TrackFormat]) {
  let reader = try #require(codec == .h264 ? TestMedia.h264 : TestMedia.h265)
  return (reader.units(start: MediaTicks(90_000)), [reader.format])
}

func payloads(_ units: some Sequence<AccessUnit>) -> [[UInt8]] { units.map(\.payload.array) }

@Suite struct UDPIngestTests {
  @Test("A program stream over UDP arrives at a sink unit for unit", arguments: [MediaCodec.h264, .h265])
  func arrives(codec: MediaCodec) async throws {
    let (units, formats) = try clip(codec)
    let running = try RunningPlane()
    let (lease, sink) = try running.open(200_001_234)
    let camera = TestCamera(udp: lease.port, ssrc: 200_001_234, formats: formats)
    for unit in units.prefix(60) {
      camera.send([unit])
      try await Task.sleep(for: .milliseconds(1))
    }
    #expect(await eventually { sink.pictures.count == 60 })
    #expect(payloads(sink.pictures) == payloads(units.prefix(60)))
    #expect(sink.record.formats.last?.first?.width == 320)
    #expect(
      await eventually {
        running.log.contains { if case .firstPacket(lease.stream, _) = $0 { true } else { false } }
      })
    #expect(
      await eventually {
        running.log.contains { if case .firstPicture(lease.stream, _) = $0 { true } else { false } }
      })
  }

  @Test("Packets out of order and repeated packets change nothing")
  func reordered() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(7)
    let camera = TestCamera(udp: lease.port, ssrc: 7, formats: formats)
    var packets = units.prefix(50).flatMap { camera.packets($0) }
    for index in stride(from: 5, to: packets.count - 2, by: 7) {
      packets.swapAt(index, index + 2)
      packets.insert(packets[index], at: index + 1)
    }
    for (index, packet) in packets.enumerated() {
      camera.send([packet])
      if index % 8 == 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
    #expect(await eventually { sink.pictures.count == 50 })
    #expect(payloads(sink.pictures) == payloads(units.prefix(50)))
    #expect(
      await eventually {
        running.plane.snapshot().streams.first.map { $0.reordered > 0 && $0.duplicates > 0 && $0.lost == 0 }
          ?? false
      })
  }

  @Test("After a lost packet nothing arrives until the next key frame, and a key frame is asked for")
  func lost() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(8)
    let camera = TestCamera(udp: lease.port, ssrc: 8, formats: formats)
    for (index, unit) in units.prefix(60).enumerated() {
      var packets = camera.packets(unit)
      if index == 10 { packets.removeFirst() }
      camera.send(packets)
      try await Task.sleep(for: .milliseconds(2))
    }
    #expect(await eventually { sink.pictures.count >= 10 + 35 })
    let got = payloads(sink.pictures)
    #expect(got.prefix(10).elementsEqual(payloads(units.prefix(10))))
    #expect(got.suffix(35).elementsEqual(payloads(units[25..<60])))
    let resumed = try #require(sink.pictures.dropFirst(10).first)
    #expect(resumed.isKeyFrame)
    #expect(
      await eventually {
        running.log.contains { if case .keyFrameWanted(lease.stream) = $0 { true } else { false } }
      })
  }

  @Test("A packet with the right SSRC from another machine is refused and reported")
  func foreign() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(9)
    let stranger = TestCamera(udp: lease.port, ssrc: 9, formats: formats, lastByte: 2)
    stranger.send(Array(units.prefix(3)))
    #expect(
      await eventually {
        running.log.contains {
          if case .foreignSource(lease.stream, ssrc: 9, let source) = $0 {
            source.host == "127.0.0.2"
          } else {
            false
          }
        }
      })
    let camera = TestCamera(udp: lease.port, ssrc: 9, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    stranger.send(Array(units.suffix(3)))
    camera.send([units[5]])
    #expect(await eventually { sink.pictures.count >= 5 })
    // Read once: more may arrive between two looks.
    let shown = payloads(sink.pictures)
    #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
  }

  @Test("The host that the answer names may send as well")
  func answeredHost() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(10)
    running.plane.answer(lease.stream, ssrc: nil, host: "127.0.0.3", port: nil)
    let camera = TestCamera(udp: lease.port, ssrc: 10, formats: formats, lastByte: 3)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
  }

  @Test("Media from behind NAT comes from the host that signals, whatever private address the answer names")
  func behindNAT() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(11)
    running.plane.answer(lease.stream, ssrc: nil, host: "10.11.12.13", port: 15_060)
    let camera = TestCamera(udp: lease.port, ssrc: 11, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    // The right number from a third machine is still nobody's.
    let stranger = TestCamera(udp: lease.port, ssrc: 11, formats: formats, lastByte: 4)
    stranger.send(Array(units.prefix(3)))
    #expect(
      await eventually {
        running.log.contains {
          if case .foreignSource(lease.stream, ssrc: 11, _) = $0 { true } else { false }
        }
      })
  }

  @Test("The SSRC of the answer replaces the one that was offered")
  func rekeyed() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    // Another stream waits for the same machine, so that only the answer can tell which one is meant.
    let (_, otherSink) = try running.open(20)
    let (lease, sink) = try running.open(21)
    running.plane.answer(lease.stream, ssrc: 703_001_718, host: "127.0.0.1", port: 5000)
    let camera = TestCamera(udp: lease.port, ssrc: 703_001_718, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    #expect(otherSink.pictures.isEmpty)
  }

  @Test("An unknown SSRC goes to the one stream that waits for its machine")
  func lateBound() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, sink) = try running.open(30)
    let camera = TestCamera(udp: lease.port, ssrc: 99, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    #expect(await eventually { running.plane.diagnosis(lease.stream).wrongSSRCs == [99] })
  }

  @Test("An unknown SSRC goes to nobody when two streams wait for its machine")
  func ambiguous() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, first) = try running.open(40)
    let (_, second) = try running.open(41)
    let camera = TestCamera(udp: lease.port, ssrc: 99, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(
      await eventually {
        running.log.contains { if case .foreignSource(nil, ssrc: 99, _) = $0 { true } else { false } }
      })
    #expect(first.record.units.isEmpty && second.record.units.isEmpty)
    #expect(await eventually { running.plane.diagnosis(lease.stream).wrongSSRCs == [99] })
  }

  @Test("A stream without packets is reported silent once and stays open")
  func silent() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane { $0.firstPacketTimeout = .milliseconds(150) }
    let (lease, sink) = try running.open(50)
    let isSilent: (MediaEvent) -> Bool = { if case .silent(lease.stream) = $0 { true } else { false } }
    #expect(await eventually { running.log.contains(isSilent) })
    let camera = TestCamera(udp: lease.port, ssrc: 50, formats: formats)
    camera.send(Array(units.prefix(5)))
    #expect(await eventually { sink.pictures.count >= 4 })
    #expect(running.log.events.count(where: isSilent) == 1)
  }

  @Test("The diagnosis tells what the port received")
  func diagnosed() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, _) = try running.open(60)
    let camera = TestCamera(udp: lease.port, ssrc: 60, formats: formats)
    camera.send(Array(units.prefix(10)))
    // The last picture is whole only with the next one, which never comes: its packets arrive after the others' picture.
    #expect(
      await eventually {
        let seen = running.plane.diagnosis(lease.stream)
        return seen.pictures >= 9 && seen.packets == camera.packetsSent
      })
    let diagnosis = running.plane.diagnosis(lease.stream)
    #expect(diagnosis.port == lease.port && diagnosis.expectedSSRC == 60)
    #expect(diagnosis.sources.first?.address.host == "127.0.0.1")
    #expect(diagnosis.payloadTypes[96] == diagnosis.packets)
    #expect(diagnosis.firstPayloads.first?.prefix(4) == [0, 0, 1, 0xBA])
    running.plane.close(lease.stream, .closed)
    #expect(await eventually { running.plane.snapshot().streams.isEmpty })
    #expect(running.plane.diagnosis(lease.stream).packets == diagnosis.packets)
  }

  @Test("Two threads share one port, and a re-keyed stream finds its thread")
  func threads() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane { $0.threads = 2 }
    var cameras: [(TestCamera, CollectingSink)] = []
    for number in 0..<6 {
      let ssrc = UInt32(1_000 + number)
      let (lease, sink) = try running.open(ssrc)
      // Every other device answers with an SSRC that belongs to the other thread.
      let sent = number % 2 == 0 ? ssrc : ssrc + 501
      if sent != ssrc { running.plane.answer(lease.stream, ssrc: sent, host: "127.0.0.1", port: nil) }
      cameras.append((TestCamera(udp: lease.port, ssrc: sent, formats: formats), sink))
    }
    for unit in units.prefix(20) {
      for (camera, _) in cameras { camera.send([unit]) }
      try await Task.sleep(for: .milliseconds(2))
    }
    for (_, sink) in cameras {
      #expect(await eventually { sink.pictures.count >= 19 })
      // Read once: more may arrive between two looks.
      let shown = payloads(sink.pictures)
      #expect(shown.elementsEqual(payloads(units.prefix(shown.count))))
    }
  }
}
