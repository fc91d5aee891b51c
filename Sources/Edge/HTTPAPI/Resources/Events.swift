/// What the event stream says.

extension API {
  /// A device changed its state.
  public struct DeviceEvent: Codable, Sendable, Hashable {
    public var id: String
    public var status: DeviceStatus
    public var since: Time?

    public init(id: String, status: DeviceStatus, since: Time? = nil) {
      self.id = id
      self.status = status
      self.since = since
    }
  }

  /// A channel changed its state or is recorded differently.
  public struct ChannelEvent: Codable, Sendable, Hashable {
    public var id: String
    public var status: ChannelStatus
    public var recording: RecordingState

    public init(id: String, status: ChannelStatus, recording: RecordingState) {
      self.id = id
      self.status = status
      self.recording = recording
    }
  }

  /// A device waits for approval, or no longer does.
  public struct QuarantineEvent: Codable, Sendable, Hashable {
    public var id: String

    public init(id: String) {
      self.id = id
    }
  }

  /// A session changed its state.
  public struct MediaSessionEvent: Codable, Sendable, Hashable {
    public var session: String
    public var channel: String?
    public var state: MediaSessionState
    public var step: String?
    public var cause: Cause?
    /// Whose picture it is: the session is a credential, and nobody else is told of it. Not part of what is told.
    public var viewer: String?

    private enum CodingKeys: String, CodingKey { case session, channel, state, step, cause }

    public init(
      session: String, channel: String? = nil, state: MediaSessionState, step: String? = nil,
      cause: Cause? = nil, viewer: String? = nil
    ) {
      self.viewer = viewer
      self.session = session
      self.channel = channel
      self.state = state
      self.step = step
      self.cause = cause
    }
  }

  /// Disk space has become scarce, or is back.
  public struct StorageEvent: Codable, Sendable, Hashable {
    public var path: String
    public var status: CheckStatus
    public var free: Int64
    public var text: String

    public init(path: String, status: CheckStatus, free: Int64, text: String) {
      self.path = path
      self.status = status
      self.free = free
      self.text = text
    }
  }

  /// Somebody took a camera to move it, or let it go.
  public struct ControlEvent: Codable, Sendable, Hashable {
    public var channel: String
    /// Absent when nobody moves it any more.
    public var holder: CameraGrip?

    public init(channel: String, holder: CameraGrip? = nil) {
      self.channel = channel
      self.holder = holder
    }
  }

  /// The overall health changed.
  public struct HealthEvent: Codable, Sendable, Hashable {
    public var status: CheckStatus
    public var text: String?

    public init(status: CheckStatus, text: String? = nil) {
      self.status = status
      self.text = text
    }
  }
}
