import MediaTime
import WireBytes

/// Demultiplexes a program stream that arrives in RTP payloads, with the tolerances of GB/T 28181 §9.5.
///
/// The payloads are copied one behind the other into a buffer and walked there by the lengths of their headers.
/// The bytes of the picture at hand lie at its front; the payload of a further PES packet is moved up against them,
/// so that the picture is one run of bytes when it is complete. It is handed on as it lies, its start codes replaced
/// by lengths; only one whose start codes are not four bytes long is copied.
///
/// ```text
///   bytes:  picture (esStart ..< esEnd) … done with … | cursor … not yet parsed
///
///   .hunting ── pack header ──► .structure ◄────────────────────────┐
///       ▲                         │  │ video PES of length 0, or data │
///       │ loss, broken header,    │  │ behind the end of one          │
///       │ picture too large       │  ▼                                │
///       └─────────────────────────┴─ .openVideo ── system start code ─┘
/// ```
///
/// Every method takes the buffer as a parameter: `receive` moves it out of `self`, so that the bytes can be looked at
/// while the state changes, without a copy.
struct PSDemuxer: ~Copyable, Sendable {
  enum State: Sendable {
    case hunting
    case structure
    /// Video runs from `start` to the next system start code; nothing before `scanned` is one.
    case openVideo(start: Int, scanned: Int)
  }

  /// Whether to believe that a set marker bit ends a picture.
  ///
  /// A general multiplexer (FFmpeg's) lets a packet begin with the rest of the picture before, and whoever cuts such a
  /// stream into RTP puts markers where packets end. So it is believed only once a packet said or showed that
  /// packets begin with pictures; until then the next packet ends a picture.
  struct MarkerTrust: Sendable {
    var sawUnset = false
    var isBroken = false
    /// Packets that open pictures begin with them: one said so, or a second one did so.
    var isProven = false
    var hasEnded = false
    var isTrusted: Bool { sawUnset && !isBroken && isProven }
  }

  /// Payloads without a pack header after which this is believed not to be a program stream.
  static let huntingLimit = 512

  private var buffer = AssemblyBuffer()
  var state = State.hunting
  var cursor = 0
  /// Nothing can be parsed before the buffer holds so many bytes.
  var needed = 0
  var esStart = 0
  var esEnd = 0
  /// Of the picture at hand; nil when there is none.
  var timing: UnitTiming?
  /// Where in the picture's bytes a later PES packet with its own time stamp began; only with unaligned packets.
  var marks: [(offset: Int, timing: UnitTiming)] = []
  var isUnaligned = false
  /// Unaligned bytes are searched for pictures again when there are so many.
  var nextCut = 0
  var units: [Range<Int>] = []
  var prefixes: [(offset: Int, value: UInt32)] = []
  var map = StreamMap()
  var videoID: UInt8?
  var audioID: UInt8?
  var sawPack = false
  /// The bytes before the cursor are video, so that data without a start code belongs to it.
  var lastWasVideo = false
  var marker = MarkerTrust()
  var lastTimestamp: UInt32?
  var lastArrival: WallTime?
  private(set) var payloadsHunting = 0

  /// Takes one payload.
  mutating func receive(
    _ payload: Span<UInt8>, header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime,
    _ tracks: inout TrackSet
  ) {
    var bytes = exchange(&buffer, with: AssemblyBuffer())
    if gapBefore { lose(.packetLoss, at: arrival, &bytes, &tracks) }
    if let lastTimestamp, !gapBefore, lastTimestamp != header.timestamp, PSCode.isCode(payload, at: 0) {
      begin(afterPause: payload[3], arrival: arrival, &bytes, &tracks)
    }
    if case .hunting = state { payloadsHunting += 1 } else { payloadsHunting = 0 }
    if bytes.count - esStart + payload.count > tracks.options.maximumUnitBytes {
      lose(.tooLarge, at: arrival, &bytes, &tracks)
    }
    bytes.append(payload)
    let moment = UnitTiming(pts: nil, dts: nil, rtp: header.timestamp, arrival: arrival)
    while bytes.count >= needed, step(moment, &bytes, &tracks) {}
    note(marker: header.marker, available: bytes.count - cursor, isWaiting: bytes.count < needed)
    if header.marker, marker.isTrusted { endAtMarker(arrival, &bytes, &tracks) }
    lastTimestamp = header.timestamp
    lastArrival = arrival
    tidy(&bytes)
    buffer = bytes
  }

  /// Hands on the picture at hand if all its packets are complete: nothing has arrived for a while.
  ///
  /// - Parameter isLong: long enough to believe that it is complete even when packets do not begin with pictures.
  mutating func settle(isLong: Bool, _ tracks: inout TrackSet) {
    guard case .structure = state, timing != nil, cursor == buffer.count, isLong || !isUnaligned,
      hasSlice(buffer, tracks.videoCodec)
    else { return }
    var bytes = exchange(&buffer, with: AssemblyBuffer())
    finish(&bytes, &tracks)
    tidy(&bytes)
    buffer = bytes
  }

  /// Hands on the picture at hand, at the end of the stream.
  mutating func flush(arrival: WallTime, _ tracks: inout TrackSet) {
    var bytes = exchange(&buffer, with: AssemblyBuffer())
    if case .openVideo(let start, _) = state {
      timing?.arrival = lastArrival ?? arrival
      append(start..<bytes.count, &bytes, &tracks)
    }
    finish(&bytes, &tracks)
    reset(&bytes)
  }
}

// MARK: - Walking

extension PSDemuxer {
  /// Makes one step. False when more bytes are needed.
  private mutating func step(_ moment: UnitTiming, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet)
    -> Bool
  {
    switch state {
    case .hunting: return findPack(bytes)
    case .openVideo(let start, let scanned):
      return closeVideo(start: start, scanned: scanned, &bytes, &tracks)
    case .structure: break
    }
    let available = bytes.count - cursor
    guard available >= 4 else { return wait(for: 4) }
    guard PSCode.isCode(bytes.span, at: cursor) else { return strayBytes(bytes, &tracks) }
    let id = bytes[cursor + 3]
    switch id {
    case PSCode.packHeader:
      guard let length = PackHeader.length(bytes.span, at: cursor) else { return wait(for: 14) }
      guard available >= length else { return wait(for: length) }
      sawPack = true
      return advance(to: cursor + length)
    case PSCode.programEnd:
      return advance(to: cursor + 4)
    default:
      guard available >= 6 else { return wait(for: 6) }
      let length = Int(bytes.span.uint16(at: cursor + 4))
      if PSCode.isVideo(id) { return video(id, length, moment, &bytes, &tracks) }
      if PSCode.isAudio(id) { return audio(id, length, moment, bytes, &tracks) }
      return skip(id, length, bytes, &tracks)
    }
  }

  mutating func wait(for count: Int) -> Bool {
    needed = cursor + count
    return false
  }

  mutating func advance(to position: Int, video: Bool = false) -> Bool {
    cursor = position
    lastWasVideo = video
    return true
  }

  /// Bytes that are no start code where one should be: the tail of a video packet whose length was too small, or
  /// rubbish to be skipped.
  private mutating func strayBytes(_ bytes: borrowing AssemblyBuffer, _ tracks: inout TrackSet) -> Bool {
    if lastWasVideo, timing != nil {
      state = .openVideo(start: cursor, scanned: cursor)
      return true
    }
    tracks.counters.resynchronisations += 1
    return resynchronise(from: cursor + 1, bytes)
  }

  mutating func resynchronise(from start: Int, _ bytes: borrowing AssemblyBuffer) -> Bool {
    if let code = PSCode.next(in: bytes.span, from: start) { return advance(to: code) }
    // The last three bytes may be the beginning of a start code.
    cursor = max(start, bytes.count - 3)
    lastWasVideo = false
    needed = cursor + 4
    return false
  }

  /// System header, map, private data, padding: read or skipped by length (§9.5 row 9).
  private mutating func skip(
    _ id: UInt8, _ length: Int, _ bytes: borrowing AssemblyBuffer, _ tracks: inout TrackSet
  ) -> Bool {
    let end = cursor + 6 + length
    guard bytes.count >= end else { return wait(for: 6 + length) }
    if id == PSCode.streamMap {
      map.update(bytes.span, cursor..<end)
    } else if bytes.count >= end + 4, !PSCode.isCode(bytes.span, at: end) {
      // The length leads nowhere: look for the next start code inside instead.
      tracks.counters.resynchronisations += 1
      return resynchronise(from: cursor + 4, bytes)
    }
    return advance(to: end)
  }

  private mutating func audio(
    _ id: UInt8, _ length: Int, _ moment: UnitTiming, _ bytes: borrowing AssemblyBuffer,
    _ tracks: inout TrackSet
  ) -> Bool {
    var end = cursor + 6 + length
    if length == 0 {
      guard let code = PSCode.next(in: bytes.span, from: cursor + 6) else {
        let available = bytes.count - cursor
        // Sound of unknown length that does not end within 64 KiB is none.
        return available > 0xFFFF ? resynchronise(from: cursor + 4, bytes) : wait(for: available + 1)
      }
      end = code
    }
    guard bytes.count >= end else { return wait(for: 6 + length) }
    guard audioID == nil || audioID == id else { return advance(to: end) }
    guard let header = try? PESHeader(parsing: bytes.span, at: cursor, end: end) else {
      tracks.counters.resynchronisations += 1
      return resynchronise(from: cursor + 4, bytes)
    }
    audioID = id
    if header.isScrambled { tracks.unsupported(.encrypted) }
    var stamps = moment
    (stamps.pts, stamps.dts) = (header.pts, header.dts)
    tracks.sound(bytes.span.extracting(cursor + header.length..<end), type: map.audio, timing: stamps)
    return advance(to: end)
  }

  private mutating func findPack(_ bytes: borrowing AssemblyBuffer) -> Bool {
    if let code = PSCode.nextPack(in: bytes.span, from: cursor) {
      state = .structure
      return advance(to: code)
    }
    cursor = max(cursor, bytes.count - 3)
    needed = cursor + 4
    return false
  }

  /// Drops parsed bytes, so that the buffer holds one picture at most.
  private mutating func tidy(_ bytes: inout AssemblyBuffer) {
    if timing == nil {
      (esStart, esEnd) = (cursor, cursor)
    } else if case .openVideo = state {
      return
    }
    // Between the picture's bytes and the cursor lies what was parsed and is done with.
    if cursor > esEnd {
      bytes.move(cursor..<bytes.count, to: esEnd)
      bytes.removeLast(cursor - esEnd)
      needed = max(needed - (cursor - esEnd), 0)
      cursor = esEnd
    }
    if esStart > 0 {
      bytes.removeFirst(esStart)
      (cursor, needed, esEnd) = (cursor - esStart, max(needed - esStart, 0), esEnd - esStart)
      esStart = 0
    }
  }
}
