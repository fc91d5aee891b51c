/// The `f=` line of GB/T 28181 Annex G: what codec, size and rate the sender has.
///
/// It is advice only; the data decides. `v/2/6/25/2/4096a/1/8/1` reads: H.264,
/// 1080P, 25 frames, variable 4 096 kbit/s; G.711, 64 kbit/s, 8 kHz. There is
/// no space before `a`, and separators are never dropped.
public struct MediaFormatLine: Sendable, Hashable, CustomStringConvertible {
  /// Codes of the video part; an empty string is an empty field.
  public struct Video: Sendable, Hashable {
    /// 1 MPEG-4, 2 H.264, 3 SVAC, 4 3GP, 5 H.265 (2022).
    public var codec: String
    /// 1 QCIF … 6 1080P, or `WxH` (2022).
    public var resolution: String
    /// Frames per second.
    public var frameRate: String
    /// 1 constant, 2 variable.
    public var rateType: String
    /// kbit/s.
    public var bitRate: String

    public init(codec: String, resolution: String, frameRate: String, rateType: String, bitRate: String) {
      self.codec = codec
      self.resolution = resolution
      self.frameRate = frameRate
      self.rateType = rateType
      self.bitRate = bitRate
    }
  }

  /// Codes of the audio part; an empty string is an empty field.
  public struct Audio: Sendable, Hashable {
    /// 1 G.711, 2 G.723.1, 3 G.729, 4 G.722.1, 5 SVAC, 6 AAC (2022).
    public var codec: String
    /// Code of the bit rate: 8 is 64 kbit/s.
    public var bitRate: String
    /// Code of the sampling rate: 1 is 8 kHz.
    public var sampleRate: String

    public init(codec: String, bitRate: String, sampleRate: String) {
      self.codec = codec
      self.bitRate = bitRate
      self.sampleRate = sampleRate
    }
  }

  /// Nil when every field is empty.
  public var video: Video?
  /// Nil when every field is empty.
  public var audio: Audio?

  public init(video: Video?, audio: Audio?) {
    self.video = video
    self.audio = audio
  }

  /// - Returns: nil when `text` has neither a video nor an audio part with anything in it.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8.prefix(256).filter { $0 > 32 })
    // The audio part begins at the last "a/": a resolution or rate never has an "a" in it.
    let split = bytes.indices.dropLast().last { bytes[$0] | 32 == 97 && bytes[$0 + 1] == 47 } ?? bytes.count
    let head = Self.fields(bytes[..<split], letter: 118, count: 5)
    let tail = Self.fields(bytes[split...], letter: 97, count: 3)
    if head.contains(where: { !$0.isEmpty }) {
      video = Video(
        codec: head[0], resolution: head[1], frameRate: head[2], rateType: head[3], bitRate: head[4])
    }
    if tail.contains(where: { !$0.isEmpty }) {
      audio = Audio(codec: tail[0], bitRate: tail[1], sampleRate: tail[2])
    }
    if video == nil, audio == nil { return nil }
  }

  /// The fields after `v/` or `a/`, exactly `count` of them; all empty when the letter is another.
  private static func fields(_ part: ArraySlice<UInt8>, letter: UInt8, count: Int) -> [String] {
    var fields: [String] = []
    if let first = part.first, first | 32 == letter, part.dropFirst().first == 47 {
      fields = part.dropFirst(2).split(separator: 47, omittingEmptySubsequences: false)
        .prefix(count).map { String(decoding: $0, as: UTF8.self) }
    }
    while fields.count < count { fields.append("") }
    return fields
  }

  public var description: String {
    let head = video.map { [$0.codec, $0.resolution, $0.frameRate, $0.rateType, $0.bitRate] }
    let tail = audio.map { [$0.codec, $0.bitRate, $0.sampleRate] }
    return "v/" + (head ?? ["", "", "", "", ""]).joined(separator: "/")
      + "a/" + (tail ?? ["", "", ""]).joined(separator: "/")
  }
}
