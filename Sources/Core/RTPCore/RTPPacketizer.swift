/// Cuts frames into RTP packets for sending (RFC 3550 §5.1, GB/T 28181 §9.6).
///
/// All packets of a frame carry its timestamp and the last one the marker.
public struct RTPPacketizer: Sendable {
  /// How packets lie in the bytes that are sent.
  public enum Framing: Sendable {
    /// One packet is one datagram.
    case datagram
    /// Two bytes of big-endian length before each packet (RFC 4571).
    case rfc4571
  }

  /// Payload bytes that keep an IPv4 datagram below a common path MTU.
  public static let defaultMaximumPayload = 1400

  public let ssrc: UInt32
  public let payloadType: UInt8
  /// Payload bytes per packet, at least 1.
  public let maximumPayload: Int
  /// Number of the next packet.
  public private(set) var sequenceNumber: UInt16
  /// Packets and payload bytes since the start, as a sender report counts them.
  public private(set) var packetCount: UInt32 = 0
  public private(set) var octetCount: UInt32 = 0

  /// - Parameter sequenceNumber: number of the first packet; random for a real sender.
  public init(
    ssrc: UInt32, payloadType: UInt8 = 96, maximumPayload: Int = Self.defaultMaximumPayload,
    sequenceNumber: UInt16 = 0
  ) {
    self.ssrc = ssrc
    self.payloadType = payloadType & 0x7F
    self.maximumPayload = min(max(maximumPayload, 1), 65_000)
    self.sequenceNumber = sequenceNumber
  }

  /// Appends the packets of one frame to `bytes`, one behind the other.
  ///
  /// - Parameters:
  ///   - timestamp: 90 kHz, low 32 bits.
  ///   - marksEnd: whether the last packet carries the marker.
  ///   - packets: receives the range of each packet in `bytes`, with its length field under `.rfc4571`.
  public mutating func append(
    _ frame: Span<UInt8>, timestamp: UInt32, marksEnd: Bool = true, framing: Framing = .datagram,
    to bytes: inout [UInt8], packets: inout [Range<Int>]
  ) {
    var offset = 0
    while offset < frame.count {
      let size = min(maximumPayload, frame.count - offset)
      let isLast = offset + size == frame.count
      let start = bytes.count
      if framing == .rfc4571 { bytes.appendUInt16(UInt16(RTPHeader.fixedByteCount + size)) }
      nextHeader(timestamp: timestamp, marker: isLast && marksEnd, payloadBytes: size).append(to: &bytes)
      bytes.append(frame.extracting(offset..<offset + size))
      packets.append(start..<bytes.count)
      offset += size
    }
  }

  /// Cuts one frame and hands over each datagram in turn, from one reused buffer.
  public mutating func packetize(
    _ frame: Span<UInt8>, timestamp: UInt32, marksEnd: Bool = true, _ packet: (Span<UInt8>) -> Void
  ) {
    var buffer: [UInt8] = []
    buffer.reserveCapacity(RTPHeader.fixedByteCount + min(maximumPayload, frame.count))
    var offset = 0
    while offset < frame.count {
      let size = min(maximumPayload, frame.count - offset)
      let isLast = offset + size == frame.count
      buffer.removeAll(keepingCapacity: true)
      nextHeader(timestamp: timestamp, marker: isLast && marksEnd, payloadBytes: size).append(to: &buffer)
      buffer.append(frame.extracting(offset..<offset + size))
      packet(buffer.span)
      offset += size
    }
  }

  /// The header of the next packet, for a sender that gathers header and payload itself.
  public mutating func nextHeader(timestamp: UInt32, marker: Bool, payloadBytes: Int) -> RTPHeader {
    let header = RTPHeader(
      marker: marker, payloadType: payloadType, sequenceNumber: sequenceNumber, timestamp: timestamp,
      ssrc: ssrc)
    sequenceNumber &+= 1
    packetCount &+= 1
    octetCount &+= UInt32(truncatingIfNeeded: payloadBytes)
    return header
  }
}
