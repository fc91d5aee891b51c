import MediaTime

/// What is known about the sound of a stream, and the blocks it is cut into.
struct AudioTrack: Sendable {
  /// An unfinished ADTS frame is at most this long (13 bits of length).
  static let maximumCarry = 8_192

  private(set) var format: TrackFormat?
  /// ADTS bytes that belong to a frame not yet whole.
  private var carry: [UInt8] = []

  /// A frame has begun and is not whole yet.
  var hasRest: Bool { !carry.isEmpty }

  /// Decides what `bytes` are (GB/T 28181 §9.5 rows 3 and 5): an override, then the data, then what the stream says.
  /// Nil for a codec that is not carried.
  func codec(of bytes: Span<UInt8>, type: StreamType?, options: DemuxerOptions) -> MediaCodec? {
    if let codec = options.audioOverride, !codec.isVideo { return codec }
    if ADTSHeader(parsing: bytes) != nil { return .aac }
    if type == nil, format == nil, ADTSHeader.isMPEGAudio(bytes) { return nil }
    if format?.codec == .aac, type == nil || type?.audioCodec == .aac { return .aac }
    switch type?.audioCodec {
    // Says AAC, but there is no ADTS frame in it: raw G.711 under a wrong label.
    case .aac: return .g711A
    case let codec?: return codec
    case nil: break
    }
    guard type == nil else { return nil }
    return options.audioHint == .g711U ? .g711U : .g711A
  }

  /// Takes the bytes in. True when the format changed. Call ``forEachBlock(_:_:)`` afterwards with the same bytes.
  mutating func take(_ bytes: Span<UInt8>, _ codec: MediaCodec) -> Bool {
    let new: TrackFormat?
    if codec == .aac {
      if format?.codec != .aac { carry.removeAll(keepingCapacity: true) }
      new = ADTSHeader(parsing: bytes)?.format ?? (format?.codec == .aac ? format : nil)
    } else {
      carry.removeAll(keepingCapacity: true)
      new = format?.codec == codec ? format : G711.format(codec)
    }
    guard new != format else { return false }
    format = new
    return true
  }

  mutating func forget() {
    format = nil
    carry.removeAll(keepingCapacity: true)
  }

  /// Calls `body` with each whole block of raw coded sound and its duration in 90 kHz ticks.
  mutating func forEachBlock(_ bytes: Span<UInt8>, _ body: (Span<UInt8>, Int64) -> Void) {
    guard format?.codec == .aac else {
      // Eight bits per sample at 8 kHz: 11.25 ticks each.
      if bytes.count > 0 { body(bytes, Int64(bytes.count) * 45 / 4) }
      return
    }
    if carry.isEmpty {
      let used = Self.frames(bytes, body)
      if used < bytes.count { carry.append(bytes.extracting(used..<bytes.count)) }
    } else {
      carry.append(bytes)
      let pending = carry
      let used = Self.frames(pending.span, body)
      carry.removeFirst(used)
    }
    if carry.count > Self.maximumCarry { carry.removeAll(keepingCapacity: true) }
  }

  /// Hands over every whole ADTS frame. Returns how many bytes are done with.
  private static func frames(_ bytes: Span<UInt8>, _ body: (Span<UInt8>, Int64) -> Void) -> Int {
    var position = 0
    while bytes.count - position >= 7 {
      guard let header = ADTSHeader(parsing: bytes, at: position) else {
        position += 1
        continue
      }
      let end = position + header.frameBytes
      guard end <= bytes.count else { return position }
      // A sync word inside a frame is not followed by another frame where it says.
      if end + 2 <= bytes.count, !ADTSHeader.isSync(bytes, at: end) {
        position += 1
        continue
      }
      let samples = Int64(ADTSHeader.samplesPerBlock * header.blocks)
      body(
        bytes.extracting(position + header.headerBytes..<end),
        samples * MediaTicks.perSecond / Int64(header.sampleRate))
      position = end
    }
    return position
  }
}
