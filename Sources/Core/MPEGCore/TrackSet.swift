import MediaTime
import WireBytes

/// The tracks of one stream: takes the payloads that a container delivers and makes access units of them.
///
/// ```text
///   waiting ── key frame with parameter sets ──► flowing ── damage ──► waiting
/// ```
///
/// Pictures come out only while flowing. Tracks come and go only together with a key frame, so that every change of
/// formats is a place where a file or a viewer can start; sound that appears in between waits for it.
struct TrackSet: ~Copyable, Sendable {
  /// Sound alone for so long is a stream without video.
  static let audioOnlyAfter: Duration = .seconds(3)
  /// A sound track that is silent for so long is gone at the next key frame.
  static let audioGoneAfter: Int64 = 5 * MediaTicks.perSecond
  /// Damage is reported again this often while nothing can be shown.
  static let damageInterval: Duration = .seconds(1)
  /// At the start of a stream the first pictures wait this long for sound that may belong to them, so that both begin
  /// together; sound that comes later joins at a key frame.
  static let soundPatience: Duration = .milliseconds(300)
  /// Pictures that fit no codec before the stream is called unsupported.
  static let unknownPictureTolerance = 50

  let options: DemuxerOptions
  var counters = DemuxCounters()
  /// What came out and was not handed on yet. Its storage is kept.
  private var events: [DemuxEvent] = []
  private var video = VideoTrack()
  private var audio = AudioTrack()
  private var clock = StreamClock()
  private var decodeClock = DecodeClock()
  private var announced: [TrackFormat] = []
  private var formatsChanged = false
  private var isFlowing = false
  private var lastDamage: WallTime?
  private var hasSeenVideo = false
  private var unknownPictures = 0
  private var firstAudio: WallTime?
  private var lastAudioTime: Int64?
  private var reported: Set<UnsupportedReason> = []
  /// Where the payloads lie.
  private var arena = ByteArena()

  init(options: DemuxerOptions) { self.options = options }

  /// Whether the stream's own map lists sound; nil without a map. A map without sound needs no waiting.
  var mapListsSound: Bool?
  /// Since when the first pictures wait for sound; nothing is handed on while they do.
  private var heldSince: WallTime?

  /// The codec of the video, as far as it is known.
  var videoCodec: MediaCodec? { video.codec }

  /// Hands on what came out since the last call.
  mutating func drain(_ emit: (DemuxEvent) -> Void) {
    guard !events.isEmpty, heldSince == nil else { return }
    for event in events { emit(event) }
    events.removeAll(keepingCapacity: true)
  }

  /// What was announced last.
  var formats: [TrackFormat] { announced }

  /// A picture that is worth to be handed on, and wants only its bytes.
  struct AcceptedPicture {
    var codec: MediaCodec
    var isKeyFrame: Bool
    var pts: Int64
    var dts: Int64
    var arrival: WallTime
  }

  /// Takes the units of one whole picture and copies them.
  ///
  /// - Parameters:
  ///   - units: ranges of `bytes`, none empty.
  ///   - type: the stream type the container names, nil for none.
  mutating func picture(
    _ bytes: Span<UInt8>, _ units: Span<Range<Int>>, type: StreamType?, timing: UnitTiming
  ) {
    if let unit = accept(bytes, units, type: type, timing: timing) { hand(on: unit, bytes, units) }
  }

  /// Hands on a copy of the given parts of `bytes`.
  mutating func hand(on unit: AcceptedPicture, _ bytes: Span<UInt8>, _ units: Span<Range<Int>>) {
    hand(on: unit, AnnexB.lengthPrefixed(bytes, units, in: &arena))
  }

  /// Hands on an accepted picture.
  ///
  /// - Parameter payload: its units, each behind its length.
  mutating func hand(on unit: AcceptedPicture, _ payload: SharedBytes) {
    events.append(
      .unit(
        AccessUnit(
          codec: unit.codec, isKeyFrame: unit.isKeyFrame, pts: MediaTicks(unit.pts),
          dts: MediaTicks(unit.dts), arrival: unit.arrival, payload: payload)))
  }

  /// Looks at the units of one whole picture. Nil when it cannot be shown: nothing could be decoded from it yet.
  ///
  /// What is accepted must be handed on before anything else is given to the tracks.
  mutating func accept(
    _ bytes: Span<UInt8>, _ units: Span<Range<Int>>, type: StreamType?, timing: UnitTiming
  ) -> AcceptedPicture? {
    hasSeenVideo = true
    endPatience(at: timing.arrival)
    let picture = video.inspect(bytes, units, hint: type?.videoCodec)
    guard let codec = video.codec else {
      unknown(type)
      return nil
    }
    formatsChanged = formatsChanged || picture.changesFormat
    guard picture.hasSlice else { return nil }
    let restarts = !isFlowing
    // The clock runs on through dropped pictures, so that it does not jump over them.
    let (pts, stated) = clock.video(timing)
    counters.clockJumps = clock.jumps
    // Parameter sets may be missing after a change of codec: then the flow ends as well.
    if isFlowing, video.format == nil || (announced.first?.codec != codec && !picture.isKeyFrame) {
      damaged(.brokenStructure, at: timing.arrival)
    }
    guard isFlowing || (picture.isKeyFrame && video.format != nil) else {
      counters.droppedUnits += 1
      return nil
    }
    let dts = decodeClock.time(
      pts: pts, stated: stated, depth: video.reorderDepth, frame: clock.nominal, restarts: restarts)
    if picture.isKeyFrame { keyFrame(at: pts, arrival: timing.arrival) }
    counters.videoUnits += 1
    return AcceptedPicture(
      codec: codec, isKeyFrame: picture.isKeyFrame, pts: pts, dts: dts, arrival: timing.arrival)
  }

  /// Announces the tracks when they changed, and lets pictures flow.
  private mutating func keyFrame(at pts: Int64, arrival: WallTime) {
    counters.keyFrames += 1
    isFlowing = true
    lastDamage = nil
    if let last = lastAudioTime, pts - last > Self.audioGoneAfter {
      lastAudioTime = nil
      audio.forget()
      formatsChanged = true
    }
    guard formatsChanged else { return }
    formatsChanged = false
    if announced.isEmpty, audio.format == nil, mapListsSound != false { heldSince = arrival }
    announce([video.format, audio.format].compactMap(\.self))
  }

  /// The first pictures have waited long enough.
  private mutating func endPatience(at arrival: WallTime) {
    if let heldSince, arrival - heldSince >= Self.soundPatience || arrival < heldSince {
      self.heldSince = nil
    }
  }

  /// Nothing arrives at the moment: what waits goes out as it is.
  mutating func stopWaiting() { heldSince = nil }

  /// Sound came while the first pictures wait for it: both are announced together.
  private mutating func joinHeld() -> Bool {
    // Only while what waits still belongs to the one announcement at its head.
    guard heldSince != nil, case .formats(let held)? = events.first, held.first == video.format,
      !events.dropFirst().contains(where: \.isFormats)
    else { return false }
    heldSince = nil
    announced = [video.format, audio.format].compactMap(\.self)
    events[0] = .formats(announced)
    formatsChanged = false
    return true
  }

  private mutating func announce(_ formats: [TrackFormat]) {
    guard formats != announced else { return }
    announced = formats
    events.append(.formats(formats))
  }

  private mutating func unknown(_ type: StreamType?) {
    counters.droppedUnits += 1
    unknownPictures += 1
    guard unknownPictures >= Self.unknownPictureTolerance else { return }
    unsupported(.videoCodec(type?.rawValue ?? 0))
  }

  /// Takes a run of coded sound.
  mutating func sound(_ bytes: Span<UInt8>, type: StreamType?, timing: UnitTiming) {
    guard let codec = audio.codec(of: bytes, type: type, options: options) else {
      unsupported(.audioCodec(type?.rawValue ?? StreamType.mpegAudio))
      return
    }
    endPatience(at: timing.arrival)
    if firstAudio == nil { firstAudio = timing.arrival }
    if audio.take(bytes, codec) { formatsChanged = true }
    guard let format = audio.format else { return }
    let isAnnounced = canEmit(format, at: timing.arrival)
    // The time stamp is that of the first block that begins in these bytes.
    var stamps = timing
    var isRest = audio.hasRest
    audio.forEachBlock(bytes) { (block: Span<UInt8>, duration: Int64) in
      var mine = stamps
      if isRest { mine.pts = nil } else { stamps.pts = nil }
      isRest = false
      let time = clock.audio(mine, duration: duration)
      lastAudioTime = time
      guard isAnnounced else { return }
      counters.audioUnits += 1
      events.append(
        .unit(
          AccessUnit(
            codec: codec, isKeyFrame: true, pts: MediaTicks(time), dts: MediaTicks(time),
            arrival: timing.arrival, payload: SharedBytes(block))))
    }
  }

  /// Whether sound of this format may come out; announces it when there is no video to wait for.
  private mutating func canEmit(_ format: TrackFormat, at arrival: WallTime) -> Bool {
    if announced.contains(format) { return true }
    if joinHeld() { return true }
    formatsChanged = true
    guard !hasSeenVideo, let firstAudio, arrival - firstAudio >= Self.audioOnlyAfter else { return false }
    formatsChanged = false
    announce([format])
    return true
  }

  /// Stops the flow until the next key frame.
  mutating func damaged(_ reason: DemuxDamage, at arrival: WallTime) {
    isFlowing = false
    if let lastDamage, arrival - lastDamage < Self.damageInterval { return }
    lastDamage = arrival
    events.append(.damaged(reason))
  }

  mutating func unsupported(_ reason: UnsupportedReason) {
    // Types come from the wire: the set is bounded by the 256 values of each, and reported once each.
    if reported.insert(reason).inserted { events.append(.unsupported(reason)) }
  }
}

extension DemuxEvent {
  fileprivate var isFormats: Bool {
    if case .formats = self { return true }
    return false
  }
}
