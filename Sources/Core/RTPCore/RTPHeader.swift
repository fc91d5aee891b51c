import WireBytes

/// The fixed RTP header and where its payload lies (RFC 3550 §5.1).
///
/// ```text
///  0                   1                   2                   3
///  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
/// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
/// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
/// |                           timestamp                           |
/// |                             SSRC                              |
/// |               CSRC × CC, then an extension if X               |
/// ```
///
/// Holds numbers only. Take the payload from the packet with
/// `packet.extracting(header.payload)`; nothing is copied.
public struct RTPHeader: Sendable, Equatable, BitwiseCopyable {
  /// Bytes before the CSRC list.
  public static let fixedByteCount = 12

  /// By the standard the last packet of a frame. Devices set it never or always too (GB/T 28181 §9.1).
  public var marker: Bool
  /// 0…127
  public var payloadType: UInt8
  /// Wraps; compare with `Sequence16`.
  public var sequenceNumber: UInt16
  /// In units of the payload's clock, 90 kHz for PS and video. Wraps.
  public var timestamp: UInt32
  public var ssrc: UInt32
  private var start: UInt16
  private var end: UInt16

  /// Byte offsets of the payload inside the parsed packet, padding removed. Empty for a keep-alive.
  public var payload: Range<Int> { Int(start)..<Int(end) }

  /// A header to be sent, with an empty payload range.
  public init(marker: Bool, payloadType: UInt8, sequenceNumber: UInt16, timestamp: UInt32, ssrc: UInt32) {
    self.marker = marker
    self.payloadType = payloadType & 0x7F
    self.sequenceNumber = sequenceNumber
    self.timestamp = timestamp
    self.ssrc = ssrc
    (start, end) = (UInt16(Self.fixedByteCount), UInt16(Self.fixedByteCount))
  }
}

/// Why a datagram is not an RTP packet. Carries numbers only, so that throwing allocates nothing.
public enum RTPParseError: Error, Equatable, Sendable {
  /// Fewer bytes than the header announces.
  case truncated(needed: Int, available: Int)
  /// Longer than any datagram can be.
  case tooLong(Int)
  /// The version field is not 2.
  case unsupportedVersion(UInt8)
  /// The padding count is zero or larger than what follows the header.
  case badPadding(padding: Int, available: Int)
}

extension RTPHeader {
  /// Parses one packet. Any bytes give a header or an error; one pass, no allocation.
  public init(parsing packet: Span<UInt8>) throws(RTPParseError) {
    let count = packet.count
    guard count >= Self.fixedByteCount else {
      throw .truncated(needed: Self.fixedByteCount, available: count)
    }
    guard count <= Int(UInt16.max) else { throw .tooLong(count) }
    let flags = packet[0]
    guard flags >> 6 == 2 else { throw .unsupportedVersion(flags >> 6) }

    var first = Self.fixedByteCount + 4 * Int(flags & 0x0F)
    if flags & 0x10 != 0 {
      guard count >= first + 4 else { throw .truncated(needed: first + 4, available: count) }
      first += 4 + 4 * Int(packet.uint16(at: first + 2))
    }
    guard count >= first else { throw .truncated(needed: first, available: count) }
    var last = count
    if flags & 0x20 != 0 {
      // The last byte counts the padding including itself, hence zero is malformed.
      let padding = Int(packet[count - 1])
      guard padding > 0, padding <= count - first else {
        throw .badPadding(padding: padding, available: count - first)
      }
      last -= padding
    }

    marker = packet[1] & 0x80 != 0
    payloadType = packet[1] & 0x7F
    sequenceNumber = packet.uint16(at: 2)
    timestamp = packet.uint32(at: 4)
    ssrc = packet.uint32(at: 8)
    start = UInt16(first)
    end = UInt16(last)
  }

  /// Whether `packet` looks like RTCP on a shared port: version 2 and a second byte of 192…207.
  ///
  /// RFC 5761 §4 reserves that range, so payload types 64…79 with the marker set cannot be used.
  public static func isRTCP(_ packet: Span<UInt8>) -> Bool {
    packet.count >= 4 && packet[0] >> 6 == 2 && (192...207).contains(packet[1])
  }

  /// Appends the twelve bytes of this header, without CSRC, extension or padding.
  public func append(to bytes: inout [UInt8]) {
    bytes.append(0x80)
    bytes.append((marker ? 0x80 : 0) | payloadType)
    bytes.append(UInt8(truncatingIfNeeded: sequenceNumber >> 8))
    bytes.append(UInt8(truncatingIfNeeded: sequenceNumber))
    bytes.appendUInt32(timestamp)
    bytes.appendUInt32(ssrc)
  }
}

extension [UInt8] {
  mutating func appendUInt16(_ value: UInt16) {
    append(UInt8(truncatingIfNeeded: value >> 8))
    append(UInt8(truncatingIfNeeded: value))
  }

  mutating func appendUInt32(_ value: UInt32) {
    appendUInt16(UInt16(truncatingIfNeeded: value >> 16))
    appendUInt16(UInt16(truncatingIfNeeded: value))
  }

  /// One memory copy.
  mutating func append(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }
}
