import CMediaIO
import Glibc
import MPEGCore
import MediaTime
import RTPCore
import Streaming

/// One media thread: its sockets, its streams and their viewers. Nothing here is touched by another thread.
///
/// ```text
///   loop:  commands ─► ready sockets ─► deliver touched streams ─► flush viewers ─► timers
///           ▲                                                                          │
///           └── busy: sleep to the next 5 ms tick, then look ◄─── idle: block in epoll ┘
/// ```
/// A busy thread does not wake for every packet: what arrives within a tick is
/// read in one batch, which halves the cost of receiving (performance.md).
final class MediaLoop {
  /// How often time-outs are looked at, nanoseconds.
  static let sweepInterval: Int64 = 100_000_000
  static let publishInterval: Int64 = 1_000_000_000

  let index: Int
  let configuration: MediaPlaneConfiguration
  let mailbox: Mailbox
  let shared: SharedParts
  let poller: Int32
  /// The sockets of the single port; -1 where this thread has none.
  let datagramSocket: Int32
  let listener: Int32

  var now = MonotonicTime(nanoseconds: 0)
  var wall = WallTime(nanoseconds: 0)
  var figures = MediaSnapshot.Thread()

  var streams: [StreamID: MediaStream] = [:]
  var bySSRC = SSRCTable()
  /// Streams of senders whose SSRC names nobody, by the sender's address.
  var byAddress: [MediaAddress: MediaStream] = [:]
  var lastSSRC: UInt32 = 0
  var lastStream: MediaStream?
  /// Packets for streams of other threads, gathered during a pass.
  var strayPackets: [Int: [StrayPacket]] = [:]
  var unknownLookups = 0
  var lastForeignReport: Int64 = 0

  var connections: [UInt64: Connection] = [:]
  var nextConnection: UInt64 = 1
  /// Accepted connections whose stream is not known yet.
  var unmatchedConnections = 0
  var viewers: [ViewerID: (viewer: Viewer, stream: MediaStream)] = [:]
  /// Streams that ended, while their viewers still get what they are owed. Monotonic nanoseconds: until when.
  var ending: [StreamID: (stream: MediaStream, until: Int64)] = [:]

  var relays: [UInt64: (relay: Relay, stream: MediaStream)] = [:]
  /// Streams of which relays have something to send.
  var unsent: [MediaStream] = []
  /// When the next of them may, monotonic nanoseconds.
  var relayDue = Int64.max
  var leaving: [(Relay, MediaStream, RelayEnd)] = []
  let outbox: Outbox
  let streamParts = PacketParts(capacity: 192)
  /// The port's socket has what sending needs.
  var isPreparedToSend = false

  private var touched: [MediaStream] = []
  private var unflushed: [MediaStream] = []
  private let batch: OpaquePointer
  let readBuffer: UnsafeMutableRawBufferPointer
  var gather: Gather
  private let ready: UnsafeMutablePointer<tio_ready>
  private static let readyCapacity = 512
  private(set) var isStopping = false
  /// Media arrived in this pass: the next look waits for the tick.
  var isBusy = false
  private var tick: ReadTick
  private var nextSweep: Int64 = 0
  private var nextPublish: Int64 = 0

  /// Things all threads of a plane share.
  struct SharedParts: Sendable {
    let book: IngestBook
    let relayBook: RelayBook
    let published: PublishedFigures
    let codec: CodecThread
    /// The mailboxes of all threads, by index.
    let mailboxes: [Mailbox]
    let serials: Serials
    let port: UInt16
  }

  init(
    index: Int, configuration: MediaPlaneConfiguration, shared: SharedParts, datagramSocket: Int32,
    listener: Int32
  ) throws(MediaPlaneError) {
    self.index = index
    self.configuration = configuration
    self.shared = shared
    mailbox = shared.mailboxes[index]
    (self.datagramSocket, self.listener) = (datagramSocket, listener)
    poller = tio_poller()
    guard poller >= 0 else { throw .system("cannot create an epoll", -poller) }
    // An odd stride: equal offsets in all buffers would fight for the same cache lines.
    guard let batch = tio_batch_create(64, 66_944), let outbox = Outbox() else {
      throw .system("cannot allocate buffers for packets", ENOMEM)
    }
    (self.batch, self.outbox) = (batch, outbox)
    readBuffer = .allocate(byteCount: 256 << 10, alignment: 64)
    gather = Gather(parts: .allocate(capacity: Gather.capacity))
    ready = .allocate(capacity: Self.readyCapacity)
    figures.receiveBuffer = datagramSocket >= 0 ? Int(max(0, tio_receive_buffer(datagramSocket))) : 0
    tick = ReadTick(interval: configuration.pollInterval.nanoseconds, buffer: figures.receiveBuffer)
    watch(mailbox.bell, .read, Token(.bell, 0))
    if datagramSocket >= 0 { watch(datagramSocket, .read, Token(.datagrams, 0)) }
    if listener >= 0 { watch(listener, .read, Token(.listener, 0)) }
  }

  deinit {
    tio_batch_free(batch)
    readBuffer.deallocate()
    gather.parts.deallocate()
    ready.deallocate()
    Glibc.close(poller)
  }

  // MARK: the loop

  func run() {
    readClocks()
    while !isStopping { pass() }
    for stream in Array(streams.values) { end(stream, .closed) }
    for entry in Array(viewers.values) { drop(entry.viewer, of: entry.stream, .streamEnded) }
    for entry in Array(relays.values) { drop(entry.relay, of: entry.stream, .streamEnded) }
    mailbox.shut()
    shared.published.publish(thread: index, streams: [], figures: figures)
  }

  func stop() { isStopping = true }

  private func pass() {
    let count = tio_poll(poller, ready, Int32(Self.readyCapacity), Int32(timeout()))
    readClocks()
    figures.loops += 1
    isBusy = false
    // Heard before the commands are taken: one posted in between rings again.
    for position in 0..<max(0, Int(count)) where Token(raw: ready[position].token).kind == .bell {
      tio_bell_hear(mailbox.bell)
    }
    runCommands()
    for position in 0..<max(0, Int(count)) { dispatch(ready[position]) }
    sendStrays()
    deliverTouched()
    sendRelays()
    flushDue()
    if now.nanoseconds >= nextSweep { sweep() }
    if isBusy, !isStopping { tio_sleep_until(tick.next(after: now.nanoseconds)) }
  }

  private func readClocks() {
    now = MonotonicTime(nanoseconds: tio_monotonic())
    wall = WallTime(nanoseconds: tio_wall())
  }

  func runCommands() {
    for command in mailbox.take() { command(self) }
  }

  /// Milliseconds to block: none after a tick, else until the next flush or sweep.
  private func timeout() -> Int {
    if isBusy { return 0 }
    var due = Int64.max
    if !streams.isEmpty || !connections.isEmpty || !ending.isEmpty { due = nextSweep }
    for stream in unflushed { due = min(due, flushTime(stream)) }
    if !unsent.isEmpty { due = min(due, relayDue) }
    guard due < .max else { return -1 }
    return Int(min(max(0, (due - tio_monotonic() + 999_999) / 1_000_000), 60_000))
  }

  private func dispatch(_ event: tio_ready) {
    let token = Token(raw: event.token)
    switch token.kind {
    case .bell: break
    case .datagrams:
      if isPreparedToSend, Readiness(rawValue: event.events).contains(.hangUp) { hearErrors(datagramSocket) }
      readDatagrams(datagramSocket, dedicatedTo: nil)
    case .streamDatagrams:
      if let stream = streams[StreamID(raw: token.value)], let ingest = stream.ingest {
        readDatagrams(ingest.dedicated.datagrams, dedicatedTo: stream)
      }
    case .listener: accept(listener, dedicatedTo: nil)
    case .streamListener:
      if let stream = streams[StreamID(raw: token.value)], let ingest = stream.ingest {
        accept(ingest.dedicated.listener, dedicatedTo: stream)
      }
    case .connection:
      if let connection = connections[token.value] { ready(connection, Readiness(rawValue: event.events)) }
    case .viewer:
      if let entry = viewers[ViewerID(raw: token.value)] {
        ready(entry.viewer, of: entry.stream, Readiness(rawValue: event.events))
      }
    case .relay:
      if let entry = relays[token.value] {
        ready(entry.relay, of: entry.stream, Readiness(rawValue: event.events))
      }
    case .relayDatagrams: readRelayDatagrams(token.value, Readiness(rawValue: event.events))
    case .relayListener: acceptRelay(token.value)
    case nil: break
    }
  }

  private func readDatagrams(_ socket: Int32, dedicatedTo stream: MediaStream?) {
    // Bounded, so that a flood on one socket cannot starve the rest.
    for _ in 0..<64 {
      let count = Int(tio_receive(socket, batch))
      guard count > 0 else { break }
      isBusy = true
      figures.datagrams += UInt64(count)
      let datagrams = tio_batch_datagrams(batch)
      for position in 0..<count {
        if let datagram = datagrams?[position] { take(datagram, dedicatedTo: stream) }
      }
      tick.count(datagrams: count)
      if count < 64 { break }
    }
  }

  // MARK: streams with work to do

  /// Puts the stream into this pass's list.
  func touch(_ stream: MediaStream) {
    guard !stream.isTouched else { return }
    stream.isTouched = true
    touched.append(stream)
  }

  private func deliverTouched() {
    guard !touched.isEmpty else { return }
    for stream in touched {
      stream.isTouched = false
      stream.deliver()
      if stream.broadcast?.isDirty == true { wantFlush(stream) }
      if stream.relayFeed != nil { wantRelay(stream) }
    }
    touched.removeAll(keepingCapacity: true)
  }

  func wantFlush(_ stream: MediaStream) {
    guard !stream.isWaitingToFlush else { return }
    stream.isWaitingToFlush = true
    unflushed.append(stream)
  }

  /// When the viewers of a stream get what has gathered: at once after a pause, else in one write per interval.
  private func flushTime(_ stream: MediaStream) -> Int64 {
    guard let broadcast = stream.broadcast, !broadcast.isUrgent else { return 0 }
    let isCrowd = broadcast.viewers.count >= configuration.crowd
    let interval = isCrowd ? configuration.crowdCoalescing : configuration.viewerCoalescing
    return broadcast.lastFlush + interval.nanoseconds
  }

  private func flushDue() {
    guard !unflushed.isEmpty else { return }
    let time = now.nanoseconds
    // Waking a few milliseconds later for the rest would cost as much as the write itself.
    let due = unflushed.filter { flushTime($0) <= time + 2_000_000 }
    guard !due.isEmpty else { return }
    unflushed.removeAll { flushTime($0) <= time + 2_000_000 }
    for stream in due {
      stream.isWaitingToFlush = false
      flush(stream)
    }
  }

  // MARK: timers

  /// Publishes in this pass: the last stream is gone, and nothing will wake the thread to say so later.
  func publishSoon() { (nextSweep, nextPublish) = (0, 0) }

  private func sweep() {
    nextSweep = now.nanoseconds + Self.sweepInterval
    unknownLookups = 0
    for stream in streams.values { if let ingest = stream.ingest { sweep(stream, ingest) } }
    sweepConnections()
    sweepViewers()
    sweepRelays()
    deliverTouched()
    sendRelays()
    flushDue()
    if now.nanoseconds >= nextPublish { publish() }
  }

  private func sweep(_ stream: MediaStream, _ ingest: Ingest) {
    let time = now.nanoseconds
    ingest.flush(now: now, wall: wall, into: stream)
    ingest.settle(now: time, into: stream)
    touch(stream)
    if ingest.wantsKeyFrame(now: time) { configuration.events(.keyFrameWanted(stream.id)) }
    let (first, loss) = (configuration.firstPacketTimeout, configuration.lossTimeout)
    if ingest.checkSilence(now: time, first: first.nanoseconds, loss: loss.nanoseconds) {
      configuration.events(.silent(stream.id))
    }
    if let report = ingest.dueReport(now: now) { send(report.bytes, to: report.to, for: ingest) }
    sweepLink(stream, ingest)
  }

  private func publish() {
    nextPublish = now.nanoseconds + Self.publishInterval
    figures.busyNanoseconds = UInt64(max(0, tio_thread_cpu()))
    figures.sockets = connections.count + viewers.count + relays.count
    if datagramSocket >= 0 { figures.kernelDrops = UInt64(tio_drops(datagramSocket)) }
    shared.published.publish(
      thread: index, streams: streams.values.map { $0.statistics(now: now.nanoseconds) }, figures: figures)
    for stream in streams.values {
      if let ingest = stream.ingest { shared.published.publish(ingest.currentDiagnosis(), of: stream.id) }
    }
  }
}

/// How long a busy thread may gather: the configured tick, or less when the socket's buffer would fill within it.
struct ReadTick {
  /// What the kernel counts for one packet of about 1 400 bytes.
  private static let kernelCost = 2_304

  private let longest: Int64
  private var interval: Int64
  private let buffer: Int
  private var datagrams = 0
  private var last: Int64 = 0

  /// - Parameters:
  ///   - interval: nanoseconds.
  ///   - buffer: bytes the kernel grants; 0 when there is no shared socket.
  init(interval: Int64, buffer: Int) {
    longest = max(interval, 100_000)
    self.interval = longest
    self.buffer = buffer
  }

  mutating func count(datagrams count: Int) { datagrams += count }

  /// When to look again.
  mutating func next(after now: Int64) -> Int64 {
    if buffer > 0 {
      let used = datagrams * Self.kernelCost
      if used > buffer / 3 {
        interval = max(interval / 2, 200_000)
      } else if used < buffer / 8 {
        interval = min(interval + interval / 4, longest)
      }
    }
    datagrams = 0
    // A steady beat, however long the work in between took.
    last = max(last + interval, now)
    return last
  }
}
