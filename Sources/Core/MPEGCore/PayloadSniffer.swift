import WireBytes

/// Finds out what a stream's payloads are from their bytes (GB/T 28181 §9.5 rows 15 to 18, §14.2 row 29).
struct PayloadSniffer: Sendable {
  enum Verdict: Sendable, Equatable {
    case programStream
    case transportStream
    case units(MediaCodec)
    case samples(MediaCodec)
    /// "IMKH" or "DHAV": ask the owner to switch the private stream off.
    case privateContainer
  }

  /// Payloads without a pack header before NAL units are believed without having seen a parameter set.
  static let patience = 64
  /// The same for a payload type that is registered for samples.
  static let samplePatience = 3

  private var seen = 0
  private var plausibleH264 = 0
  private var plausibleH265 = 0

  init() {}

  /// Looks at one payload, which is not empty. Nil while undecided.
  mutating func look(_ payload: Span<UInt8>, _ header: RTPTimestampInfo) -> Verdict? {
    seen += 1
    if PSCode.isCode(payload, at: 0) || PSCode.nextPack(in: payload, from: 0) != nil { return .programStream }
    if TSDemuxer.matches(payload) { return .transportStream }
    if payload.matches("IMKH", at: 0) || payload.matches("DHAV", at: 0) { return .privateContainer }
    if header.payloadType == 0 || header.payloadType == 8 {
      guard seen >= Self.samplePatience else { return nil }
      return .samples(header.payloadType == 0 ? .g711U : .g711A)
    }
    if let codec = Self.parameterSet(payload) { return .units(codec) }
    if Self.fitsH264(payload) { plausibleH264 += 1 }
    if Self.fitsH265(payload) { plausibleH265 += 1 }
    guard seen >= Self.patience else { return nil }
    defer { self = PayloadSniffer() }
    if plausibleH264 == seen, plausibleH264 > plausibleH265 || header.payloadType == 98 {
      return .units(.h264)
    }
    if plausibleH265 == seen { return .units(.h265) }
    return nil
  }

  /// A payload that is a parameter set, alone or first in an aggregate, tells the codec at once.
  private static func parameterSet(_ payload: Span<UInt8>) -> MediaCodec? {
    let first = payload[0]
    // STAP-A: header, length, unit. AP: two bytes of header, length, unit.
    let start = first & 0x1F == 24 && first & 0x80 == 0 ? 3 : (first >> 1 == 48 ? 4 : 0)
    guard payload.count >= start + 8, start > 0 || payload.count <= 512 else { return nil }
    let size = start == 0 ? payload.count : Int(payload.uint16(at: start - 2))
    guard size >= 8, start + size <= payload.count else { return nil }
    guard let codec = NALUnit.vote(payload, start..<start + size) else { return nil }
    let isReadable =
      codec == .h264
      ? SequenceParameterSet(h264: payload.extracting(start..<start + size)) != nil
      : payload[start] == 0x40 || SequenceParameterSet(h265: payload.extracting(start..<start + size)) != nil
    return isReadable ? codec : nil
  }

  private static func fitsH264(_ payload: Span<UInt8>) -> Bool {
    let type = payload[0] & 0x1F
    guard payload[0] & 0x80 == 0 else { return false }
    switch type {
    case 1...9, 24: return true
    // FU-A: reserved bit clear, not start and end at once, a slice or SEI inside
    case 28:
      return payload.count > 2 && payload[1] & 0x20 == 0 && payload[1] >> 6 != 3
        && (1...9).contains(payload[1] & 0x1F)
    default: return false
    }
  }

  private static func fitsH265(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 2, payload[0] & 0x81 == 0, payload[1] & 0xF8 == 0, payload[1] & 7 != 0 else {
      return false
    }
    let type = payload[0] >> 1
    guard type == 49 else { return type <= 40 || type == 48 }
    return payload[2] >> 6 != 3 && payload[2] & 0x3F <= 40
  }
}
