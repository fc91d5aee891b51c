import MPEGCore
import MediaTime
import Streaming
import WireBytes

/// One stream with everything that hangs on it. Confined to its media thread.
///
/// ```text
///   packets ─► Ingest ─┐                    ┌─► sinks
///                      ├─► pending units ───┼─► group cache
///   push ──────────────┘   (once per pass)  ├─► Broadcast ─► viewers
///                                           └─► RelayFeed ─► relays
/// ```
final class MediaStream {
  let id: StreamID
  let label: String
  /// Nil for a pushed stream.
  let ingest: Ingest?
  private(set) var formats: [TrackFormat] = []
  private(set) var cache: GroupCache
  private(set) var broadcast: Broadcast?
  private(set) var relayFeed: RelayFeed?
  private var sinks: [(id: UInt64, sink: any StreamSink)] = []
  private var pending: [AccessUnit] = []
  private let events: @Sendable (MediaEvent) -> Void
  private var hasPicture = false
  /// Already in the loop's list of streams to deliver after this pass.
  var isTouched = false
  /// Already in the loop's list of streams with something to flush.
  var isWaitingToFlush = false
  /// Already in the loop's list of streams with something to relay.
  var isWaitingToRelay = false
  private var meter = RateMeter()
  private(set) var lastArrival: WallTime?

  init(
    id: StreamID, label: String, ingest: Ingest?, cacheLimit: Int,
    events: @escaping @Sendable (MediaEvent) -> Void
  ) {
    (self.id, self.label, self.ingest) = (id, label, ingest)
    cache = GroupCache(limit: cacheLimit)
    self.events = events
  }

  func report(_ event: MediaEvent) { events(event) }

  // MARK: coming in

  /// Keeps a unit until ``deliver()``.
  func take(_ unit: AccessUnit) { pending.append(unit) }

  /// The tracks, before the units that follow.
  ///
  /// - Parameter restart: what follows has nothing to do with what came before (a seek).
  func setFormats(_ next: [TrackFormat], restart: Bool) {
    deliver()
    guard restart || next != formats else { return }
    let pictureChanged = next.first { $0.codec.isVideo } != formats.first { $0.codec.isVideo }
    let isFirst = formats.isEmpty
    formats = next
    cache.formatsChanged(next)
    if restart || (pictureChanged && !isFirst) { cache.removeAll() }
    for entry in sinks { entry.sink.formatsChanged(next) }
    broadcast?.formatsChanged(next, restart: restart)
    relayFeed?.formatsChanged(next)
    events(.formatsChanged(id, next))
  }

  /// Hands what came in during this pass to everybody.
  func deliver() {
    guard !pending.isEmpty else { return }
    let units = exchange(&pending, with: [])
    pending.reserveCapacity(units.count)
    lastArrival = units[units.count - 1].arrival
    for entry in sinks { entry.sink.receive(units) }
    if let broadcast {
      broadcast.append(units) { [self] unit in keep(unit) }
    } else {
      for unit in units { keep(unit) }
    }
  }

  /// - Returns: whether the unit begins a group.
  @discardableResult
  private func keep(_ unit: AccessUnit) -> Bool {
    let begins = cache.begins(with: unit)
    cache.append(unit)
    relayFeed?.append(unit, beginsGroup: begins)
    meter.count(unit)
    if unit.codec.isVideo, unit.isKeyFrame, !hasPicture {
      hasPicture = true
      ingest?.noteFirstPicture()
      events(.firstPicture(id, formats))
    }
    return begins
  }

  // MARK: consumers

  var sinkCount: Int { sinks.count }
  var viewers: [Viewer] { broadcast?.viewers ?? [] }

  func attach(_ sink: any StreamSink, id: UInt64, fromCache: Bool) {
    deliver()
    if !formats.isEmpty { sink.formatsChanged(formats) }
    if fromCache, !cache.units.isEmpty { sink.receive(cache.units) }
    sinks.append((id, sink))
  }

  func detachSink(_ id: UInt64) {
    deliver()
    sinks.removeAll { $0.id == id }
  }

  /// - Parameter makeBroadcast: called when this is the first viewer.
  func attach(_ viewer: Viewer, makeBroadcast: () -> Broadcast) {
    deliver()
    if broadcast == nil {
      let broadcast = makeBroadcast()
      if !formats.isEmpty { broadcast.formatsChanged(formats, restart: false) }
      var replay = GroupCache(limit: .max)
      replay.formatsChanged(formats)
      broadcast.append(cache.units) { unit in
        let begins = replay.begins(with: unit)
        replay.append(unit)
        return begins
      }
      self.broadcast = broadcast
    }
    broadcast?.add(viewer)
  }

  /// - Returns: the viewer, out of the stream; the ring goes with the last one.
  func detachViewer(_ id: ViewerID) -> Viewer? {
    let viewer = broadcast?.remove(id)
    if broadcast?.viewers.isEmpty == true { broadcast = nil }
    return viewer
  }

  /// The feed of the stream's relays, made for the first of them.
  func feed(cacheLimit: Int) -> RelayFeed {
    if let relayFeed { return relayFeed }
    deliver()
    let feed = RelayFeed(formats: formats, cacheLimit: cacheLimit)
    relayFeed = feed
    return feed
  }

  /// Lets a relay begin: with what the cache holds, else with the next group of pictures.
  func start(_ relay: Relay) {
    deliver()
    relayFeed?.start(relay, cached: cache.units)
  }

  /// The feed goes with the last relay.
  func detachRelay(_ id: RelayID) {
    relayFeed?.remove(id)
    if relayFeed?.relays.isEmpty == true { relayFeed = nil }
  }

  /// Tells everybody that nothing more comes. Viewers still get what they are owed.
  func end(_ reason: StreamEnd) {
    ingest?.drain(into: self)
    deliver()
    for entry in sinks { entry.sink.ended(reason) }
    sinks = []
    broadcast?.end()
  }

  // MARK: figures

  func statistics(now: Int64) -> MediaSnapshot.Stream {
    var figures = MediaSnapshot.Stream(id: id, label: label)
    ingest?.fill(&figures)
    (figures.bitsPerSecond, figures.framesPerSecond) = meter.rates(now: now)
    figures.formats = formats
    figures.lastArrival = lastArrival
    figures.cacheBytes = cache.byteCount
    figures.sinks = sinks.count
    figures.viewers = viewers.map {
      MediaSnapshot.Viewer(
        id: $0.id, framing: $0.framing, bytesSent: $0.bytesSent, droppedGroups: $0.droppedGroups)
    }
    if let feed = relayFeed { figures.relays = feed.relays.map { $0.currentFigures(feed.ring) } }
    return figures
  }
}

/// Bits and pictures per second over the last second or more, however many look and however often.
struct RateMeter {
  /// A shorter time would say more about the beat of the packets than about the stream.
  private static let window: Int64 = 1_000_000_000

  private var bytes: UInt64 = 0
  private var pictures: UInt64 = 0
  private var since: Int64?
  private var shown: (bits: Double, pictures: Double) = (0, 0)

  mutating func count(_ unit: AccessUnit) {
    bytes += UInt64(unit.payload.count)
    if unit.codec.isVideo { pictures += 1 }
  }

  /// - Parameter now: monotonic nanoseconds.
  mutating func rates(now: Int64) -> (bits: Double, pictures: Double) {
    guard let since else {
      (bytes, pictures, self.since) = (0, 0, now)
      return shown
    }
    guard now - since >= Self.window else { return shown }
    let seconds = Double(now - since) / 1e9
    shown = (Double(bytes) * 8 / seconds, Double(pictures) / seconds)
    (bytes, pictures, self.since) = (0, 0, now)
    return shown
  }
}
