public import SDPCore

/// What we ask a device to send, and where to: the body of an INVITE (§7.2–7.7).
public struct InviteOffer: Sendable, Hashable {
  /// What is wanted. Times are Unix seconds, UTC.
  public enum Session: Sendable, Hashable {
    case live
    case playback(start: Int64, end: Int64)
    /// `speed`: multiple of real time, at least 1.
    case download(start: Int64, end: Int64, speed: Int)
  }

  public var session: Session
  /// Who asks: the platform's own code.
  public var platform: DeviceID
  public var channel: DeviceID
  /// Our media address as the device reaches it; never 0.0.0.0.
  public var address: String
  /// Our media port. When we connect (``MediaTransportChoice/tcpActive``) nobody listens on it.
  public var port: Int
  public var transport: MediaTransportChoice
  public var ssrc: StreamSSRC
  /// 0 main, 1 first sub-stream; nil leaves the choice to the device.
  public var stream: Int?
  /// How `stream` is asked for; nil writes every spelling that does no harm.
  public var selector: StreamSelector?
  public var edition: GBVersion

  public init(
    session: Session = .live, platform: DeviceID, channel: DeviceID, address: String, port: Int,
    transport: MediaTransportChoice, ssrc: StreamSSRC, stream: Int? = nil, selector: StreamSelector? = nil,
    edition: GBVersion = .v2016
  ) {
    (self.session, self.platform, self.channel) = (session, platform, channel)
    (self.address, self.port, self.transport, self.ssrc) = (address, port, transport, ssrc)
    (self.stream, self.selector, self.edition) = (stream, selector, edition)
  }

  /// The value of `Content-Type` for the body.
  public static let contentType = "Application/SDP"

  /// The `Subject` header that goes with it.
  public var subject: Subject { Subject(sender: channel, ssrc: ssrc, receiver: platform) }

  /// The description, every line in the order that Hikvision over TCP insists on: `y=` after all `a=`.
  public var description: SessionDescription {
    var description = SessionDescription(
      name: name, origin: OriginLine(user: platform.text, address: address),
      connection: ConnectionLine(address: address))
    if let interval {
      description.time = SessionTime(start: interval.start, end: interval.end)
      description.uri = "\(channel):0"
    }
    description.media = [media]
    description.ssrc = ssrc
    return description
  }

  /// The bytes of the body.
  public var body: [UInt8] { description.serialised() }

  private var name: String {
    switch session {
    case .live: "Play"
    case .playback: "Playback"
    case .download: "Download"
    }
  }

  private var interval: (start: Int64, end: Int64)? {
    switch session {
    case .live: nil
    case .playback(let start, let end), .download(let start, let end, _): (start, end)
    }
  }

  private var media: MediaDescription {
    var maps = [
      RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000),
      RTPMap(payloadType: 97, encoding: "MPEG4", clockRate: 90_000),
      RTPMap(payloadType: 98, encoding: "H264", clockRate: 90_000),
    ]
    if edition.is2022 { maps.append(RTPMap(payloadType: 100, encoding: "H265", clockRate: 90_000)) }
    var attributes = [SDPAttribute("recvonly")] + maps.map(\.attribute)
    if transport != .udp {
      attributes.append(SDPAttribute("setup", transport == .tcpActive ? "active" : "passive"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    attributes += streamAttributes
    if case .download(_, _, let speed) = session {
      attributes.append(SDPAttribute("downloadspeed", String(max(speed, 1))))
    }
    return MediaDescription(
      kind: "video", port: port, transport: transport == .udp ? .udp : .tcp,
      payloadTypes: maps.map(\.payloadType), attributes: attributes)
  }

  private var streamAttributes: [SDPAttribute] {
    guard let stream else { return [] }
    let selectors = selector.map { [$0] } ?? [.streamNumber, .streamProfile, .streamMode]
    return selectors.map { selector in
      let value = selector == .streamMode ? (stream == 0 ? "main" : "sub") : String(stream)
      return SDPAttribute(selector.rawValue, value)
    }
  }
}
