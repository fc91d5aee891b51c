package import HTTPAPI
package import MediaTime
package import MediaTransport
package import Registry
import Synchronization

/// One person's open picture. The identifier is the credential of its media URLs.
package struct MediaSession: Sendable {
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
  /// Which of the camera's streams it shows: 0 main, 1 first sub-stream.
  var streamNumber = 0
  var transcoded = false
  var transcodeReason: String?

  package init(
    id: String, kind: API.MediaSessionKind, channel: ChannelKey, user: String, credential: String,
    codecs: Set<String>?, started: WallTime, expires: WallTime, look: String, lastUse: MonotonicTime
  ) {
    (self.id, self.kind, self.channel, self.user, self.credential) = (id, kind, channel, user, credential)
    (self.codecs, self.started, self.expires) = (codecs, started, expires)
    (self.look, self.lastUse) = (look, lastUse)
  }

  var camera: CameraStream { CameraStream(channel: channel, number: streamNumber) }

  /// Whether the browser needs H.265 turned into H.264.
  var needsH264: Bool {
    guard let codecs else { return false }
    return !codecs.contains { $0.hasPrefix("hvc1") || $0.hasPrefix("hev1") || $0 == "h265" }
  }
}

/// All open sessions. Looked up from the front door's thread, changed by the services.
///
/// Nothing but ``all`` and ``idle(now:wall:)`` looks at every session: a city's evening has a hundred thousand.
package final class MediaSessionTable: Sendable {
  /// How long a session without viewer or request lives.
  package static let patience: Duration = .seconds(45)
  /// The longest a session lives.
  static let lifetime: Duration = .seconds(12 * 3_600)
  /// Sessions one user may hold: more than any wall has tiles.
  package static let perUser = 128

  /// Viewers that were gone before their session knew them, the latest few.
  private static let rememberedViewers = 64

  private struct State {
    var sessions: [String: MediaSession] = [:]
    /// How many sessions each user has.
    var users: [String: Int] = [:]
    var viewers: [ViewerID: String] = [:]
    var channels: [ChannelKey: Set<String>] = [:]
    var goneEarly: [ViewerID] = []
  }

  private let state = Mutex(State())

  package init() {}

  /// - Returns: false when the user has too many.
  package func insert(_ session: MediaSession) -> Bool {
    state.withLock { state in
      guard state.users[session.user, default: 0] < Self.perUser, state.sessions[session.id] == nil else {
        return false
      }
      state.sessions[session.id] = session
      state.users[session.user, default: 0] += 1
      state.channels[session.channel, default: []].insert(session.id)
      if let viewer = session.viewer { state.viewers[viewer] = session.id }
      return true
    }
  }

  package func find(_ id: String) -> MediaSession? { state.withLock { $0.sessions[id] } }

  package func remove(_ id: String) -> MediaSession? {
    state.withLock { state in
      guard let session = state.sessions.removeValue(forKey: id) else { return nil }
      if let viewer = session.viewer { state.viewers[viewer] = nil }
      let left = (state.users[session.user] ?? 1) - 1
      state.users[session.user] = left > 0 ? left : nil
      state.channels[session.channel]?.remove(id)
      if state.channels[session.channel]?.isEmpty == true { state.channels[session.channel] = nil }
      return session
    }
  }

  package var count: Int { state.withLock { $0.sessions.count } }

  var all: [MediaSession] { state.withLock { Array($0.sessions.values) } }

  /// The sessions that show a channel.
  package func sessions(of channel: ChannelKey) -> [MediaSession] {
    state.withLock { state in
      (state.channels[channel] ?? []).compactMap { state.sessions[$0] }
    }
  }

  /// Changes a session in place; nil when it is gone. Its viewer is changed by the functions below alone.
  func update<Result>(_ id: String, _ body: (inout MediaSession) -> Result) -> Result? {
    state.withLock { state in
      guard let index = state.sessions.index(forKey: id) else { return nil }
      return body(&state.sessions.values[index])
    }
  }

  /// The session has a viewer. Returns the one that it had before; nil when the session is gone.
  package func viewerOpened(
    _ viewer: ViewerID, of id: String, stream: StreamID, now: MonotonicTime
  ) -> ViewerID?? {
    state.withLock { state -> ViewerID?? in
      guard let index = state.sessions.index(forKey: id) else { return nil }
      // A peer that left at once may have been reported before this.
      let early = state.goneEarly.firstIndex(of: viewer)
      if let early { state.goneEarly.remove(at: early) }
      let before = state.sessions.values[index].viewer
      if let before { state.viewers[before] = nil }
      if early == nil { state.viewers[viewer] = id }
      state.sessions.values[index].viewer = early == nil ? viewer : nil
      state.sessions.values[index].stream = stream
      state.sessions.values[index].lastUse = now
      return .some(before)
    }
  }

  /// The viewer is gone. The session stays for a while so that the browser can come back.
  package func viewerClosed(_ viewer: ViewerID, now: MonotonicTime) {
    state.withLock { state in
      if let id = state.viewers.removeValue(forKey: viewer), let index = state.sessions.index(forKey: id) {
        state.sessions.values[index].viewer = nil
        state.sessions.values[index].lastUse = now
        return
      }
      state.goneEarly.append(viewer)
      if state.goneEarly.count > Self.rememberedViewers { state.goneEarly.removeFirst() }
    }
  }

  /// Identifiers of sessions that nobody uses any more.
  package func idle(now: MonotonicTime, wall: WallTime) -> [String] {
    state.withLock { state in
      state.sessions.values.filter { session in
        session.expires <= wall || (session.viewer == nil && now - session.lastUse > Self.patience)
      }.map(\.id)
    }
  }
}
