import MediaTime
import WireBytes

// How the program stream demultiplexer tells where a picture begins and ends.

extension PSDemuxer {
  /// Takes one video PES packet.
  mutating func video(
    _ id: UInt8, _ length: Int, _ moment: UnitTiming, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) -> Bool {
    let end = length == 0 ? Int.max : cursor + 6 + length
    guard length == 0 || bytes.count >= end else { return wait(for: 6 + length) }
    guard videoID == nil || videoID == id else {
      return length == 0 ? resynchronise(from: cursor + 4, bytes) : advance(to: end)
    }
    let header: PESHeader
    do throws(PESHeader.Failure) {
      header = try PESHeader(parsing: bytes.span, at: cursor, end: end)
    } catch .needMore {
      return wait(for: bytes.count - cursor + 1)
    } catch {
      // An empty packet is harmless; anything else may have hidden a part of a picture.
      if length > 3 {
        drop(.brokenStructure, at: moment.arrival, &tracks)
        (esStart, esEnd) = (cursor, cursor)
      }
      return resynchronise(from: cursor + 4, bytes)
    }
    videoID = id
    if header.isScrambled { tracks.unsupported(.encrypted) }
    var stamps = moment
    (stamps.pts, stamps.dts) = (header.pts, header.dts)
    let start = cursor + header.length
    if header.isAligned { marker.isProven = true }
    begin(start..<min(end, bytes.count), stamps, &bytes, &tracks)
    timing?.arrival = moment.arrival
    sawPack = false
    guard length == 0 else {
      append(start..<end, &bytes, &tracks)
      return advance(to: end, video: true)
    }
    state = .openVideo(start: start, scanned: start)
    return true
  }

  /// Decides whether a PES packet opens a new picture (§9.5 rows 8 and 11), and finishes the one before if so.
  private mutating func begin(
    _ payload: Range<Int>, _ stamps: UnitTiming, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) {
    guard let current = timing else {
      if marker.hasEnded, !opensPicture(payload, bytes, tracks.videoCodec) {
        // The picture that a marker ended goes on here: markers do not mean the end on this stream.
        marker.isBroken = true
        tracks.damaged(.brokenStructure, at: stamps.arrival)
      }
      return open(payload, stamps)
    }
    let differs = stamps.pts != nil && stamps.pts != current.pts
    guard differs || sawPack else { return }
    let picture = look(bytes, tracks.videoCodec)
    guard picture.hasSlice else {
      if differs, changesCodec(payload, bytes, picture.codec) {
        // Not parameter sets that came ahead, but a picture of a codec whose key frame was lost.
        open(payload, stamps)
      } else if differs {
        // Parameter sets that came ahead: the picture's time is that of its slices.
        timing = stamps
      }
      return
    }
    if opensPicture(payload, bytes, picture.codec) {
      marker.isProven = true
      finish(&bytes, &tracks)
      open(payload, stamps)
    } else if differs {
      // Packets do not begin with pictures (a general multiplexer): cut by the units themselves.
      isUnaligned = true
      marks.append((esEnd - esStart, stamps))
    }
  }

  private mutating func open(_ payload: Range<Int>, _ stamps: UnitTiming) {
    marker.hasEnded = false
    timing = stamps
    (esStart, esEnd) = (payload.lowerBound, payload.lowerBound)
  }

  /// Whether `payload` begins with a unit that opens a picture.
  private func opensPicture(_ payload: Range<Int>, _ bytes: borrowing AssemblyBuffer, _ codec: MediaCodec?)
    -> Bool
  {
    let span = bytes.span
    // Three or four bytes of start code.
    let end = min(payload.lowerBound + 4, payload.upperBound)
    guard let code = ByteScan.startCode(in: span, from: payload.lowerBound, to: end),
      code + 3 < payload.upperBound
    else { return false }
    guard let codec = codec ?? map.video?.videoCodec else { return true }
    let unit = code + 3..<payload.upperBound
    // A parameter set of the other codec opens a picture too: the stream changes its codec.
    return NALUnit.kind(span, unit, codec).opensPicture || NALUnit.vote(span, unit) != nil
  }

  /// Whether `payload` begins with parameter sets of another codec than what is at hand.
  private func changesCodec(_ payload: Range<Int>, _ bytes: borrowing AssemblyBuffer, _ codec: MediaCodec?)
    -> Bool
  {
    let span = bytes.span
    var position = payload.lowerBound
    // A delimiter may come first.
    for _ in 0..<2 {
      guard let code = ByteScan.startCode(in: span, from: position, to: payload.upperBound),
        code + 3 < payload.upperBound
      else { return false }
      if let vote = NALUnit.vote(span, code + 3..<payload.upperBound) { return vote != codec }
      position = code + 3
    }
    return false
  }

  /// Whether the picture at hand has a slice yet, and its codec: its own parameter sets know better than the stream's
  /// past. When nobody can tell, it is taken to have one.
  private func look(_ bytes: borrowing AssemblyBuffer, _ known: MediaCodec?) -> (
    hasSlice: Bool, codec: MediaCodec?
  ) {
    var codec = known ?? map.video?.videoCodec
    let span = bytes.span
    var position = esStart
    while let code = ByteScan.startCode(in: span, from: position, to: esEnd), code + 3 < esEnd {
      let unit = code + 3..<esEnd
      codec = NALUnit.vote(span, unit) ?? codec
      if let codec, case .slice = NALUnit.kind(span, unit, codec) { return (true, codec) }
      position = code + 3
    }
    return (codec == nil, codec)
  }

  func hasSlice(_ bytes: borrowing AssemblyBuffer, _ codec: MediaCodec?) -> Bool {
    look(bytes, codec).hasSlice
  }

  /// Moves `payload` up against the picture's bytes.
  mutating func append(_ payload: Range<Int>, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet) {
    bytes.move(payload, to: esEnd)
    esEnd += payload.count
    if !marks.isEmpty, esEnd - esStart >= nextCut { cutPictures(bytes, &tracks) }
  }

  /// Looks for the end of a video packet that states no length.
  mutating func closeVideo(
    start: Int, scanned: Int, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) -> Bool {
    guard let code = PSCode.next(in: bytes.span, from: scanned) else {
      state = .openVideo(start: start, scanned: max(scanned, bytes.count - 3))
      needed = bytes.count + 1
      return false
    }
    // The packet that shows the end is the one behind it.
    if let lastArrival { timing?.arrival = lastArrival }
    append(start..<code, &bytes, &tracks)
    state = .structure
    return advance(to: code, video: true)
  }

  /// Hands the picture on and forgets it.
  mutating func finish(_ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet) {
    if isUnaligned { cutPictures(bytes, &tracks) }
    guard let timing else { return }
    units.removeAll(keepingCapacity: true)
    AnnexB.scan(bytes.span.extracting(esStart..<esEnd), from: 0, into: &units)
    tracks.mapListsSound = map.video == nil ? nil : map.audio != nil
    if !units.isEmpty { handOn(timing, &bytes, &tracks) }
    self.timing = nil
    nextCut = 0
    marks.removeAll(keepingCapacity: true)
    (esStart, esEnd) = (cursor, cursor)
  }

  private mutating func handOn(
    _ timing: UnitTiming, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) {
    let unit = tracks.accept(
      bytes.span.extracting(esStart..<esEnd), units.span, type: map.video, timing: timing)
    guard let unit else { return }
    guard let missing = AnnexB.missingBytes(units.span), bytes.restoreFirst(missing) else {
      return tracks.hand(on: unit, bytes.span.extracting(esStart..<esEnd), units.span)
    }
    tracks.hand(on: unit, takeInPlace(missing, &bytes))
  }

  /// Replaces the start codes of the picture at hand by lengths and hands its bytes out.
  ///
  /// Three-byte start codes are made longer by moving the units before them, which are small (parameter sets), towards
  /// the `missing` bytes that were made free in front.
  private mutating func takeInPlace(_ missing: Int, _ bytes: inout AssemblyBuffer) -> SharedBytes {
    // Offsets count from the bytes that were taken back; afterwards everything is where it was.
    defer { bytes.removeFirst(missing) }
    prefixes.removeAll(keepingCapacity: true)
    var (end, found) = (0, 0)
    for unit in units {
      if unit.lowerBound - end == 3 { found += 1 }
      end = unit.upperBound
      let place = esStart + unit.lowerBound + found
      let start = esStart + missing + unit.lowerBound
      bytes.move(start..<(start + unit.count), to: place)
      prefixes.append((place - 4, UInt32(truncatingIfNeeded: unit.count)))
    }
    return bytes.take(esStart..<(esStart + missing + end), prefixes: prefixes.span)
  }

  /// Hands on every picture of the bytes at hand that is followed by another one.
  private mutating func cutPictures(_ bytes: borrowing AssemblyBuffer, _ tracks: inout TrackSet) {
    guard var stamps = timing else { return }
    let picture = bytes.span.extracting(esStart..<esEnd)
    units.removeAll(keepingCapacity: true)
    AnnexB.scan(picture, from: 0, into: &units)
    guard let codec = NALUnit.vote(picture, units.span) ?? tracks.videoCodec ?? map.video?.videoCodec else {
      return
    }
    var cutter = PictureCutter(codec: codec)
    var first = 0
    var consumed = 0
    for index in units.indices where cutter.startsPicture(NALUnit.kind(picture, units[index], codec)) {
      tracks.picture(picture, units.span.extracting(first..<index), type: map.video, timing: stamps)
      first = index
      // Its start code begins three bytes before.
      consumed = units[index].lowerBound - 3
      stamps = nextStamps(at: consumed, after: stamps)
    }
    for index in marks.indices { marks[index].offset -= consumed }
    timing = stamps
    esStart += consumed
    // Looking again only after a quarter more keeps the work linear in the bytes, whatever they are.
    nextCut = consumed > 0 ? 0 : (esEnd - esStart) / 4 * 5
  }

  /// The time stamps of the picture that begins at `offset`: of the packet in which it begins, once; else none.
  private mutating func nextStamps(at offset: Int, after last: UnitTiming) -> UnitTiming {
    var result = last
    (result.pts, result.dts) = (nil, nil)
    while let mark = marks.first, mark.offset <= offset {
      result = mark.timing
      marks.removeFirst()
    }
    return result
  }
}

// MARK: - Ends and losses

extension PSDemuxer {
  /// Learns whether markers mean the end of a picture on this stream.
  mutating func note(marker isSet: Bool, available: Int, isWaiting: Bool) {
    if !isSet {
      marker.sawUnset = true
    } else if case .structure = state, isWaiting, available > 6 {
      // Set in the middle of a PES packet.
      marker.isBroken = true
    }
  }

  /// Ends the picture at a marker when the PES lengths agree.
  mutating func endAtMarker(_ arrival: WallTime, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet) {
    guard timing != nil, !isUnaligned else { return }
    switch state {
    case .hunting:
      return
    case .structure:
      guard cursor == bytes.count else { return }
    case .openVideo(let start, _):
      timing?.arrival = arrival
      append(start..<bytes.count, &bytes, &tracks)
      state = .structure
      cursor = bytes.count
      lastWasVideo = true
    }
    guard hasSlice(bytes, tracks.videoCodec) else { return }
    marker.hasEnded = true
    finish(&bytes, &tracks)
  }

  /// Another RTP timestamp came without loss, and its first bytes are a start code: a new picture, whatever the
  /// parser was waiting for.
  mutating func begin(
    afterPause code: UInt8, arrival: WallTime, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) {
    switch state {
    case .openVideo:
      return
    case .hunting:
      // A stream without pack headers.
      bytes.removeAll()
      cursor = 0
      (esStart, esEnd) = (0, 0)
    case .structure:
      guard code == PSCode.packHeader, bytes.count - cursor > 6, bytes.count < needed else { return }
      // The packet before announced more than it had.
      tracks.counters.resynchronisations += 1
      endOverlongPacket(arrival: arrival, &bytes, &tracks)
      cursor = bytes.count
    }
    state = .structure
    needed = 0
  }

  /// Takes what came of a video packet as its whole.
  private mutating func endOverlongPacket(
    arrival: WallTime, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) {
    guard bytes[cursor + 3] == videoID ?? 0xE0,
      let header = try? PESHeader(parsing: bytes.span, at: cursor, end: bytes.count)
    else { return }
    let payload = cursor + header.length..<bytes.count
    let stamps = UnitTiming(
      pts: header.pts, dts: header.dts, rtp: lastTimestamp ?? 0, arrival: lastArrival ?? arrival)
    begin(payload, stamps, &bytes, &tracks)
    append(payload, &bytes, &tracks)
    sawPack = false
    lastWasVideo = true
  }

  /// Gives up what is at hand and looks for the next pack header (§9.5 row 21).
  mutating func lose(
    _ reason: DemuxDamage, at arrival: WallTime, _ bytes: inout AssemblyBuffer, _ tracks: inout TrackSet
  ) {
    drop(reason, at: arrival, &tracks)
    reset(&bytes)
  }

  private mutating func drop(_ reason: DemuxDamage, at arrival: WallTime, _ tracks: inout TrackSet) {
    if timing != nil { tracks.counters.droppedUnits += 1 }
    tracks.damaged(reason, at: arrival)
    timing = nil
    nextCut = 0
    marks.removeAll(keepingCapacity: true)
    marker.hasEnded = false
  }

  mutating func reset(_ bytes: inout AssemblyBuffer) {
    bytes.removeAll()
    (cursor, needed, esStart, esEnd) = (0, 0, 0, 0)
    timing = nil
    lastWasVideo = false
    sawPack = false
    state = .hunting
  }
}
