import CMediaIO
import MPEGCore
import MediaTime
import Streaming

/// What the plane asks of a media thread. Each runs on that thread.
extension MediaLoop {
  func open(_ id: StreamID, _ request: IngestRequest, port: UInt16, _ sockets: DedicatedSockets) {
    let ingest = Ingest(request: request, port: port, now: now.nanoseconds, wall: wall)
    let stream = MediaStream(
      id: id, label: request.label, ingest: ingest, cacheLimit: configuration.gopCacheLimitBytes,
      events: configuration.events)
    streams[id] = stream
    ingest.dedicated = sockets
    if sockets.datagrams >= 0 { watch(sockets.datagrams, .read, Token(.streamDatagrams, id.raw)) }
    if sockets.listener >= 0 { watch(sockets.listener, .read, Token(.streamListener, id.raw)) }
    if sockets.isEmpty {
      forgetShortcut()
      bySSRC.insert(stream, at: request.ssrc)
    }
    shared.published.publish(ingest.currentDiagnosis(), of: id)
    rematch()
  }

  func openPush(_ id: StreamID, label: String) {
    streams[id] = MediaStream(
      id: id, label: label, ingest: nil, cacheLimit: configuration.gopCacheLimitBytes,
      events: configuration.events)
  }

  func answer(_ id: StreamID, ssrc: UInt32?, host: MediaAddress?, port: UInt16?, connects: Bool) {
    guard let stream = streams[id], let ingest = stream.ingest else { return }
    ingest.answer(ssrc: ssrc, host: host)
    if let ssrc, ingest.dedicated.isEmpty, bySSRC[ssrc] == nil {
      forgetShortcut()
      bySSRC.insert(stream, at: ssrc)
    }
    if connects || ingest.request.transport == .tcpActive, let port, port != 0,
      let host = host ?? ingest.request.expectedHost.flatMap({ MediaAddress(host: $0, port: port) })
    {
      ingest.link.target = host.with(port: port)
      ingest.link.nextAttempt = now.nanoseconds
      ingest.lock.allow(host)
      sweepLink(stream, ingest)
    }
    rematch()
  }

  func push(_ id: StreamID, formats: [TrackFormat]?, units: [AccessUnit]) {
    guard let stream = streams[id] else { return }
    if let formats { stream.setFormats(formats, restart: true) }
    for unit in units { stream.take(unit) }
    touch(stream)
  }

  func sendText(_ id: StreamID, _ text: String) {
    guard let stream = streams[id] else { return }
    stream.deliver()
    stream.broadcast?.text(text)
    touch(stream)
  }

  func attach(_ sink: any StreamSink, _ id: SinkID, fromCache: Bool) {
    guard let stream = streams[id.stream] else { return sink.ended(.closed) }
    stream.attach(sink, id: id.raw, fromCache: fromCache)
  }

  func detachSink(_ id: SinkID) { streams[id.stream]?.detachSink(id.raw) }

  /// Ends a stream: sinks are told, sockets close, viewers get what they are owed and then the end.
  func end(_ stream: MediaStream, _ reason: StreamEnd) {
    guard streams.removeValue(forKey: stream.id) != nil else { return }
    stream.end(reason)
    if let ingest = stream.ingest { release(ingest, of: stream) }
    if !stream.viewers.isEmpty || stream.relayFeed != nil {
      ending[stream.id] = (stream, now.nanoseconds + Self.farewell)
      flush(stream)
      endRelays(of: stream)
    }
    if streams.isEmpty { publishSoon() }
    configuration.events(.ended(stream.id, reason))
  }

  private func release(_ ingest: Ingest, of stream: MediaStream) {
    forgetShortcut()
    bySSRC.remove(stream)
    if !byAddress.isEmpty { byAddress = byAddress.filter { $0.value !== stream } }
    for connection in Array(connections.values) where connection.stream === stream { remove(connection) }
    ingest.connection = nil
    for descriptor in [ingest.dedicated.datagrams, ingest.dedicated.listener] where descriptor >= 0 {
      unwatch(descriptor)
    }
    ingest.dedicated.closeAll()
    shared.book.close(stream.id, now: now.nanoseconds)
    shared.published.close(stream.id, ingest.currentDiagnosis())
  }
}
