import MPEGCore
import MediaTime
import MediaTransport
import RTPCore
import Streaming
import TestSupport
import Testing
import WireBytes

/// A camera, the plane that relays it, and the plane of an upper platform that receives it; all over real sockets.
final class RelayChain {
  let lower: RunningPlane
  let upper: RunningPlane
  let camera: TestCamera
  let source: IngestLease
  let far: IngestLease
  let sink: CollectingSink
  private(set) var relay: RelayID?

  static let farSSRC: UInt32 = 300_000_001

  init(
    _ transport: RelayTransport, formats: [TrackFormat],
    _ change: (inout MediaPlaneConfiguration) -> Void = { _ in }
  ) throws {
    (lower, upper) = (try RunningPlane(change), try RunningPlane())
    (source, _) = try lower.open(4_711)
    camera = TestCamera(udp: source.port, ssrc: 4_711, formats: formats)
    let ingest: IngestTransport =
      switch transport {
      case .udp: .udp
      case .tcpActive: .tcpPassive
      case .tcpPassive: .tcpActive
      }
    (far, sink) = try upper.open(Self.farSSRC, ingest)
  }

  /// Attaches the relay, and tells the upper plane where to connect when it must.
  func relay(_ transport: RelayTransport, sequence: UInt16 = 7, payload: Int = 1_400) throws {
    var request = RelayRequest(ssrc: Self.farSSRC, transport: transport, host: "127.0.0.1", port: far.port)
    request.sequenceNumber = sequence
    request.maximumPayload = payload
    let relay = try lower.plane.attachRelay(source.stream, request)
    if transport == .tcpPassive {
      upper.plane.answer(far.stream, ssrc: nil, host: "127.0.0.1", port: relay.port)
    }
    self.relay = relay
  }

  func send(_ units: some Sequence<AccessUnit>) async throws {
    for unit in units {
      camera.send([unit])
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  var figures: MediaSnapshot.Relay? {
    lower.plane.snapshot().streams.lazy.compactMap { $0.relays.first { $0.id == self.relay } }.first
  }

  func ended(_ reason: RelayEnd) -> Bool {
    lower.log.contains { if case .relayEnded(self.relay, _, _, reason) = $0 { true } else { false } }
  }
}

/// Pictures with a block of A-law sound of 40 ms behind each.
func withSound(_ units: [AccessUnit]) -> [AccessUnit] {
  units.enumerated().flatMap { index, unit in
    let tone = (0..<320).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
    return [
      unit,
      AccessUnit(
        codec: .g711A, isKeyFrame: true, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
        payload: SharedBytes(tone)),
    ]
  }
}

func sound(_ units: some Sequence<AccessUnit>) -> [UInt8] {
  units.filter { !$0.codec.isVideo }.flatMap(\.payload.array)
}

@Suite(.serialized) struct RelayTests {
  @Test(
    "What a relay sends comes out bit for bit, pictures and sound",
    arguments: [MediaCodec.h264, .h265],
    [(RelayTransport.udp, false), (.udp, true), (.tcpActive, true), (.tcpPassive, true), (.tcpActive, false)])
  func identical(codec: MediaCodec, how: (transport: RelayTransport, hasSound: Bool)) async throws {
    var (units, formats) = try clip(codec)
    units = Array(units.prefix(75))
    if how.hasSound {
      formats.append(G711.format(.g711A))
      units = withSound(units)
    }
    let chain = try RelayChain(how.transport, formats: formats)
    try chain.relay(how.transport)
    // TCP: nothing is sent before the connection stands, and the cache holds what came before.
    try await chain.send(units.prefix(10))
    #expect(await eventually { !chain.sink.record.units.isEmpty })
    try await chain.send(units.dropFirst(10))
    let pictures = units.filter(\.codec.isVideo)
    #expect(await eventually { chain.sink.pictures.count == pictures.count })
    #expect(payloads(chain.sink.pictures) == payloads(pictures))
    #expect(chain.sink.record.formats.last?.first?.parameterSets == formats[0].parameterSets)
    if how.hasSound {
      let expected = sound(units)
      #expect(await eventually { sound(chain.sink.record.units).count >= expected.count - 640 })
      let heard = sound(chain.sink.record.units)
      #expect(heard.elementsEqual(expected.prefix(heard.count)))
    }
    #expect(await eventually { (chain.figures?.packets ?? 0) >= UInt64(pictures.count) })
    #expect(chain.figures?.droppedGroups == 0 && chain.figures?.refused == 0)
  }

  @Test("A relay that joins begins with the cached key frame", arguments: [RelayTransport.udp, .tcpActive])
  func cacheStart(transport: RelayTransport) async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(transport, formats: formats)
    let near = CollectingSink()
    chain.lower.plane.attachSink(chain.source.stream, near, fromCache: true)
    try await chain.send(units.prefix(40))
    #expect(await eventually { near.pictures.count == 40 })
    try chain.relay(transport)
    #expect(await eventually { chain.sink.pictures.count >= 14 })
    try await chain.send(units[40..<60])
    #expect(await eventually { chain.sink.pictures.count == 35 })
    #expect(payloads(chain.sink.pictures) == payloads(units[25..<60]))
    #expect(chain.sink.pictures.first?.isKeyFrame == true)
  }

  @Test("Sequence numbers wrap, and packets are as small as asked for", arguments: [true, false])
  func wraps(offload: Bool) async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(.udp, formats: formats) { $0.segmentationOffload = offload }
    try chain.relay(.udp, sequence: 65_500, payload: 200)
    try await chain.send(units.prefix(60))
    #expect(await eventually { chain.sink.pictures.count == 60 })
    #expect(payloads(chain.sink.pictures) == payloads(units.prefix(60)))
    let received = try #require(
      chain.upper.plane.snapshot().streams.isEmpty ? nil : chain.upper.plane.snapshot().streams.first)
    #expect(received.lost == 0 && received.ssrc == RelayChain.farSSRC)
    #expect(await eventually { (chain.figures?.packets ?? 0) > 600 })
  }

  @Test("Several relays of one stream differ in their numbers only")
  func several() async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(.udp, formats: formats)
    try chain.relay(.udp)
    let (other, sink) = try chain.upper.open(300_000_002)
    var request = RelayRequest(ssrc: 300_000_002, transport: .udp, host: "127.0.0.1", port: other.port)
    request.payloadType = 100
    let second = try chain.lower.plane.attachRelay(chain.source.stream, request)
    try await chain.send(units.prefix(50))
    #expect(await eventually { chain.sink.pictures.count == 50 && sink.pictures.count == 50 })
    #expect(payloads(sink.pictures) == payloads(units.prefix(50)))
    #expect(payloads(chain.sink.pictures) == payloads(units.prefix(50)))
    #expect(
      await eventually { chain.upper.plane.diagnosis(other.stream).payloadTypes.keys.contains(100) })
    chain.lower.plane.detachRelay(second)
    #expect(
      await eventually {
        chain.lower.log.contains { if case .relayEnded(second, _, _, .detached) = $0 { true } else { false } }
      })
    try await chain.send(units[50..<75])
    #expect(await eventually { chain.sink.pictures.count == 75 })
    #expect(sink.pictures.count == 50)
  }

  @Test("In port-range mode a relay has a port of its own", arguments: [RelayTransport.udp, .tcpPassive])
  func portRange(transport: RelayTransport) async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(transport, formats: formats) { $0.mode = .portRange(43_000...43_099) }
    try chain.relay(transport)
    #expect(chain.relay.map { $0.port != chain.source.port && (43_000...43_099).contains($0.port) } == true)
    try await chain.send(units.prefix(10))
    #expect(await eventually { !chain.sink.pictures.isEmpty })
    try await chain.send(units[10..<30])
    #expect(await eventually { chain.sink.pictures.count == 30 })
    #expect(payloads(chain.sink.pictures) == payloads(units.prefix(30)))
  }

  @Test("Several media threads hand a peer's connection to the one that owns the stream")
  func threads() async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(.tcpPassive, formats: formats) { $0.threads = 2 }
    try chain.relay(.tcpPassive)
    try await chain.send(units.prefix(10))
    #expect(await eventually { !chain.sink.pictures.isEmpty })
    try await chain.send(units[10..<30])
    #expect(await eventually { chain.sink.pictures.count == 30 })
  }

  @Test("What was sent before a stream ends arrives, then the relay is over")
  func streamEnds() async throws {
    let (units, formats) = try clip()
    let chain = try RelayChain(.udp, formats: formats)
    let stream = chain.lower.plane.openPush(label: "replay")
    chain.lower.plane.push(stream, formats: formats, units: Array(units.prefix(50)))
    let request = RelayRequest(
      ssrc: RelayChain.farSSRC, transport: .udp, host: "127.0.0.1", port: chain.far.port)
    let relay = try chain.lower.plane.attachRelay(stream, request)
    chain.lower.plane.push(stream, formats: nil, units: Array(units[50..<75]))
    chain.lower.plane.close(stream, .senderEnded)
    #expect(
      await eventually {
        chain.lower.log.contains {
          if case .relayEnded(relay, _, _, .streamEnded) = $0 { true } else { false }
        }
      })
    #expect(await eventually { chain.sink.pictures.count == 50 })
    #expect(payloads(chain.sink.pictures) == payloads(units[25..<75]))
    // A stream that is no more says so.
    let late = try chain.lower.plane.attachRelay(stream, request)
    #expect(
      await eventually {
        chain.lower.log.contains {
          if case .relayEnded(late, 0, 0, .streamEnded) = $0 { true } else { false }
        }
      })
  }
}
