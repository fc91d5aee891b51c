/// ITU-T G.711: eight-bit logarithmic samples at 8 000 per second.
public enum G711 {
  public static let sampleRate = 8_000

  /// The format of a G.711 track; `law` is `.g711A` or `.g711U`.
  public static func format(_ law: MediaCodec) -> TrackFormat {
    TrackFormat(codec: law == .g711U ? .g711U : .g711A, sampleRate: sampleRate, channels: 1)
  }

  /// Linear 16-bit value of each A-law code.
  public static let aLaw: [Int16] = (0..<256).map { decodeALaw(UInt8($0)) }
  /// Linear 16-bit value of each µ-law code.
  public static let muLaw: [Int16] = (0..<256).map { decodeMuLaw(UInt8($0)) }

  private static func decodeALaw(_ code: UInt8) -> Int16 {
    let value = code ^ 0x55
    let segment = Int16(value >> 4 & 7)
    let step = Int16(value & 15) << 4 + 8
    let magnitude = segment == 0 ? step : (step + 0x100) << (segment - 1)
    return value & 0x80 != 0 ? magnitude : -magnitude
  }

  private static func decodeMuLaw(_ code: UInt8) -> Int16 {
    let value = ~code
    let magnitude = ((Int16(value & 15) << 3 + 0x84) << Int16(value >> 4 & 7)) - 0x84
    return value & 0x80 != 0 ? -magnitude : magnitude
  }

  /// The nearest code of a linear sample; `law` is `.g711A` or `.g711U`.
  public static func encode(_ sample: Int16, law: MediaCodec) -> UInt8 {
    law == .g711U ? encodeMuLaw(sample) : encodeALaw(sample)
  }

  private static func encodeALaw(_ sample: Int16) -> UInt8 {
    let isPositive = sample >= 0
    let magnitude = min(isPositive ? Int(sample) : -Int(sample) - 1, 32_635)
    var segment = 0
    while segment < 7, magnitude >> (segment + 8) != 0 { segment += 1 }
    let mantissa = segment < 2 ? magnitude >> 4 & 15 : magnitude >> (segment + 3) & 15
    return UInt8((isPositive ? 0x80 : 0) | segment << 4 | mantissa) ^ 0x55
  }

  private static func encodeMuLaw(_ sample: Int16) -> UInt8 {
    let isPositive = sample >= 0
    let magnitude = min(isPositive ? Int(sample) : -Int(sample), 32_635) + 0x84
    var segment = 0
    while segment < 7, magnitude >> (segment + 8) != 0 { segment += 1 }
    let mantissa = magnitude >> (segment + 3) & 15
    return ~UInt8((isPositive ? 0 : 0x80) | segment << 4 | mantissa)
  }
}
