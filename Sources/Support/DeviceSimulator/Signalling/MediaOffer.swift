import GBCore
import MPEGCore
import SDPCore
import SIPCore

/// What an INVITE asks for, as far as a live camera cares.
struct MediaOffer {
  enum Refusal: Error {
    /// No readable description: 400.
    case malformed
    /// Recorded material, which this camera has none of, or no medium we can send: 488.
    case notAcceptable
  }

  let transport: MediaTransportChoice
  let host: String
  let port: Int
  /// What the answer carries and the packets bear.
  var ssrc: StreamSSRC

  /// - Parameter live: whether only live pictures can be had.
  init(_ request: SIPRequest, live: Bool = true) throws(Refusal) {
    guard let description = try? SessionDescription(parsing: request.body),
      let media = description.primaryMedia,
      let host = description.address(of: media)
    else { throw .malformed }
    guard !live || description.name.lowercased() == "play" else { throw .notAcceptable }
    guard ["video", "audio"].contains(media.kind) else { throw .notAcceptable }
    self.host = host
    port = media.port
    ssrc = description.ssrc ?? StreamSSRC(UInt32.random(in: 1...99_999_999))
    if media.transport == .udp {
      transport = .udp
    } else {
      // `setup` is the role of the writer; nothing counts as passive (§7.5).
      transport = description.setup(of: media) == .active ? .tcpActive : .tcpPassive
    }
    guard port > 0 || transport == .tcpActive else { throw .notAcceptable }
  }

  /// The answer (§7.4, §7.5).
  func answer(channel: DeviceID, host: String, port: Int, facts: MediaFeed.Facts, kilobits: Int) -> [UInt8] {
    var description = SessionDescription(
      name: "Play", origin: OriginLine(user: channel.text, address: host),
      connection: ConnectionLine(address: host))
    var attributes = [
      SDPAttribute("sendonly"), RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000).attribute,
    ]
    if transport != .udp {
      attributes.append(SDPAttribute("setup", transport == .tcpActive ? "passive" : "active"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    description.media = [
      MediaDescription(
        kind: "video", port: port, transport: transport == .udp ? .udp : .tcp, payloadTypes: [96],
        attributes: attributes)
    ]
    description.ssrc = ssrc
    description.format = MediaFormatLine(
      video: .init(
        codec: facts.codec == .h265 ? "5" : "2", resolution: Self.resolution(facts),
        frameRate: String(Int(facts.frameRate.rounded())), rateType: "2", bitRate: String(kilobits)),
      audio: facts.hasAudio ? .init(codec: "1", bitRate: "8", sampleRate: "1") : nil)
    return description.serialised()
  }

  private static func resolution(_ facts: MediaFeed.Facts) -> String {
    switch (facts.width, facts.height) {
    case (1_280, 720): "5"
    case (1_920, 1_080): "6"
    default: "\(facts.width)x\(facts.height)"
    }
  }
}
