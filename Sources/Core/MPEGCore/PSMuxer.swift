import MediaTime
import WireBytes

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
    guard unit.codec == video?.codec || unit.codec == audio?.codec else { return }
    // Forty milliseconds ahead of the decoding time, as §9.6 recommends.
    Self.appendPackHeader(clock: UInt64(bitPattern: unit.dts.value &- 3_600), rate: muxRate, to: &bytes)
    unitsSinceMap = unitsSinceMap == .max ? .max : unitsSinceMap + 1
    let needsMap =
      unit.codec.isVideo ? unit.isKeyFrame : video == nil && unitsSinceMap >= Self.unitsBetweenMaps
    if needsMap || unitsSinceMap == .max {
      bytes.append(contentsOf: prologue)
      unitsSinceMap = 0
    }
    if unit.codec.isVideo {
      appendVideo(unit, to: &bytes)
    } else {
      appendAudio(unit, to: &bytes)
    }
  }
}

extension PSMuxer {
  private func appendVideo(_ unit: AccessUnit, to bytes: inout [UInt8]) {
    var payload: [UInt8] = []
    unit.payload.withBytes { AnnexB.append(lengthPrefixed: $0, to: &payload) }
    appendPES(id: 0xE0, payload.span, unit: unit, to: &bytes)
  }

  private func appendAudio(_ unit: AccessUnit, to bytes: inout [UInt8]) {
    unit.payload.withBytes { raw in
      guard unit.codec == .aac, let audio, let header = ADTSHeader(format: audio, frameBytes: raw.count)
      else {
        return appendPES(id: 0xC0, raw, unit: unit, to: &bytes)
      }
      var framed = header.bytes
      framed.append(raw)
      appendPES(id: 0xC0, framed.span, unit: unit, to: &bytes)
    }
  }

  /// Splits at the length limit; only the first packet carries the time stamps.
  private func appendPES(id: UInt8, _ payload: Span<UInt8>, unit: AccessUnit, to bytes: inout [UInt8]) {
    let pts = UInt64(bitPattern: unit.pts.value)
    let dts = UInt64(bitPattern: unit.dts.value)
    var offset = 0
    repeat {
      let stamps = offset > 0 ? 0 : (pts == dts ? 5 : 10)
      let size = min(payload.count - offset, Self.maximumPESLength - 3 - stamps)
      let length = 3 + stamps + size
      bytes.append(contentsOf: [0, 0, 1, id, UInt8(length >> 8), UInt8(length & 0xFF)])
      bytes.append(offset == 0 ? 0x84 : 0x80)
      bytes.append(stamps == 0 ? 0 : (stamps == 5 ? 0x80 : 0xC0))
      bytes.append(UInt8(stamps))
      if stamps > 0 { Self.appendStamp(pts, tag: stamps == 5 ? 2 : 3, to: &bytes) }
      if stamps > 5 { Self.appendStamp(dts, tag: 1, to: &bytes) }
      bytes.append(payload.extracting(offset..<offset + size))
      offset += size
    } while offset < payload.count
  }

  /// Five bytes of PTS or DTS (ISO 13818-1 §2.4.3.6).
  static func appendStamp(_ value: UInt64, tag: UInt8, to bytes: inout [UInt8]) {
    bytes.append(tag << 4 | UInt8(value >> 30 & 7) << 1 | 1)
    bytes.append(UInt8(value >> 22 & 0xFF))
    bytes.append(UInt8(value >> 15 & 0x7F) << 1 | 1)
    bytes.append(UInt8(value >> 7 & 0xFF))
    bytes.append(UInt8(value & 0x7F) << 1 | 1)
  }

  /// Fourteen bytes; the clock's extension is zero (ISO 13818-1 §2.5.3.3).
  static func appendPackHeader(clock: UInt64, rate: UInt32, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: [0, 0, 1, 0xBA])
    bytes.append(0x44 | UInt8(clock >> 30 & 7) << 3 | UInt8(clock >> 28 & 3))
    bytes.append(UInt8(clock >> 20 & 0xFF))
    bytes.append(UInt8(clock >> 15 & 0x1F) << 3 | 4 | UInt8(clock >> 13 & 3))
    bytes.append(UInt8(clock >> 5 & 0xFF))
    bytes.append(UInt8(clock & 0x1F) << 3 | 4)
    bytes.append(1)
    bytes.append(UInt8(rate >> 14 & 0xFF))
    bytes.append(UInt8(rate >> 6 & 0xFF))
    bytes.append(UInt8(rate & 0x3F) << 2 | 3)
    bytes.append(0xF8)
  }

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
