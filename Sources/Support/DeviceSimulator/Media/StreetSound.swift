import Glibc
import MPEGCore

/// The sound of a generated scene: a quiet hum, and a pip of 40 ms at every full second to hear whether sound and
/// clock agree.
enum StreetSound {
  /// One minute of A-law at 8 kHz.
  static let loop: [UInt8] = {
    var state: UInt32 = 1
    var low = 0.0
    return (0..<StreetScene.loopSeconds * G711.sampleRate).map { index in
      state = state &* 1_664_525 &+ 1_013_904_223
      // Noise through a one-pole low pass: wind and far traffic.
      low += (Double(state >> 16) / 65_536 - 0.5 - low) * 0.04
      let time = index % G711.sampleRate
      let pip = time < G711.sampleRate / 25 ? sin(Double(time) * 2 * .pi * 1_000 / 8_000) * 6_000 : 0
      return G711.encode(Int16(low * 3_000 + pip), law: .g711A)
    }
  }()

  /// A-law of nothing.
  static let silence: UInt8 = 0xD5
}
