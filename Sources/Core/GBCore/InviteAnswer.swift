public import SDPCore

/// What a device answered to an INVITE, read with every tolerance of §7.2–7.5 (§14.2 #21, #22).
public struct InviteAnswer: Sendable, Hashable {
  /// Its `y=`; nil when it is missing, unreadable or zero.
  public var ssrc: StreamSSRC?
  /// Where it sends from or listens; nil when it wrote none or an address of no use to us.
  public var host: String?
  /// 1…65 535; nil when absent or 0.
  public var port: Int?
  /// UDP or TCP; nil without a readable media line.
  public var isTCP: Bool?
  /// The TCP role it takes.
  public var setup: TCPSetup?
  public var maps: [RTPMap]
  /// Its `f=` line, advice only.
  public var format: MediaFormatLine?
  /// Bytes of a download, when it knows them.
  public var fileSize: Int64?
  /// Whether the payload is declared as a vendor's private stream, which no one else can decode (§14.2 #63).
  public var isPrivate: Bool

  /// Reads the body of a 200. A missing or unreadable body is an answer that leaves everything as offered.
  public init(parsing body: [UInt8]) {
    let description = try? SessionDescription(parsing: body)
    let media = description?.primaryMedia
    ssrc = description?.ssrc.flatMap { $0.value == 0 ? nil : $0 }
    host = media.flatMap { description?.address(of: $0) }.flatMap { Self.isUsable($0) ? $0 : nil }
    port = media.flatMap { $0.port > 0 ? $0.port : nil }
    isTCP =
      switch media?.transport {
      case .udp: false
      case .tcp: true
      case .other, nil: nil
      }
    setup = media.flatMap { description?.setup(of: $0) }
    maps = media?.maps ?? []
    format = description?.format
    fileSize = media?.fileSize
    isPrivate = maps.contains { map in
      Self.privateEncodings.contains { ASCII.equal($0, map.encoding) }
    }
  }

  private static let privateEncodings = ["DAHUA", "HIKVISION"]

  private static func isUsable(_ host: String) -> Bool {
    !host.isEmpty && host != "0.0.0.0" && host != "::" && host != "255.255.255.255"
  }

  /// What both sides now agree on.
  public func agreement(with offer: InviteOffer) -> MediaAgreement {
    MediaAgreement(
      ssrc: ssrc ?? offer.ssrc, host: host, port: port, transport: transport(offered: offer.transport),
      ssrcWasChanged: ssrc.map { $0 != offer.ssrc } ?? false)
  }

  /// A device that answers "passive" to our "passive" waits for us as well: then we connect (§7.5).
  private func transport(offered: MediaTransportChoice) -> MediaTransportChoice {
    guard offered != .udp else { return isTCP == true && setup == .active ? .tcpPassive : .udp }
    if isTCP == false, setup == nil { return .udp }
    switch setup {
    case .passive: return port == nil ? offered : .tcpActive
    case .active: return .tcpPassive
    case .activeOrPassive, .hold, nil: return offered
    }
  }
}

/// The media of one dialog after the answer: what the media plane has to expect.
public struct MediaAgreement: Sendable, Hashable {
  /// What the answer says, or what was offered.
  public var ssrc: StreamSSRC
  /// The device's media address, or nil to trust the packets' source.
  public var host: String?
  public var port: Int?
  public var transport: MediaTransportChoice
  /// Whether the device answered with a number of its own (§7.3).
  public var ssrcWasChanged: Bool
}
