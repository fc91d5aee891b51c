import MP4Core
public import MPEGCore
import MediaTime
public import Streaming
import Synchronization
import WireBytes

/// The last segments of a stream for HTTP Live Streaming (RFC 8216): fragmented MP4 and its playlist.
///
/// Attach it as a sink; ask it from any thread. A segment is at least one group
/// of pictures and at least ``HLSWindow/minimumDuration`` long. Payloads are
/// referenced, not copied, until somebody asks for a segment.
public final class HLSWindow: StreamSink {
  /// Segments that the playlist names.
  public static let listed = 6
  /// Segments kept after they have left the playlist, for players that are about to fetch them.
  static let lingering = 2
  /// Media ticks of 90 kHz.
  static let minimumDuration: Int64 = 180_000
  /// Bytes of one segment; a group that grows beyond is dropped.
  static let maximumSegment = 32 << 20

  private struct Segment {
    var number: UInt64
    var version: Int
    var layout: FragmentLayout
    var seconds: Double
    /// The decoder must start over.
    var isDiscontinuous: Bool
  }

  private struct State {
    var writer: FragmentedMP4Writer?
    var version = 0
    var initializations: [Int: [UInt8]] = [:]
    var segments: [Segment] = []
    var nextNumber: UInt64 = 0
    var pending: [AccessUnit] = []
    var pendingBytes = 0
    var start: MediaTicks?
    var isDiscontinuous = false
    var discontinuitiesGone = 0
    var sound: AudioBridge?
    var hasEnded = false
  }

  private let state = Mutex(State())
  private let makeTranscoder: (@Sendable (TrackFormat) -> (any AudioTranscoding)?)?
  private let codec: CodecThread?

  /// - Parameter makeAudioTranscoder: for sound that players of HLS cannot play (G.711). Without it such sound is
  ///   left out.
  public init(makeAudioTranscoder: (@Sendable (TrackFormat) -> (any AudioTranscoding)?)? = nil) {
    makeTranscoder = makeAudioTranscoder
    codec = makeAudioTranscoder == nil ? nil : try? CodecThread()
  }

  deinit { codec?.retire() }

  // MARK: sink

  public func formatsChanged(_ formats: [TrackFormat]) {
    state.withLock { state in
      cut(&state, at: nil)
      let video = formats.first { $0.codec.isVideo }
      var audio = formats.first { $0.codec == .aac }
      state.sound = nil
      if audio == nil, let source = formats.first(where: { $0.codec == .g711A || $0.codec == .g711U }) {
        state.sound = makeSound(source)
        audio = state.sound?.format
      }
      let tracks = [video, audio].compactMap { $0 }
      guard tracks != state.writer?.formats else { return }
      let writer = FragmentedMP4Writer(formats: tracks)
      state.version += 1
      state.initializations[state.version] = writer.initializationSegment()
      state.isDiscontinuous = state.writer != nil
      state.writer = writer
    }
  }

  private func makeSound(_ source: TrackFormat) -> AudioBridge? {
    guard let codec, let transcoder = makeTranscoder?(source) else { return nil }
    return AudioBridge(source: source, transcoder: transcoder, codec: codec) { [weak self] bridge, units in
      self?.state.withLock { state in
        guard state.sound === bridge else { return }
        for unit in units { self?.take(unit, &state) }
      }
    }
  }

  public func receive(_ units: [AccessUnit]) {
    state.withLock { state in
      for unit in units {
        if let sound = state.sound, sound.source.codec == unit.codec {
          sound.submit(unit)
        } else {
          take(unit, &state)
        }
      }
    }
  }

  public func ended(_ reason: StreamEnd) {
    state.withLock { state in
      cut(&state, at: nil)
      state.sound = nil
      state.hasEnded = true
    }
  }

  private func take(_ unit: AccessUnit, _ state: inout State) {
    guard let writer = state.writer else { return }
    let hasVideo = writer.video != nil
    guard unit.codec == writer.video?.codec || unit.codec == writer.audio?.codec else { return }
    let mayBegin = hasVideo ? unit.codec.isVideo && unit.isKeyFrame : true
    if mayBegin, let start = state.start, unit.dts - start >= Self.minimumDuration || unit.dts < start {
      cut(&state, at: unit.dts)
    }
    if state.start == nil {
      guard mayBegin else { return }
      state.start = unit.dts
    }
    state.pending.append(unit)
    state.pendingBytes += unit.payload.count
    if state.pendingBytes > Self.maximumSegment { drop(&state) }
  }

  private func drop(_ state: inout State) {
    state.pending = []
    state.pendingBytes = 0
    state.start = nil
    state.isDiscontinuous = true
  }

  /// Closes the segment that is being gathered. `end` is the decoding time of the next one, when it is known.
  private func cut(_ state: inout State, at end: MediaTicks?) {
    guard let start = state.start, !state.pending.isEmpty, var writer = state.writer else { return }
    let units = exchange(&state.pending, with: [])
    (state.start, state.pendingBytes) = (nil, 0)
    let goesOn = end.map { $0 > start && $0 - start < 60 * MediaTicks.perSecond } ?? false
    let layout = writer.fragment(units, videoEnd: goesOn ? end : nil)
    state.writer = writer
    let main = writer.video?.codec ?? writer.audio?.codec
    let last = units.last { $0.codec == main }?.dts ?? start
    let ticks = goesOn ? (end ?? last) - start : last - start + MediaTicks.perSecond / 25
    state.segments.append(
      Segment(
        number: state.nextNumber, version: state.version, layout: layout,
        seconds: Double(max(ticks, 1)) / Double(MediaTicks.perSecond), isDiscontinuous: state.isDiscontinuous)
    )
    state.isDiscontinuous = end != nil && !goesOn
    state.nextNumber += 1
    while state.segments.count > Self.listed + Self.lingering { forgetFirst(&state) }
  }

  private func forgetFirst(_ state: inout State) {
    if state.segments.removeFirst().isDiscontinuous { state.discontinuitiesGone += 1 }
    let oldest = state.segments.first?.version ?? state.version
    state.initializations = state.initializations.filter { $0.key >= oldest }
  }

  // MARK: answers

  /// The playlist, or nil while no segment is complete.
  ///
  /// - Parameter baseName: goes before each name: a URL prefix that ends in `/`, or empty. The names are
  ///   `init-<version>.mp4` and `segment-<number>.m4s`.
  public func playlist(baseName: String) -> String? {
    state.withLock { state in
      guard !state.segments.isEmpty else { return nil }
      let listed = state.segments.suffix(Self.listed)
      let first = listed[listed.startIndex]
      let target = Int(listed.map(\.seconds).max().map { $0.rounded(.up) } ?? 1)
      var lines = [
        "#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:\(max(target, 1))",
        "#EXT-X-MEDIA-SEQUENCE:\(first.number)", "#EXT-X-INDEPENDENT-SEGMENTS",
      ]
      if let sequence = Self.discontinuitySequence(&state, before: first.number) {
        lines.append("#EXT-X-DISCONTINUITY-SEQUENCE:\(sequence)")
      }
      var version: Int?
      for segment in listed {
        if segment.isDiscontinuous, segment.number != first.number { lines.append("#EXT-X-DISCONTINUITY") }
        if segment.version != version {
          version = segment.version
          lines.append("#EXT-X-MAP:URI=\"\(baseName)init-\(segment.version).mp4\"")
        }
        lines.append("#EXTINF:\(Self.decimal(segment.seconds)),")
        lines.append("\(baseName)segment-\(segment.number).m4s")
      }
      if state.hasEnded { lines.append("#EXT-X-ENDLIST") }
      return lines.joined(separator: "\n") + "\n"
    }
  }

  /// How many discontinuities lie before the first listed segment, or nil for none (RFC 8216 §4.3.3.3).
  private static func discontinuitySequence(_ state: inout State, before number: UInt64) -> Int? {
    let here = state.segments.count { $0.isDiscontinuous && $0.number <= number }
    let total = state.discontinuitiesGone + here
    return total > 0 ? total : nil
  }

  private static func decimal(_ seconds: Double) -> String {
    let thousandths = Int((seconds * 1_000).rounded())
    let fraction = String(thousandths % 1_000)
    return "\(thousandths / 1_000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
  }

  /// The initialisation segment that `#EXT-X-MAP` names, or nil when it is gone.
  public func initSegment(_ version: Int) -> [UInt8]? { state.withLock { $0.initializations[version] } }

  /// The segment of that number, or nil when it is gone or not there yet.
  public func segment(_ number: UInt64) -> [UInt8]? {
    state.withLock { state in state.segments.first { $0.number == number }?.layout }?.joined
  }
}
