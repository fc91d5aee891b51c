public import MediaTime

/// Loss and jitter of one RTP sender, as a receiver report states them (RFC 3550 §6.4.1, A.1, A.3, A.8).
public struct ReceptionStatistics: Sendable {
  /// Ticks per second of the payload's clock.
  private let clockRate: Int64
  private var baseSequence: UInt32 = 0
  private var highest: UInt32 = 0
  private var received: UInt32 = 0
  private var expectedAtReport: UInt32 = 0
  private var receivedAtReport: UInt32 = 0
  private var transit: Int64 = 0
  /// Scaled by 16, as in RFC 3550 A.8.
  private var scaledJitter: Int64 = 0
  private var started = false
  private var lastReport: (middle: UInt32, at: MonotonicTime)?

  /// - Parameter clockRate: ticks per second of the RTP timestamp, 90 000 for PS and video.
  public init(clockRate: Int = 90_000) { self.clockRate = Int64(max(clockRate, 1)) }

  /// Counts one packet, in the order of arrival.
  public mutating func received(_ header: RTPHeader, now: MonotonicTime) {
    let step = Sequence16.distance(from: UInt16(truncatingIfNeeded: highest), to: header.sequenceNumber)
    if !started || abs(step) > ReorderBuffer.maximumJump {
      start(at: header)
    } else if step > 0 {
      highest &+= UInt32(step)
    }
    received &+= 1
    updateJitter(header, now: now)
  }

  /// Remembers a sender report, whose time the next receiver report echoes.
  public mutating func received(_ report: RTCP.SenderReport, now: MonotonicTime) {
    lastReport = (report.middleNTP, now)
  }

  /// Interarrival jitter in ticks of the payload's clock.
  public var jitter: UInt32 { UInt32(clamping: scaledJitter >> 4) }

  /// Packets that never came since the start; negative when repeated packets outweigh the loss.
  public var cumulativeLost: Int {
    started ? Int(Int32(bitPattern: highest &- baseSequence &+ 1 &- received)) : 0
  }

  /// The report block for `ssrc`; the next one counts the fraction lost from here.
  public mutating func reportBlock(ssrc: UInt32, now: MonotonicTime) -> RTCP.ReportBlock {
    let expected = started ? highest &- baseSequence &+ 1 : 0
    let expectedNow = expected &- expectedAtReport
    let lostNow = Int64(expectedNow) - Int64(received &- receivedAtReport)
    expectedAtReport = expected
    receivedAtReport = received
    let fraction = expectedNow == 0 || lostNow <= 0 ? 0 : UInt8(clamping: lostNow * 256 / Int64(expectedNow))
    var delay: UInt32 = 0
    if let lastReport {
      let elapsed = max((now - lastReport.at).nanoseconds, 0)
      delay = UInt32(clamping: elapsed / 1_000 * 65_536 / 1_000_000)
    }
    return RTCP.ReportBlock(
      ssrc: ssrc, fractionLost: fraction, cumulativeLost: Int32(clamping: cumulativeLost),
      highestSequence: highest, jitter: jitter, lastSenderReport: lastReport?.middle ?? 0,
      delaySinceLastSenderReport: delay)
  }

  private mutating func start(at header: RTPHeader) {
    started = true
    baseSequence = UInt32(header.sequenceNumber)
    highest = baseSequence
    received = 0
    expectedAtReport = 0
    receivedAtReport = 0
    transit = 0
    scaledJitter = 0
  }

  private mutating func updateJitter(_ header: RTPHeader, now: MonotonicTime) {
    // Nanoseconds to ticks in two steps, so that the product stays far from overflow.
    let seconds = now.nanoseconds / 1_000_000_000
    let rest = now.nanoseconds % 1_000_000_000
    let arrival = seconds &* clockRate &+ rest &* clockRate / 1_000_000_000
    let newTransit = (arrival &- Int64(header.timestamp)) & 0xFFFF_FFFF
    defer { transit = newTransit }
    guard received > 1 else { return }
    let difference = Int64(Int32(truncatingIfNeeded: newTransit &- transit)).magnitude
    scaledJitter += Int64(min(difference, 1 << 31)) - ((scaledJitter + 8) >> 4)
  }
}
