public import SDPCore

/// What a superior asks us to send it, and where to: the body of its INVITE, read with every tolerance of §7.2–7.5.
public struct StreamOffer: Sendable, Hashable {
  /// How the pictures go.
  public enum Path: Sendable, Hashable {
    case udp
    /// We connect to the asker.
    case connect
    /// The asker connects to us.
    case listen
  }

  public enum Refusal: Error, Sendable, Hashable {
    /// No description, or none that says where to send to: 400.
    case unreadable
    /// No medium, or times, that anything could be sent for: 488.
    case notAcceptable

    public var status: Int { self == .unreadable ? 400 : 488 }
  }

  public let session: InviteOffer.Session
  /// A host as written; what is not a numeric address is refused where it is used.
  public let host: String
  /// 1…65 535; 0 only with ``Path/listen``.
  public let port: Int
  public let path: Path
  /// The number the asker wants in the packets; nil leaves it to us (§7.3).
  public let ssrc: StreamSSRC?
  /// 0 main, 1 first sub-stream; nil when it does not say.
  public let stream: Int?
  /// The payload type of the program stream, 96 unless the asker maps another.
  public let payloadType: Int
  /// `s=` as it was written, repeated in the answer.
  private let name: String

  public init(parsing body: [UInt8]) throws(Refusal) {
    guard let description = try? SessionDescription(parsing: body), let media = description.primaryMedia,
      let host = description.address(of: media), host != "0.0.0.0", host != "::"
    else { throw .unreadable }
    guard media.kind == "video", case .some(let path) = Self.path(media, description) else {
      throw .notAcceptable
    }
    guard media.port > 0 || path == .listen else { throw .notAcceptable }
    // Which formats it lists is advice: everything goes as a program stream, under 96 unless it maps another (§14.2 #51).
    (self.host, port, self.path) = (host, media.port, path)
    ssrc = description.ssrc.flatMap { $0.value == 0 ? nil : $0 }
    stream = Self.stream(description, media)
    payloadType = Self.map(media)?.payloadType ?? 96
    name = description.name
    guard let session = Self.session(description, media) else { throw .notAcceptable }
    self.session = session
  }

  private static func path(_ media: MediaDescription, _ description: SessionDescription) -> Path? {
    switch media.transport {
    case .udp: .udp
    // `setup` is the role of the writer; nothing counts as passive (§7.5).
    case .tcp: description.setup(of: media) == .active ? .listen : .connect
    case .other: nil
    }
  }

  private static func map(_ media: MediaDescription) -> RTPMap? {
    media.maps.first { ASCII.equal($0.encoding, "PS") || ASCII.equal($0.encoding, "MP2P") }
  }

  /// Every spelling of the field (§7.2).
  private static func stream(_ description: SessionDescription, _ media: MediaDescription) -> Int? {
    for selector in StreamSelector.allCases {
      guard let value = description.attribute(selector.rawValue, in: media) else { continue }
      if let number = Int(value) { return (0...9).contains(number) ? number : nil }
      if ASCII.equal(value, "main") { return 0 }
      if ASCII.equal(value, "sub") { return 1 }
    }
    return nil
  }

  private static func session(_ description: SessionDescription, _ media: MediaDescription)
    -> InviteOffer.Session?
  {
    if ASCII.equal(description.name, "Playback") || ASCII.equal(description.name, "Download") {
      guard let time = description.time, time.start >= 0, time.start < time.end, time.end < 1 << 40 else {
        return nil
      }
      if ASCII.equal(description.name, "Playback") { return .playback(start: time.start, end: time.end) }
      return .download(
        start: time.start, end: time.end, speed: min(max(media.downloadSpeed ?? 1, 1), 32))
    }
    // Superiors write all sorts of names; an offer without a time is one for the present.
    return (description.time ?? .live) == .live || ASCII.equal(description.name, "Play") ? .live : nil
  }

  /// Our answer: the same medium, sent by us (§11.3).
  ///
  /// - Parameters:
  ///   - own: our code there.
  ///   - address: our media address as the asker reaches it.
  ///   - port: the port we send from or listen on.
  ///   - ssrc: the number in the packets.
  ///   - stream: the stream that is sent; nil when the asker did not choose.
  ///   - fileSize: bytes of a download, where they are known.
  public func answer(
    own: DeviceID, address: String, port: Int, ssrc: StreamSSRC, stream: Int? = nil,
    format: MediaFormatLine? = nil, fileSize: Int64? = nil
  ) -> [UInt8] {
    var description = SessionDescription(
      name: name.isEmpty ? "Play" : name, origin: OriginLine(user: own.text, address: address),
      connection: ConnectionLine(address: address))
    var speed: Int?
    switch session {
    case .live: break
    case .playback(let start, let end): description.time = SessionTime(start: start, end: end)
    case .download(let start, let end, let wanted):
      description.time = SessionTime(start: start, end: end)
      speed = wanted
    }
    var attributes = [
      SDPAttribute("sendonly"),
      RTPMap(payloadType: payloadType, encoding: "PS", clockRate: 90_000).attribute,
    ]
    if path != .udp {
      attributes.append(SDPAttribute("setup", path == .connect ? "active" : "passive"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    if let stream { attributes.append(SDPAttribute("streamnumber", String(stream))) }
    if let speed { attributes.append(SDPAttribute("downloadspeed", String(speed))) }
    if let fileSize { attributes.append(SDPAttribute("filesize", String(fileSize))) }
    description.media = [
      MediaDescription(
        kind: "video", port: port, transport: path == .udp ? .udp : .tcp, payloadTypes: [payloadType],
        attributes: attributes)
    ]
    description.ssrc = ssrc
    description.format = format
    return description.serialised()
  }

  /// What we offer to an INVITE that offers nothing: the answer comes with the ACK, and is read as an offer (§7.6).
  public static func proposal(
    own: DeviceID, address: String, port: Int, ssrc: StreamSSRC, format: MediaFormatLine? = nil
  ) -> [UInt8] {
    var description = SessionDescription(
      name: "Play", origin: OriginLine(user: own.text, address: address),
      connection: ConnectionLine(address: address))
    description.media = [
      MediaDescription(
        kind: "video", port: port, transport: .udp, payloadTypes: [96],
        attributes: [
          SDPAttribute("sendonly"), RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000).attribute,
        ])
    ]
    description.ssrc = ssrc
    description.format = format
    return description.serialised()
  }
}
