import WireBytes

/// What is known about the video of a stream: codec, parameter sets, and whether a decoder could follow.
struct VideoTrack: Sendable {
  /// What one picture's units say.
  struct Picture {
    var hasSlice = false
    var isKeyFrame = false
    /// Parameter sets changed with this picture.
    var changesFormat = false
  }

  /// Pictures with parameter sets and an intra slice, after which a stream without IDR is believed to have none.
  static let intraTolerance = 2

  private(set) var codec: MediaCodec?
  private(set) var format: TrackFormat?
  private(set) var reorderDepth: Int?
  private var sets = ParameterSetCache()
  private var hasRandomAccess = false
  private var intraPictures = 0

  /// Looks at the units of one picture: settles the codec and keeps the parameter sets.
  ///
  /// - Parameter hint: what the container says; the data decides (§9.5 row 4).
  mutating func inspect(_ bytes: Span<UInt8>, _ units: Span<Range<Int>>, hint: MediaCodec?) -> Picture {
    var picture = Picture()
    decideCodec(bytes, units, hint: hint)
    guard let codec else { return picture }
    var hasSequence = false
    var intraSlice = false
    var changed = sets.begin(codec)
    for index in units.indices {
      let unit = units[index]
      let kind = NALUnit.kind(bytes, unit, codec)
      switch kind {
      case .slice(let isRandomAccess, let first):
        // A picture whose first slice is missing is no place to start, whatever its other slices are.
        if !picture.hasSlice, first {
          picture.isKeyFrame = isRandomAccess
          intraSlice = Self.isIntra(bytes, unit, codec)
        }
        picture.hasSlice = true
      case .videoParameterSet, .sequenceParameterSet, .pictureParameterSet:
        hasSequence = hasSequence || kind == .sequenceParameterSet
        changed = sets.take(kind, bytes, unit) || changed
      case .delimiter, .prefix, .suffix, .unknown:
        break
      }
    }
    changed = sets.end() || changed
    if picture.isKeyFrame {
      hasRandomAccess = true
    } else if hasSequence, intraSlice, !hasRandomAccess {
      intraPictures += 1
      picture.isKeyFrame = intraPictures > Self.intraTolerance
    }
    if changed || (format == nil && sets.isComplete) { picture.changesFormat = updateFormat(codec) }
    return picture
  }

  private mutating func decideCodec(_ bytes: Span<UInt8>, _ units: Span<Range<Int>>, hint: MediaCodec?) {
    guard let vote = NALUnit.vote(bytes, units) else {
      if codec == nil { codec = hint }
      return
    }
    guard vote != codec else { return }
    // A change is believed only with a picture that a decoder of the new codec could start at.
    if codec != nil, format != nil, !Self.hasRandomAccess(bytes, units, vote) { return }
    codec = vote
    format = nil
    hasRandomAccess = false
    intraPictures = 0
  }

  private static func hasRandomAccess(_ bytes: Span<UInt8>, _ units: Span<Range<Int>>, _ codec: MediaCodec)
    -> Bool
  {
    for index in units.indices {
      if case .slice(isRandomAccess: true, first: _) = NALUnit.kind(bytes, units[index], codec) {
        return true
      }
    }
    return false
  }

  /// slice_type of an H.264 slice is I (§7.4.3: 2 or 7).
  private static func isIntra(_ bytes: Span<UInt8>, _ unit: Range<Int>, _ codec: MediaCodec) -> Bool {
    guard codec == .h264 else { return false }
    // first_mb_in_slice is known to be the single bit 1; slice_type 2 is 011, 7 is 0001000.
    let bits = bytes[unit.lowerBound + 1] & 0x7F
    return bits >> 4 == 0b011 || bits == 0b0001000
  }

  /// Makes the format of the cached sets. True when it differs from the one before.
  private mutating func updateFormat(_ codec: MediaCodec) -> Bool {
    guard sets.isComplete else { return false }
    let new = ParameterSets.videoFormat(codec, parameterSets: sets.all)
    guard new != format else { return false }
    format = new
    reorderDepth = ParameterSets.sequence(of: new)?.reorderDepth
    return true
  }
}

/// The latest parameter sets of a video track. A set that repeats is compared in place and costs no allocation.
struct ParameterSetCache: Sendable {
  /// Sets of one kind that are kept; more in one picture are ignored.
  static let maximumPerKind = 16
  /// A larger set is not one.
  static let maximumBytes = 4_096

  private var codec: MediaCodec?
  /// VPS, SPS, PPS.
  private var kinds: [[[UInt8]]] = [[], [], []]
  /// How many of each kind the picture at hand has brought.
  private var seen = (0, 0, 0)

  /// Starts a picture. True when the codec changed and everything was forgotten.
  mutating func begin(_ codec: MediaCodec) -> Bool {
    seen = (0, 0, 0)
    guard codec != self.codec else { return false }
    self.codec = codec
    kinds = [[], [], []]
    return true
  }

  /// Takes one set. True when it differs from the cached one in its place.
  mutating func take(_ kind: NALUnit.Kind, _ bytes: Span<UInt8>, _ unit: Range<Int>) -> Bool {
    guard unit.count <= Self.maximumBytes else { return false }
    let (row, position) = next(kind)
    guard position < Self.maximumPerKind else { return false }
    if position < kinds[row].count {
      let cached = kinds[row][position]
      if Self.isEqual(cached.span, bytes.extracting(unit)) { return false }
      kinds[row].removeSubrange(position...)
    }
    var copy: [UInt8] = []
    copy.append(bytes.extracting(unit))
    kinds[row].append(copy)
    return true
  }

  /// Ends the picture. True when it brought fewer sets of a kind than were cached: the others are gone.
  mutating func end() -> Bool {
    var changed = false
    for (row, count) in [seen.0, seen.1, seen.2].enumerated() where count > 0 && count < kinds[row].count {
      kinds[row].removeSubrange(count...)
      changed = true
    }
    return changed
  }

  /// All sets a decoder needs are there.
  var isComplete: Bool {
    !kinds[1].isEmpty && !kinds[2].isEmpty && (codec != .h265 || !kinds[0].isEmpty)
  }

  /// VPS, SPS and PPS in that order.
  var all: [[UInt8]] { kinds.flatMap(\.self) }

  private mutating func next(_ kind: NALUnit.Kind) -> (row: Int, position: Int) {
    switch kind {
    case .videoParameterSet:
      seen.0 += 1
      return (0, seen.0 - 1)
    case .sequenceParameterSet:
      seen.1 += 1
      return (1, seen.1 - 1)
    default:
      seen.2 += 1
      return (2, seen.2 - 1)
    }
  }

  private static func isEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }
}
