import Codec
import Foundation
import MPEGCore
import MediaTime
import Testing
import WireBytes

@Suite("AAC from G.711")
struct AACEncoderTests {
  private static let source = TrackFormat(codec: .g711A, sampleRate: 8_000, channels: 1)

  /// Forty milliseconds of a 440 Hz tone, A-law.
  private static func block(_ index: Int, at pts: MediaTicks) -> AccessUnit {
    let samples = (0..<320).map { offset -> UInt8 in
      let sample = sin(Double(index * 320 + offset) * 2 * .pi * 440 / 8_000) * 12_000
      return G711.encode(Int16(sample), law: .g711A)
    }
    return AccessUnit(
      codec: .g711A, isKeyFrame: true, pts: pts, dts: pts, arrival: WallTime(milliseconds: Int64(index) * 40),
      payload: SharedBytes(samples))
  }

  @Test("a track of 16 kHz mono AAC-LC is promised before the first sample")
  func format() throws {
    let encoder = try AACEncoder(source: Self.source)
    #expect(encoder.format.codec == .aac)
    #expect(encoder.format.sampleRate == 16_000)
    #expect(encoder.format.channels == 1)
    // ISO 14496-3 §1.6.2.1: object type 2 (LC), frequency index 8 (16 kHz), one channel.
    #expect(encoder.format.audioConfig.prefix(2) == [0x14, 0x08])
  }

  @Test("frames follow each other without a gap on the clock of the source")
  func continuousTime() throws {
    let encoder = try AACEncoder(source: Self.source)
    let start: Int64 = 1 << 33
    let frames = (0..<100).flatMap {
      encoder.transcode(Self.block($0, at: MediaTicks(start + Int64($0) * 3_600)))
    }
    #expect(frames.count >= 58)
    #expect(abs((frames.first?.pts ?? MediaTicks(0)) - MediaTicks(start)) < 900)
    for (first, second) in zip(frames, frames.dropFirst()) { #expect(second.pts - first.pts == 5_760) }
    #expect(frames.allSatisfy { $0.codec == .aac && $0.payload.count > 0 })
  }

  @Test("jitter of the time stamps is smoothed and a jump is followed")
  func jumps() throws {
    let encoder = try AACEncoder(source: Self.source)
    var frames: [AccessUnit] = []
    for index in 0..<50 {
      let jitter: Int64 = index.isMultiple(of: 2) ? 1_800 : -1_800
      frames += encoder.transcode(Self.block(index, at: MediaTicks(900_000 + Int64(index) * 3_600 + jitter)))
    }
    for (first, second) in zip(frames, frames.dropFirst()) { #expect(second.pts - first.pts == 5_760) }
    let later: Int64 = 9_000_000
    for index in 0..<50 {
      frames += encoder.transcode(Self.block(index, at: MediaTicks(later + Int64(index) * 3_600)))
    }
    let after = frames.drop { $0.pts.value < later }
    #expect(abs((after.first?.pts.value ?? 0) - later) <= 5_760)
    #expect(after.count > 20)
  }

  @Test("what comes out is the sound that went in")
  func decodes() throws {
    let encoder = try AACEncoder(source: Self.source)
    let frames = (0..<100).flatMap { encoder.transcode(Self.block($0, at: MediaTicks(Int64($0) * 3_600))) }
    let report = try MediaProbe.inspect(bytes: frames.flatMap { adts($0.payload.array) })
    #expect(report.audio?.codec == "aac")
    #expect(report.audio?.sampleRate == 16_000)
    #expect((report.audio?.decodedSamples ?? 0) >= 58 * 1_024)
    // A sine of amplitude 12 000 has an effective value of 0.26.
    #expect(abs((report.audio?.loudness ?? 0) - 0.26) < 0.04)
    #expect(report.errors == 0)
  }

  @Test("µ-law silence stays silent")
  func muLaw() throws {
    let encoder = try AACEncoder(source: TrackFormat(codec: .g711U, sampleRate: 8_000, channels: 1))
    let frames = (0..<50).flatMap { index in
      let time = MediaTicks(Int64(index) * 3_600)
      return encoder.transcode(
        AccessUnit(
          codec: .g711U, isKeyFrame: true, pts: time, dts: time, arrival: WallTime(seconds: 0),
          payload: SharedBytes([UInt8](repeating: 0xFF, count: 320))))
    }
    let report = try MediaProbe.inspect(bytes: frames.flatMap { adts($0.payload.array) })
    #expect((report.audio?.loudness ?? 1) < 0.001)
  }

  @Test("tracks that are not one-channel G.711 are refused")
  func refuses() {
    #expect(throws: CodecError.self) {
      try AACEncoder(source: TrackFormat(codec: .aac, sampleRate: 8_000, channels: 1))
    }
    #expect(throws: CodecError.self) {
      try AACEncoder(source: TrackFormat(codec: .g711A, sampleRate: 8_000, channels: 2))
    }
  }

  /// An ADTS header for 16 kHz mono LC (ISO 13818-7 §6.2).
  private func adts(_ frame: [UInt8]) -> [UInt8] {
    let length = frame.count + 7
    return [
      0xFF, 0xF1, 0x60, 0x40 | UInt8(length >> 11 & 3), UInt8(length >> 3 & 0xFF),
      UInt8(length & 7) << 5 | 0x1F,
      0xFC,
    ] + frame
  }
}
