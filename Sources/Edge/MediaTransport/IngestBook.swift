import Synchronization

/// Which stream an SSRC belongs to, over all media threads.
///
/// A packet looks here only when its own thread does not know its SSRC; running
/// streams never do.
final class IngestBook: Sendable {
  /// How long packets of a closed stream are ignored without a word (GB/T 28181 §14.2 #32), nanoseconds.
  static let retirement: Int64 = 60_000_000_000
  /// Retired SSRCs remembered at most.
  static let maximumRetired = 4_096

  /// What an unknown SSRC turned out to be.
  enum Finding {
    case stream(StreamID)
    /// The tail of a stream that was closed a moment ago.
    case retired
    case unknown
  }

  private struct Waiting {
    var hosts: [MediaAddress]
    /// Nil accepts any machine, but only with the right SSRC.
    var overTCP: Bool
  }

  private struct State {
    var streams: [UInt32: StreamID] = [:]
    var waiting: [StreamID: Waiting] = [:]
    var retired: [UInt32: Int64] = [:]
  }

  private let state = Mutex(State())

  /// - Returns: false when another stream uses `ssrc`.
  func open(_ stream: StreamID, ssrc: UInt32, host: MediaAddress?, overTCP: Bool) -> Bool {
    state.withLock { state in
      guard state.streams[ssrc] == nil else { return false }
      state.streams[ssrc] = stream
      state.retired[ssrc] = nil
      state.waiting[stream] = Waiting(hosts: host.map { [$0] } ?? [], overTCP: overTCP)
      return true
    }
  }

  /// Notes what the device answered. An SSRC that another stream uses stays with that stream.
  func answer(_ stream: StreamID, ssrc: UInt32?, host: MediaAddress?) {
    state.withLock { state in
      if let ssrc, state.streams[ssrc] == nil {
        state.streams[ssrc] = stream
        state.retired[ssrc] = nil
      }
      if let host { state.waiting[stream]?.hosts.append(host) }
    }
  }

  /// The stream has its source: it is no candidate for unknown SSRCs any more.
  func bound(_ stream: StreamID) {
    state.withLock { $0.waiting[stream] = nil }
  }

  /// Whether some stream may be waiting for a connection from this machine.
  func awaitsConnection(from source: MediaAddress) -> Bool {
    state.withLock { state in
      state.waiting.values.contains { waiting in
        waiting.overTCP
          && (waiting.hosts.isEmpty || waiting.hosts.contains { $0.isSameHost(as: source) })
      }
    }
  }

  func close(_ stream: StreamID, now: Int64) {
    state.withLock { state in
      state.waiting[stream] = nil
      if state.retired.count >= Self.maximumRetired {
        state.retired = state.retired.filter { now - $0.value < Self.retirement }
        if state.retired.count >= Self.maximumRetired { state.retired = [:] }
      }
      for (ssrc, owner) in state.streams where owner == stream { state.retired[ssrc] = now }
      state.streams = state.streams.filter { $0.value != stream }
    }
  }

  /// Finds the stream of a packet that its thread does not know: by SSRC, else the one stream that still
  /// waits for media from this machine (§7.3, third rule). That stream takes the SSRC over.
  func resolve(ssrc: UInt32, source: MediaAddress, overTCP: Bool, now: Int64) -> Finding {
    state.withLock { state in
      if let stream = state.streams[ssrc] { return .stream(stream) }
      if let since = state.retired[ssrc], now - since < Self.retirement { return .retired }
      var candidate: StreamID?
      for (stream, waiting) in state.waiting
      where waiting.overTCP == overTCP && waiting.hosts.contains(where: { $0.isSameHost(as: source) }) {
        guard candidate == nil else { return .unknown }
        candidate = stream
      }
      guard let candidate else { return .unknown }
      // SSRC 0 is what several broken devices send at once: it names nobody, the source address must.
      if ssrc != 0 { state.streams[ssrc] = candidate }
      state.waiting[candidate] = nil
      return .stream(candidate)
    }
  }
}
