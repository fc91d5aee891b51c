public import GBCore

/// How a peer is spoken to where the standard leaves a choice or devices take one of their own (§14).
///
/// Every field is optional: what is nil is left to the layer below. The layers are, from the top: what a person set
/// for one device, the profile of its make, the standard.
public struct PeerHabits: Sendable, Hashable {
  /// The edition to speak whatever the peer says; nil follows its `X-GB-Ver`, and 2016 without one.
  public var edition: GBVersion?
  /// Declared encoding of what we send; nil follows the edition.
  public var encoding: TextEncodingName?
  /// Seconds between two heartbeats, 1…3600.
  public var heartbeatInterval: Int?
  /// Missed heartbeats before it is offline, 1…100.
  public var heartbeatCount: Int?
  /// The ways of media to try, in order; none twice, never empty.
  public var mediaTransports: [MediaTransportChoice]?
  /// How its sub-stream is asked for; nil writes every spelling that does no harm (§14.2 #44).
  public var streamSelector: StreamSelector?
  /// How it is asked for a key frame; nil follows the edition (§14.2 #43).
  public var keyFrameSpelling: KeyFrameSpelling?
  /// Seconds that the times in its reports are ahead of Beijing time, −50 400…50 400: −28 800 where it writes UTC
  /// (§0.2, §14.2 #20).
  public var timeOffset: Int?
  /// Whether it is armed before it is asked for alarms: some report only then (§14.2 #39).
  public var armsGuard: Bool?
  /// Whether an alarm input is reset after each alarm (§10.2).
  public var resetsAlarms: Bool?
  /// In how many sessions people talk with it; nil is two.
  public var talk: TalkForm?
  /// The coding that voices are sent in, whatever it offers; nil chooses by its offer (§12.2: noise means wrong
  /// packing).
  public var voiceCoding: VoiceCoding?

  public init() {}

  /// These habits, and those of `base` where nothing is said here.
  public func over(_ base: PeerHabits) -> PeerHabits {
    var result = base
    if let edition { result.edition = edition }
    if let encoding { result.encoding = encoding }
    if let heartbeatInterval { result.heartbeatInterval = heartbeatInterval }
    if let heartbeatCount { result.heartbeatCount = heartbeatCount }
    if let mediaTransports { result.mediaTransports = mediaTransports }
    if let streamSelector { result.streamSelector = streamSelector }
    if let keyFrameSpelling { result.keyFrameSpelling = keyFrameSpelling }
    if let timeOffset { result.timeOffset = timeOffset }
    if let armsGuard { result.armsGuard = armsGuard }
    if let resetsAlarms { result.resetsAlarms = resetsAlarms }
    if let talk { result.talk = talk }
    if let voiceCoding { result.voiceCoding = voiceCoding }
    return result
  }
}
