import CMediaIO
import Glibc
import MediaTime
import RTPCore
import WireBytes

/// One peer that a stream is sent to as RTP. Lives on the stream's media thread.
///
/// ```text
///   udp:         sending
///   tcpActive:   connecting ──► sending        (tries again every second until the time is over)
///   tcpPassive:  waiting ──► sending
/// ```
/// What it is owed, in this order: the rest of a packet that the socket took only in part, the pack at hand, the
/// packs of the cached group it begins with, then the stream's ring from `next` on.
final class Relay {
  enum Link {
    /// For the peer, or for the next try to connect.
    case waiting
    case connecting(Int32)
    case datagrams(Int32)
    case connected(Int32)
  }

  /// Where it stands, to be taken back when a socket refuses.
  struct Mark {
    fileprivate(set) var current: Parcel?
    fileprivate(set) var offset = 0
    fileprivate var opened = 0
    /// The number of the next parcel of the ring; nil until it may begin at a group of pictures.
    fileprivate(set) var next: UInt64?
    fileprivate var packetizer: RTPPacketizer
  }

  let id: RelayID
  let request: RelayRequest
  let peer: MediaAddress
  var link = Link.waiting
  /// Sockets of its own, in port-range mode.
  var dedicated = DedicatedSockets()
  /// Monotonic nanoseconds until when it must be connected.
  let deadline: Int64
  var nextAttempt: Int64 = 0
  /// Waiting for the socket to become writable.
  var isBlocked = false
  /// Monotonic nanoseconds of the last byte taken, or of the moment when there was nothing to take.
  private(set) var lastProgress: Int64
  private(set) var mark: Mark
  private var opening: [Parcel] = []
  var pace = RelayPace()
  /// The kernel cuts datagrams for it.
  var isOffloaded = true
  /// The rest of a packet, or of a report, that the connection did not take.
  private var leftover: [UInt8] = []
  private var refusals = Refusals()
  private var lastReport: Int64 = 0
  /// Of the packet cut last.
  private var lastTimestamp: UInt32 = 0
  private var lastSent: Int64 = 0
  private(set) var figures: MediaSnapshot.Relay

  init(id: RelayID, request: RelayRequest, peer: MediaAddress, now: Int64, patience: Int64) {
    (self.id, self.request, self.peer) = (id, request, peer)
    deadline = now + patience
    lastProgress = now
    mark = Mark(
      packetizer: RTPPacketizer(
        ssrc: request.ssrc, payloadType: request.payloadType,
        maximumPayload: min(max(request.maximumPayload, 200), 1_460), sequenceNumber: request.sequenceNumber))
    figures = MediaSnapshot.Relay(
      id: id, transport: request.transport, peer: peer, ssrc: request.ssrc)
  }

  deinit {
    if case .connecting(let descriptor) = link { Glibc.close(descriptor) }
    if case .connected(let descriptor) = link { Glibc.close(descriptor) }
    dedicated.closeAll()
  }

  // MARK: what to send

  /// Begins with `cached`, then with the ring's parcel `next`.
  func begin(with cached: [Parcel], then next: UInt64?) {
    (opening, mark.opened, mark.next) = (cached, 0, next)
  }

  /// Leaves out everything up to parcel `next`, except the rest of the pack at hand.
  func skip(to next: UInt64?, groups: UInt64) {
    figures.droppedGroups += groups
    (opening, mark.opened, mark.next) = ([], 0, next)
  }

  var isSending: Bool {
    switch link {
    case .datagrams, .connected: true
    case .waiting, .connecting: false
    }
  }

  /// Whether something waits to be sent.
  func hasBacklog(_ ring: borrowing ParcelRing) -> Bool {
    guard isSending else { return false }
    if let current = mark.current, mark.offset < current.bytes.count { return true }
    return mark.opened < opening.count || (mark.next ?? ring.end) < ring.end || !leftover.isEmpty
  }

  /// What was given to the system in the pass before cannot come back any more.
  func forgetSent() {
    if mark.opened == opening.count, !opening.isEmpty { (opening, mark.opened) = ([], 0) }
  }

  /// The pack of which the next packet is cut, or nil when there is none.
  func load(_ ring: borrowing ParcelRing) -> Parcel? {
    if let current = mark.current, mark.offset < current.bytes.count { return current }
    mark.offset = 0
    if mark.opened < opening.count {
      mark.current = opening[mark.opened]
      mark.opened += 1
    } else if let number = mark.next, let parcel = ring[number] {
      mark.current = parcel
      mark.next = number + 1
    } else {
      mark.current = nil
    }
    return mark.current
  }

  /// Adds the next packet of `parcel`, which ``load(_:)`` returned.
  func cut(_ parcel: Parcel, into parts: PacketParts, isFramed: Bool) {
    let size = min(mark.packetizer.maximumPayload, parcel.bytes.count - mark.offset)
    let isLast = mark.offset + size == parcel.bytes.count
    let header = mark.packetizer.nextHeader(
      timestamp: parcel.timestamp, marker: isLast, payloadBytes: size)
    parts.add(
      header, UnsafeRawBufferPointer(rebasing: parcel.bytes.pointer[mark.offset..<mark.offset + size]),
      isFramed: isFramed)
    mark.offset += size
    lastTimestamp = parcel.timestamp
  }

  var maximumPayload: Int { mark.packetizer.maximumPayload }

  func rewind(to earlier: Mark) { mark = earlier }

  // MARK: over a connection

  enum Outcome {
    case caughtUp
    case blocked
    case failed
  }

  /// Writes as much as the connection takes.
  func write(_ ring: borrowing ParcelRing, with parts: PacketParts, now: Int64) -> Outcome {
    guard case .connected(let descriptor) = link else { return .failed }
    while true {
      let outcome = writeLeftover(descriptor, now: now)
      guard case .caughtUp = outcome else { return outcome }
      parts.reset()
      let before = mark
      while parts.count < parts.capacity, let parcel = load(ring) { cut(parcel, into: parts, isFramed: true) }
      guard parts.count > 0 else {
        lastProgress = now
        return .caughtUp
      }
      let written = tio_write_gathered(descriptor, parts.parts, 2 * parts.count)
      if written == parts.bytes {
        noteSent(packets: parts.count, bytes: written, now: now)
        continue
      }
      guard written > 0 || written == -Int(EAGAIN) else { return .failed }
      settle(max(0, written), parts, before, ring, now: now)
      return .blocked
    }
  }

  /// Only `written` bytes went out: keeps the rest of the packet in which they end, and takes back those behind it.
  private func settle(
    _ written: Int, _ parts: PacketParts, _ before: Mark, _ ring: borrowing ParcelRing, now: Int64
  ) {
    let (packet, rest) = written > 0 ? parts.rest(after: written) : (0, [])
    // Where a packet is not even begun, it is not cut either: the numbers begin with it.
    let isBegun =
      written > 0 && rest.count < parts.parts[2 * packet].iov_len + parts.parts[2 * packet + 1].iov_len
    rewind(to: before)
    let kept = packet + (isBegun ? 1 : 0)
    parts.reset()
    for _ in 0..<kept { if let parcel = load(ring) { cut(parcel, into: parts, isFramed: true) } }
    leftover = isBegun ? rest : []
    if written > 0 { noteSent(packets: kept, bytes: written, now: now) }
  }

  private func writeLeftover(_ descriptor: Int32, now: Int64) -> Outcome {
    while !leftover.isEmpty {
      let written = leftover.withUnsafeBytes { bytes in
        var part = iovec(
          iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
        return tio_write_gathered(descriptor, &part, 1)
      }
      guard written > 0 else { return written == -Int(EAGAIN) ? .blocked : .failed }
      leftover.removeFirst(written)
      figures.bytes += UInt64(written)
      lastProgress = now
    }
    return .caughtUp
  }

  // MARK: figures

  /// - Parameter bytes: RTP packets with their headers.
  func noteSent(packets: Int, bytes: Int, now: Int64) {
    figures.packets += UInt64(packets)
    figures.bytes += UInt64(bytes)
    lastProgress = now
    lastSent = now
  }

  /// The socket's buffer was full: the packets go out later.
  func noteDelay() { figures.delayed += 1 }

  /// The network, or the kernel, will not deliver.
  ///
  /// - Returns: whether that has been so for `patience` nanoseconds.
  func noteRefusal(now: Int64, patience: Int64) -> Bool {
    figures.refused += 1
    return refusals.note(now: now, patience: patience)
  }

  /// A sender report when one is due: every five seconds (GB/T 28181 §9.1), between two packets.
  func dueReport(now: Int64, wall: WallTime) -> [UInt8]? {
    guard isSending, leftover.isEmpty, figures.packets > 0, now - lastReport >= 5_000_000_000 else {
      return nil
    }
    lastReport = now
    let ticks = (now - lastSent) * 9 / 100_000
    let report = RTCP.SenderReport(
      ssrc: request.ssrc, ntp: wall.ntp,
      rtpTimestamp: lastTimestamp &+ UInt32(truncatingIfNeeded: ticks),
      packetCount: mark.packetizer.packetCount, octetCount: mark.packetizer.octetCount)
    return RTCP.senderReport(report, cname: "tributary")
  }

  /// Sends `report` before the next packet of the connection.
  func enqueue(report: [UInt8]) {
    leftover = [UInt8(report.count >> 8), UInt8(report.count & 0xff)] + report
  }

  func currentFigures(_ ring: borrowing ParcelRing) -> MediaSnapshot.Relay {
    var figures = figures
    figures.isSending = isSending
    figures.backlogBytes =
      leftover.count + opening[min(mark.opened, opening.count)...].reduce(0) { $0 + $1.bytes.count }
    if let current = mark.current { figures.backlogBytes += current.bytes.count - mark.offset }
    for number in (mark.next ?? ring.end)..<ring.end {
      figures.backlogBytes += ring[number]?.bytes.count ?? 0
    }
    return figures
  }
}

/// Refusals that follow each other. One alone means little: a peer may open its port a moment later.
struct Refusals {
  /// A pause after which they count anew, nanoseconds. Many systems send one ICMP message per second at most.
  static let pause: Int64 = 2_500_000_000

  private var first: Int64 = 0
  private var last: Int64?

  /// - Returns: whether there were refusals over the whole of `patience` nanoseconds.
  mutating func note(now: Int64, patience: Int64) -> Bool {
    if last.map({ now - $0 > Self.pause }) ?? true { first = now }
    last = now
    return now - first >= patience
  }
}

extension WallTime {
  /// Seconds since 1900 in the upper half, the fraction in the lower (RFC 3550 §4).
  fileprivate var ntp: UInt64 {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return UInt64(truncatingIfNeeded: seconds + 2_208_988_800) << 32
      | (UInt64(truncatingIfNeeded: rest) << 32) / 1_000_000_000
  }
}
