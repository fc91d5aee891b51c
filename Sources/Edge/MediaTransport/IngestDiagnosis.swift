public import MediaTime

/// What really arrived for a stream: the facts from which `doctor media` explains a missing picture.
///
/// At most a second old; kept for a while after the stream has closed.
public struct IngestDiagnosis: Sendable {
  /// A machine that sent something, and what became of it.
  public struct Source: Sendable, Hashable {
    public var address: MediaAddress
    public var ssrc: UInt32
    public var packets: UInt64
    public var accepted: Bool
  }

  public var label = ""
  public var transport: IngestTransport?
  public var port: UInt16 = 0
  public var expectedHost: String?
  /// The host of the device's answer, once known.
  public var answeredHost: String?
  public var expectedSSRC: UInt32 = 0
  public var answeredSSRC: UInt32?
  public var openedAt: WallTime?
  public var firstPacketAt: WallTime?
  public var lastPacketAt: WallTime?
  public var packets: UInt64 = 0
  /// Sources seen with this stream's SSRC, or with another one from the expected host; the first 16.
  public var sources: [Source] = []
  /// Other SSRCs that came from the expected host; the first 16.
  public var wrongSSRCs: [UInt32] = []
  /// RTP payload types seen, with packet counts; the first 8.
  public var payloadTypes: [UInt8: UInt64] = [:]
  /// The first bytes of the first payloads, at most 4 × 16 bytes.
  public var firstPayloads: [[UInt8]] = []
  /// TCP: connections made or accepted, and the last error in words.
  public var connections = 0
  public var connectAttempts = 0
  public var lastConnectError: String?
  public var damagedUnits: UInt64 = 0
  public var pictures: UInt64 = 0
  /// What could not be used, in words.
  public var unsupported: String?
}
