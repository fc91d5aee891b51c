import MPEGCore
import MediaTime
import WireBytes

/// A running picture source that any number of streams read at their own position.
///
/// Keeps the frames from the last key frame but one on. Confined to the media event loop.
final class MediaFeed {
  /// What the answer to an INVITE says about the picture.
  struct Facts: Sendable {
    let codec: MediaCodec
    let width: Int
    let height: Int
    let frameRate: Double
    let hasAudio: Bool
  }

  /// Where new frames come from.
  private enum Driver {
    case clip(PreparedClip)
    case live
  }

  let facts: Facts
  private let driver: Driver
  private var packer: FramePacker
  private var frames: [PackedFrame] = []
  /// Indices into ``frames`` of its key frames.
  private var keyFrames: [Int] = []

  init(clip: PreparedClip) {
    driver = .clip(clip)
    facts = Facts(
      codec: clip.codec, width: clip.width, height: clip.height, frameRate: clip.frameRate,
      hasAudio: clip.sound != nil)
    packer = FramePacker(codec: clip.codec, hasAudio: clip.sound != nil, frameRate: clip.frameRate)
  }

  /// A feed that ``append(_:)`` fills.
  init(live facts: Facts) {
    driver = .live
    self.facts = facts
    packer = FramePacker(codec: facts.codec, hasAudio: facts.hasAudio, frameRate: facts.frameRate)
  }

  /// The number of the frame that is due at `moment`.
  static func number(at moment: WallTime, frameRate: Double) -> Int {
    Int(Double(moment.nanoseconds) / 1e9 * frameRate)
  }

  /// Makes the frames of a clip that have become due. A clip that was not read for a while begins anew.
  func advance(to moment: WallTime) {
    guard case .clip(let clip) = driver else { return }
    let due = Self.number(at: moment, frameRate: facts.frameRate)
    var next = (frames.last?.number ?? Int.min / 2) + 1
    if due - next > clip.pictures.count || next > due + 1 {
      removeAll()
      let index = due % clip.pictures.count
      next = due - (index - clip.keyFrame(before: index))
    }
    while next <= due {
      let index = next % clip.pictures.count
      let picture = clip.pictures[index]
      add(
        packer.pack(
          number: next, payload: picture.payload, isKeyFrame: picture.isKeyFrame, sound: clip.sound(of: index)
        ))
      next += 1
    }
  }

  /// Adds a frame of a live encoder.
  func append(number: Int, payload: SharedBytes, isKeyFrame: Bool, sound: [UInt8]) {
    if let last = frames.last, number <= last.number { return }
    guard isKeyFrame || !frames.isEmpty else { return }
    add(packer.pack(number: number, payload: payload, isKeyFrame: isKeyFrame, sound: sound))
  }

  private func add(_ frame: PackedFrame) {
    if frame.isKeyFrame {
      keyFrames.append(frames.count)
      if keyFrames.count > 3 {
        let gone = keyFrames[1]
        frames.removeFirst(gone)
        keyFrames = keyFrames.dropFirst().map { $0 - gone }
      }
    }
    frames.append(frame)
  }

  /// Forgets every frame: what comes next has nothing to do with them.
  func removeAll() {
    frames = []
    keyFrames = []
  }

  /// The newest frame's number.
  var newest: Int? { frames.last?.number }

  /// The newest key frame's number.
  var newestKeyFrame: Int? { keyFrames.last.map { frames[$0].number } }

  /// The first frame numbered `number` or later; when that is gone, the oldest key frame still here.
  func frame(from number: Int) -> PackedFrame? {
    guard let first = frames.first, let last = frames.last, number <= last.number else { return nil }
    if number < first.number { return keyFrames.first.map { frames[$0] } }
    // Frames are nearly always numbered without gaps: look there first.
    let guess = min(number - first.number, frames.count - 1)
    if frames[guess].number == number { return frames[guess] }
    return frames.first { $0.number >= number }
  }

  /// The first key frame numbered `number` or later.
  func keyFrame(from number: Int) -> PackedFrame? {
    keyFrames.lazy.map { self.frames[$0] }.first { $0.number >= number }
  }
}
