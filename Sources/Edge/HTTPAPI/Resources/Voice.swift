/// Speaking through cameras and loudspeakers.

extension API {
  /// In which sessions people talk and hear.
  public enum VoiceMode: String, Codable, Sendable, Hashable, CaseIterable {
    /// Down only.
    case broadcast
    /// Both ways: the camera's live picture with its sound, and a broadcast; or one session where the device wants that.
    case talk
  }

  /// How a voice session is doing.
  public enum VoiceState: String, Codable, Sendable, Hashable, CaseIterable {
    /// The device is being asked, or called.
    case asking
    /// It agreed; it has not called yet.
    case waiting
    /// Sound goes.
    case speaking
    case ended
  }

  /// What somebody wants to say, and why.
  public struct VoiceRequest: Codable, Sendable, Hashable, StatesPurpose {
    /// Absent: `broadcast`.
    public var mode: VoiceMode?
    /// Why: the code of a purpose, or words under the standing purpose.
    public var purpose: String?
    /// Number of the case, when the purpose needs one.
    public var caseNumber: String?
    /// Who approved, when the purpose needs that.
    public var approver: String?
    /// Take the loudspeaker from somebody with a lower priority.
    public var take: Bool?

    public init(mode: VoiceMode? = nil, purpose: String? = nil, take: Bool? = nil) {
      (self.mode, self.purpose, self.take) = (mode, purpose, take)
    }
  }

  /// Who speaks through a device.
  public struct Voice: Codable, Sendable, Hashable {
    /// The channel that was chosen.
    public var channel: String
    public var device: String
    /// Who speaks.
    public var by: String
    /// 1…254: the higher may take the loudspeaker.
    public var priority: Int
    public var mode: VoiceMode
    public var state: VoiceState
    public var since: Time
    /// The code that was asked: a loudspeaker, the channel or the device.
    public var target: String
    /// `pcma`, `pcmu` or `ps`, once the device has called.
    public var coding: String?
    /// `udp`, `tcp-active` or `tcp-passive`, named from our side.
    public var transport: String?
    /// RTP packets that went out, and those of them that were silence.
    public var packets: Int
    public var silent: Int
    /// RTP packets that came back, in a talk of one session.
    public var received: Int
    /// Why it ended.
    public var cause: Cause?

    public init(
      channel: String, device: String, by: String, priority: Int, mode: VoiceMode, state: VoiceState,
      since: Time, target: String, coding: String? = nil, transport: String? = nil, packets: Int = 0,
      silent: Int = 0, received: Int = 0, cause: Cause? = nil
    ) {
      (self.channel, self.device, self.by, self.priority) = (channel, device, by, priority)
      (self.mode, self.state, self.since, self.target) = (mode, state, since, target)
      (self.coding, self.transport, self.packets) = (coding, transport, packets)
      (self.silent, self.received, self.cause) = (silent, received, cause)
    }
  }

  /// A voice session that stands. Its identifier, in ``url``, is the credential of the sound.
  public struct VoiceOpened: Codable, Sendable, Hashable {
    public var session: String
    /// WebSocket for the sound: binary messages of samples, mono, 8 000 a second, 16 bits little-endian.
    public var url: String
    public var voice: Voice
    /// Of a talk in two sessions: the picture and sound of the camera.
    public var listen: MediaSessionOpened?

    public init(session: String, url: String, voice: Voice, listen: MediaSessionOpened? = nil) {
      (self.session, self.url, self.voice, self.listen) = (session, url, voice, listen)
    }
  }
}
