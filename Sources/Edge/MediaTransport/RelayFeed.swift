import MPEGCore
import MediaTime
import WireBytes

/// The relays of one stream and the packs that they share. Exists only while the stream is relayed.
///
/// ```text
///   units ─► PSMuxer ─► ring ─┬─ relay (mark, numbers, pace) ─► media port
///            (one copy)       ├─ relay ─► connection
///                             └─ …
/// ```
/// A unit is muxed once. Relays differ in what stands in twelve bytes before each packet, and in where they are.
final class RelayFeed {
  private(set) var relays: [Relay] = []
  private(set) var ring = ParcelRing()
  private var muxer: PSMuxer
  private var formats: [TrackFormat]
  private var arena = ByteArena()
  private var spacing = PictureSpacing()
  private var previousGroupStart: UInt64?
  private var currentGroupStart: UInt64?
  /// Bytes that the ring may refer to.
  private let limit: Int

  /// - Parameter cacheLimit: bytes of one group of pictures at most.
  init(formats: [TrackFormat], cacheLimit: Int) {
    self.formats = formats
    muxer = PSMuxer(formats: formats)
    limit = cacheLimit > .max / 2 ? .max : 2 * cacheLimit
  }

  func formatsChanged(_ next: [TrackFormat]) {
    formats = next
    muxer = PSMuxer(formats: next)
  }

  // MARK: who gets it

  /// A relay that cannot send yet.
  func add(_ relay: Relay) { relays.append(relay) }

  func remove(_ id: RelayID) { relays.removeAll { $0.id == id } }

  /// Lets a relay begin with the units of the cache, or at the next group when there are none.
  func start(_ relay: Relay, cached units: [AccessUnit]) {
    // Packed anew: the ring keeps only what somebody still waits for.
    var muxer = PSMuxer(formats: formats)
    var arena = ByteArena()
    var spacing = PictureSpacing()
    var opening: [Parcel] = []
    opening.reserveCapacity(units.count)
    for unit in units {
      if let parcel = Self.pack(unit, &muxer, &arena, &spacing) { opening.append(parcel) }
    }
    relay.begin(with: opening, then: units.isEmpty ? nil : ring.end)
  }

  var hasBacklog: Bool {
    for relay in relays where !relay.isBlocked && relay.hasBacklog(ring) { return true }
    return false
  }

  // MARK: what is sent

  private static func pack(
    _ unit: AccessUnit, _ muxer: inout PSMuxer, _ arena: inout ByteArena, _ spacing: inout PictureSpacing
  ) -> Parcel? {
    guard let bytes = muxer.pack(unit, in: &arena) else { return nil }
    return Parcel(
      bytes: bytes, timestamp: UInt32(truncatingIfNeeded: unit.dts.value),
      pace: RelayPace.rate(bytes: bytes.count, window: spacing.window(for: unit)))
  }

  func append(_ unit: AccessUnit, beginsGroup: Bool) {
    trim()
    guard let parcel = Self.pack(unit, &muxer, &arena, &spacing) else { return }
    if beginsGroup { beginGroup() }
    // Beyond all bounds: whoever is behind waits for the next group.
    if ring.byteCount + parcel.bytes.count > limit { shed() }
    ring.append(parcel)
  }

  private func beginGroup() {
    (previousGroupStart, currentGroupStart) = (currentGroupStart, ring.end)
    for relay in relays where relay.isSending {
      if let next = relay.mark.next {
        // It may be in the group before this one, but no further behind.
        if !relay.request.keepsAll, let previousGroupStart, next < previousGroupStart {
          relay.skip(to: ring.end, groups: 1)
        }
      } else {
        relay.skip(to: ring.end, groups: 0)
      }
    }
  }

  private func shed() {
    for relay in relays {
      if let next = relay.mark.next, next < ring.end { relay.skip(to: nil, groups: 1) }
    }
    trim()
  }

  /// Forgets what every relay has sent. Not while packets wait in an ``Outbox``: they may come back.
  func trim() {
    var needed = ring.end
    for relay in relays { needed = min(needed, relay.mark.next ?? needed) }
    ring.trim(to: needed)
  }
}
