/// What is recorded, and why not what is not.

extension API {
  /// One channel's interval: recorded + explained + unknown = planned.
  public struct Timeline: Codable, Sendable, Hashable {
    public var channel: String
    public var from: Time
    public var to: Time
    public var recorded: [RecordedSpan]
    public var gaps: [GapSpan]
    public var events: [TimelineEvent]
    public var planned: [Span]
    public var totals: TimelineTotals
    /// How far the device's answer can be trusted, when it was asked.
    public var device: DeviceSource?

    public init(
      channel: String, from: Time, to: Time, recorded: [RecordedSpan], gaps: [GapSpan],
      events: [TimelineEvent] = [], planned: [Span], totals: TimelineTotals, device: DeviceSource? = nil
    ) {
      self.channel = channel
      self.from = from
      self.to = to
      self.recorded = recorded
      self.gaps = gaps
      self.events = events
      self.planned = planned
      self.totals = totals
      self.device = device
    }
  }

  /// An interval.
  public struct Span: Codable, Sendable, Hashable {
    public var from: Time
    public var to: Time

    public init(from: Time, to: Time) {
      self.from = from
      self.to = to
    }
  }

  /// An interval with pictures.
  public struct RecordedSpan: Codable, Sendable, Hashable {
    public var from: Time
    public var to: Time
    /// `own` or `device`.
    public var source: String

    public init(from: Time, to: Time, source: String) {
      self.from = from
      self.to = to
      self.source = source
    }
  }

  /// A planned interval without pictures.
  public struct GapSpan: Codable, Sendable, Hashable {
    public var from: Time
    public var to: Time
    public var cause: String
    public var detail: String?

    public init(from: Time, to: Time, cause: String, detail: String? = nil) {
      self.from = from
      self.to = to
      self.cause = cause
      self.detail = detail
    }
  }

  /// Something that happened.
  public struct TimelineEvent: Codable, Sendable, Hashable {
    public var time: Time
    public var kind: String
    public var text: String?

    public init(time: Time, kind: String, text: String? = nil) {
      self.time = time
      self.kind = kind
      self.text = text
    }
  }

  /// Sums over the interval, in seconds.
  public struct TimelineTotals: Codable, Sendable, Hashable {
    public var plannedSeconds: Double
    public var recordedSeconds: Double
    public var explainedSeconds: Double
    public var unknownSeconds: Double

    public init(
      plannedSeconds: Double, recordedSeconds: Double, explainedSeconds: Double,
      unknownSeconds: Double
    ) {
      self.plannedSeconds = plannedSeconds
      self.recordedSeconds = recordedSeconds
      self.explainedSeconds = explainedSeconds
      self.unknownSeconds = unknownSeconds
    }
  }

  /// Several channels over one interval.
  public struct Timelines: Codable, Sendable, Hashable {
    public var from: Time
    public var to: Time
    public var timelines: [Timeline]

    public init(from: Time, to: Time, timelines: [Timeline]) {
      self.from = from
      self.to = to
      self.timelines = timelines
    }
  }

  /// One entry of the log of looks.
  public struct Look: Codable, Sendable, Hashable {
    public var id: String
    public var user: String
    public var role: String
    public var channel: String
    /// `live`, `playback`, `export` or `snapshot`.
    public var kind: String
    public var purpose: String
    /// Network address of the viewer.
    public var source: String
    public var started: Time
    public var ended: Time?
    /// Recordings: the interval that was shown or taken.
    public var from: Time?
    public var to: Time?

    public init(
      id: String, user: String, role: String, channel: String, kind: String, purpose: String,
      source: String, started: Time, ended: Time? = nil, from: Time? = nil, to: Time? = nil
    ) {
      self.id = id
      self.user = user
      self.role = role
      self.channel = channel
      self.kind = kind
      self.purpose = purpose
      self.source = source
      self.started = started
      self.ended = ended
      self.from = from
      self.to = to
    }
  }
}
