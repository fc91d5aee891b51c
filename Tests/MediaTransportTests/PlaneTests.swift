import Glibc
import MPEGCore
import MediaTime
import MediaTransport
import Streaming
import TestSupport
import Testing

@Suite(.serialized) struct PlaneTests {
  @Test("An occupied port is named in the error")
  func occupied() throws {
    let running = try RunningPlane()
    var configuration = MediaPlaneConfiguration(mode: .singlePort(running.plane.port))
    configuration.bindHost = "127.0.0.1"
    for threads in [1, 2] {
      configuration.threads = threads
      let second = MediaPlane(configuration)
      let error = #expect(throws: MediaPlaneError.self) { try second.start() }
      #expect(error?.code == .portOccupied)
      #expect(error?.description.contains("UDP port \(running.plane.port) on 127.0.0.1 is in use") == true)
    }
  }

  @Test("A host that is not an address and a second stream with one SSRC are refused")
  func refusals() throws {
    let running = try RunningPlane()
    let error = #expect(throws: MediaPlaneError.self) { try running.open(1, host: "camera.example") }
    #expect(error?.code == .badAddress)
    let (lease, _) = try running.open(2)
    let duplicate = #expect(throws: MediaPlaneError.self) { try running.open(2) }
    #expect(duplicate?.code == .duplicateSSRC)
    #expect(lease.port == running.plane.port && lease.port != 0)
    let stopped = MediaPlane(MediaPlaneConfiguration(mode: .singlePort(0)))
    let notRunning = #expect(throws: MediaPlaneError.self) {
      try stopped.openIngest(IngestRequest(ssrc: 1, transport: .udp, expectedHost: nil, label: ""))
    }
    #expect(notRunning?.code == .notRunning)
    var far = MediaPlaneConfiguration(mode: .singlePort(0))
    far.bindHost = "192.0.2.1"
    #expect(throws: MediaPlaneError.self) { try MediaPlane(far).start() }
  }

  @Test("Sinks get every unit exactly once, also when they join in the middle")
  func exactlyOnce() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let stream = running.plane.openPush(label: "source")
    let first = CollectingSink()
    running.plane.attachSink(stream, first, fromCache: true)
    running.plane.push(stream, formats: formats, units: Array(units.prefix(40)))
    let (second, third) = (CollectingSink(), CollectingSink())
    let handle = running.plane.attachSink(stream, second, fromCache: true)
    running.plane.attachSink(stream, third, fromCache: false)
    for unit in units[40..<100] { running.plane.push(stream, formats: nil, units: [unit]) }
    running.plane.detachSink(handle)
    running.plane.push(stream, formats: nil, units: Array(units[100...]))
    running.plane.close(stream, .senderEnded)
    #expect(await eventually { first.record.end == .senderEnded && third.record.end == .senderEnded })
    #expect(first.record.units.elementsEqual(units, by: ===))
    #expect(second.record.units.elementsEqual(units[25..<100], by: ===))
    #expect(second.record.end == nil)
    #expect(third.record.units.elementsEqual(units[40...], by: ===))
    #expect(second.record.formats == [formats] && third.record.formats == [formats])
  }

  @Test("Stopping ends every stream and tells the sinks")
  func stopping() async throws {
    let running = try RunningPlane()
    let (_, sink) = try running.open(5)
    let stream = running.plane.openPush(label: "push")
    let other = CollectingSink()
    running.plane.attachSink(stream, other, fromCache: false)
    running.plane.stop()
    #expect(sink.record.end == .closed && other.record.end == .closed)
    let port = running.plane.port
    #expect(port == 0)
  }

  @Test("Two hundred streams opened and closed leave no descriptor behind")
  func descriptors() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane { $0.mode = .portRange(42_000...42_999) }
    func cycle(_ ssrc: UInt32) async throws {
      let transport: IngestTransport = ssrc % 2 == 0 ? .udp : .tcpPassive
      let (lease, sink) = try running.open(ssrc, transport)
      let viewer = TestViewer()
      running.plane.attachViewer(lease.stream, socket: viewer.given, framing: .webSocket, preamble: [])
      if ssrc % 10 < 2 {
        let camera =
          transport == .udp
          ? TestCamera(udp: lease.port, ssrc: ssrc, formats: formats)
          : TestCamera(tcp: lease.port, ssrc: ssrc, formats: formats)
        camera.send(Array(units.prefix(3)))
        #expect(await eventually { !sink.record.units.isEmpty })
      }
      running.plane.close(lease.stream, .closed)
      #expect(
        await eventually(interval: .milliseconds(1)) {
          viewer.read()
          return viewer.isClosed
        })
    }
    try await cycle(1)
    let before = openDescriptors()
    for number in 2..<202 { try await cycle(UInt32(number)) }
    // Other suites run in parallel with a few sockets of their own.
    #expect(await eventually { openDescriptors() <= before + 40 })
  }

  @Test("The snapshot counts streams, rates and viewers")
  func figures() async throws {
    let (units, formats) = try clip()
    let running = try RunningPlane()
    let (lease, _) = try running.open(6)
    let viewer = TestViewer()
    let id = running.plane.attachViewer(lease.stream, socket: viewer.given, framing: .webSocket, preamble: [])
    let camera = TestCamera(udp: lease.port, ssrc: 6, formats: formats)
    for unit in units.prefix(75) {
      camera.send([unit])
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(await eventually { running.plane.snapshot().streams.first.map { $0.packets > 75 } ?? false })
    let figures = try #require(running.plane.snapshot().streams.first { $0.id == lease.stream })
    #expect(figures.label == "camera 6" && figures.transport == .udp && figures.video?.width == 320)
    #expect(figures.framesPerSecond > 5 && figures.bitsPerSecond > 10_000)
    #expect(figures.cacheBytes > 0 && figures.sinks == 1)
    #expect(figures.viewers.first?.id == id && (figures.viewers.first?.bytesSent ?? 0) > 1_000)
    #expect(figures.firstPictureAfter != nil && figures.source?.host == "127.0.0.1")
    #expect(running.plane.snapshot().threads.first.map { $0.loops > 0 && $0.datagrams > 75 } == true)
  }
}
