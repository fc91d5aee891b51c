import GBCore
import SDPCore

/// The descriptions that a loudspeaker writes and reads, without the product's own words for them.
enum VoiceBodies {
  static func offer(
    _ habits: VoiceHabits, from target: DeviceID, host: String, port: Int, ssrc: StreamSSRC
  ) -> [UInt8] {
    var attributes = [SDPAttribute("recvonly")] + habits.codings.map { map($0).attribute }
    if habits.transport != .udp {
      attributes.append(SDPAttribute("setup", habits.transport == .tcpPassive ? "active" : "passive"))
      attributes.append(SDPAttribute("connection", "new"))
    }
    let medium = MediaDescription(
      kind: habits.asksAsVideo ? "video" : "audio", port: port,
      transport: habits.transport == .udp ? .udp : .tcp,
      payloadTypes: habits.codings.map { map($0).payloadType }, attributes: attributes)
    return body("Play", from: target, host: host, medium, ssrc)
  }

  static func talk(_ offer: [UInt8], from device: DeviceID, host: String, port: Int) -> [UInt8] {
    let medium = MediaDescription(
      kind: "audio", port: port, transport: .udp, payloadTypes: [8],
      attributes: [SDPAttribute("sendrecv"), map(.pcma).attribute])
    let ssrc = (try? SessionDescription(parsing: offer))?.ssrc ?? StreamSSRC(200_000_001)
    return body("Talk", from: device, host: host, medium, ssrc)
  }

  /// Where the other side has its sound.
  static func address(_ body: [UInt8]) -> (String, Int)? {
    guard let description = try? SessionDescription(parsing: body),
      let medium = description.media.first(where: { $0.port > 0 }),
      let host = description.address(of: medium)
    else { return nil }
    return (host, medium.port)
  }

  /// Whether an INVITE is for a talk.
  static func isTalk(_ body: [UInt8]) -> Bool {
    (try? SessionDescription(parsing: body))?.name.lowercased() == "talk"
  }

  private static func body(
    _ name: String, from code: DeviceID, host: String, _ medium: MediaDescription, _ ssrc: StreamSSRC
  ) -> [UInt8] {
    var description = SessionDescription(
      name: name, origin: OriginLine(user: code.text, address: host),
      connection: ConnectionLine(address: host))
    description.media = [medium]
    description.ssrc = ssrc
    description.formatText = "v/////a/1/8/1"
    return description.serialised()
  }

  private static func map(_ coding: VoiceCoding) -> RTPMap {
    switch coding {
    case .pcma: RTPMap(payloadType: 8, encoding: "PCMA", clockRate: 8_000)
    case .pcmu: RTPMap(payloadType: 0, encoding: "PCMU", clockRate: 8_000)
    case .ps: RTPMap(payloadType: 96, encoding: "PS", clockRate: 90_000)
    }
  }
}
