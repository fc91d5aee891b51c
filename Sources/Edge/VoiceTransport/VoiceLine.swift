import GBCore
import MediaTime
import NIOCore
import NIOPosix
import RTPCore
import Synchronization
import Voice

/// The socket of one voice session, and the clock that sends from it: fifty packets a second, silence included.
///
/// UDP sends from a socket of its own. Over TCP it waits for the device's connection or makes one, up to four times a
/// second apart, and forgives one that breaks for five seconds (§7.5).
///
/// Proof for @unchecked: everything mutable but the figures is touched on ``loop`` only.
public final class VoiceLine: @unchecked Sendable {
  /// What a line tells. Called on its event loop; neither may block.
  public struct Events: Sendable {
    /// Sound goes from now on. Once.
    public var began: @Sendable () -> Void
    /// Samples that came back: a talk.
    public var heard: @Sendable ([Int16]) -> Void
    /// The connection did not come, or is gone for good. Once.
    public var lost: @Sendable () -> Void

    public init(
      began: @escaping @Sendable () -> Void = {}, heard: @escaping @Sendable ([Int16]) -> Void,
      lost: @escaping @Sendable () -> Void
    ) {
      (self.began, self.heard, self.lost) = (began, heard, lost)
    }
  }

  static let attempts = 4
  static let retry = TimeAmount.seconds(1)
  /// A device may take this long to open its connection (§12.2), and this long to open it again (§7.5).
  static let patience = TimeAmount.seconds(20)
  static let forgiveness = TimeAmount.seconds(5)
  /// How often is looked whether a packet is due.
  static let step = TimeAmount.milliseconds(10)

  /// The port for our description; 9 where nobody listens (RFC 4145 §4.1).
  public let port: Int
  let loop: any EventLoop
  private(set) var plan: VoiceLinePlan
  private let events: Events
  private let counted = Mutex(VoiceFigures())
  private let socket: (any Channel)?
  private var connection: (any Channel)?
  private var destination: SocketAddress?
  private var queue = VoiceQueue()
  private var packets: VoicePackets
  private var pace: VoicePace?
  private var ear = VoiceEar()
  private var clock: RepeatedTask?
  private var beginning: Scheduled<Void>?
  private var waiting: Scheduled<Void>?
  private var isBegun = false
  private var isClosed = false

  init(_ plan: VoiceLinePlan, socket: (any Channel)?, on loop: any EventLoop, events: Events) {
    (self.plan, self.socket, self.loop, self.events) = (plan, socket, loop, events)
    port = socket?.localAddress?.port ?? 9
    packets = Self.packets(plan)
  }

  private static func packets(_ plan: VoiceLinePlan) -> VoicePackets {
    VoicePackets(
      plan.format, ssrc: plan.ssrc, framing: plan.path == .udp ? .datagram : .rfc4571,
      sequence: .random(in: 0 ... .max), time: .random(in: 0 ... .max))
  }

  public var figures: VoiceFigures { counted.withLock { $0 } }

  // MARK: From any thread

  /// Sends sound from then on. The soonest of several counts.
  public func begin(after delay: Duration) {
    loop.execute { [self] in
      guard !isBegun, !isClosed else { return }
      beginning?.cancel()
      guard delay > .zero else { return start() }
      beginning = loop.scheduleTask(in: TimeAmount(delay)) { [self] in
        if !isBegun, !isClosed { start() }
      }
    }
  }

  /// Where and in which coding to send, when that was not known before: the answer to a talk.
  public func aim(_ plan: VoiceLinePlan) {
    loop.execute { [self] in
      guard !isBegun, !isClosed else { return }
      self.plan = plan
      packets = Self.packets(plan)
    }
  }

  /// What was said, at 8 000 samples a second. What does not fit any more displaces the oldest.
  public func say(_ samples: [Int16]) {
    loop.execute { [self] in
      guard !isClosed else { return }
      queue.push(samples)
      counted.withLock { $0.dropped = queue.dropped }
    }
  }

  public func close() {
    loop.execute { [self] in
      isClosed = true
      clock?.cancel()
      beginning?.cancel()
      waiting?.cancel()
      connection?.close(promise: nil)
      socket?.close(promise: nil)
    }
  }

  // MARK: On the loop

  private func start() {
    isBegun = true
    switch plan.path {
    case .udp:
      guard let address = try? SocketAddress(ipAddress: plan.host, port: plan.port) else { return lose() }
      if destination == nil { destination = address }
      run()
    case .listen:
      if connection == nil { wait(Self.patience) } else { run() }
    case .connect: connect(attemptsLeft: Self.attempts)
    }
    if !isClosed { events.began() }
  }

  private func run() {
    guard clock == nil else { return }
    pace = VoicePace(start: Self.now)
    clock = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.step) { [self] _ in send() }
  }

  private func send() {
    guard var pace else { return }
    let due = pace.due(now: Self.now)
    self.pace = pace
    for _ in 0..<due {
      let frame = queue.next()
      let bytes = packets.next(frame)
      let wasSent = write(bytes)
      counted.withLock { figures in
        figures.packets += wasSent ? 1 : 0
        figures.silent += wasSent && frame == nil ? 1 : 0
        figures.delayed += wasSent ? 0 : 1
      }
    }
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    if plan.path == .udp {
      guard let socket, let destination else { return false }
      socket.writeAndFlush(
        AddressedEnvelope(remoteAddress: destination, data: ByteBuffer(bytes: bytes)), promise: nil)
      return true
    }
    guard let connection, connection.isActive, connection.isWritable else { return false }
    connection.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    return true
  }

  static var now: MonotonicTime {
    MonotonicTime(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }

  // MARK: Connections

  private func connect(attemptsLeft: Int) {
    ClientBootstrap(group: loop)
      .connectTimeout(.seconds(5))
      .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
      .channelInitializer { [self] channel in prepare(channel) }
      .connect(host: plan.host, port: plan.port)
      .whenComplete { [self] result in
        guard case .failure = result, !isClosed else { return }
        guard attemptsLeft > 1 else { return lose() }
        loop.scheduleTask(in: Self.retry) { [self] in
          if !isClosed, connection == nil { connect(attemptsLeft: attemptsLeft - 1) }
        }
      }
  }

  func prepare(_ channel: any Channel) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(VoiceConnectionHandler(self))
      // A second of voice; what does not go out in that time is of no use.
      try channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: 4_096, high: 8_192))
    }
  }

  /// The first connection counts, and only the device's.
  func adopt(_ channel: any Channel) {
    guard !isClosed, connection == nil,
      channel.remoteAddress?.plainHost == plan.trusted || plan.path == .connect
    else { return channel.close(promise: nil) }
    connection = channel
    waiting?.cancel()
    waiting = nil
    if isBegun { run() }
  }

  func connectionEnded(_ channel: any Channel) {
    guard !isClosed, connection === channel else { return }
    connection = nil
    ear.restart()
    wait(Self.forgiveness)
    if plan.path == .connect { connect(attemptsLeft: Self.attempts) }
  }

  private func wait(_ time: TimeAmount) {
    waiting?.cancel()
    waiting = loop.scheduleTask(in: time) { [self] in if connection == nil { lose() } }
  }

  private func lose() {
    guard !isClosed else { return }
    isClosed = true
    clock?.cancel()
    connection?.close(promise: nil)
    socket?.close(promise: nil)
    events.lost()
  }

  // MARK: What comes back

  func received(_ datagram: AddressedEnvelope<ByteBuffer>) {
    guard !isClosed, datagram.remoteAddress.plainHost == plan.trusted else { return }
    // Behind a router the address in its description leads nowhere, and this one does.
    destination = datagram.remoteAddress
    if let samples = ear.hear(Array(datagram.data.readableBytesView).span) { heard(samples) }
  }

  func received(_ bytes: ByteBuffer) {
    for samples in ear.feed(Array(bytes.readableBytesView)) { heard(samples) }
  }

  private func heard(_ samples: [Int16]) {
    counted.withLock { $0.received += 1 }
    events.heard(samples)
  }
}

extension SocketAddress {
  /// The address as text, an IPv4 address in IPv6 clothes as IPv4.
  var plainHost: String? {
    guard let text = ipAddress else { return nil }
    return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
  }
}
