public import SDPCore

/// What we say about our media in a voice session: the body of a 200 to a device that was called, or of our own
/// INVITE for a talk (§12.1, §12.3).
public struct VoiceDescription: Sendable, Hashable {
  public enum Session: String, Sendable, Hashable {
    /// One way, down: broadcast.
    case play = "Play"
    /// Both ways in one session; 2016 only.
    case talk = "Talk"
  }

  public var session: Session
  public var platform: DeviceID
  /// Our media address as the device reaches it.
  public var address: String
  public var port: Int
  public var path: VoiceOffer.Path
  /// The first one is used; more only in an offer.
  public var formats: [VoiceFormat]
  public var ssrc: StreamSSRC

  public init(
    _ session: Session, platform: DeviceID, address: String, port: Int, path: VoiceOffer.Path,
    formats: [VoiceFormat], ssrc: StreamSSRC
  ) {
    (self.session, self.platform, self.address) = (session, platform, address)
    (self.port, self.path, self.formats, self.ssrc) = (port, path, formats, ssrc)
  }

  /// The body that answers `offer`: one line for each of its media, all but ours refused.
  public func answer(to offer: VoiceOffer) -> [UInt8] {
    var media = offer.sections.map { section in
      MediaDescription(
        kind: section.kind, port: 0, transport: section.transport, payloadTypes: section.payloadTypes)
    }
    media[offer.section] = medium(kind: offer.sections[offer.section].kind == "video" ? "video" : "audio")
    return body(media)
  }

  /// The body of an INVITE of ours.
  public func offer() -> [UInt8] { body([medium(kind: "audio")]) }

  private func body(_ media: [MediaDescription]) -> [UInt8] {
    var description = SessionDescription(
      name: session.rawValue, origin: OriginLine(user: platform.text, address: address),
      connection: ConnectionLine(address: address))
    description.media = media
    description.ssrc = ssrc
    // Some refuse without it (§14.2 row 57). Bit rate 8 is 64 kbit/s, sampling rate 1 is 8 kHz.
    description.format = MediaFormatLine(
      video: nil, audio: .init(codec: "1", bitRate: "8", sampleRate: "1"))
    return description.serialised()
  }

  private func medium(kind: String) -> MediaDescription {
    var attributes = [SDPAttribute(session == .talk ? "sendrecv" : "sendonly")]
    attributes += formats.map(\.map.attribute)
    if path != .udp {
      attributes.append(SDPAttribute("setup", path == .connect ? "active" : "passive"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    return MediaDescription(
      kind: kind, port: port, transport: path == .udp ? .udp : .tcp, payloadTypes: formats.map(\.payloadType),
      attributes: attributes)
  }
}
