/// What the platform needs from a sequence parameter set: the picture's size and how far pictures are reordered.
struct SequenceParameterSet: Sendable, Equatable {
  /// Pixels after cropping.
  var width: Int
  var height: Int
  var profile: UInt8
  /// H.264: constraint flags. H.265: general_profile_space, tier and profile in one byte.
  var compatibility: UInt8
  var level: UInt8
  /// Pictures that may precede one in decoding order and follow it in output order; nil when the set does not say.
  var reorderDepth: Int?
  /// 1 for 4:2:0
  var chromaFormat: Int
  var bitDepthLuma: Int
  var bitDepthChroma: Int
  /// Ticks of 90 kHz per picture from the timing information, nil without it.
  var frameDuration: Int64?

  /// Sizes beyond this are nonsense.
  static let maximumSide = 16_384

  private var isPlausible: Bool {
    (1...Self.maximumSide).contains(width) && (1...Self.maximumSide).contains(height)
  }
}

extension SequenceParameterSet {
  /// Profiles whose set carries the chroma format and bit depths (H.264 §7.3.2.1.1).
  private static let highProfiles: Set<UInt8> = [
    100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
  ]

  /// Parses an H.264 set, NAL header included (§7.3.2.1.1, §E.1.1). Nil when it is cut off or nonsense.
  init?(h264 unit: Span<UInt8>) {
    guard unit.count >= 4 else { return nil }
    var reader = BitReader(unit: unit, headerBytes: 1)
    profile = UInt8(reader.bits(8))
    compatibility = UInt8(reader.bits(8))
    level = UInt8(reader.bits(8))
    (chromaFormat, bitDepthLuma, bitDepthChroma) = (1, 8, 8)
    _ = reader.unsigned()
    var separatePlanes = false
    if Self.highProfiles.contains(profile) {
      chromaFormat = reader.unsigned()
      if chromaFormat == 3 { separatePlanes = reader.bit() }
      bitDepthLuma = 8 + reader.unsigned()
      bitDepthChroma = 8 + reader.unsigned()
      reader.skip(1)
      if reader.bit() { Self.skipScalingLists(&reader, chromaFormat: chromaFormat) }
    }
    _ = reader.unsigned()
    let orderType = reader.unsigned()
    Self.skipPictureOrder(&reader, type: orderType)
    _ = reader.unsigned()
    reader.skip(1)
    let columns = reader.unsigned() + 1
    let rows = reader.unsigned() + 1
    let framesOnly = reader.bit()
    if !framesOnly { reader.skip(1) }
    reader.skip(1)
    guard !reader.isExhausted, chromaFormat <= 3, columns <= 1_024, rows <= 1_024 else { return nil }

    width = columns * 16
    height = rows * 16 * (framesOnly ? 1 : 2)
    if reader.bit() {
      let horizontal = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
      let vertical = (chromaFormat == 1 ? 2 : 1) * (framesOnly ? 1 : 2)
      let isMonochrome = chromaFormat == 0 || separatePlanes
      let crop = [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
      guard crop.allSatisfy({ $0 <= Self.maximumSide }) else { return nil }
      width -= (crop[0] + crop[1]) * (isMonochrome ? 1 : horizontal)
      height -= (crop[2] + crop[3]) * (isMonochrome ? (framesOnly ? 1 : 2) : vertical)
    }
    guard !reader.isExhausted else { return nil }
    // Output order equals decoding order: baseline has no B slices, order type 2 forbids reordering.
    reorderDepth = profile == 66 || orderType == 2 ? 0 : nil
    frameDuration = nil
    if reader.bit() { readH264Usability(&reader) }
    guard isPlausible else { return nil }
  }

  private static func skipScalingLists(_ reader: inout BitReader, chromaFormat: Int) {
    for list in 0..<(chromaFormat == 3 ? 12 : 8) where reader.bit() {
      var last = 8
      var next = 8
      for _ in 0..<(list < 6 ? 16 : 64) {
        if next != 0 { next = (last + reader.signed() % 256 + 256) % 256 }
        if next != 0 { last = next }
        if reader.isExhausted { return }
      }
    }
  }

  private static func skipPictureOrder(_ reader: inout BitReader, type: Int) {
    if type == 0 { _ = reader.unsigned() }
    guard type == 1 else { return }
    reader.skip(1)
    _ = reader.signed()
    _ = reader.signed()
    let count = min(reader.unsigned(), 255)
    for _ in 0..<count where !reader.isExhausted { _ = reader.signed() }
  }

  /// Video usability information up to the bitstream restrictions (§E.1.1). What is cut off stays unknown.
  private mutating func readH264Usability(_ reader: inout BitReader) {
    Self.skipColourDescription(&reader)
    if reader.bit() {
      let units = Int64(reader.bits(32))
      let scale = Int64(reader.bits(32))
      reader.skip(1)
      // One tick is a field, a frame has two (§E.2.1).
      frameDuration = Self.duration(units: units * 2, scale: scale)
    }
    let hasNAL = reader.bit()
    if hasNAL { Self.skipHypotheticalDecoder(&reader) }
    let hasVCL = reader.bit()
    if hasVCL { Self.skipHypotheticalDecoder(&reader) }
    if hasNAL || hasVCL { reader.skip(1) }
    reader.skip(1)
    guard reader.bit() else { return }
    reader.skip(1)
    for _ in 0..<4 { _ = reader.unsigned() }
    let depth = reader.unsigned()
    if !reader.isExhausted, depth <= 16 { reorderDepth = depth }
  }

  /// Aspect ratio, overscan, signal type and chroma location; the same fields open the H.265 information.
  private static func skipColourDescription(_ reader: inout BitReader) {
    if reader.bit(), reader.bits(8) == 255 { reader.skip(32) }
    if reader.bit() { reader.skip(1) }
    if reader.bit() {
      reader.skip(4)
      if reader.bit() { reader.skip(24) }
    }
    if reader.bit() {
      _ = reader.unsigned()
      _ = reader.unsigned()
    }
  }

  private static func skipHypotheticalDecoder(_ reader: inout BitReader) {
    let count = min(reader.unsigned(), 31) + 1
    reader.skip(8)
    for _ in 0..<count where !reader.isExhausted {
      _ = reader.unsigned()
      _ = reader.unsigned()
      reader.skip(1)
    }
    reader.skip(20)
  }

  private static func duration(units: Int64, scale: Int64) -> Int64? {
    guard units > 0, scale > 0 else { return nil }
    let ticks = units * 90_000 / scale
    // 1…240 pictures per second; anything else is a device that did not mean it.
    return (375...90_000).contains(ticks) ? ticks : nil
  }
}

extension SequenceParameterSet {
  /// Parses an H.265 set, NAL header included (§7.3.2.2, §7.3.3). Nil when it is cut off or nonsense.
  init?(h265 unit: Span<UInt8>) {
    guard unit.count >= 4 else { return nil }
    var reader = BitReader(unit: unit, headerBytes: 2)
    reader.skip(4)
    let subLayers = Int(reader.bits(3))
    reader.skip(1)
    compatibility = UInt8(reader.bits(8))
    profile = compatibility & 0x1F
    // 32 compatibility flags, 48 constraint bits
    reader.skip(80)
    level = UInt8(reader.bits(8))
    guard subLayers <= 6 else { return nil }
    Self.skipSubLayers(&reader, count: subLayers)
    _ = reader.unsigned()
    chromaFormat = reader.unsigned()
    if chromaFormat == 3 { reader.skip(1) }
    width = reader.unsigned()
    height = reader.unsigned()
    guard !reader.isExhausted, chromaFormat <= 3, max(width, height) <= 2 * Self.maximumSide else {
      return nil
    }
    if reader.bit() {
      let horizontal = chromaFormat == 1 || chromaFormat == 2 ? 2 : 1
      let vertical = chromaFormat == 1 ? 2 : 1
      let crop = [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()]
      guard crop.allSatisfy({ $0 <= Self.maximumSide }) else { return nil }
      width -= (crop[0] + crop[1]) * horizontal
      height -= (crop[2] + crop[3]) * vertical
    }
    bitDepthLuma = 8 + reader.unsigned()
    bitDepthChroma = 8 + reader.unsigned()
    _ = reader.unsigned()
    let perLayer = reader.bit()
    var depth = 0
    for _ in (perLayer ? 0 : subLayers)...subLayers {
      _ = reader.unsigned()
      depth = reader.unsigned()
      _ = reader.unsigned()
    }
    guard !reader.isExhausted, isPlausible, bitDepthLuma <= 16, bitDepthChroma <= 16 else { return nil }
    reorderDepth = depth <= 16 ? depth : nil
    frameDuration = nil
  }

  /// profile_tier_level for the lower temporal layers.
  private static func skipSubLayers(_ reader: inout BitReader, count: Int) {
    guard count > 0 else { return }
    var bits = 0
    for _ in 0..<count {
      if reader.bit() { bits += 88 }
      if reader.bit() { bits += 8 }
    }
    reader.skip(2 * (8 - count))
    reader.skip(bits)
  }
}
