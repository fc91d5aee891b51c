import Cryptography
import Foundation
import GBCore
import LoadGenerator
import MediaTransport
import Registry
import SegmentStore
import Server

/// The media plane as the server runs it, with the recorder as the server runs it, and nothing else.
final class MediaTarget: BenchTarget {
  private let options: MediaTargetOptions
  private let plane: MediaPlane
  private let recorder: Recorder?
  private var acceptor: ViewerAcceptor?

  init(_ options: MediaTargetOptions) throws {
    self.options = options
    var configuration = MediaPlaneConfiguration(mode: .singlePort(0))
    configuration.bindHost = "127.0.0.1"
    configuration.threads = options.threads
    if !options.mergesWrites { configuration.viewerCoalescing = .zero }
    plane = MediaPlane(configuration)
    recorder = options.recordings.map { root in
      Recorder(
        RecorderConfiguration(root: root), hash: { SHA256Stream() }, now: { SystemClock.wall() },
        events: { _ in })
    }
  }

  func start() async throws -> TargetReady {
    do {
      try plane.start()
      try recorder?.start()
      return try open()
    } catch {
      throw LoadError("\(error)")
    }
  }

  private func open() throws -> TargetReady {
    var ready = TargetReady(media: plane.port)
    for index in 0..<options.streams {
      let lease = try plane.openIngest(
        IngestRequest(
          ssrc: MediaTargetOptions.firstSSRC + UInt32(index), transport: options.overTCP ? .tcpPassive : .udp,
          expectedHost: "127.0.0.1", label: "bench \(index)"))
      if let recorder, let channel = DeviceID(BenchIdentity.device(index)) {
        let key = ChannelKey(device: channel, channel: channel)
        plane.attachSink(lease.stream, recorder.makeSink(for: key), fromCache: true)
      }
      if options.relayPort != 0 {
        _ = try plane.attachRelay(
          lease.stream,
          RelayRequest(
            ssrc: MediaTargetOptions.firstSSRC + UInt32(index), transport: .udp, host: "127.0.0.1",
            port: options.relayPort))
      }
      if index == 0, options.acceptsViewers {
        let acceptor = try ViewerAcceptor(plane: plane, stream: lease.stream)
        ready.viewers = acceptor.port
        self.acceptor = acceptor
      }
    }
    return ready
  }

  func report() async -> TargetReport {
    // Figures are published once a second.
    try? await Task.sleep(for: .seconds(1.1))
    let snapshot = plane.snapshot()
    var report = TargetReport()
    for stream in snapshot.streams {
      report.packets += Int(stream.packets)
      report.lost += Int(stream.lost)
      if stream.video != nil { report.pictures += 1 }
      for relay in stream.relays {
        report.relayedPackets += Int(relay.packets)
        report.relayTroubles += Int(relay.delayed + relay.refused + relay.droppedGroups)
      }
    }
    for thread in snapshot.threads { report.kernelDrops += Int(thread.kernelDrops) }
    if let written = recorder?.snapshot() {
      report.writtenBytes = Int(written.writtenBytes)
      report.droppedFragments = Int(written.droppedFragments)
    }
    return report
  }

  func stop() async {
    acceptor?.stop()
    recorder?.stop()
    plane.stop()
  }
}
