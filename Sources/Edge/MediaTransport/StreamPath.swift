import CMediaIO
import Glibc
package import MediaTime
import RTPCore
package import Streaming

/// One stream's way through the media plane, without sockets and on the caller's clock.
///
/// Does with a packet what a media thread does with it once its SSRC has named the stream: source lock, order,
/// units, cache, sinks. For simulations that run faster than time, and for counting what a packet costs. Belongs to
/// one thread.
package final class StreamPath {
  private let stream: MediaStream
  private let ingest: Ingest
  private let ssrc: UInt32
  private var nextSink: UInt64 = 1
  private var outbox: Outbox?

  /// - Parameters:
  ///   - ssrc: packets of another SSRC are not taken.
  ///   - host: the only machine that may send; nil lets any machine begin.
  ///   - now: when the stream was opened.
  ///   - events: what a media thread would report.
  package init(
    ssrc: UInt32, host: String?, now: MonotonicTime, wall: WallTime,
    events: @escaping @Sendable (MediaEvent) -> Void = { _ in }
  ) {
    let request = IngestRequest(ssrc: ssrc, transport: .udp, expectedHost: host, label: "")
    self.ssrc = ssrc
    ingest = Ingest(request: request, port: 0, now: now.nanoseconds, wall: wall)
    let limit = MediaPlaneConfiguration(mode: .singlePort(0)).gopCacheLimitBytes
    stream = MediaStream(
      id: StreamID(serial: UInt64(ssrc), thread: 0), label: "", ingest: ingest, cacheLimit: limit,
      events: events)
  }

  /// Gives every unit from now on to `sink`, the cached ones first.
  package func attach(_ sink: any StreamSink) {
    stream.attach(sink, id: nextSink, fromCache: true)
    nextSink += 1
  }

  /// Takes one packet.
  ///
  /// - Returns: false for what is no RTP packet, of another SSRC, or from a machine that may not send.
  @discardableResult
  package func receive(
    _ packet: Span<UInt8>, from source: MediaAddress, now: MonotonicTime, wall: WallTime
  ) -> Bool {
    guard !RTPHeader.isRTCP(packet), let header = try? RTPHeader(parsing: packet), header.ssrc == ssrc else {
      return false
    }
    switch ingest.receive(packet, header, from: source, now: now, wall: wall, into: stream) {
    case .first, .accepted: return true
    case .foreign: return false
    }
  }

  /// Hands what came in to cache and sinks, as a media thread does once per pass.
  package func deliver() { stream.deliver() }

  /// Begins to send the stream over UDP, from a socket of its own.
  package func relay(to host: String, port: UInt16) throws(MediaPlaneError) {
    guard let peer = MediaAddress(host: host, port: port), let any = MediaAddress(host: host, port: 0) else {
      throw MediaPlaneError(.badAddress, "\"\(host)\" is not an IP address")
    }
    var sockets = DedicatedSockets()
    var (native, bound) = (any.native, tio_address())
    sockets.datagrams = tio_udp_bind(&native, 0, false, false, &bound)
    guard sockets.datagrams >= 0 else { throw .system("cannot open a socket", -sockets.datagrams) }
    let request = RelayRequest(ssrc: ssrc, transport: .udp, host: host, port: port)
    let relay = Relay(
      id: RelayID(raw: nextSink, stream: stream.id, port: 0), request: request, peer: peer, now: 0,
      patience: 0)
    nextSink += 1
    relay.dedicated = sockets
    relay.link = .datagrams(sockets.datagrams)
    relay.isOffloaded = tio_cuts_datagrams(sockets.datagrams)
    stream.feed(cacheLimit: MediaPlaneConfiguration(mode: .singlePort(0)).gopCacheLimitBytes).add(relay)
    stream.start(relay)
    if outbox == nil { outbox = Outbox() }
  }

  /// Sends what relays may send now, as a media thread does once per pass.
  package func sendRelays(now: MonotonicTime) {
    guard let feed = stream.relayFeed, let outbox else { return }
    outbox.beginPass()
    // By number: iterators ask the heap for something in debug builds, and this is what counts it.
    var number = 0
    while number < feed.relays.count {
      let relay = feed.relays[number]
      number += 1
      guard case .datagrams(let socket) = relay.link else { continue }
      outbox.add(relay, feed.ring, to: socket, now: now.nanoseconds)
    }
    outbox.flush(now: now.nanoseconds)
  }

  /// What a media thread does ten times a second: overdue packets, quiet streams, requests for key frames.
  package func sweep(now: MonotonicTime, wall: WallTime) {
    ingest.flush(now: now, wall: wall, into: stream)
    ingest.settle(now: now.nanoseconds, into: stream)
    stream.deliver()
    if ingest.wantsKeyFrame(now: now.nanoseconds) { stream.report(.keyFrameWanted(stream.id)) }
  }

  /// Hands on what is left and ends the sinks.
  package func end() { stream.end(.closed) }

  /// What happened so far.
  package var figures: MediaSnapshot.Stream { stream.statistics(now: 0) }
}
