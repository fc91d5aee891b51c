import CFFmpeg
public import MPEGCore
import MediaTime
import WireBytes

/// What a transcoded stream shall look like.
public struct VideoTarget: Sendable, Hashable {
  /// Pixels; a higher picture is made smaller. 0 keeps the size.
  public var maxHeight: Int
  /// Kilobits per second at most.
  public var maxKilobits: Int
  /// x264's speed setting.
  public var preset: String

  public init(maxHeight: Int = 720, maxKilobits: Int = 2_500, preset: String = "superfast") {
    (self.maxHeight, self.maxKilobits, self.preset) = (maxHeight, maxKilobits, preset)
  }
}

/// What one unit became.
public struct TranscodedVideo: Sendable {
  /// The H.264 track, when it is new or has changed: before the first unit and at a change of size.
  public var format: TrackFormat?
  public var units: [AccessUnit]
}

/// Turns H.265 (or any video we know) into H.264 with the same times and the same key frames, without delay.
///
/// Decodes what a camera sent: outside tests it runs only in the worker process. Not thread safe.
public final class VideoTranscoder {
  private let target: VideoTarget
  private let decoder: VideoDecoder
  private let picture: FrameHandle
  private let packet: PacketHandle
  private var encoder: VideoEncoder?
  private var waitingForKeyFrame = true

  public init(source: TrackFormat, target: VideoTarget = VideoTarget()) throws(CodecError) {
    self.target = target
    decoder = try VideoDecoder(format: source)
    picture = try FrameHandle()
    packet = try PacketHandle()
  }

  /// Transcodes one unit. Units before the first key frame give nothing.
  ///
  /// - Throws: only when the encoder fails. A unit that cannot be decoded is skipped, and so is everything after
  ///   it up to the next key frame.
  public func transcode(_ unit: AccessUnit) throws(CodecError) -> TranscodedVideo {
    if unit.isKeyFrame { waitingForKeyFrame = false }
    guard !waitingForKeyFrame else { return TranscodedVideo(units: []) }
    do {
      try decoder.submit(unit)
    } catch {
      waitingForKeyFrame = true
      return TranscodedVideo(units: [])
    }
    return try drain(arrival: unit.arrival)
  }

  private func drain(arrival: WallTime) throws(CodecError) -> TranscodedVideo {
    var result = TranscodedVideo(units: [])
    while true {
      do {
        guard try decoder.receive(into: picture) else { return result }
      } catch {
        waitingForKeyFrame = true
        return result
      }
      let encoder = try encoderForPicture()
      try encoder.submit(picture)
      while try encoder.receive(into: packet) {
        let (format, unit) = encoder.unit(from: packet, arrival: arrival)
        if let format { result.format = format }
        result.units.append(unit)
      }
    }
  }

  /// The encoder for the picture's size; a new one, beginning with a key frame, when the size changed.
  private func encoderForPicture() throws(CodecError) -> VideoEncoder {
    if let encoder, encoder.accepts(picture) { return encoder }
    let encoder = try VideoEncoder(source: picture, target: target)
    self.encoder = encoder
    return encoder
  }
}
