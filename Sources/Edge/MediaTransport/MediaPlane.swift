import CMediaIO
import Glibc
public import MPEGCore
public import Streaming
import Synchronization

/// Receives media, keeps the latest group of pictures of each stream, and hands it to sinks and viewers.
///
/// Every function may be called from any thread and returns at once; the work
/// happens on the media threads. Commands for one stream take effect in the
/// order in which they were given.
public final class MediaPlane: Sendable {
  private struct Running {
    var shared: MediaLoop.SharedParts
    var threads: [WorkerThread]
    var sockets: ListeningSockets
    /// For streams that no SSRC assigns to a thread.
    var nextThread = 0
    var nextPort: UInt16 = 0
  }

  private let configuration: MediaPlaneConfiguration
  private let running = Mutex<Running?>(nil)

  public init(_ configuration: MediaPlaneConfiguration) { self.configuration = configuration }

  // MARK: life

  /// Opens the sockets and starts the media threads.
  ///
  /// - Throws: `portOccupied`, `badAddress` or `system`, with a text that says what to do.
  public func start() throws(MediaPlaneError) {
    guard running.withLock({ $0 == nil }) else { return }
    let count = min(max(configuration.threads, 1), 64)
    let sockets = try ListeningSockets(configuration, threads: count)
    do throws(MediaPlaneError) {
      let started = try launch(count, sockets)
      running.withLock { $0 = started }
    } catch {
      sockets.closeAll()
      throw error
    }
  }

  private func launch(_ count: Int, _ sockets: ListeningSockets) throws(MediaPlaneError) -> Running {
    var mailboxes: [Mailbox] = []
    for _ in 0..<count { mailboxes.append(try Mailbox()) }
    let shared = MediaLoop.SharedParts(
      book: IngestBook(), relayBook: RelayBook(), published: PublishedFigures(threads: count),
      codec: try CodecThread(),
      mailboxes: mailboxes, serials: Serials(), port: sockets.port)
    var started = Running(shared: shared, threads: [], sockets: sockets)
    for index in 0..<count {
      do throws(MediaPlaneError) {
        started.threads.append(try startThread(index, shared, sockets))
      } catch {
        Self.end(started)
        throw error
      }
    }
    return started
  }

  private func startThread(
    _ index: Int, _ shared: MediaLoop.SharedParts, _ sockets: ListeningSockets
  ) throws(MediaPlaneError) -> WorkerThread {
    let configuration = configuration
    let datagrams = index < sockets.datagrams.count ? sockets.datagrams[index] : -1
    let listener = index == 0 ? sockets.listener : -1
    return try WorkerThread(name: "media-\(index)") {
      // Without memory or descriptors for one thread there is nothing to run; commands to it are dropped.
      guard
        let loop = try? MediaLoop(
          index: index, configuration: configuration, shared: shared, datagramSocket: datagrams,
          listener: listener)
      else { return shared.mailboxes[index].shut() }
      loop.run()
    }
  }

  private static func end(_ running: Running) {
    for mailbox in running.shared.mailboxes { mailbox.post { $0.stop() } }
    for thread in running.threads { thread.join() }
    running.shared.codec.stop()
  }

  /// Ends every stream with ``StreamEnd/closed``, waits for the media threads and closes all sockets.
  ///
  /// Not from ``MediaPlaneConfiguration/events`` or from a sink: it waits for the thread that calls those.
  public func stop() {
    guard let stopped = running.withLock({ exchange(&$0, with: nil) }) else { return }
    Self.end(stopped)
    stopped.sockets.closeAll()
  }

  /// The single port, or the first of the range. 0 before ``start()``.
  public var port: UInt16 { running.withLock { $0?.shared.port ?? 0 } }

  // MARK: ingest

  /// Prepares to receive a stream; from now on its packets are accepted.
  ///
  /// - Throws: `duplicateSSRC`, `badAddress`, `noFreePort`, `notRunning` or `system`.
  public func openIngest(_ request: IngestRequest) throws(MediaPlaneError) -> IngestLease {
    var host: MediaAddress?
    if let text = request.expectedHost {
      host = MediaAddress(host: text, port: 0)
      guard host != nil else {
        throw MediaPlaneError(
          .badAddress, "\"\(text)\" is not an IP address; media hosts are never looked up by name")
      }
    }
    let result = running.withLock { running -> Result<IngestLease, MediaPlaneError> in
      guard var current = running else { return .failure(Self.notRunning) }
      defer { running = current }
      do throws(MediaPlaneError) {
        return .success(try self.open(request, host: host, &current))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static let notRunning = MediaPlaneError(.notRunning, "the media plane is not running")

  private func open(
    _ request: IngestRequest, host: MediaAddress?, _ running: inout Running
  ) throws(MediaPlaneError) -> IngestLease {
    let shared = running.shared
    let threads = shared.mailboxes.count
    var sockets = DedicatedSockets()
    var port = shared.port
    var thread = Int(request.ssrc) % threads
    if case .portRange(let range) = configuration.mode {
      (sockets, port) = try DedicatedSockets.open(
        configuration, range: range, next: &running.nextPort, listens: request.transport == .tcpPassive)
      thread = running.nextThread % threads
      running.nextThread += 1
    }
    let id = StreamID(serial: shared.serials.take(), thread: thread)
    guard shared.book.open(id, ssrc: request.ssrc, host: host, overTCP: request.transport != .udp) else {
      sockets.closeAll()
      throw MediaPlaneError(.duplicateSSRC, "SSRC \(request.ssrc) belongs to another open stream")
    }
    let (opened, leased) = (sockets, port)
    shared.mailboxes[thread].post { $0.open(id, request, port: leased, opened) }
    return IngestLease(stream: id, port: port)
  }

  /// What the device answered: its SSRC joins the offered one, its host may send too, and for `tcpActive` we connect.
  ///
  /// - Parameters:
  ///   - ssrc: the `y=` of the answer, or nil.
  ///   - host: the IP address of its `c=` line, or nil. Anything but an IP address is ignored.
  ///   - port: the port of its `m=` line. With `tcpActive` we connect there, trying for some seconds.
  ///   - connects: also connect for a stream that was offered otherwise (an answer `passive` to `passive`).
  public func answer(
    _ stream: StreamID, ssrc: UInt32?, host: String?, port: UInt16?, connects: Bool = false
  ) {
    guard let shared = running.withLock({ $0?.shared }), stream.thread < shared.mailboxes.count else {
      return
    }
    let address = host.flatMap { MediaAddress(host: $0, port: 0) }.flatMap { $0.isUnspecified ? nil : $0 }
    shared.book.answer(stream, ssrc: ssrc, host: address)
    shared.mailboxes[stream.thread].post {
      $0.answer(stream, ssrc: ssrc, host: address, port: port, connects: connects)
    }
  }

  // MARK: pushed streams

  /// Opens a stream whose units come from inside the process: a replay, a transcoded picture.
  public func openPush(label: String) -> StreamID {
    running.withLock { running in
      guard var current = running else { return StreamID(serial: 0, thread: 0) }
      defer { running = current }
      let thread = current.nextThread % current.shared.mailboxes.count
      current.nextThread += 1
      let id = StreamID(serial: current.shared.serials.take(), thread: thread)
      current.shared.mailboxes[thread].post { $0.openPush(id, label: label) }
      return id
    }
  }

  /// Adds units to a pushed stream.
  ///
  /// - Parameters:
  ///   - formats: not nil makes viewers start over at the next key frame: the first time, and after a seek.
  ///   - units: in decoding order. Their times go to viewers as they are.
  public func push(_ stream: StreamID, formats: [TrackFormat]?, units: [AccessUnit]) {
    post(stream) { $0.push(stream, formats: formats, units: units) }
  }

  /// Sends a text to the WebSocket viewers of a stream, in its place between the pictures pushed before and after.
  public func sendText(_ stream: StreamID, _ json: String) {
    post(stream) { $0.sendText(stream, json) }
  }

  /// Ends a stream. Sinks are told `reason`; viewers get what was sent before, then the end.
  public func close(_ stream: StreamID, _ reason: StreamEnd) {
    post(stream) { loop in
      if let stream = loop.streams[stream] { loop.end(stream, reason) }
    }
  }

  // MARK: consumers

  /// Gives a connected socket to a stream as a viewer. The plane owns the descriptor from now on and closes it.
  ///
  /// - Parameters:
  ///   - socket: TCP or one end of a socket pair; is made non-blocking.
  ///   - preamble: bytes that go first, such as the head of the HTTP answer.
  /// - Returns: the viewer; when the stream is gone, ``MediaEvent/viewerClosed(_:_:bytesSent:_:)`` follows.
  @discardableResult
  public func attachViewer(
    _ stream: StreamID, socket: Int32, framing: ViewerFraming, preamble: [UInt8]
  ) -> ViewerID {
    let serial = running.withLock { $0?.shared.serials.take() ?? 0 }
    let id = ViewerID(serial: serial, thread: stream.thread)
    let viewer = UnattachedViewer(id: id, descriptor: socket, framing: framing, preamble: preamble)
    post(stream) { $0.attach(viewer, to: stream) }
    return id
  }

  public func detachViewer(_ viewer: ViewerID) {
    guard let shared = running.withLock({ $0?.shared }), viewer.thread < shared.mailboxes.count else {
      return
    }
    shared.mailboxes[viewer.thread].post { $0.detach(viewer) }
  }

  /// Lets a sink receive every unit from now on.
  ///
  /// - Parameter fromCache: begin with the units since the latest key frame.
  @discardableResult
  public func attachSink(_ stream: StreamID, _ sink: any StreamSink, fromCache: Bool) -> SinkID {
    let id = SinkID(raw: running.withLock { $0?.shared.serials.take() ?? 0 }, stream: stream)
    post(stream) { $0.attach(sink, id, fromCache: fromCache) }
    return id
  }

  /// The sink is not called any more once this command has run; ``StreamSink/ended(_:)`` is not sent.
  public func detachSink(_ sink: SinkID) {
    post(sink.stream) { $0.detachSink(sink) }
  }

  // MARK: relays

  /// Sends a stream to a peer as RTP with a program stream in it, first what the cache holds since the latest key
  /// frame, until the relay is detached, the stream ends or the peer is gone.
  ///
  /// ``MediaEvent/relayEnded(_:packets:bytes:_:)`` follows exactly once, also when the stream is gone already.
  ///
  /// - Throws: `badAddress`, `noFreePort`, `notRunning` or `system`.
  public func attachRelay(_ stream: StreamID, _ request: RelayRequest) throws(MediaPlaneError) -> RelayID {
    let peer = try relayPeer(request)
    let result = running.withLock { running -> Result<RelayID, MediaPlaneError> in
      guard var current = running, stream.thread < current.shared.mailboxes.count else {
        return .failure(Self.notRunning)
      }
      defer { running = current }
      var (sockets, port) = (DedicatedSockets(), current.shared.port)
      if case .portRange(let range) = self.configuration.mode, request.transport != .tcpActive {
        do throws(MediaPlaneError) {
          (sockets, port) = try DedicatedSockets.open(
            self.configuration, range: range, next: &current.nextPort,
            listens: request.transport == .tcpPassive)
        } catch {
          return .failure(error)
        }
      }
      let id = RelayID(raw: current.shared.serials.take(), stream: stream, port: port)
      let opened = sockets
      current.shared.mailboxes[stream.thread].post { $0.attach(id, request, to: peer, opened) }
      return .success(id)
    }
    return try result.get()
  }

  private func relayPeer(_ request: RelayRequest) throws(MediaPlaneError) -> MediaAddress {
    let port = request.transport == .tcpPassive ? 0 : request.port
    guard let peer = MediaAddress(host: request.host, port: port), !peer.isUnspecified else {
      throw MediaPlaneError(
        .badAddress,
        "\"\(request.host)\" is not the IP address of a machine; media hosts are never looked up by name")
    }
    guard request.transport == .tcpPassive || port != 0 else {
      throw MediaPlaneError(.badAddress, "port 0 cannot be sent to")
    }
    guard configuration.bindHost.contains(":") || !request.host.contains(":") else {
      throw MediaPlaneError(
        .badAddress,
        "\(request.host) cannot be reached from the IPv4 address \(configuration.bindHost); set "
          + "listen.media to ::")
    }
    return peer
  }

  /// Ends a relay with ``RelayEnd/detached``; what waits for its time is not sent any more.
  public func detachRelay(_ relay: RelayID) {
    post(relay.stream) { $0.detach(relay) }
  }

  // MARK: figures

  /// The state of all streams and threads, at most a second old.
  public func snapshot() -> MediaSnapshot {
    running.withLock { $0?.shared.published }?.snapshot() ?? MediaSnapshot()
  }

  /// What arrived for a stream; an empty diagnosis when nothing is known about it.
  public func diagnosis(_ stream: StreamID) -> IngestDiagnosis {
    running.withLock { $0?.shared.published }?.diagnosis(stream) ?? IngestDiagnosis()
  }

  private func post(_ stream: StreamID, _ command: @escaping Mailbox.Command) {
    guard let shared = running.withLock({ $0?.shared }), stream.thread < shared.mailboxes.count else {
      return
    }
    shared.mailboxes[stream.thread].post(command)
  }
}
