public import MediaTime
public import Registry

/// Why a second was not recorded. The raw values are the names of the API and the console.
public enum GapCause: String, Sendable, Hashable, CaseIterable {
  case deviceOffline = "device-offline"
  case network = "network"
  case recorderStopped = "recorder-stopped"
  case diskFull = "disk-full"
  case noPlan = "no-plan"
  case purged = "purged"
  /// It was recorded on a disk that is not there, or was lost when the disk went.
  case diskLost = "disk-lost"
  /// It was recorded, and the file has gone without any rule of ours.
  case fileLost = "file-lost"
  case clockStep = "clock-step"
  case unknown = "unknown"

  /// Which cause a second gets when several are recorded for it: the highest.
  ///
  /// Footage that is away, lost or purged existed, so that says most; a full disk or a
  /// stopped recorder is ours to own up to before blaming device or network.
  public var precedence: Int {
    switch self {
    case .diskLost: 9
    case .fileLost: 8
    case .purged: 7
    case .diskFull: 6
    case .recorderStopped: 5
    case .deviceOffline: 4
    case .network: 3
    case .clockStep: 2
    case .noPlan: 1
    case .unknown: 0
    }
  }
}

/// A stretch without recording and its reason.
public struct GapRecord: Sendable, Hashable {
  public var channel: ChannelKey
  public var start: WallTime
  /// Nil while the gap lasts.
  public var end: WallTime?
  public var cause: GapCause
  /// For people: what was seen, or the rule that purged. Never a secret.
  public var detail: String

  public init(channel: ChannelKey, start: WallTime, end: WallTime?, cause: GapCause, detail: String = "") {
    self.channel = channel
    (self.start, self.end) = (start, end)
    self.cause = cause
    self.detail = detail
  }

  /// The key of a gap: a channel has at most one gap of a cause that starts at a given moment.
  public var id: GapID { GapID(channel: channel, start: start, cause: cause) }

  /// The gap up to `now` when it has not ended yet.
  public func interval(now: WallTime) -> WallInterval { WallInterval(start, end ?? max(start, now)) }
}

/// The key of a ``GapRecord``: writing a gap with the same key replaces it.
public struct GapID: Sendable, Hashable {
  public var channel: ChannelKey
  public var start: WallTime
  public var cause: GapCause

  public init(channel: ChannelKey, start: WallTime, cause: GapCause) {
    self.channel = channel
    self.start = start
    self.cause = cause
  }
}
