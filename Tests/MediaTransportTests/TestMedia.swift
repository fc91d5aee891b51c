import Foundation
import MPEGCore
import MediaTime
import Synchronization
import WireBytes

/// Real coded pictures, made once per test run with the ffmpeg tool: 320 × 240, 25 per second, a key frame every second.
enum TestMedia {
  static let h264 = clip(
    "libx264", ["-x264-params", "keyint=25:min-keyint=25:scenecut=0:bframes=0"], "h264", .h264)
  static let h265 = clip(
    "libx265", ["-x265-params", "keyint=25:min-keyint=25:bframes=0:log-level=none"], "hevc", .h265)

  private static func clip(
    _ encoder: String, _ options: [String], _ container: String, _ codec: MediaCodec
  ) -> ElementaryStreamReader? {
    let bytes = run(
      "ffmpeg",
      ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", "5", "-pix_fmt", "yuv420p"]
        + ["-c:v", encoder] + options + ["-preset", "ultrafast", "-f", container, "-"], input: [])
    return ElementaryStreamReader(bytes, codec: codec)
  }

  /// Decodes `bytes` with the ffmpeg tool and returns the pictures it produced, one checksum each.
  static func decodedPictures(_ bytes: [UInt8]) -> [String] {
    let text = run(
      "ffmpeg", ["-v", "error", "-i", "-", "-map", "0:v", "-f", "framemd5", "-fps_mode", "passthrough", "-"],
      input: bytes)
    return String(decoding: text, as: UTF8.self).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .compactMap { $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) } }
  }

  /// Runs a tool with files for input and output, so that no pipe can fill up.
  static func run(_ tool: String, _ arguments: [String], input: [UInt8]) -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let (source, result) = (folder.appendingPathComponent("in"), folder.appendingPathComponent("out"))
      try Data(input).write(to: source)
      try Data().write(to: result)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = [tool] + arguments
      process.standardInput = try FileHandle(forReadingFrom: source)
      process.standardOutput = try FileHandle(forWritingTo: result)
      process.standardError = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      return [UInt8](try Data(contentsOf: result))
    } catch {
      return []
    }
  }

  /// A picture that no decoder understands, for tests of transport alone.
  static func picture(at index: Int, isKey: Bool, bytes: Int = 200, codec: MediaCodec = .h264) -> AccessUnit {
    let nal: UInt8 = isKey ? 0x65 : 0x41
    let length = bytes - 4
    let head = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + [nal]
    let payload = head + [UInt8](repeating: UInt8(truncatingIfNeeded: index) | 1, count: bytes - head.count)
    let time = MediaTicks(Int64(index) * 3_600)
    return AccessUnit(
      codec: codec, isKeyFrame: isKey, pts: time, dts: time, arrival: WallTime(nanoseconds: 0),
      payload: SharedBytes(payload))
  }
}
