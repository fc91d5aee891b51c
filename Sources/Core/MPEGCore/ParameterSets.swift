/// What containers and browsers want to know from a track's parameter sets.
public enum ParameterSets {
  /// A video track's format from its parameter sets: VPS (H.265 only), SPS and PPS in that order, no start codes.
  public static func videoFormat(_ codec: MediaCodec, parameterSets: [[UInt8]]) -> TrackFormat {
    var format = TrackFormat(codec: codec, parameterSets: parameterSets)
    if let sps = sequence(of: format) {
      format.width = sps.width
      format.height = sps.height
    }
    return format
  }

  /// AVCDecoderConfigurationRecord (ISO 14496-15 §5.3.3.1) with 4-byte lengths, or nil without SPS and PPS.
  public static func avcDecoderConfiguration(_ format: TrackFormat) -> [UInt8]? {
    guard format.codec == .h264 else { return nil }
    let sequences = units(format, .sequenceParameterSet)
    let pictures = units(format, .pictureParameterSet)
    guard let first = sequences.first, first.count >= 4, !pictures.isEmpty else { return nil }
    var record: [UInt8] = [1, first[1], first[2], first[3], 0xFF]
    record.append(0xE0 | UInt8(min(sequences.count, 31)))
    for unit in sequences.prefix(31) { record.appendSized(unit) }
    record.append(UInt8(min(pictures.count, 255)))
    for unit in pictures.prefix(255) { record.appendSized(unit) }
    if [100, 110, 122, 144].contains(first[1]), let sps = SequenceParameterSet(h264: first.span) {
      record += [
        0xFC | UInt8(sps.chromaFormat & 3), 0xF8 | UInt8((sps.bitDepthLuma - 8) & 7),
        0xF8 | UInt8((sps.bitDepthChroma - 8) & 7), 0,
      ]
    }
    return record
  }

  /// HEVCDecoderConfigurationRecord (ISO 14496-15 §8.3.3.1) with 4-byte lengths, or nil without SPS and PPS.
  public static func hevcDecoderConfiguration(_ format: TrackFormat) -> [UInt8]? {
    guard format.codec == .h265 else { return nil }
    let kinds: [(NALUnit.Kind, UInt8)] = [
      (.videoParameterSet, 32), (.sequenceParameterSet, 33), (.pictureParameterSet, 34),
    ]
    guard let sequence = units(format, .sequenceParameterSet).first,
      let sps = SequenceParameterSet(h265: sequence.span), !units(format, .pictureParameterSet).isEmpty,
      let general = generalProfile(sequence)
    else { return nil }
    var record: [UInt8] = [1]
    record += general
    // Spatial segmentation, parallelism and frame rate are not stated.
    record += [0xF0, 0, 0xFC, 0xFC | UInt8(sps.chromaFormat & 3)]
    record += [0xF8 | UInt8((sps.bitDepthLuma - 8) & 7), 0xF8 | UInt8((sps.bitDepthChroma - 8) & 7), 0, 0]
    let layers = (sequence[2] >> 1 & 7) + 1
    // constantFrameRate 0, temporal layers, nested flag, lengthSizeMinusOne 3
    record.append(min(layers, 7) << 3 | (sequence[2] & 1) << 2 | 3)
    let arrays = kinds.filter { !units(format, $0.0).isEmpty }
    record.append(UInt8(arrays.count))
    for (kind, type) in arrays {
      let members = units(format, kind)
      // Not complete: parameter sets also stay in the stream.
      record += [type, UInt8(members.count >> 8 & 0xFF), UInt8(members.count & 0xFF)]
      for unit in members { record.appendSized(unit) }
    }
    return record
  }

  /// The codecs parameter of RFC 6381 for this track, nil when it cannot be told (or has none, as G.711).
  public static func codecString(_ format: TrackFormat) -> String? {
    switch format.codec {
    case .h264:
      guard let sps = units(format, .sequenceParameterSet).first, sps.count >= 4 else { return nil }
      return "avc1." + sps[1...3].map(hex).joined()
    case .h265:
      guard let sps = units(format, .sequenceParameterSet).first, let general = generalProfile(sps) else {
        return nil
      }
      return hevcString(general)
    case .aac:
      guard let first = format.audioConfig.first else { return nil }
      return "mp4a.40.\(first >> 3)"
    case .g711A, .g711U:
      return nil
    }
  }

  /// Ticks of 90 kHz per picture by the timing information of the SPS, nil without it.
  public static func nominalFrameDuration(_ format: TrackFormat) -> Int64? {
    sequence(of: format)?.frameDuration
  }
}

extension ParameterSets {
  static func sequence(of format: TrackFormat) -> SequenceParameterSet? {
    guard let unit = units(format, .sequenceParameterSet).first else { return nil }
    return format.codec == .h265
      ? SequenceParameterSet(h265: unit.span) : SequenceParameterSet(h264: unit.span)
  }

  private static func units(_ format: TrackFormat, _ kind: NALUnit.Kind) -> [[UInt8]] {
    format.parameterSets.filter {
      !$0.isEmpty && $0.count <= 0xFFFF && NALUnit.kind($0.span, 0..<$0.count, format.codec) == kind
    }
  }

  /// The twelve bytes of profile, compatibility, constraints and level of an H.265 SPS, unescaped.
  private static func generalProfile(_ sps: [UInt8]) -> [UInt8]? {
    var reader = BitReader(unit: sps.span, headerBytes: 2, limit: 32)
    reader.skip(8)
    let bytes = (0..<12).map { _ in UInt8(reader.bits(8)) }
    return reader.isExhausted ? nil : bytes
  }

  /// `hvc1.` profile space and id, reversed compatibility flags, tier and level, constraint bytes (ISO 14496-15 §E.3).
  private static func hevcString(_ general: [UInt8]) -> String {
    let space = ["", "A", "B", "C"][Int(general[0] >> 6)]
    var flags: UInt32 = 0
    for (index, byte) in general[1...4].enumerated() { flags |= UInt32(byte) << UInt32(24 - 8 * index) }
    var reversed: UInt32 = 0
    for bit in 0..<32 where flags & 1 << UInt32(bit) != 0 { reversed |= 1 << UInt32(31 - bit) }
    var constraints = Array(general[5...10])
    while constraints.last == 0 { constraints.removeLast() }
    let tier = general[0] & 0x20 != 0 ? "H" : "L"
    let parts =
      ["hvc1", space + String(general[0] & 0x1F), String(reversed, radix: 16, uppercase: true)]
      + [tier + String(general[11])] + constraints.map { String($0, radix: 16, uppercase: true) }
    return parts.joined(separator: ".")
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}

extension [UInt8] {
  /// Two bytes of length, then the unit.
  fileprivate mutating func appendSized(_ unit: [UInt8]) {
    append(UInt8(unit.count >> 8 & 0xFF))
    append(UInt8(unit.count & 0xFF))
    append(contentsOf: unit)
  }
}
