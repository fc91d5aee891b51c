import Foundation
import MP4Core
import MPEGCore
import MediaTime
import WireBytes

/// A short clip that the ffmpeg tool made, taken apart into access units.
struct SampleClip: Sendable {
  /// The fragmented MP4 as ffmpeg wrote it.
  let original: URL
  let formats: [TrackFormat]
  /// In decoding order, pictures and sound interleaved by time.
  let units: [AccessUnit]

  enum Sound: String, Sendable, CaseIterable {
    case none, alaw, mulaw, aac
    var arguments: [String] {
      switch self {
      case .none: []
      case .alaw: ["-c:a", "pcm_alaw", "-ar", "8000", "-ac", "1"]
      case .mulaw: ["-c:a", "pcm_mulaw", "-ar", "8000", "-ac", "1"]
      case .aac: ["-c:a", "aac", "-ar", "16000", "-ac", "1"]
      }
    }
  }

  /// - Parameters:
  ///   - seconds: length.
  ///   - groups: pictures per group.
  ///   - reordering: whether pictures are presented in another order than they are decoded.
  static func make(
    _ codec: MediaCodec, sound: Sound = .none, seconds: Int = 4, groups: Int = 25, reordering: Bool = false,
    size: String = "320x240"
  ) async throws -> SampleClip {
    let key = "\(codec)-\(sound)-\(seconds)-\(groups)-\(reordering)-\(size)"
    return try await shared.value(key) {
      try await encode(
        codec, sound: sound, seconds: seconds, groups: groups, reordering: reordering, size: size)
    }
  }

  /// Each clip is made once per run.
  private static let shared = Once<SampleClip>()

  private static func encode(
    _ codec: MediaCodec, sound: Sound, seconds: Int, groups: Int, reordering: Bool, size: String
  ) async throws -> SampleClip {
    let url = Tool.scratch.appending(path: "clip-\(UUID().uuidString).mp4")
    var arguments = ["-f", "lavfi", "-i", "testsrc2=size=\(size):rate=25"]
    if sound != .none { arguments += ["-f", "lavfi", "-i", "sine=frequency=440"] }
    arguments += [
      "-t", "\(seconds)", "-pix_fmt", "yuv420p", "-g", "\(groups)", "-bf", reordering ? "2" : "0",
    ]
    switch codec {
    case .h265:
      arguments += [
        "-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hvc1", "-x265-params",
        "log-level=none:scenecut=0:open-gop=0:repeat-headers=1:keyint=\(groups):bframes=\(reordering ? 2 : 0)",
      ]
    default:
      arguments += ["-c:v", "libx264", "-preset", "ultrafast", "-sc_threshold", "0", "-bsf:v", "dump_extra"]
    }
    arguments += sound.arguments
    let isRaw = sound == .alaw || sound == .mulaw
    arguments += [
      "-movflags", "frag_keyframe+empty_moov+default_base_moof", "-video_track_timescale", "90000",
    ]
    try await Tool.ffmpeg(arguments + ["-f", isRaw ? "mov" : "mp4", url.path()])
    return try SampleClip(original: url)
  }

  private init(original: URL) throws {
    self.original = original
    let bytes = try Array(Data(contentsOf: original))
    let index = try FragmentIndex(MP4Source(bytes))
    formats = index.tracks.map(\.format)
    var units: [AccessUnit] = []
    for track in index.tracks {
      // The encoder's priming block disturbs the first times of the tool's file: count them afresh.
      var decode: Int64 = 0
      for sample in index.samples(of: track.id) {
        let start = Int(sample.offset)
        let composition = sample.compositionOffset * MediaTicks.perSecond / Int64(track.timescale)
        let unit = AccessUnit(
          codec: track.format.codec, isKeyFrame: sample.isKeyFrame, pts: MediaTicks(decode + composition),
          dts: MediaTicks(decode), arrival: WallTime(seconds: 0),
          payload: SharedBytes(Array(bytes[start..<start + sample.size])))
        units.append(unit)
        decode +=
          track.format.codec.isVideo
          ? 3_600 : FragmentedMP4Writer.naturalDuration(of: unit, format: track.format)
      }
    }
    self.units = units.enumerated().sorted { ($0.element.dts, $0.offset) < ($1.element.dts, $1.offset) }
      .map(\.element)
  }

  /// The units in groups that begin with a key frame.
  var groups: [[AccessUnit]] {
    var result: [[AccessUnit]] = []
    for unit in units {
      if result.isEmpty || (unit.codec.isVideo && unit.isKeyFrame) { result.append([]) }
      result[result.count - 1].append(unit)
    }
    return result
  }

  /// A file with one fragment per group.
  func fragmented(metadata: [UInt8]? = nil) -> (bytes: [UInt8], ends: [Int]) {
    var writer = FragmentedMP4Writer(formats: formats)
    var bytes = writer.initializationSegment(metadata: metadata)
    var ends = [bytes.count]
    let groups = groups
    for (index, group) in groups.enumerated() {
      let next = index + 1 < groups.count ? groups[index + 1] : []
      let layout = writer.fragment(
        group, videoEnd: next.first { $0.codec.isVideo }?.dts, audioEnd: next.first { !$0.codec.isVideo }?.dts
      )
      bytes += layout.joined
      ends.append(bytes.count)
    }
    return (bytes, ends)
  }
}

/// The ffmpeg tools. Anything they print at level `warning` is an error of the test.
enum Tool {
  struct Failure: Error, CustomStringConvertible { let description: String }

  static let scratch: URL = {
    let url = FileManager.default.temporaryDirectory.appending(path: "tributary-test-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(at: Tool.scratch) }
    return url
  }()

  private static let queue: OperationQueue = {
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 2
    return queue
  }()

  static func run(_ name: String, _ arguments: [String]) async throws -> (
    output: String, errors: String, status: Int32
  ) {
    let errors = scratch.appending(path: "errors-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path(), contents: nil)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name] + arguments
    let output = Pipe()
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    // Not on a thread of the concurrency pool, which other tests need, and not all tools at once.
    let text = try await withCheckedThrowingContinuation { continuation in
      queue.addOperation {
        continuation.resume(
          with: Result {
            try process.run()
            let data = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
          })
      }
    }
    return (text, try String(contentsOf: errors, encoding: .utf8), process.terminationStatus)
  }

  @discardableResult
  static func ffmpeg(_ arguments: [String]) async throws -> String {
    let result = try await run("ffmpeg", ["-hide_banner", "-nostdin", "-v", "warning", "-y"] + arguments)
    guard result.status == 0, result.errors.isEmpty else { throw Failure(description: result.errors) }
    return result.output
  }

  /// What ffprobe says about a file that must be clean.
  static func probe(_ url: URL, _ entries: String) async throws -> [String] {
    let result = try await run(
      "ffprobe", ["-v", "warning", "-show_entries", entries, "-of", "csv=p=0", url.path()])
    guard result.status == 0, result.errors.isEmpty else { throw Failure(description: result.errors) }
    return result.output.split(separator: "\n").map(String.init)
  }

  struct Frame: Hashable {
    var stream: Int
    var dts: Int64
    var pts: Int64
    var hash: String
  }

  /// Every frame of a file: coded as it lies there, or decoded.
  static func frames(_ url: URL, decoded: Bool) async throws -> [Frame] {
    try await known.value("\(url.path()) \(decoded)") { try await readFrames(url, decoded: decoded) }
  }

  private static let known = Once<[Frame]>()

  private static func readFrames(_ url: URL, decoded: Bool) async throws -> [Frame] {
    let codec = decoded ? ["-fps_mode", "passthrough"] : ["-c", "copy"]
    let text = try await ffmpeg(
      ["-i", url.path(), "-map", "0"] + codec + ["-enc_time_base", "1:90000", "-f", "framemd5", "-"])
    return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { line in
      let fields = line.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      guard fields.count >= 6, let stream = Int(fields[0]) else { return nil }
      return Frame(stream: stream, dts: Int64(fields[1]) ?? 0, pts: Int64(fields[2]) ?? 0, hash: fields[5])
    }
  }

  static func write(_ bytes: [UInt8], _ name: String) throws -> URL {
    let url = scratch.appending(path: "\(name)-\(UUID().uuidString).mp4")
    try Data(bytes).write(to: url)
    return url
  }
}

extension [Tool.Frame] {
  /// The content of each stream, in order.
  var hashes: [[String]] {
    (0..<2).map { stream in filter { $0.stream == stream }.map(\.hash) }
  }
}

/// Values that are computed once, however many tests ask for them at the same time.
actor Once<Value: Sendable> {
  private var tasks: [String: Task<Value, any Error>] = [:]

  func value(_ key: String, _ compute: @escaping @Sendable () async throws -> Value) async throws -> Value {
    let task = tasks[key] ?? Task { try await compute() }
    tasks[key] = task
    return try await task.value
  }
}
