public import MediaTime
import WireBytes

/// Cuts the bytes of an H.264 or H.265 file (Annex B) into access units, for senders.
///
/// Pictures get a steady clock: the file carries none. Files with reordered pictures are cut correctly, but decoding
/// and presentation time are the same; make senders' clips without B-frames.
public struct ElementaryStreamReader: Sendable {
  public let codec: MediaCodec
  /// Video format from the first parameter sets of the file.
  public let format: TrackFormat
  private let bytes: [UInt8]
  /// NAL units of each picture.
  private let pictures: [[Range<Int>]]
  private let frameDuration: Int64

  /// - Parameters:
  ///   - codec: `.h264` or `.h265`; nil lets the parameter sets decide.
  ///   - frameDuration: 90 kHz ticks per picture.
  /// - Returns: nil when the bytes hold no picture of that codec with its parameter sets.
  public init?(_ bytes: [UInt8], codec: MediaCodec? = nil, frameDuration: Int64 = 3_600) {
    let units = AnnexB.units(in: bytes.span)
    guard let codec = codec ?? NALUnit.vote(bytes.span, units.span), codec.isVideo else { return nil }
    let pictures = Self.pictures(bytes.span, units, codec)
    let sets = Self.parameterSets(bytes, units, codec)
    guard !pictures.isEmpty, !sets.isEmpty else { return nil }
    self.codec = codec
    self.bytes = bytes
    self.pictures = pictures
    self.frameDuration = max(frameDuration, 1)
    format = ParameterSets.videoFormat(codec, parameterSets: sets)
  }

  /// Pictures in the file.
  public var count: Int { pictures.count }

  /// Whether picture `index` is a place to start at.
  public func isKeyFrame(_ index: Int) -> Bool {
    let span = bytes.span
    for unit in pictures[index] {
      if case .slice(isRandomAccess: true, first: _) = NALUnit.kind(span, unit, codec) { return true }
    }
    return false
  }

  /// Picture `index` (0..<``count``) with decoding and presentation time `index × frameDuration` after `start`.
  public func unit(
    _ index: Int, start: MediaTicks = MediaTicks(0), arrival: WallTime = WallTime(nanoseconds: 0)
  ) -> AccessUnit {
    let time = start + Int64(index) * frameDuration
    return AccessUnit(
      codec: codec, isKeyFrame: isKeyFrame(index), pts: time, dts: time, arrival: arrival,
      payload: payload(pictures[index]))
  }

  private func payload(_ units: [Range<Int>]) -> SharedBytes {
    var arena = ByteArena()
    return AnnexB.lengthPrefixed(bytes.span, units.span, in: &arena)
  }

  /// All pictures in order.
  public func units(start: MediaTicks = MediaTicks(0)) -> [AccessUnit] {
    (0..<count).map { unit($0, start: start) }
  }

  private static func pictures(_ bytes: Span<UInt8>, _ units: [Range<Int>], _ codec: MediaCodec) -> [[Range<
    Int
  >]] {
    var result: [[Range<Int>]] = []
    var current: [Range<Int>] = []
    var cutter = PictureCutter(codec: codec)
    for unit in units {
      if cutter.startsPicture(NALUnit.kind(bytes, unit, codec)), !current.isEmpty {
        result.append(current)
        current = []
      }
      current.append(unit)
    }
    if cutter.hasSlice { result.append(current) }
    return result
  }

  private static func parameterSets(_ bytes: [UInt8], _ units: [Range<Int>], _ codec: MediaCodec) -> [[UInt8]]
  {
    let order: [NALUnit.Kind] =
      codec == .h265
      ? [.videoParameterSet, .sequenceParameterSet, .pictureParameterSet]
      : [.sequenceParameterSet, .pictureParameterSet]
    return order.compactMap { kind in
      units.first { NALUnit.kind(bytes.span, $0, codec) == kind }.map { Array(bytes[$0]) }
    }
  }
}

/// Finds where one picture ends and the next begins in a run of NAL units (H.264 §7.4.1.2.3, H.265 §7.4.2.4.4).
struct PictureCutter: Sendable {
  let codec: MediaCodec
  /// The current picture has its first slice.
  private(set) var hasSlice = false

  init(codec: MediaCodec) { self.codec = codec }

  /// Takes the next unit; true when it opens a new picture.
  mutating func startsPicture(_ kind: NALUnit.Kind) -> Bool {
    if case .slice = kind {
      defer { hasSlice = true }
      return hasSlice && kind.opensPicture
    }
    guard kind.opensPicture else { return false }
    defer { hasSlice = false }
    return hasSlice
  }
}
