public import SDPCore

/// How a voice is coded on its way to a loudspeaker (§12.2).
public enum VoiceCoding: String, Sendable, Hashable, CaseIterable {
  /// G.711 A-law, payload type 8: what the standard says.
  case pcma
  /// G.711 µ-law, payload type 0.
  case pcmu
  /// A program stream with A-law in it, usually payload type 96: what some brands insist on.
  case ps

  /// The payload type that is written when the other side named none.
  public var usualPayloadType: Int {
    switch self {
    case .pcma: 8
    case .pcmu: 0
    case .ps: 96
    }
  }
}

/// A coding with the number that stands for it in a session.
public struct VoiceFormat: Sendable, Hashable {
  public var coding: VoiceCoding
  /// 0…127.
  public var payloadType: Int

  public init(_ coding: VoiceCoding, payloadType: Int? = nil) {
    (self.coding, self.payloadType) = (coding, payloadType ?? coding.usualPayloadType)
  }

  /// What a payload type of `section` means; nil for what is none of ours.
  init?(_ type: Int, in section: MediaDescription) {
    let map = section.maps.first { $0.payloadType == type }
    switch (type, map?.encoding.uppercased()) {
    case (_, "PCMA"): self.init(.pcma, payloadType: type)
    case (_, "PCMU"): self.init(.pcmu, payloadType: type)
    case (_, "PS"), (_, "MP2P"): self.init(.ps, payloadType: type)
    case (8, nil): self.init(.pcma)
    case (0, nil): self.init(.pcmu)
    // Without a map 96 is a program stream everywhere in this standard (§9.1).
    case (96, nil): self.init(.ps)
    default: return nil
    }
  }

  /// The line that explains the number.
  public var map: RTPMap {
    switch coding {
    case .pcma: RTPMap(payloadType: payloadType, encoding: "PCMA", clockRate: 8_000)
    case .pcmu: RTPMap(payloadType: payloadType, encoding: "PCMU", clockRate: 8_000)
    case .ps: RTPMap(payloadType: payloadType, encoding: "PS", clockRate: 90_000)
    }
  }
}
