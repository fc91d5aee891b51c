public import MPEGCore
public import MediaTime
public import Registry

/// The name of a recorded file: its channel and the millisecond it starts at.
///
/// The same name comes out again when the index is rebuilt from the files.
public struct SegmentID: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let channel: ChannelKey
  /// Milliseconds since 1970, UTC; the file name without `.mp4`.
  public let startMilliseconds: Int64

  public init(channel: ChannelKey, startMilliseconds: Int64) {
    self.channel = channel
    self.startMilliseconds = startMilliseconds
  }

  /// Parses ``description``.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 2, let channel = ChannelKey(parts[0]), let start = Int64(parts[1]) else {
      return nil
    }
    self.init(channel: channel, startMilliseconds: start)
  }

  /// `device_channel/milliseconds`.
  public var description: String { "\(channel)/\(startMilliseconds)" }

  /// `yyyy-MM-dd/device_channel/milliseconds.mp4`, below the recordings directory; the day is UTC.
  public var path: String {
    let day = CivilTime(WallTime(milliseconds: startMilliseconds)).iso8601().prefix(10)
    return "\(day)/\(channel)/\(startMilliseconds).mp4"
  }

  /// Parses ``path``, or nil when it is not the path of a segment of ours.
  public init?(path: some StringProtocol) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2].hasSuffix(".mp4"), let channel = ChannelKey(parts[1]),
      let start = Int64(parts[2].dropLast(4)), (0...253_402_300_799_999).contains(start)
    else { return nil }
    self.init(channel: channel, startMilliseconds: start)
  }

  public static func < (left: SegmentID, right: SegmentID) -> Bool {
    (left.startMilliseconds, left.channel) < (right.startMilliseconds, right.channel)
  }
}

/// Where a segment is in its life.
public enum SegmentState: String, Sendable, Hashable, CaseIterable {
  /// Being written; `end` and `bytes` are those of the last fragment reported.
  case open
  /// Complete, synced to disk and hashed.
  case closed
  /// Was open at a crash; its torn tail was cut off and the rest hashed.
  case repaired
  /// Chosen for deletion (first phase); the file may or may not be gone already.
  case deleting
}

/// How dear a recording is when space runs out: lower values go first.
public enum RetentionClass: Int, Sendable, Hashable, CaseIterable, Comparable {
  case expendable = 0
  case normal = 1
  case important = 2

  /// As the API, the command line and the settings call it.
  public var name: String {
    switch self {
    case .expendable: "expendable"
    case .normal: "normal"
    case .important: "important"
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  public static func < (left: RetentionClass, right: RetentionClass) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// One recorded file in the index.
public struct SegmentRecord: Sendable, Hashable {
  public var id: SegmentID
  /// Which disk it lies on.
  public var disk: DiskID
  /// Relative to the recordings directory of its disk.
  public var path: String
  /// When the first picture was taken, by our clock.
  public var start: WallTime
  /// The end of the last picture. The next segment of an unbroken recording starts at exactly this moment.
  public var end: WallTime
  /// Size of the file.
  public var bytes: Int64
  /// Lower-case hexadecimal over the whole file; nil while it is open.
  public var sha256: String?
  public var state: SegmentState
  /// Codec of the picture, or of the sound where there is no picture.
  public var codec: MediaCodec
  /// Pixels; 0 without picture.
  public var width: Int
  public var height: Int
  public var hasAudio: Bool
  public var retentionClass: RetentionClass

  public init(
    id: SegmentID, disk: DiskID = .former, path: String? = nil, start: WallTime, end: WallTime,
    bytes: Int64 = 0,
    sha256: String? = nil,
    state: SegmentState = .open, codec: MediaCodec, width: Int = 0, height: Int = 0, hasAudio: Bool = false,
    retentionClass: RetentionClass = .normal
  ) {
    self.id = id
    self.disk = disk
    self.path = path ?? id.path
    (self.start, self.end) = (start, end)
    self.bytes = bytes
    self.sha256 = sha256
    self.state = state
    self.codec = codec
    (self.width, self.height) = (width, height)
    self.hasAudio = hasAudio
    self.retentionClass = retentionClass
  }

  public var channel: ChannelKey { id.channel }
  public var interval: WallInterval { WallInterval(start, end) }
}
