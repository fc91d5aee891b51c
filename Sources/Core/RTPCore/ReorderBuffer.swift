public import MediaTime

/// Puts the packets of one RTP stream back in order (GB/T 28181 §9.3).
///
/// A packet in order is handed on at once and never copied. A packet that came
/// early waits until the missing ones arrive, until `maximumDelay` has passed or
/// until the window is full; then the missing ones are given up and the next
/// delivered packet carries `gapBefore`. A late or repeated packet is dropped and
/// counted. A jump of more than ``maximumJump`` or a new SSRC starts over.
///
/// ```text
///   insert ──► distance to the expected number
///                0            deliver, then what waited directly behind it
///                > 0          copy into its slot; as long as the window is full, give up the oldest missing
///                < 0          drop: repeated if seen, else late
///                |d| > 3000   deliver what waits, start over
/// ```
/// The window is full when ``maximumMissing`` numbers are missing at once, or when what waits is too much: so many gone
/// are lost and not late, but a key frame of several hundred packets may arrive in any order.
///
/// A camera that restarts may draw a number a little behind its old ones. Its packets would be dropped as late until
/// the numbers meet, and then be taken for the continuation of the old stream; their time stamps tell.
public struct ReorderBuffer: Sendable {
  /// A larger step of the sequence number is a restart of the sender, not loss.
  public static let maximumJump = 3_000
  /// Numbers that may be missing at the same time.
  public static let maximumMissing = 512
  /// Bytes that may wait.
  public static let maximumWaitingBytes = 2 << 20
  /// So many late packets in a row are a sender that went back a little, not lateness.
  public static let maximumLateRun = 64
  /// So many late packets whose time stamps belong elsewhere are a sender that began anew near its old numbers.
  static let maximumStrangeRun = 3
  /// How far a late packet's time stamp may lie from the last delivered one: half a minute of 90 kHz.
  static let maximumTimestampDistance: Int32 = 2_700_000

  /// What became of the packets so far.
  public struct Counters: Sendable, Equatable {
    public var delivered: UInt64 = 0
    /// Numbers that never came in time.
    public var lost: UInt64 = 0
    /// Packets that came early and had to wait.
    public var reordered: UInt64 = 0
    /// Packets that came after they were given up.
    public var late: UInt64 = 0
    public var duplicates: UInt64 = 0
    /// Restarts by a jump or a new SSRC.
    public var resets: UInt64 = 0

    public init() {}
  }

  public private(set) var counters = Counters()
  private let capacity: Int
  private let maximumDelay: Duration
  private var started = false
  private var ssrc: UInt32 = 0
  private var expected: UInt16 = 0
  private var history = DeliveredPackets()
  private var gapPending = false
  private var lateRun = 0
  /// Late packets since the last one delivered whose time stamps lie far from it.
  private var strangeRun = 0
  private var lastTimestamp: UInt32 = 0
  private var waiting = 0
  private var waitingBytes = 0
  /// By the low bits of their numbers; a power of two that grows as far as `capacity` when much waits.
  private var slots: [Slot] = []
  private var grownAt = MonotonicTime(nanoseconds: 0)
  private static let usualSlots = 64
  /// What a slot keeps for the next packet; larger ones are not usual.
  private static let keptPayloadBytes = 4_096

  private struct Slot: Sendable {
    var isUsed = false
    var header = RTPHeader(marker: false, payloadType: 0, sequenceNumber: 0, timestamp: 0, ssrc: 0)
    var arrival = MonotonicTime(nanoseconds: 0)
    /// Reused, so that waiting costs a copy and no allocation once warm.
    var payload: [UInt8] = []
  }

  /// - Parameters:
  ///   - capacity: how far ahead of a missing packet another may be, rounded up to a power of two, at most 1 024; 0
  ///     for a transport that keeps order.
  ///   - maximumDelay: how long a packet may wait for its predecessors.
  public init(capacity: Int = 1_024, maximumDelay: Duration = .milliseconds(200)) {
    var size = capacity > 0 ? 1 : 0
    while size < min(capacity, 1_024) { size *= 2 }
    self.capacity = size
    self.maximumDelay = maximumDelay
  }

  /// Packets that wait at the moment.
  public var waitingCount: Int { waiting }

  /// Whether ``flush(now:deliver:)`` could have something to do.
  public var needsFlush: Bool { waiting > 0 || slots.count > Self.usualSlots }

  /// Takes one packet and hands on every payload that is due, in order.
  ///
  /// - Parameters:
  ///   - packet: the whole packet that `header` was parsed from.
  ///   - deliver: header, payload, and whether packets are missing directly before it.
  public mutating func insert(
    _ header: RTPHeader, packet: Span<UInt8>, now: MonotonicTime,
    deliver: (RTPHeader, Span<UInt8>, _ gapBefore: Bool) -> Void
  ) {
    if waiting > 0 { releaseOverdue(now: now, deliver: deliver) }
    guard started, header.ssrc == ssrc else {
      restart(at: header, isFirst: !started, deliver: deliver)
      return pass(header, packet, deliver: deliver)
    }
    let distance = Sequence16.distance(from: expected, to: header.sequenceNumber)
    if distance == 0 {
      if strangeRun > 0, isStrange(header) { restart(at: header, isFirst: false, deliver: deliver) }
      pass(header, packet, deliver: deliver)
      if waiting > 0 { releaseConsecutive(deliver: deliver) }
    } else if distance > Self.maximumJump || distance < -Self.maximumJump {
      restart(at: header, isFirst: false, deliver: deliver)
      pass(header, packet, deliver: deliver)
    } else if distance > 0 {
      insertEarly(header, packet, distance: distance, now: now, deliver: deliver)
    } else {
      insertLate(header, packet, behind: -distance, deliver: deliver)
    }
  }

  /// Hands on what has waited longer than the allowed delay. Call it on a timer or between batches.
  public mutating func flush(
    now: MonotonicTime, deliver: (RTPHeader, Span<UInt8>, _ gapBefore: Bool) -> Void
  ) {
    if waiting > 0 { releaseOverdue(now: now, deliver: deliver) }
    // A network that was bad for a moment need not cost memory for ever.
    if waiting == 0, slots.count > Self.usualSlots, now - grownAt > .seconds(10) { slots = [] }
  }

  /// Hands on everything that waits, at the end of a stream.
  public mutating func drain(deliver: (RTPHeader, Span<UInt8>, _ gapBefore: Bool) -> Void) {
    while waiting > 0 { skipToNextWaiting(deliver: deliver) }
  }
}

extension ReorderBuffer {
  private mutating func pass(
    _ header: RTPHeader, _ packet: Span<UInt8>, deliver: (RTPHeader, Span<UInt8>, Bool) -> Void
  ) {
    advance(over: header)
    (lateRun, strangeRun) = (0, 0)
    deliver(header, packet.extracting(header.payload), takeGap())
  }

  private mutating func insertEarly(
    _ header: RTPHeader, _ packet: Span<UInt8>, distance: Int, now: MonotonicTime,
    deliver: (RTPHeader, Span<UInt8>, Bool) -> Void
  ) {
    guard distance >= slots.count || !slots[slot(header.sequenceNumber)].isUsed else {
      counters.duplicates += 1
      return
    }
    var distance = distance
    while distance > 0, isFull(distance, packet.count) {
      // The window is full: the oldest missing packet is lost, the ones behind it go out.
      if waiting > 0 { skipToNextWaiting(deliver: deliver) } else { giveUp(through: header.sequenceNumber) }
      distance = Sequence16.distance(from: expected, to: header.sequenceNumber)
    }
    guard distance > 0 else {
      pass(header, packet, deliver: deliver)
      if waiting > 0 { releaseConsecutive(deliver: deliver) }
      return
    }
    if distance >= slots.count { grow(beyond: distance, now) }
    let index = slot(header.sequenceNumber)
    slots[index].isUsed = true
    slots[index].header = header
    slots[index].arrival = now
    slots[index].payload.removeAll(keepingCapacity: true)
    slots[index].payload.append(packet.extracting(header.payload))
    waiting += 1
    waitingBytes += header.payload.count
    counters.reordered += 1
  }

  /// Whether a packet so far ahead has to displace missing ones.
  private func isFull(_ distance: Int, _ bytes: Int) -> Bool {
    distance >= capacity || distance - waiting > Self.maximumMissing
      || waitingBytes + bytes > Self.maximumWaitingBytes
  }

  private func slot(_ sequence: UInt16) -> Int { Int(sequence) & (slots.count - 1) }

  /// Makes room for a packet `distance` ahead, which is less than `capacity`.
  private mutating func grow(beyond distance: Int, _ now: MonotonicTime) {
    var size = min(Self.usualSlots, capacity)
    while size <= distance { size *= 2 }
    var old = Array(repeating: Slot(), count: size)
    swap(&old, &slots)
    grownAt = now
    for index in old.indices where old[index].isUsed {
      swap(&old[index], &slots[slot(old[index].header.sequenceNumber)])
    }
  }

  private mutating func insertLate(
    _ header: RTPHeader, _ packet: Span<UInt8>, behind: Int, deliver: (RTPHeader, Span<UInt8>, Bool) -> Void
  ) {
    if let timestamp = history.timestamp(of: header.sequenceNumber, behind: behind) {
      counters.duplicates += 1
      if timestamp != header.timestamp { strangeRun += 1 }
    } else {
      counters.late += 1
      lateRun += 1
      if isStrange(header) { strangeRun += 1 }
    }
    if lateRun >= Self.maximumLateRun || strangeRun >= Self.maximumStrangeRun {
      restart(at: header, isFirst: false, deliver: deliver)
      pass(header, packet, deliver: deliver)
    }
  }

  /// Whether the packet's time is far from that of the last one delivered.
  private func isStrange(_ header: RTPHeader) -> Bool {
    let distance = Int32(bitPattern: header.timestamp &- lastTimestamp)
    return distance.magnitude > Self.maximumTimestampDistance.magnitude
  }

  private mutating func restart(
    at header: RTPHeader, isFirst: Bool, deliver: (RTPHeader, Span<UInt8>, Bool) -> Void
  ) {
    drain(deliver: deliver)
    started = true
    ssrc = header.ssrc
    expected = header.sequenceNumber
    history.forget()
    (lateRun, strangeRun) = (0, 0)
    if !isFirst {
      counters.resets += 1
      gapPending = true
    }
  }

  private mutating func releaseConsecutive(deliver: (RTPHeader, Span<UInt8>, Bool) -> Void) {
    while waiting > 0 {
      let index = slot(expected)
      guard slots[index].isUsed, slots[index].header.sequenceNumber == expected else { return }
      release(index, deliver: deliver)
    }
  }

  private mutating func release(_ index: Int, deliver: (RTPHeader, Span<UInt8>, Bool) -> Void) {
    slots[index].isUsed = false
    waiting -= 1
    let header = slots[index].header
    advance(over: header)
    let gap = takeGap()
    let payload = slots[index].payload
    waitingBytes -= payload.count
    deliver(header, payload.span, gap)
    if payload.capacity > Self.keptPayloadBytes { slots[index].payload = [] }
  }

  /// Gives up the missing packets before the first waiting one and hands on that and what follows it.
  private mutating func skipToNextWaiting(deliver: (RTPHeader, Span<UInt8>, Bool) -> Void) {
    for _ in 0..<slots.count {
      if slots[slot(expected)].isUsed { break }
      giveUpOne()
    }
    releaseConsecutive(deliver: deliver)
  }

  private mutating func releaseOverdue(
    now: MonotonicTime, deliver: (RTPHeader, Span<UInt8>, Bool) -> Void
  ) {
    while waiting > 0 {
      var index = slot(expected)
      for _ in 0..<slots.count where !slots[index].isUsed { index = (index + 1) & (slots.count - 1) }
      guard now - slots[index].arrival >= maximumDelay else { return }
      skipToNextWaiting(deliver: deliver)
    }
  }

  private mutating func giveUpOne() {
    history.miss(expected)
    expected &+= 1
    counters.lost += 1
    gapPending = true
  }

  /// Moves `expected` up to `sequence` when nothing waits.
  private mutating func giveUp(through sequence: UInt16) {
    while expected != sequence { giveUpOne() }
  }

  private mutating func advance(over header: RTPHeader) {
    lastTimestamp = header.timestamp
    history.deliver(header)
    expected &+= 1
    counters.delivered += 1
  }

  private mutating func takeGap() -> Bool {
    defer { gapPending = false }
    return gapPending
  }
}

/// Which of the last 1 024 packets were delivered, and their time stamps: a repeated packet has that of the first one.
private struct DeliveredPackets: Sendable {
  private static let count = 1_024
  private var bits = [UInt64](repeating: 0, count: count / 64)
  private var timestamps = [UInt32](repeating: 0, count: count)

  /// The time stamp of a packet that was delivered so many packets ago; nil when it was not, or is forgotten.
  func timestamp(of sequence: UInt16, behind: Int) -> UInt32? {
    let index = Int(sequence) & (Self.count - 1)
    guard behind <= Self.count, bits[index >> 6] & (1 << UInt64(index & 63)) != 0 else { return nil }
    return timestamps[index]
  }

  mutating func deliver(_ header: RTPHeader) {
    let index = Int(header.sequenceNumber) & (Self.count - 1)
    bits[index >> 6] |= 1 << UInt64(index & 63)
    timestamps[index] = header.timestamp
  }

  mutating func miss(_ sequence: UInt16) {
    let index = Int(sequence) & (Self.count - 1)
    bits[index >> 6] &= ~(1 << UInt64(index & 63))
  }

  mutating func forget() {
    for index in bits.indices { bits[index] = 0 }
  }
}
