import MediaTime
import WireBytes

/// Puts H.264 (RFC 6184) or H.265 (RFC 7798) pictures together from RTP payloads without a container.
///
/// Single units, aggregates and fragments are taken; decoding order numbers (interleaved mode) are not.
struct NALDepacketizer: Sendable {
  let codec: MediaCodec
  private var buffer: [UInt8] = []
  private var units: [Range<Int>] = []
  /// Where the unit that is being put together from fragments starts.
  private var fragmentStart: Int?
  private var timing: UnitTiming?

  init(codec: MediaCodec) { self.codec = codec }

  mutating func receive(
    _ payload: Span<UInt8>, header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime,
    _ tracks: inout TrackSet
  ) {
    if gapBefore { lose(.packetLoss, at: arrival, &tracks) }
    if let timing, timing.rtp != header.timestamp { finish(&tracks) }
    if buffer.count + payload.count > tracks.options.maximumUnitBytes {
      lose(.tooLarge, at: arrival, &tracks)
    }
    if timing == nil { timing = UnitTiming(pts: nil, dts: nil, rtp: header.timestamp, arrival: arrival) }
    timing?.arrival = arrival
    let isWhole = codec == .h265 ? takeH265(payload) : takeH264(payload)
    if !isWhole { lose(.brokenStructure, at: arrival, &tracks) }
    if header.marker, fragmentStart == nil { finish(&tracks) }
  }

  mutating func flush(_ tracks: inout TrackSet) {
    finish(&tracks)
  }

  private mutating func finish(_ tracks: inout TrackSet) {
    // Nothing else can come in such a stream: no picture waits for sound.
    tracks.mapListsSound = false
    if let timing, !units.isEmpty {
      tracks.picture(
        buffer.span, units.span, type: StreamType(codec), timing: timing)
    }
    clear()
  }

  private mutating func lose(
    _ reason: DemuxDamage, at arrival: WallTime, _ tracks: inout TrackSet
  ) {
    tracks.damaged(reason, at: arrival)
    clear()
  }

  private mutating func clear() {
    buffer.removeAll(keepingCapacity: true)
    units.removeAll(keepingCapacity: true)
    fragmentStart = nil
    timing = nil
  }

  private mutating func add(_ bytes: Span<UInt8>) {
    guard bytes.count > 0 else { return }
    let start = buffer.count
    buffer.append(bytes)
    units.append(start..<buffer.count)
  }

  /// RFC 6184 §5.4. False when the payload breaks the picture.
  private mutating func takeH264(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 1 else { return true }
    switch payload[0] & 0x1F {
    case 1...23:
      add(payload)
      return true
    case 24:
      return takeAggregate(payload, from: 1)
    case 25:
      return takeAggregate(payload, from: 3)
    case 28, 29:
      let skipped = payload[0] & 0x1F == 29 ? 4 : 2
      let header = payload[0] & 0xE0 | payload[1] & 0x1F
      return takeFragment(payload, skipping: skipped, flags: payload[1], header: [header, 0], headerBytes: 1)
    default:
      return true
    }
  }

  /// RFC 7798 §4.4.
  private mutating func takeH265(_ payload: Span<UInt8>) -> Bool {
    guard payload.count > 2 else { return true }
    switch payload[0] >> 1 & 0x3F {
    case 48:
      return takeAggregate(payload, from: 2)
    case 49:
      let first = payload[0] & 0x81 | payload[2] << 1 & 0x7E
      return takeFragment(
        payload, skipping: 3, flags: payload[2], header: [first, payload[1]], headerBytes: 2)
    case 50:
      return true
    default:
      add(payload)
      return true
    }
  }

  /// Units behind two bytes of length each.
  private mutating func takeAggregate(_ payload: Span<UInt8>, from start: Int) -> Bool {
    var position = start
    while payload.count - position >= 2 {
      let length = Int(payload.uint16(at: position))
      position += 2
      guard length <= payload.count - position else { return false }
      add(payload.extracting(position..<position + length))
      position += length
    }
    return true
  }

  /// - Parameters:
  ///   - flags: start bit 7, end bit 6.
  ///   - header: the unit's header, rebuilt; its first `headerBytes` bytes count.
  private mutating func takeFragment(
    _ payload: Span<UInt8>, skipping: Int, flags: UInt8, header: InlineArray<2, UInt8>, headerBytes: Int
  ) -> Bool {
    guard payload.count > skipping else { return true }
    if flags & 0x80 != 0 {
      // A fragment that never ended is damage; so is one that never began.
      guard fragmentStart == nil else { return false }
      fragmentStart = buffer.count
      for index in 0..<headerBytes { buffer.append(header[index]) }
    }
    guard let start = fragmentStart else { return false }
    buffer.append(payload.extracting(skipping..<payload.count))
    if flags & 0x40 != 0 {
      units.append(start..<buffer.count)
      fragmentStart = nil
    }
    return true
  }
}
