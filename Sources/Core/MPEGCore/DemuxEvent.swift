/// What the demultiplexer takes from the RTP header of a packet.
public struct RTPTimestampInfo: Sendable, Equatable, BitwiseCopyable {
  /// In ticks of the payload's clock, 90 kHz for PS and video. Wraps.
  public var timestamp: UInt32
  public var marker: Bool
  /// 0…127
  public var payloadType: UInt8

  public init(timestamp: UInt32, marker: Bool, payloadType: UInt8) {
    self.timestamp = timestamp
    self.marker = marker
    self.payloadType = payloadType
  }
}

/// What is known about a stream beforehand, and the limits its data may not exceed.
public struct DemuxerOptions: Sendable, Equatable {
  /// What the payload is. Only a hint by default: the data decides.
  public enum PayloadKind: Sendable, Equatable {
    case automatic
    case programStream
    case transportStream
    /// RFC 6184
    case h264
    /// RFC 7798
    case h265
    /// Samples without any header (RFC 3551, payload types 0 and 8)
    case g711A
    case g711U
  }

  /// Forces the payload format; `.automatic` sniffs.
  public var payloadKind: PayloadKind
  /// Codec of audio that nothing in the stream names (from SDP or the f= line). A-law without it.
  public var audioHint: MediaCodec?
  /// Codec of all audio, whatever the stream says: the override for a device that labels it wrongly.
  public var audioOverride: MediaCodec?
  /// Bytes one picture may have; a larger one is dropped as damaged.
  public var maximumUnitBytes: Int

  public init(
    payloadKind: PayloadKind = .automatic, audioHint: MediaCodec? = nil, audioOverride: MediaCodec? = nil,
    maximumUnitBytes: Int = 8 << 20
  ) {
    self.payloadKind = payloadKind
    self.audioHint = audioHint
    self.audioOverride = audioOverride
    self.maximumUnitBytes = maximumUnitBytes
  }
}

/// What comes out of the demultiplexer, in the order in which it became known.
public enum DemuxEvent: Sendable {
  /// All tracks known now, video first. Comes before the first unit and before the first unit after each change;
  /// in a stream with video always directly before a key frame.
  case formats([TrackFormat])
  case unit(AccessUnit)
  /// Pictures were dropped and nothing more comes before the next key frame; one should be requested.
  /// Sent once per interruption.
  case damaged(DemuxDamage)
  /// The stream, or a part of it, is something that cannot be shown. Sent once per reason.
  case unsupported(UnsupportedReason)
}

/// Why pictures were dropped.
public enum DemuxDamage: Sendable, Hashable {
  /// RTP packets were missing.
  case packetLoss
  /// The container's structure broke inside a picture.
  case brokenStructure
  /// A picture grew beyond the limit.
  case tooLarge
}

/// Why data cannot be shown.
public enum UnsupportedReason: Sendable, Hashable {
  /// A video codec by its stream_type (0x10 MPEG-4, 0x80 SVAC, …) or, as 0, video data that fits no codec known.
  case videoCodec(UInt8)
  /// An audio codec by its stream_type.
  case audioCodec(UInt8)
  /// A manufacturer's private container ("IMKH", "DHAV").
  case privateContainer
  /// The PES headers say that the payload is scrambled.
  case encrypted
}

/// What the demultiplexer has seen, for diagnosis.
public struct DemuxCounters: Sendable, Equatable {
  public var packets: UInt64 = 0
  public var videoUnits: UInt64 = 0
  public var keyFrames: UInt64 = 0
  public var audioUnits: UInt64 = 0
  /// Pictures that were dropped for damage or while waiting for a key frame.
  public var droppedUnits: UInt64 = 0
  /// Times the structure was lost and searched for again.
  public var resynchronisations: UInt64 = 0
  /// Times the media clock was stitched because the sender's jumped.
  public var clockJumps: UInt64 = 0

  public init() {}
}
