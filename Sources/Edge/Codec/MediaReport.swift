/// What a media file really holds, found by decoding all of it.
public struct MediaReport: Sendable, Hashable, Codable {
  public struct Video: Sendable, Hashable, Codable {
    /// FFmpeg's name: `h264`, `hevc`.
    public var codec = ""
    /// Pixels.
    public var width = 0
    public var height = 0
    public var packets = 0
    public var keyFrames = 0
    /// Pictures that came out of the decoder.
    public var decoded = 0
    /// Pictures whose content differs from the one before: a frozen or empty stream has few.
    public var distinct = 0
    /// Time of the first and of the last picture, in seconds.
    public var firstTime: Double?
    public var lastTime: Double?
    /// The longest step between two pictures, in seconds.
    public var longestStep: Double = 0
  }
  public struct Audio: Sendable, Hashable, Codable {
    /// FFmpeg's name: `aac`, `pcm_alaw`.
    public var codec = ""
    public var sampleRate = 0
    public var channels = 0
    public var packets = 0
    /// Samples per channel that came out of the decoder.
    public var decodedSamples = 0
    /// Root mean square of all samples, 0 (silence) … 1.
    public var loudness: Double = 0
  }

  /// FFmpeg's name of the container.
  public var container = ""
  /// Seconds, by the container's own statement; 0 when it makes none.
  public var duration: Double = 0
  public var video: Video?
  public var audio: Audio?
  /// Packets that a decoder refused, or pictures it marked as damaged.
  public var errors = 0

  public init() {}
}
