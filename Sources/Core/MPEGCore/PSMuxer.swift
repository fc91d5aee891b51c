import MediaTime
public import WireBytes

/// Packs access units as an MPEG program stream, strictly by ISO 13818-1 and GB/T 28181 Annex C.
///
/// One unit becomes one pack: pack header, before a key frame the system header and the program stream map, then
/// the PES packets. Video goes out as Annex B, AAC as ADTS, G.711 as raw samples.
public struct PSMuxer: Sendable {
  /// Bytes behind the length field of one PES packet.
  static let maximumPESLength = 0xFF80
  /// Audio-only streams repeat the program stream map this often.
  static let unitsBetweenMaps = 30

  private let video: TrackFormat?
  private let audio: TrackFormat?
  private let muxRate: UInt32
  private let prologue: [UInt8]
  private var unitsSinceMap = Int.max

  /// - Parameters:
  ///   - formats: at most one video and one audio track.
  ///   - muxRate: in units of 50 byte/s, at most 22 bits.
  public init(formats: [TrackFormat], muxRate: UInt32 = 50_000) {
    video = formats.first { $0.codec.isVideo }
    audio = formats.first { !$0.codec.isVideo }
    self.muxRate = min(max(muxRate, 1), 0x3F_FFFF)
    prologue =
      Self.systemHeader(rate: self.muxRate, video: video != nil, audio: audio != nil)
      + Self.streamMap(video: video?.codec, audio: audio?.codec)
  }

  /// Appends the pack that carries `unit`.
  ///
  /// A unit of a track that was not named in `formats` appends nothing.
  public mutating func pack(_ unit: AccessUnit, into bytes: inout [UInt8]) {
    guard let plan = plan(unit) else { return }
    let pack = unsafe SharedBytes.make(capacity: plan.byteCount) { unsafe write(unit, plan, to: $0) }
    pack.withBytes { bytes.append($0) }
  }

  /// The pack that carries `unit`, with one copy of its bytes; nil for a track that was not named in `formats`.
  public mutating func pack(_ unit: AccessUnit, in arena: inout ByteArena) -> SharedBytes? {
    guard let plan = plan(unit) else { return nil }
    return unsafe arena.make(capacity: plan.byteCount) { unsafe write(unit, plan, to: $0) }
  }
}

extension PSMuxer {
  /// What a pack consists of, before a byte is written.
  private struct Plan {
    var hasPrologue: Bool
    var adts: ADTSHeader?
    /// Bytes of the unit that go out; a broken length ends them.
    var payload: Int
    /// Of the first PES packet: 5, or 10 with a decoding time.
    var stamps: Int
    var byteCount: Int
  }

  private mutating func plan(_ unit: AccessUnit) -> Plan? {
    guard unit.codec == video?.codec || unit.codec == audio?.codec else { return nil }
    unitsSinceMap = unitsSinceMap == .max ? .max : unitsSinceMap + 1
    let isDue =
      unit.codec.isVideo ? unit.isKeyFrame : video == nil && unitsSinceMap >= Self.unitsBetweenMaps
    let hasPrologue = isDue || unitsSinceMap == .max
    if hasPrologue { unitsSinceMap = 0 }
    var adts: ADTSHeader?
    if unit.codec == .aac, let audio { adts = ADTSHeader(format: audio, frameBytes: unit.payload.count) }
    let payload =
      unit.codec.isVideo
      ? unit.payload.withBytes { AnnexB.validLength(lengthPrefixed: $0) } : unit.payload.count
    let stamps = unit.pts == unit.dts ? 5 : 10
    let first = Self.maximumPESLength - 3 - stamps
    let content = payload + (adts == nil ? 0 : ADTSHeader.byteCount)
    let others = max(0, content - first + Self.maximumPESLength - 4) / (Self.maximumPESLength - 3)
    let count =
      Self.packHeaderBytes + (hasPrologue ? prologue.count : 0) + content + stamps
      + (1 + others) * Self.pesHeaderBytes
    return Plan(hasPrologue: hasPrologue, adts: adts, payload: payload, stamps: stamps, byteCount: count)
  }

  private func write(_ unit: AccessUnit, _ plan: Plan, to memory: UnsafeMutableRawBufferPointer) -> Int {
    var writer = unsafe PackWriter(memory: memory)
    // Forty milliseconds ahead of the decoding time, as §9.6 recommends.
    writer.packHeader(clock: UInt64(bitPattern: unit.dts.value &- 3_600), rate: muxRate)
    if plan.hasPrologue { writer.bytes(prologue.span) }
    unit.payload.withBytes { payload in
      writer.packets(
        unit, payload.extracting(0..<plan.payload), stamps: plan.stamps, adts: plan.adts)
    }
    precondition(writer.count == plan.byteCount, "a pack has another size than planned")
    return writer.count
  }

  static let packHeaderBytes = 14
  /// Without time stamps.
  static let pesHeaderBytes = 9

  /// ISO 13818-1 §2.5.3.5
  static func systemHeader(rate: UInt32, video: Bool, audio: Bool) -> [UInt8] {
    var body: [UInt8] = [
      0x80 | UInt8(rate >> 15 & 0x7F), UInt8(rate >> 7 & 0xFF), UInt8(rate & 0x7F) << 1 | 1,
      (audio ? 4 : 0), 0xE0 | (video ? 1 : 0), 0x7F,
    ]
    // Buffer sizes: 480 KiB for video in units of 1 KiB, 4 KiB for audio in units of 128 bytes.
    if video { body += [0xE0, 0xE1, 0xE0] }
    if audio { body += [0xC0, 0xC0, 0x20] }
    return [0, 0, 1, 0xBB, 0, UInt8(body.count)] + body
  }

  /// ISO 13818-1 §2.5.4; the stream types of GB/T 28181 Annex C.
  static func streamMap(video: MediaCodec?, audio: MediaCodec?) -> [UInt8] {
    var entries: [UInt8] = []
    if let video { entries += [StreamType(video).rawValue, 0xE0, 0, 0] }
    if let audio { entries += [StreamType(audio).rawValue, 0xC0, 0, 0] }
    var map: [UInt8] = [
      0, 0, 1, 0xBC, 0, UInt8(10 + entries.count), 0xE1, 0xFF, 0, 0, 0, UInt8(entries.count),
    ]
    map += entries
    let crc = CRC32MPEG.checksum(map.span)
    map += [UInt8(crc >> 24), UInt8(crc >> 16 & 0xFF), UInt8(crc >> 8 & 0xFF), UInt8(crc & 0xFF)]
    return map
  }
}
