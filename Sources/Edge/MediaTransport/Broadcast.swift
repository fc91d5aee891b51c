import MPEGCore
import MediaTime
import WireBytes

/// The viewers of one stream and the ring that they share. Exists only while somebody watches.
///
/// ```text
///   units ─► BrowserTracks ─► ring ─┬─ viewer (cursor) ─► socket
///        └► AudioBridge ─► AAC ──┘  ├─ viewer (cursor) ─► socket
///                                   └─ …
/// ```
final class Broadcast {
  private(set) var viewers: [Viewer] = []
  private var ring = FragmentRing()
  private var tracks: BrowserTracks?
  private var cacheLimit: Int
  private let isLive: Bool
  /// Groups begun so far.
  private var group: UInt64 = 0
  /// The introduction of a viewer that starts at the current group.
  private var introduction: [Fragment] = []
  /// Where the group before the current one begins: a viewer may be in it, but not before it.
  private var previousGroupStart: UInt64?
  private var currentGroupStart: UInt64?
  private var groupBytes = 0
  private var announcesReset = false
  /// Something waits in the ring that has not been offered to the viewers.
  private(set) var isDirty = false
  /// A viewer waits for its first picture: do not coalesce.
  private(set) var isUrgent = false
  var lastFlush: Int64 = 0
  private var sound: AudioBridge?
  private let makeSound: (TrackFormat) -> AudioBridge?

  /// - Parameters:
  ///   - cacheLimit: bytes of one group that viewers may start in.
  ///   - makeSound: starts a transcoder for sound that browsers cannot play.
  init(isLive: Bool, cacheLimit: Int, makeSound: @escaping (TrackFormat) -> AudioBridge?) {
    self.isLive = isLive
    self.cacheLimit = cacheLimit
    self.makeSound = makeSound
  }

  // MARK: what is sent

  /// New tracks. Viewers restart when what they get changes, or when `restart` says so.
  func formatsChanged(_ formats: [TrackFormat], restart: Bool) {
    let video = formats.first { $0.codec.isVideo }
    var audio = formats.first { $0.codec == .aac }
    if audio == nil, let source = formats.first(where: { $0.codec == .g711A || $0.codec == .g711U }) {
      if sound?.source != source { sound = makeSound(source) }
      audio = sound?.format
    } else {
      sound = nil
    }
    let next = BrowserTracks(
      formats: [video, audio].compactMap { $0 }, isLive: isLive, version: (tracks?.version ?? 0) + 1,
      continuing: tracks)
    guard restart || next.formats != tracks?.formats else { return }
    announcesReset = tracks != nil
    tracks = next
    if restart { ring.spoilGroup() }
  }

  /// Puts units into the ring. `beginsGroup` is asked before each.
  func append(_ units: [AccessUnit], beginsGroup: (AccessUnit) -> Bool) {
    for unit in units {
      if let sound, unit.codec == sound.source.codec {
        sound.submit(unit)
      } else {
        append(unit, beginsGroup(unit))
      }
    }
  }

  /// Sound that the transcoder has finished.
  func append(transcoded units: [AccessUnit], by bridge: AudioBridge) {
    guard bridge === sound else { return }
    for unit in units { append(unit, false) }
  }

  private func append(_ unit: AccessUnit, _ beginsGroup: Bool) {
    guard tracks != nil, let fragment = makeFragment(unit, group: beginsGroup ? group + 1 : group) else {
      return
    }
    if announcesReset, let tracks {
      announcesReset = false
      ring.append(tracks.announcement(reset: true))
      ring.append(tracks.initialization())
    }
    if beginsGroup { beginGroup() }
    groupBytes += fragment.byteCount(.raw)
    if groupBytes > cacheLimit, ring.groupStart != nil { ring.spoilGroup() }
    ring.append(fragment)
    isDirty = true
    if beginsGroup { startWaitingViewers() }
  }

  private func makeFragment(_ unit: AccessUnit, group: UInt64) -> Fragment? {
    tracks?.fragment(for: unit, group: group)
  }

  private func beginGroup() {
    group += 1
    groupBytes = 0
    (previousGroupStart, currentGroupStart) = (currentGroupStart, ring.end)
    ring.beginGroup()
    guard let tracks else { return }
    introduction = [tracks.announcement(reset: false), tracks.initialization()]
  }

  /// After a flush only blocked viewers are behind: those before the previous group lose what they missed, and what
  /// nobody needs any more is forgotten.
  private func settle() {
    if let previousGroupStart {
      for viewer in viewers where viewer.isBlocked {
        if let cursor = viewer.cursor, cursor < previousGroupStart { skipToGroup(viewer) }
      }
    }
    if ring.byteCount > 2 * cacheLimit { shedLaggards() }
    trim()
  }

  private func trim() {
    let start = ring.groupStart ?? ring.end
    let needed = viewers.reduce(start) { min($0, $1.cursor ?? start) }
    // The fragment before tells a viewer at the very end whether that was the end of the stream.
    ring.trim(to: needed == ring.end ? needed - min(1, needed) : needed)
  }

  /// A group grew beyond all bounds: whoever is behind waits for the next one.
  private func shedLaggards() {
    for viewer in viewers where viewer.isBlocked && viewer.cursor != nil {
      viewer.droppedGroups += 1
      viewer.cursor = nil
      notice(viewer, groups: 1)
    }
    trim()
  }

  /// The viewer fell behind: what lies between it and the new group is left out, and it is told.
  private func skipToGroup(_ viewer: Viewer) {
    let lost = max(1, group - (viewer.group(in: ring) ?? group - 1))
    viewer.droppedGroups += lost
    viewer.cursor = ring.groupStart
    notice(viewer, groups: lost)
    if let tracks, viewer.version != tracks.version {
      enqueue(viewer, tracks.announcement(reset: true))
      enqueue(viewer, tracks.initialization())
    }
  }

  private func notice(_ viewer: Viewer, groups: UInt64) {
    enqueue(viewer, .text("{\"type\":\"dropped\",\"groups\":\(groups)}"))
  }

  /// A text for all WebSocket viewers, in its place between the pictures.
  ///
  /// Those that still wait for a picture get it at once: it may say why there is none.
  func text(_ text: String) {
    let message = Fragment.text(text)
    for viewer in viewers where viewer.cursor == nil { enqueue(viewer, message) }
    ring.append(message)
    (isDirty, isUrgent) = (true, true)
  }

  /// Nothing follows. Viewers that have not started get the end at once.
  func end() {
    let last = Fragment.end(code: 1000)
    ring.append(last)
    for viewer in viewers where viewer.cursor == nil {
      enqueue(viewer, last)
      viewer.isClosing = true
    }
    (isDirty, isUrgent) = (true, true)
  }

  // MARK: who gets it

  func add(_ viewer: Viewer) {
    viewers.append(viewer)
    start(viewer)
    (isDirty, isUrgent) = (true, true)
  }

  func remove(_ id: ViewerID) -> Viewer? {
    guard let index = viewers.firstIndex(where: { $0.id == id }) else { return nil }
    return viewers.remove(at: index)
  }

  private func enqueue(_ viewer: Viewer, _ fragment: Fragment) {
    // A full queue means that the viewer takes nothing: the stuck-viewer rule ends it.
    _ = viewer.enqueue(fragment)
    isDirty = true
  }

  private func startWaitingViewers() {
    for viewer in viewers where viewer.cursor == nil && !viewer.isClosing { start(viewer) }
  }

  /// Lets the viewer begin at the current group when there is one it can begin in.
  private func start(_ viewer: Viewer) {
    guard let start = ring.groupStart, start < ring.end else { return }
    if viewer.version != introductionVersion {
      if viewer.version != nil, let tracks {
        enqueue(viewer, tracks.announcement(reset: true))
        enqueue(viewer, tracks.initialization())
      } else {
        for fragment in introduction { enqueue(viewer, fragment) }
      }
    }
    viewer.cursor = start
    isUrgent = true
  }

  private var introductionVersion: Int? {
    guard case .initialization(let version)? = introduction.last?.kind else { return nil }
    return version
  }

  // MARK: sending

  /// Offers everything new to every viewer that is not blocked. Viewers at the same place share one gathered write.
  ///
  /// - Parameter report: what became of a viewer, when it is not simply caught up.
  func flush(_ gather: inout Gather, now: Int64, report: (Viewer, Viewer.Outcome) -> Void) {
    (isDirty, isUrgent) = (false, false)
    lastFlush = now
    var planned: (framing: ViewerFraming, cursor: UInt64)?
    for viewer in viewers where !viewer.isBlocked {
      var outcome = Viewer.Outcome.more
      while case .more = outcome {
        if let cursor = viewer.cursor, viewer.isAligned, !viewer.isClosing {
          guard cursor < ring.end else {
            outcome = viewer.pump(ring, &gather, now: now)
            planned = nil
            continue
          }
          if planned?.framing != viewer.framing || planned?.cursor != cursor {
            plan(viewer.framing, from: cursor, &gather)
            planned = (viewer.framing, cursor)
          }
          guard gather.bytes > 0 else {
            outcome = viewer.pump(ring, &gather, now: now)
            planned = nil
            continue
          }
          outcome = viewer.pump(shared: gather, ring, now: now)
        } else {
          outcome = viewer.pump(ring, &gather, now: now)
          planned = nil
        }
      }
      if case .caughtUp = outcome { continue }
      report(viewer, outcome)
    }
    settle()
  }

  private func plan(_ framing: ViewerFraming, from cursor: UInt64, _ gather: inout Gather) {
    gather.reset()
    var number = cursor
    while number < ring.end, !gather.isFull {
      ring[number].gather(framing, from: 0, into: &gather)
      number += 1
    }
  }

  /// The socket of a blocked viewer takes bytes again.
  func resume(_ viewer: Viewer, _ gather: inout Gather, now: Int64) -> Viewer.Outcome {
    var outcome = Viewer.Outcome.more
    while case .more = outcome { outcome = viewer.pump(ring, &gather, now: now) }
    return outcome
  }

  /// Bytes the ring refers to.
  var byteCount: Int { ring.byteCount }
}
