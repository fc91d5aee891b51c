import WireBytes

/// The few RTCP packets a receiver of surveillance video needs (RFC 3550 §6, GB/T 28181 §9.1).
public enum RTCP {
  /// What a receiver says about one sender (RFC 3550 §6.4.1).
  public struct ReportBlock: Sendable, Equatable {
    public var ssrc: UInt32
    /// Since the last report, in 1/256.
    public var fractionLost: UInt8
    /// Since the start; 24 bits on the wire.
    public var cumulativeLost: Int32
    /// Wraps counted in the upper 16 bits.
    public var highestSequence: UInt32
    /// In ticks of the payload's clock.
    public var jitter: UInt32
    /// The middle 32 bits of the last sender report's NTP time, 0 for none.
    public var lastSenderReport: UInt32
    /// In 1/65 536 s.
    public var delaySinceLastSenderReport: UInt32

    public init(
      ssrc: UInt32, fractionLost: UInt8 = 0, cumulativeLost: Int32 = 0, highestSequence: UInt32 = 0,
      jitter: UInt32 = 0, lastSenderReport: UInt32 = 0, delaySinceLastSenderReport: UInt32 = 0
    ) {
      self.ssrc = ssrc
      self.fractionLost = fractionLost
      self.cumulativeLost = cumulativeLost
      self.highestSequence = highestSequence
      self.jitter = jitter
      self.lastSenderReport = lastSenderReport
      self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }
  }

  /// The sender's side of a report: its clock against the media clock.
  public struct SenderReport: Sendable, Equatable {
    public var ssrc: UInt32
    /// Seconds since 1900 in the upper 32 bits, fraction in the lower.
    public var ntp: UInt64
    public var rtpTimestamp: UInt32
    public var packetCount: UInt32
    public var octetCount: UInt32

    public init(ssrc: UInt32, ntp: UInt64, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
      self.ssrc = ssrc
      self.ntp = ntp
      self.rtpTimestamp = rtpTimestamp
      self.packetCount = packetCount
      self.octetCount = octetCount
    }

    /// What a receiver report echoes as "last SR".
    public var middleNTP: UInt32 { UInt32(truncatingIfNeeded: ntp >> 16) }

    /// The first sender report of a compound packet, or nil.
    public init?(parsing packet: Span<UInt8>) {
      var offset = 0
      while packet.count - offset >= 4, packet[offset] >> 6 == 2 {
        let size = 4 * (Int(packet.uint16(at: offset + 2)) + 1)
        guard size <= packet.count - offset else { return nil }
        if packet[offset + 1] == 200, size >= 28 {
          self.init(
            ssrc: packet.uint32(at: offset + 4), ntp: packet.uint64(at: offset + 8),
            rtpTimestamp: packet.uint32(at: offset + 16), packetCount: packet.uint32(at: offset + 20),
            octetCount: packet.uint32(at: offset + 24))
          return
        }
        offset += size
      }
      return nil
    }
  }

  /// A compound packet of a receiver report and an SDES CNAME.
  ///
  /// - Parameters:
  ///   - reporter: our own SSRC.
  ///   - blocks: at most 31.
  ///   - cname: at most 255 bytes of UTF-8; longer text is cut.
  public static func receiverReport(reporter: UInt32, blocks: [ReportBlock], cname: String) -> [UInt8] {
    var bytes: [UInt8] = []
    let used = blocks.prefix(31)
    bytes.append(0x80 | UInt8(used.count))
    bytes.append(201)
    bytes.appendUInt16(UInt16(1 + 6 * used.count))
    bytes.appendUInt32(reporter)
    for block in used { block.append(to: &bytes) }
    appendDescription(reporter, cname, to: &bytes)
    return bytes
  }

  /// A compound packet of a sender report without blocks and an SDES CNAME.
  public static func senderReport(_ report: SenderReport, cname: String) -> [UInt8] {
    var bytes: [UInt8] = [0x80, 200, 0, 6]
    bytes.appendUInt32(report.ssrc)
    bytes.appendUInt32(UInt32(truncatingIfNeeded: report.ntp >> 32))
    bytes.appendUInt32(UInt32(truncatingIfNeeded: report.ntp))
    bytes.appendUInt32(report.rtpTimestamp)
    bytes.appendUInt32(report.packetCount)
    bytes.appendUInt32(report.octetCount)
    appendDescription(report.ssrc, cname, to: &bytes)
    return bytes
  }

  private static func appendDescription(_ ssrc: UInt32, _ cname: String, to bytes: inout [UInt8]) {
    let text = Array(cname.utf8.prefix(255))
    // The chunk ends with at least one zero and is padded to 32 bits (§6.5).
    let chunk = 4 + 2 + text.count + 1
    let padded = (chunk + 3) / 4 * 4
    bytes.append(0x81)
    bytes.append(202)
    bytes.appendUInt16(UInt16(padded / 4))
    bytes.appendUInt32(ssrc)
    bytes.append(1)
    bytes.append(UInt8(text.count))
    bytes.append(contentsOf: text)
    bytes.append(contentsOf: repeatElement(0, count: padded - chunk + 1))
  }
}

extension RTCP.ReportBlock {
  fileprivate func append(to bytes: inout [UInt8]) {
    bytes.appendUInt32(ssrc)
    let lost = UInt32(bitPattern: min(max(cumulativeLost, -0x80_0000), 0x7F_FFFF)) & 0xFF_FFFF
    bytes.appendUInt32(UInt32(fractionLost) << 24 | lost)
    bytes.appendUInt32(highestSequence)
    bytes.appendUInt32(jitter)
    bytes.appendUInt32(lastSenderReport)
    bytes.appendUInt32(delaySinceLastSenderReport)
  }
}
