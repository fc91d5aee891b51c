import Foundation
public import MPEGCore

/// Prepares clips with the `ffmpeg` tool and keeps them, so that a second start is at once.
public enum ClipLibrary {
  /// Raise it when a change of the scene or of the encoder's arguments makes kept clips wrong.
  private static let version = 6

  /// The default place for prepared clips.
  public static var defaultDirectory: String {
    let environment = ProcessInfo.processInfo.environment
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/tributary/scenes" }
    if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.cache/tributary/scenes" }
    return NSTemporaryDirectory() + "tributary-scenes"
  }

  /// A street clip with camera-like noise at a steady bit rate, for load generation (`tributary bench`).
  ///
  /// - Parameters:
  ///   - seconds: length; 10 is enough for a repeating load.
  ///   - directory: where it is kept; nil is ``defaultDirectory``.
  /// - Returns: the path of an elementary stream with start codes.
  public static func benchClip(
    codec: MediaCodec = .h264, width: Int = 1_920, height: Int = 1_080, kilobits: Int = 2_000,
    seconds: Int = 10,
    directory: String? = nil
  ) throws(SimulatorError) -> String {
    let settings = MediaSettings(
      codec: codec, hasAudio: false, width: width, height: height, kilobits: kilobits,
      cacheDirectory: directory)
    try settings.validate()
    let name = "bench-\(codec)-\(width)x\(height)-\(kilobits)k-\(seconds)s"
    return try kept(name, settings) { path throws(SimulatorError) in
      let rate = "\(kilobits)k"
      var arguments = EncoderArguments.file(settings, path: path)
      // Noise costs bits as a sensor's does; a fixed rate instead of a fixed quality.
      if let crf = arguments.firstIndex(of: "-crf") {
        arguments.replaceSubrange(crf...crf + 1, with: ["-b:v", rate, "-vf", "noise=alls=7:allf=t"])
      }
      try renderStreet(settings, variant: 0, frames: seconds * settings.frameRate, arguments: arguments)
    }
  }

  /// One minute of generated street.
  static func street(_ settings: MediaSettings, variant: Int) throws(SimulatorError) -> PreparedClip {
    let name =
      "street-\(variant)-\(settings.codec)-\(settings.width)x\(settings.height)-\(settings.frameRate)"
      + "-\(settings.keyFrameInterval)-\(settings.kilobits)k"
    let path = try kept(name, settings) { path throws(SimulatorError) in
      try renderStreet(
        settings, variant: variant, frames: StreetScene.loopSeconds * settings.frameRate,
        arguments: EncoderArguments.file(settings, path: path))
    }
    let clip = try PreparedClip(
      video: read(path), codec: settings.codec, frameRate: Double(settings.frameRate),
      sound: settings.hasAudio ? StreetSound.loop : nil)
    // A loop of another length would not stay in step with the minute.
    guard clip.pictures.count == StreetScene.loopSeconds * settings.frameRate else {
      throw SimulatorError("the kept clip \(path) is not whole: delete it and start again")
    }
    return clip
  }

  /// A file that FFmpeg opens: copied when its coding fits (no B-frames, the wanted codec), converted when not.
  static func file(_ source: String, _ settings: MediaSettings) throws(SimulatorError) -> PreparedClip {
    let facts = try SourceFacts(probing: source)
    let attributes = try? FileManager.default.attributesOfItem(atPath: source)
    let stamp =
      "\(attributes?[.size] ?? 0)-\((attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0)"
    let name =
      "file-\(fingerprint(source + stamp))-\(settings.codec)-\(settings.keyFrameInterval)-\(settings.kilobits)k"
    let format = settings.codec == .h264 ? "h264" : "hevc"
    var converting = settings
    converting.frameRate = max(1, Int(facts.frameRate.rounded()))
    let video = try kept(name, settings) { path throws(SimulatorError) in
      let coding =
        facts.codec == format && !facts.hasReordering
        ? ["-c:v", "copy", "-bsf:v", "\(format)_mp4toannexb"]
        : EncoderArguments.video(converting, delimiters: false, latency: false)
      try run(
        ["-nostdin", "-loglevel", "quiet", "-i", source, "-map", "0:v:0", "-an"] + coding + [
          "-y", "-f", format, path,
        ],
        "cannot convert \(source)")
    }
    var sound: [UInt8]?
    if settings.hasAudio, facts.hasSound {
      let path = try kept(name + "-alaw", settings) { path throws(SimulatorError) in
        try run(
          ["-nostdin", "-loglevel", "quiet", "-i", source, "-map", "0:a:0", "-vn", "-ar", "8000", "-ac", "1"]
            + ["-c:a", "pcm_alaw", "-y", "-f", "alaw", path], "cannot convert the sound of \(source)")
      }
      sound = try read(path)
    }
    return try PreparedClip(
      video: read(video), codec: settings.codec, frameRate: facts.frameRate, sound: sound)
  }

  /// The kept file of this name, made first if there is none. Two makers do not disturb each other.
  private static func kept(
    _ name: String, _ settings: MediaSettings, make: (String) throws(SimulatorError) -> Void
  ) throws(SimulatorError) -> String {
    let directory = settings.cacheDirectory ?? defaultDirectory
    let path = "\(directory)/\(name)-v\(version)"
    if FileManager.default.fileExists(atPath: path) { return path }
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw SimulatorError("the directory \(directory) for prepared clips cannot be made")
    }
    let draft = "\(path).\(UUID().uuidString)"
    defer { unlink(draft) }
    try make(draft)
    guard rename(draft, path) == 0 else { throw SimulatorError("cannot write into \(directory)") }
    return path
  }

  private static func renderStreet(
    _ settings: MediaSettings, variant: Int, frames: Int, arguments: [String]
  ) throws(SimulatorError) {
    let tool = try ToolProcess("ffmpeg", arguments, takesInput: true)
    var scene = StreetScene(
      variant: variant, width: settings.width, height: settings.height, frameRate: settings.frameRate)
    for number in 0..<frames {
      let clock = StreetScene.loopClockText(frame: number, frameRate: settings.frameRate)
      guard tool.write(scene.frame(number, clock: clock)) else { break }
    }
    tool.closeInput()
    while !tool.read().isEmpty {}
    guard tool.reap(killing: false) else {
      throw SimulatorError("ffmpeg cannot encode \(settings.codec): is its encoder installed?")
    }
  }

  private static func run(_ arguments: [String], _ failure: String) throws(SimulatorError) {
    guard try ToolProcess.output(of: "ffmpeg", arguments) != nil else { throw SimulatorError(failure) }
  }

  private static func read(_ path: String) throws(SimulatorError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SimulatorError("cannot read \(path)")
    }
    return Array(data)
  }

  /// FNV-1a, for file names.
  private static func fingerprint(_ text: String) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(value, radix: 16)
  }
}

/// What `ffprobe` says about a file.
struct SourceFacts {
  private(set) var codec = ""
  private(set) var hasReordering = false
  private(set) var frameRate: Double = 25
  private(set) var hasSound = false

  init(probing path: String) throws(SimulatorError) {
    let entries = "stream=codec_type,codec_name,has_b_frames,avg_frame_rate"
    let arguments = ["-v", "quiet", "-show_entries", entries, "-of", "compact=p=0", path]
    guard let output = try ToolProcess.output(of: "ffprobe", arguments) else {
      throw SimulatorError("FFmpeg cannot open \(path)")
    }
    var hasVideo = false
    for line in String(decoding: output, as: UTF8.self).split(separator: "\n") {
      var fields: [Substring: Substring] = [:]
      for field in line.split(separator: "|") {
        let parts = field.split(separator: "=", maxSplits: 1)
        if parts.count == 2 { fields[parts[0]] = parts[1] }
      }
      if fields["codec_type"] == "audio" { hasSound = true }
      guard fields["codec_type"] == "video", !hasVideo else { continue }
      hasVideo = true
      codec = String(fields["codec_name"] ?? "")
      hasReordering = fields["has_b_frames"] != "0"
      let rate = (fields["avg_frame_rate"] ?? "").split(separator: "/").compactMap { Double($0) }
      if rate.count == 2, rate[0] > 0, rate[1] > 0 { frameRate = min(max(rate[0] / rate[1], 1), 60) }
    }
    guard hasVideo else { throw SimulatorError("\(path) holds no video") }
  }
}
