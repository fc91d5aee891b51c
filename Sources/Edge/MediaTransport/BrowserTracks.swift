import MP4Core
import MPEGCore
import MediaTime
import WireBytes

/// What of a stream a browser gets, as fragmented MP4, one fragment per unit.
///
/// Times start near zero when the first viewer comes. A live camera whose clock
/// jumps must not throw players off, so there the output clock goes on smoothly;
/// a pushed stream keeps its times, its owner maps them.
struct BrowserTracks {
  /// A larger step of a live camera's clock is a restart of the clock, 90 kHz ticks.
  private static let largestStep: Int64 = 10 * MediaTicks.perSecond
  /// Sound further away from the picture than this belongs to another clock, 90 kHz ticks.
  private static let largestSkew: Int64 = 5 * MediaTicks.perSecond

  private var writer: FragmentedMP4Writer
  private let isLive: Bool
  /// Counts initialisation segments; each needs the ones before to be forgotten.
  let version: Int
  private var pictureDuration = MediaTicks.perSecond / 25
  private var lastPicture: MediaTicks?
  private var lastSound: MediaTicks?
  private var hasOrigin: Bool

  /// - Parameters:
  ///   - formats: the tracks as they are sent, sound already in the transcoded format.
  ///   - previous: continues its clock.
  init(formats: [TrackFormat], isLive: Bool, version: Int, continuing previous: BrowserTracks? = nil) {
    self.isLive = isLive
    self.version = version
    writer = FragmentedMP4Writer(formats: formats)
    hasOrigin = !isLive
    if isLive, let previous {
      writer.origin = previous.writer.origin
      hasOrigin = previous.hasOrigin
      (lastPicture, lastSound) = (previous.lastPicture, previous.lastSound)
      pictureDuration = previous.pictureDuration
    }
  }

  var formats: [TrackFormat] { writer.formats }
  var video: TrackFormat? { writer.video }
  var audio: TrackFormat? { writer.audio }

  func initialization() -> Fragment {
    .binary(
      header: writer.initializationSegment(), payload: nil, kind: .initialization(version: version), group: 0)
  }

  /// The first text of a viewer, or the one that announces a new initialisation segment.
  func announcement(reset: Bool) -> Fragment {
    let codecs = formats.compactMap(ParameterSets.codecString).joined(separator: ",")
    let (width, height) = (video?.width ?? 0, video?.height ?? 0)
    return .text(
      "{\"type\":\"\(reset ? "reset" : "tracks")\",\"codecs\":\"\(codecs)\",\"width\":\(width),"
        + "\"height\":\(height),\"audio\":\(audio != nil)}")
  }

  /// The fragment of one unit, or nil when it belongs to no track or to no place on the clock.
  mutating func fragment(for unit: AccessUnit, group: UInt64) -> Fragment? {
    let duration: Int64
    if unit.codec == video?.codec {
      follow(unit, last: lastPicture, usual: pictureDuration)
      if let last = lastPicture, (1...MediaTicks.perSecond).contains(unit.dts - last) {
        pictureDuration = unit.dts - last
      }
      lastPicture = unit.dts
      duration = pictureDuration
    } else if let audio, unit.codec == audio.codec {
      duration = FragmentedMP4Writer.naturalDuration(of: unit, format: audio)
      if video == nil {
        follow(unit, last: lastSound, usual: duration)
      } else if let lastPicture, isLive, abs(unit.dts - lastPicture) > Self.largestSkew {
        return nil
      }
      guard hasOrigin, unit.dts >= writer.origin else { return nil }
      lastSound = unit.dts
    } else {
      return nil
    }
    let header = writer.fragmentHeader(for: unit, duration: duration)
    return .binary(header: header, payload: unit.payload, kind: .media, group: group)
  }

  /// Moves the origin so that `unit` comes directly behind the last one when the camera's clock has jumped.
  private mutating func follow(_ unit: AccessUnit, last: MediaTicks?, usual: Int64) {
    guard hasOrigin else {
      writer.origin = unit.dts
      hasOrigin = true
      return
    }
    guard isLive, let last else { return }
    let step = unit.dts - last
    guard step < 0 || step > Self.largestStep else { return }
    writer.origin = writer.origin + (step - usual)
  }
}
