public import MPEGCore

/// What the simulated cameras show.
public struct MediaSettings: Sendable, Hashable {
  public enum Source: Sendable, Hashable {
    /// A generated street whose clock shows the time of day, encoded while it runs: about a tenth of a core each.
    case liveStreet(scenes: Int)
    /// A generated street of one minute, encoded once and repeated in step with the minute: costs next to nothing.
    case streetLoop(scenes: Int)
    /// Any file that FFmpeg opens, repeated. It is sent as it is when its coding fits, and converted once when not.
    case file(String)
  }

  /// Where a stream begins.
  public enum Start: Sendable, Hashable {
    /// At the last key frame, at once: the stream lags behind the source by up to a group of pictures.
    case atLastKeyFrame
    /// At the next key frame: the stream shows the present, but begins later.
    case atNextKeyFrame
    /// At the last key frame, and what has passed since comes as fast as it can: like a platform with a cache.
    case withCachedGroup
  }

  public var source: Source
  public var codec: MediaCodec
  /// G.711 A-law: a quiet street with a pip on every second, or the file's sound.
  public var hasAudio: Bool
  /// Pixels of generated scenes.
  public var width: Int
  public var height: Int
  /// Frames per second of generated scenes.
  public var frameRate: Int
  /// Seconds between key frames of generated scenes and converted files.
  public var keyFrameInterval: Int
  /// Kilobits per second at most; a street needs less.
  public var kilobits: Int
  public var start: Start
  /// Where prepared clips are kept; nil is `$XDG_CACHE_HOME/tributary/scenes`.
  public var cacheDirectory: String?

  public init(
    source: Source = .streetLoop(scenes: 4), codec: MediaCodec = .h264, hasAudio: Bool = true,
    width: Int = 1_280,
    height: Int = 720, frameRate: Int = 25, keyFrameInterval: Int = 2, kilobits: Int = 2_000,
    start: Start = .atLastKeyFrame, cacheDirectory: String? = nil
  ) {
    (self.source, self.codec, self.hasAudio) = (source, codec, hasAudio)
    (self.width, self.height, self.frameRate) = (width, height, frameRate)
    (self.keyFrameInterval, self.kilobits, self.start) = (keyFrameInterval, kilobits, start)
    self.cacheDirectory = cacheDirectory
  }

  /// How many different pictures there are; channels share them in turn.
  var feedCount: Int {
    switch source {
    case .liveStreet(let scenes), .streetLoop(let scenes): min(max(scenes, 1), StreetScene.places.count)
    case .file: 1
    }
  }

  func validate() throws(SimulatorError) {
    guard codec.isVideo else { throw SimulatorError("the simulator sends H.264 or H.265") }
    guard (64...3_840).contains(width), (64...2_160).contains(height), (1...60).contains(frameRate),
      (1...10).contains(keyFrameInterval), (50...50_000).contains(kilobits)
    else {
      throw SimulatorError(
        "a scene has 64…3840 × 64…2160 pixels, 1…60 frames per second, a key frame every 1…10 s and 50…50000 kbit/s"
      )
    }
  }
}
