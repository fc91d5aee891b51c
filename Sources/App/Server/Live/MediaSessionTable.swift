import GBCore
import HTTPAPI
import MediaTime
import MediaTransport
import Registry
import Synchronization

/// One person's open picture. The identifier is the credential of its media URLs.
struct MediaSession: Sendable {
  let id: String
  let kind: API.MediaSessionKind
  let channel: ChannelKey
  let user: String
  let credential: String
  /// What the browser can decode, nil when it did not say.
  let codecs: Set<String>?
  let started: WallTime
  let expires: WallTime
  /// The log entry of this look.
  let look: String
  var viewer: ViewerID?
  /// The stream the viewer hangs on.
  var stream: StreamID?
  /// Last moment with a viewer or a request; a session without either ends after a while.
  var lastUse: MonotonicTime
  var transcoded = false
  var transcodeReason: String?

  /// Whether the browser needs H.265 turned into H.264.
  var needsH264: Bool {
    guard let codecs else { return false }
    return !codecs.contains { $0.hasPrefix("hvc1") || $0.hasPrefix("hev1") || $0 == "h265" }
  }
}

/// All open sessions. Looked up from the front door's thread, changed by the services.
final class MediaSessionTable: Sendable {
  /// How long a session without viewer or request lives.
  static let patience: Duration = .seconds(45)
  /// The longest a session lives.
  static let lifetime: Duration = .seconds(12 * 3_600)
  /// Sessions one user may hold: more than any wall has tiles.
  static let perUser = 128

  /// Viewers that were gone before their session knew them, the latest few.
  private static let rememberedViewers = 64

  private let sessions = Mutex<[String: MediaSession]>([:])
  private let goneEarly = Mutex<[ViewerID]>([])

  func insert(_ session: MediaSession) -> Bool {
    sessions.withLock { all in
      guard all.values.count(where: { $0.user == session.user }) < Self.perUser else { return false }
      all[session.id] = session
      return true
    }
  }

  func find(_ id: String) -> MediaSession? { sessions.withLock { $0[id] } }

  func remove(_ id: String) -> MediaSession? { sessions.withLock { $0.removeValue(forKey: id) } }

  var all: [MediaSession] { sessions.withLock { Array($0.values) } }

  /// Changes a session in place; nil when it is gone.
  func update<Result>(_ id: String, _ body: (inout MediaSession) -> Result) -> Result? {
    sessions.withLock { all in
      guard var session = all[id] else { return nil }
      let result = body(&session)
      all[id] = session
      return result
    }
  }

  /// The session has a viewer. Returns the one that it had before; nil when the session is gone.
  func viewerOpened(_ viewer: ViewerID, of id: String, stream: StreamID, now: MonotonicTime) -> ViewerID?? {
    update(id) { session in
      let before = session.viewer
      // A peer that left at once may have been reported before this.
      let isGone = goneEarly.withLock { early in
        guard let index = early.firstIndex(of: viewer) else { return false }
        early.remove(at: index)
        return true
      }
      (session.viewer, session.stream, session.lastUse) = (isGone ? nil : viewer, stream, now)
      return before
    }
  }

  /// The viewer is gone. The session stays for a while so that the browser can come back.
  func viewerClosed(_ viewer: ViewerID, now: MonotonicTime) {
    sessions.withLock { all in
      var isKnown = false
      for (id, var session) in all where session.viewer == viewer {
        session.viewer = nil
        session.lastUse = now
        all[id] = session
        isKnown = true
      }
      guard !isKnown else { return }
      goneEarly.withLock { early in
        early.append(viewer)
        if early.count > Self.rememberedViewers { early.removeFirst() }
      }
    }
  }

  /// Identifiers of sessions that nobody uses any more.
  func idle(now: MonotonicTime, wall: WallTime) -> [String] {
    sessions.withLock { all in
      all.values.filter { session in
        session.expires <= wall || (session.viewer == nil && now - session.lastUse > Self.patience)
      }.map(\.id)
    }
  }
}
