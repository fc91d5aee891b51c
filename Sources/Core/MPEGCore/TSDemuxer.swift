import MediaTime
import WireBytes

/// Demultiplexes an MPEG transport stream that arrives in RTP payloads although PS was agreed (§9.5 row 15).
///
/// The first programme is followed: its first video and first audio stream (ISO 13818-1 §2.4.3, §2.4.4).
struct TSDemuxer: Sendable {
  static let packetBytes = 188

  /// One elementary stream: the PES packet at hand.
  fileprivate struct Stream: Sendable {
    var pid: UInt16
    var type: StreamType
    var counter: UInt8?
    var bytes: [UInt8] = []
    var isOpen = false
    var rtp: UInt32 = 0
    var arrival = WallTime(nanoseconds: 0)
  }

  private var mapPID: UInt16?
  private var video: Stream?
  private var audio: Stream?
  private var units: [Range<Int>] = []
  /// Payloads in a row that were no transport stream.
  private(set) var strangePayloads = 0

  /// Whether a payload is a run of transport packets.
  static func matches(_ payload: Span<UInt8>) -> Bool {
    guard payload.count >= packetBytes, payload.count % packetBytes == 0 else { return false }
    for start in stride(from: 0, to: payload.count, by: packetBytes) where payload[start] != 0x47 {
      return false
    }
    return true
  }

  mutating func receive(
    _ payload: Span<UInt8>, header: RTPTimestampInfo, gapBefore: Bool, arrival: WallTime,
    _ tracks: inout TrackSet
  ) {
    guard Self.matches(payload) else {
      strangePayloads += 1
      return
    }
    strangePayloads = 0
    if gapBefore { lose(.packetLoss, at: arrival, &tracks) }
    for start in stride(from: 0, to: payload.count, by: Self.packetBytes) {
      let moment = UnitTiming(pts: nil, dts: nil, rtp: header.timestamp, arrival: arrival)
      packet(payload.extracting(start..<start + Self.packetBytes), moment, &tracks)
    }
  }

  mutating func flush(_ tracks: inout TrackSet) {
    finishVideo(&tracks)
    finishAudio(&tracks)
  }

  /// One packet of 188 bytes.
  private mutating func packet(
    _ packet: Span<UInt8>, _ moment: UnitTiming, _ tracks: inout TrackSet
  ) {
    let pid = packet.uint16(at: 1) & 0x1FFF
    let starts = packet[1] & 0x40 != 0
    var offset = 4
    if packet[3] & 0x20 != 0 { offset += 1 + Int(packet[4]) }
    guard packet[3] & 0x10 != 0, offset < packet.count else { return }
    let payload = packet.extracting(offset..<packet.count)
    let counter = packet[3] & 0x0F
    if pid == 0 {
      if starts { readAssociation(payload) }
    } else if pid == mapPID {
      if starts { readMap(payload) }
    } else if pid == video?.pid {
      if let last = video?.counter, counter == last { return }
      if let last = video?.counter, counter != (last + 1) & 15 {
        lose(.packetLoss, at: moment.arrival, &tracks)
      }
      if starts { finishVideo(&tracks) }
      video?.counter = counter
      takeVideo(payload, starts: starts, moment, &tracks)
    } else if pid == audio?.pid {
      if starts { finishAudio(&tracks) }
      audio?.take(payload, starts: starts, moment, limit: 1 << 16)
    }
  }

  private mutating func takeVideo(
    _ payload: Span<UInt8>, starts: Bool, _ moment: UnitTiming, _ tracks: inout TrackSet
  ) {
    guard video?.take(payload, starts: starts, moment, limit: tracks.options.maximumUnitBytes) ?? true else {
      return lose(.tooLarge, at: moment.arrival, &tracks)
    }
    // A packet that states its length is complete when it is full.
    if video?.isFull ?? false { finishVideo(&tracks) }
  }

  private mutating func finishVideo(_ tracks: inout TrackSet) {
    guard let stream = video, let (header, timing) = stream.parsed() else {
      video?.close()
      return
    }
    let end = stream.end
    units.removeAll(keepingCapacity: true)
    let payload = stream.bytes.span.extracting(min(header.length, end)..<end)
    AnnexB.scan(payload, from: 0, into: &units)
    if header.isScrambled { tracks.unsupported(.encrypted) }
    tracks.mapListsSound = audio != nil
    if !units.isEmpty { tracks.picture(payload, units.span, type: stream.type, timing: timing) }
    video?.close()
  }

  private mutating func finishAudio(_ tracks: inout TrackSet) {
    guard let stream = audio, let (header, timing) = stream.parsed() else {
      audio?.close()
      return
    }
    let end = stream.end
    let payload = stream.bytes.span.extracting(min(header.length, end)..<end)
    tracks.sound(payload, type: stream.type, timing: timing)
    audio?.close()
  }

  private mutating func lose(
    _ reason: DemuxDamage, at arrival: WallTime, _ tracks: inout TrackSet
  ) {
    if video?.isOpen ?? false { tracks.counters.droppedUnits += 1 }
    video?.close()
    audio?.close()
    tracks.damaged(reason, at: arrival)
  }
}

extension TSDemuxer.Stream {
  /// Adds the payload of one transport packet. False when the unit would exceed `limit`.
  @discardableResult
  fileprivate mutating func take(_ payload: Span<UInt8>, starts: Bool, _ moment: UnitTiming, limit: Int)
    -> Bool
  {
    if starts {
      isOpen = true
      rtp = moment.rtp
    }
    guard isOpen else { return true }
    guard bytes.count + payload.count <= limit else { return false }
    bytes.append(payload)
    arrival = moment.arrival
    return true
  }

  fileprivate mutating func close() {
    isOpen = false
    bytes.removeAll(keepingCapacity: true)
  }

  /// Where the packet ends by its own length; the end of the bytes when it states none.
  fileprivate var end: Int {
    guard bytes.count >= 6 else { return bytes.count }
    let length = Int(bytes.span.uint16(at: 4))
    return length == 0 ? bytes.count : min(6 + length, bytes.count)
  }

  fileprivate var isFull: Bool {
    guard isOpen, bytes.count >= 6 else { return false }
    let length = Int(bytes.span.uint16(at: 4))
    return length > 0 && bytes.count >= 6 + length
  }

  /// The PES header and the time of the packet at hand.
  fileprivate func parsed() -> (PESHeader, UnitTiming)? {
    let span = bytes.span
    guard isOpen, span.count >= 9, span[0] == 0, span[1] == 0, span[2] == 1,
      let header = try? PESHeader(parsing: span, at: 0, end: span.count)
    else { return nil }
    return (header, UnitTiming(pts: header.pts, dts: header.dts, rtp: rtp, arrival: arrival))
  }
}

extension TSDemuxer {
  /// Programme association table (ISO 13818-1 §2.4.4.3): the first programme's map.
  private mutating func readAssociation(_ payload: Span<UInt8>) {
    guard let section = Self.section(payload, table: 0) else { return }
    var position = section.lowerBound + 8
    while position + 4 <= section.upperBound {
      let program = payload.uint16(at: position)
      if program != 0 {
        mapPID = payload.uint16(at: position + 2) & 0x1FFF
        return
      }
      position += 4
    }
  }

  /// Programme map table (§2.4.4.8): the first video and the first audio stream.
  private mutating func readMap(_ payload: Span<UInt8>) {
    guard let section = Self.section(payload, table: 2), section.count >= 12 else { return }
    var position = section.lowerBound + 12 + Int(payload.uint16(at: section.lowerBound + 10) & 0x0FFF)
    var isFirstVideo = true
    var isFirstAudio = true
    while position + 5 <= section.upperBound {
      let type = StreamType(rawValue: payload[position])
      let pid = payload.uint16(at: position + 1) & 0x1FFF
      if type.videoCodec != nil {
        if isFirstVideo, video?.pid != pid || video?.type != type { video = Stream(pid: pid, type: type) }
        isFirstVideo = false
      } else if type.audioCodec != nil {
        if isFirstAudio, audio?.pid != pid || audio?.type != type { audio = Stream(pid: pid, type: type) }
        isFirstAudio = false
      }
      position += 5 + Int(payload.uint16(at: position + 3) & 0x0FFF)
    }
  }

  /// The section that starts in `payload`, CRC excluded. Sections that run over one packet are not used.
  private static func section(_ payload: Span<UInt8>, table: UInt8) -> Range<Int>? {
    guard payload.count > 0 else { return nil }
    let start = 1 + Int(payload[0])
    guard payload.count >= start + 12, payload[start] == table else { return nil }
    let end = start + 3 + Int(payload.uint16(at: start + 1) & 0x0FFF) - 4
    guard end > start + 8, end <= payload.count else { return nil }
    return start..<end
  }
}
