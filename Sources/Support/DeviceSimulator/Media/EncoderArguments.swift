import MPEGCore

/// Arguments for the `ffmpeg` tool.
enum EncoderArguments {
  /// Raw frames on standard input to an elementary stream on standard output, each frame out as soon as it is in.
  ///
  /// Access unit delimiters mark where a frame ends; they are not sent on.
  static func live(_ settings: MediaSettings) -> [String] {
    rawInput(settings) + video(settings, delimiters: true, latency: true)
      + ["-flush_packets", "1", "-f", settings.codec == .h264 ? "h264" : "hevc", "pipe:1"]
  }

  /// Raw frames on standard input to a file.
  static func file(_ settings: MediaSettings, path: String) -> [String] {
    rawInput(settings) + video(settings, delimiters: false, latency: false)
      + ["-y", "-f", settings.codec == .h264 ? "h264" : "hevc", path]
  }

  /// Every frame in is a frame out: none may be lost to probing or to a repair of the frame rate.
  private static func rawInput(_ settings: MediaSettings) -> [String] {
    [
      "-nostdin", "-loglevel", "quiet", "-probesize", "32", "-analyzeduration", "0", "-f", "rawvideo",
      "-pix_fmt",
      "yuv420p", "-s:v", "\(settings.width & ~1)x\(settings.height & ~1)", "-r", String(settings.frameRate),
      "-i",
      "pipe:0", "-fps_mode", "passthrough",
    ]
  }

  /// No B-frames, closed groups, parameter sets before every key frame.
  static func video(_ settings: MediaSettings, delimiters: Bool, latency: Bool) -> [String] {
    let group = settings.frameRate * settings.keyFrameInterval
    let rate = "\(settings.kilobits)k"
    let aud = delimiters ? 1 : 0
    let quality = ["-crf", settings.codec == .h264 ? "24" : "27", "-maxrate", rate, "-bufsize", rate]
    if settings.codec == .h264 {
      return [
        "-an", "-c:v", "libx264", "-preset", latency ? "ultrafast" : "superfast", "-bf", "0", "-g",
        String(group),
        "-keyint_min", String(group), "-pix_fmt", "yuv420p",
      ] + quality + (latency ? ["-tune", "zerolatency", "-threads", "1"] : [])
        + ["-x264-params", "scenecut=0:open-gop=0:repeat-headers=1:aud=\(aud):sliced-threads=0"]
    }
    return [
      "-an", "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
    ] + quality + (latency ? ["-tune", "zerolatency"] : []) + [
      "-x265-params",
      "keyint=\(group):min-keyint=\(group):scenecut=0:open-gop=0:bframes=0:repeat-headers=1:aud=\(aud):info=0"
        + ":log-level=none" + (latency ? ":pools=1:frame-threads=1" : ""),
    ]
  }
}
