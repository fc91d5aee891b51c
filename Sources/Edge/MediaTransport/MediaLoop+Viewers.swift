import CMediaIO
import Glibc
import MediaTime
import Streaming
import Synchronization

/// Viewers: attaching, writing, what they say, and how they go.
extension MediaLoop {
  /// Bytes a viewer's socket may buffer, and how many of them unsent: beyond that a live picture is stale.
  private static let sendBuffer: Int32 = 1 << 20
  private static let unsentLimit: Int32 = 256 << 10
  /// How long viewers of an ended stream get what they are owed, nanoseconds.
  static let farewell: Int64 = 3_000_000_000

  func attach(_ viewer: UnattachedViewer, to id: StreamID) {
    let viewer = viewer.claim(now: now.nanoseconds)
    guard let stream = streams[id] else {
      configuration.events(.viewerClosed(viewer.id, id, bytesSent: 0, .streamEnded))
      return
    }
    _ = tio_prepare_viewer(viewer.descriptor, Self.sendBuffer, Self.unsentLimit)
    watch(viewer.descriptor, .read, Token(.viewer, viewer.id.raw))
    viewers[viewer.id] = (viewer, stream)
    stream.attach(viewer) { makeBroadcast(for: stream) }
    flush(stream)
  }

  private func makeBroadcast(for stream: MediaStream) -> Broadcast {
    let (configuration, codec, mailbox) = (configuration, shared.codec, mailbox)
    let id = stream.id
    return Broadcast(isLive: stream.ingest != nil, cacheLimit: configuration.gopCacheLimitBytes) { format in
      guard let transcoder = configuration.makeAudioTranscoder?(format) else { return nil }
      return AudioBridge(source: format, transcoder: transcoder, codec: codec) { bridge, units in
        mailbox.post { loop in
          guard let stream = loop.streams[id], let broadcast = stream.broadcast else { return }
          broadcast.append(transcoded: units, by: bridge)
          loop.wantFlush(stream)
        }
      }
    }
  }

  // MARK: writing

  func flush(_ stream: MediaStream) {
    var gather = gather
    stream.broadcast?.flush(&gather, now: now.nanoseconds) { viewer, outcome in
      settle(viewer, of: stream, outcome)
    }
  }

  private func settle(_ viewer: Viewer, of stream: MediaStream, _ outcome: Viewer.Outcome) {
    switch outcome {
    case .caughtUp, .more: break
    case .blocked:
      guard !viewer.isBlocked else { return }
      viewer.isBlocked = true
      rewatch(viewer.descriptor, [.read, .write], Token(.viewer, viewer.id.raw))
    case .finished:
      drop(viewer, of: stream, viewer.closeReason ?? .streamEnded)
    case .failed:
      drop(viewer, of: stream, .left)
    }
  }

  func ready(_ viewer: Viewer, of stream: MediaStream, _ readiness: Readiness) {
    if readiness.contains(.read) || readiness.contains(.hangUp) {
      guard listen(to: viewer, of: stream) else { return }
    }
    guard readiness.contains(.write), viewer.isBlocked, let broadcast = stream.broadcast else { return }
    var gather = gather
    let outcome = broadcast.resume(viewer, &gather, now: now.nanoseconds)
    if case .blocked = outcome { return }
    viewer.isBlocked = false
    rewatch(viewer.descriptor, .read, Token(.viewer, viewer.id.raw))
    settle(viewer, of: stream, outcome)
  }

  // MARK: what viewers say

  /// - Returns: false when the viewer is gone.
  private func listen(to viewer: Viewer, of stream: MediaStream) -> Bool {
    let count = tio_read(viewer.descriptor, readBuffer.baseAddress, 4_096)
    if count == -Int(EAGAIN) { return true }
    guard count > 0 else {
      drop(viewer, of: stream, viewer.closeReason ?? .left)
      return false
    }
    guard viewer.framing == .webSocket else { return true }
    let bytes = UnsafeBufferPointer(
      start: readBuffer.baseAddress?.assumingMemoryBound(to: UInt8.self), count: count)
    for message in viewer.input.feed(bytes.span) { answer(message, viewer, stream) }
    return viewers[viewer.id] != nil
  }

  private func answer(_ message: WebSocketInput.Message, _ viewer: Viewer, _ stream: MediaStream) {
    guard !viewer.isClosing else { return }
    switch message {
    case .ping(let content):
      _ = viewer.enqueue(.frame(.pong, content))
    case .close(let code):
      viewer.closeReason = .left
      viewer.close(with: code)
    case .violation(let code):
      viewer.closeReason = .protocolViolation
      viewer.close(with: code)
    }
    flush(stream)
  }

  // MARK: going

  func detach(_ id: ViewerID) {
    guard let entry = viewers[id] else { return }
    drop(entry.viewer, of: entry.stream, .detached)
  }

  func drop(_ viewer: Viewer, of stream: MediaStream, _ reason: ViewerEnd) {
    guard viewers.removeValue(forKey: viewer.id) != nil else { return }
    unwatch(viewer.descriptor)
    _ = stream.detachViewer(viewer.id)
    configuration.events(.viewerClosed(viewer.id, stream.id, bytesSent: viewer.bytesSent, reason))
    if stream.viewers.isEmpty, stream.relayFeed == nil { ending[stream.id] = nil }
  }

  func sweepViewers() {
    let patience = configuration.stuckViewerTimeout.nanoseconds
    for entry in Array(viewers.values)
    where entry.viewer.isBlocked && now.nanoseconds - entry.viewer.lastProgress > patience {
      drop(entry.viewer, of: entry.stream, .stuck)
    }
    for entry in Array(ending.values) where now.nanoseconds > entry.until {
      for viewer in entry.stream.viewers { drop(viewer, of: entry.stream, .streamEnded) }
      for relay in entry.stream.relayFeed?.relays ?? [] { drop(relay, of: entry.stream, .streamEnded) }
      ending[entry.stream.id] = nil
    }
  }
}

/// A viewer's socket on its way to the media thread; closes it when it never arrives.
final class UnattachedViewer: Sendable {
  private let id: ViewerID
  private let descriptor: Atomic<Int32>
  private let framing: ViewerFraming
  private let preamble: [UInt8]

  init(id: ViewerID, descriptor: Int32, framing: ViewerFraming, preamble: [UInt8]) {
    self.id = id
    self.descriptor = Atomic(descriptor)
    self.framing = framing
    self.preamble = preamble
  }

  deinit {
    let left = descriptor.load(ordering: .relaxed)
    if left >= 0 { Glibc.close(left) }
  }

  /// The viewer, which owns the socket from now on. Call it once.
  func claim(now: Int64) -> Viewer {
    let descriptor = descriptor.exchange(-1, ordering: .relaxed)
    let viewer = Viewer(id: id, descriptor: descriptor, framing: framing, now: now)
    if !preamble.isEmpty { _ = viewer.enqueue(.verbatim(preamble)) }
    return viewer
  }
}
