/// Opening, watching over and closing pictures.

extension API {
  /// What picture a viewer wants.
  public struct LiveRequest: Codable, Sendable, Hashable, StatesPurpose {
    /// Why: the code of a purpose, or words under the standing purpose.
    public var purpose: String?
    /// Number of the case, when the purpose needs one.
    public var caseNumber: String?
    /// Who approved, when the purpose needs that.
    public var approver: String?
    /// `main` or `sub`.
    public var stream: String?
    /// Sample entries the viewer decodes: `avc1`, `hvc1`.
    public var codecs: [String]?

    public init(purpose: String? = nil, stream: String? = nil, codecs: [String]? = nil) {
      self.purpose = purpose
      self.stream = stream
      self.codecs = codecs
    }
  }

  /// What recording a viewer wants.
  public struct PlaybackRequest: Codable, Sendable, Hashable, StatesPurpose {
    public var from: Time
    public var to: Time
    /// `own` or `device`.
    public var source: String?
    public var purpose: String?
    /// Number of the case, when the purpose needs one.
    public var caseNumber: String?
    /// Who approved, when the purpose needs that.
    public var approver: String?
    public var codecs: [String]?

    public init(
      from: Time, to: Time, source: String? = nil, purpose: String? = nil, codecs: [String]? = nil
    ) {
      self.from = from
      self.to = to
      self.source = source
      self.purpose = purpose
      self.codecs = codecs
    }
  }

  /// Where the picture is. The session in the path is the credential.
  public struct MediaURLs: Codable, Sendable, Hashable {
    public var fmp4: String
    public var websocket: String
    public var hls: String?

    public init(fmp4: String, websocket: String, hls: String? = nil) {
      self.fmp4 = fmp4
      self.websocket = websocket
      self.hls = hls
    }
  }

  /// A session that was opened.
  public struct MediaSessionOpened: Codable, Sendable, Hashable {
    public var session: String
    public var urls: MediaURLs
    public var expires: Time
    public var state: MediaSessionState
    public var transcoded: Bool
    public var transcodeReason: String?
    /// Playback only: the interval that will be shown.
    public var from: Time?
    public var to: Time?
    /// Whether the viewer's name and the time are drawn over the picture.
    public var watermark: Bool

    public init(
      session: String, urls: MediaURLs, expires: Time, state: MediaSessionState,
      transcoded: Bool = false, transcodeReason: String? = nil, from: Time? = nil, to: Time? = nil,
      watermark: Bool = true
    ) {
      self.watermark = watermark
      self.session = session
      self.urls = urls
      self.expires = expires
      self.state = state
      self.transcoded = transcoded
      self.transcodeReason = transcodeReason
      self.from = from
      self.to = to
    }
  }

  /// How a session is doing.
  public struct MediaSession: Codable, Sendable, Hashable {
    public var session: String
    public var channel: String
    public var kind: MediaSessionKind
    public var user: String?
    public var state: MediaSessionState
    /// What is being done while connecting: `invite`, `answer`, `first-packet`, `key-frame`.
    public var step: String?
    public var cause: Cause?
    /// Live: the camera's stream that is shown, `main` or `sub`.
    public var stream: String?
    public var codec: String?
    public var width: Int?
    public var height: Int?
    public var fps: Double?
    /// Bits per second over the last seconds.
    public var bitrate: Int?
    public var transport: String?
    /// Lost packets as a share of those expected, 0…1.
    public var loss: Double?
    public var firstPictureMs: Int?
    public var viewers: Int?
    public var transcoded: Bool
    public var transcodeReason: String?
    /// Playback: the moment being shown.
    public var position: Time?
    public var rate: Double?
    public var paused: Bool?
    /// Playback: `own` or `device`.
    public var source: String?
    /// Playback from a device: the rates that are worth asking for.
    public var rates: [Double]?
    /// Playback from a device that somebody else uses.
    public var queue: HistoryQueue?
    public var started: Time?
    public var expires: Time?

    public init(
      session: String, channel: String, kind: MediaSessionKind, user: String? = nil,
      state: MediaSessionState, step: String? = nil, cause: Cause? = nil, codec: String? = nil,
      width: Int? = nil, height: Int? = nil, fps: Double? = nil, bitrate: Int? = nil,
      transport: String? = nil, loss: Double? = nil, firstPictureMs: Int? = nil,
      viewers: Int? = nil, transcoded: Bool = false, transcodeReason: String? = nil,
      position: Time? = nil, rate: Double? = nil, paused: Bool? = nil, started: Time? = nil,
      expires: Time? = nil
    ) {
      self.session = session
      self.channel = channel
      self.kind = kind
      self.user = user
      self.state = state
      self.step = step
      self.cause = cause
      self.codec = codec
      self.width = width
      self.height = height
      self.fps = fps
      self.bitrate = bitrate
      self.transport = transport
      self.loss = loss
      self.firstPictureMs = firstPictureMs
      self.viewers = viewers
      self.transcoded = transcoded
      self.transcodeReason = transcodeReason
      self.position = position
      self.rate = rate
      self.paused = paused
      self.started = started
      self.expires = expires
    }
  }

  /// Why something is not as it should be.
  public struct Cause: Codable, Sendable, Hashable {
    /// Stable name for programs.
    public var code: String
    public var text: String
    public var fix: String?

    public init(code: String, text: String, fix: String? = nil) {
      self.code = code
      self.text = text
      self.fix = fix
    }
  }

  /// What is given is changed.
  public struct PlaybackControl: Codable, Sendable, Hashable {
    public var position: Time?
    public var rate: Double?
    public var paused: Bool?

    public init(position: Time? = nil, rate: Double? = nil, paused: Bool? = nil) {
      self.position = position
      self.rate = rate
      self.paused = paused
    }
  }
}
