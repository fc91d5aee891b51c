import MPEGCore
import MediaTime
import WireBytes

/// A repeating piece of coded video, in memory, with its sound.
struct PreparedClip: Sendable {
  let codec: MediaCodec
  let width: Int
  let height: Int
  /// Frames per second.
  let frameRate: Double
  /// Pictures, the first one a key frame.
  let pictures: [(payload: SharedBytes, isKeyFrame: Bool)]
  /// A-law; nil when there is none.
  let sound: [UInt8]?

  init(video: [UInt8], codec: MediaCodec, frameRate: Double, sound: [UInt8]?) throws(SimulatorError) {
    guard let reader = ElementaryStreamReader(video, codec: codec), reader.count > 0, reader.isKeyFrame(0)
    else {
      throw SimulatorError("a clip does not begin with a key frame of the wanted codec")
    }
    self.codec = codec
    (width, height) = (reader.format.width, reader.format.height)
    self.frameRate = frameRate
    self.sound = sound
    pictures = (0..<reader.count).map { index in
      let unit = reader.unit(index)
      return (unit.payload, unit.isKeyFrame)
    }
  }

  /// The last key frame at or before picture `index`.
  func keyFrame(before index: Int) -> Int {
    var index = index
    while !pictures[index].isKeyFrame { index -= 1 }
    return index
  }

  /// The sound that goes with picture `index`: always the same number of samples, silence past the end.
  func sound(of index: Int) -> [UInt8] {
    guard let sound else { return [] }
    let first = Int(Double(index) * Double(G711.sampleRate) / frameRate)
    let end = Int(Double(index + 1) * Double(G711.sampleRate) / frameRate)
    let available = sound[min(first, sound.count)..<min(end, sound.count)]
    return available + [UInt8](repeating: StreetSound.silence, count: end - first - available.count)
  }
}
