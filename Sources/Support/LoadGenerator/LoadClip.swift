import CLoad

/// An elementary stream that load is made of: a file with start codes, beginning with a key frame.
public struct LoadClip: Sendable, Hashable, Codable {
  public var path: String
  /// Otherwise H.264.
  public var isH265: Bool
  /// Whether a G.711A track of tone goes with it.
  public var hasAudio: Bool

  public init(path: String, isH265: Bool = false, hasAudio: Bool = false) {
    (self.path, self.isH265, self.hasAudio) = (path, isH265, hasAudio)
  }

  /// What the clip is, found by reading it.
  public struct Facts: Sendable, Hashable, Codable {
    public var frames: Int
    /// Frames from one key frame to the next.
    public var groupOfPictures: Int
    public var elementaryBytes: Int
    /// Packed as program stream.
    public var programBytes: Int

    /// Megabits per second of program stream at this frame rate.
    public func megabits(frameRate: Int) -> Double {
      Double(programBytes) * 8 / 1e6 * Double(frameRate) / Double(max(frames, 1))
    }
  }

  public func facts() throws(LoadError) -> Facts {
    let clip = try OpenClip(self)
    let facts = load_clip_describe(clip.pointer)
    return Facts(
      frames: Int(facts.frames), groupOfPictures: Int(facts.group),
      elementaryBytes: Int(facts.elementary_bytes),
      programBytes: Int(facts.program_bytes))
  }
}

/// A clip in memory, packed.
final class OpenClip {
  let pointer: OpaquePointer

  init(_ clip: LoadClip) throws(LoadError) {
    var error = load_error()
    guard let pointer = load_clip_open(clip.path, clip.isH265 ? 1 : 0, clip.hasAudio ? 1 : 0, &error) else {
      throw LoadError(error)
    }
    self.pointer = pointer
  }

  deinit { load_clip_close(pointer) }
}
