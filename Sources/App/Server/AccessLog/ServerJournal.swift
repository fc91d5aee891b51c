import Access
import AccessLog
import HTTPAPI
import MediaTime
import Synchronization

/// Turns what the HTTP interface does into entries of the access log.
///
/// A camera that is moved by hand gets an order several times a second. The first of a run is written before it is
/// carried out; those that follow within ``pause`` are counted, and the run is written when it is over.
final class ServerJournal: ActionJournal {
  /// One hand on one camera.
  private struct Run: Hashable {
    var credential: String
    var channel: String
  }

  private struct Progress {
    var first: UInt64
    var event: AccessEvent
    var began: MonotonicTime
    var latest: MonotonicTime
    var count: Int
  }

  /// An order that comes later begins a new run.
  static let pause: Duration = .seconds(5)
  /// A run is written down at last.
  static let longest: Duration = .seconds(60)

  private let log: AccessLogService
  private let runs = Mutex<[Run: Progress]>([:])
  private let now: @Sendable () -> MonotonicTime

  init(log: AccessLogService, now: @escaping @Sendable () -> MonotonicTime = { SystemClock.monotonic() }) {
    (self.log, self.now) = (log, now)
  }

  func willDo(_ action: JournalAction) async throws {
    guard let event = Self.event(action) else { return }
    guard event.kind == .control, event.facts[.operation] == "ptz", let channel = action.id else {
      try await log.append(event)
      return
    }
    let (run, now) = (Run(credential: action.principal.credential, channel: channel), now())
    let isGoingOn = runs.withLock { runs in
      guard var progress = runs[run], now - progress.latest < Self.pause, now - progress.began < Self.longest
      else { return false }
      (progress.latest, progress.count) = (now, progress.count + 1)
      runs[run] = progress
      return true
    }
    if isGoingOn { return }
    let earlier = runs.withLock { $0.removeValue(forKey: run) }
    if let earlier { try await log.append(Self.summary(earlier)) }
    let first = try await log.append(event)
    runs.withLock { $0[run] = Progress(first: first, event: event, began: now, latest: now, count: 1) }
  }

  /// Writes the runs that are over; all of them when the server stops.
  func settle(all: Bool = false) async {
    let now = now()
    let over = runs.withLock { runs in
      let over = runs.filter {
        all || now - $0.value.latest >= Self.pause || now - $0.value.began >= Self.longest
      }
      for run in over.keys { runs[run] = nil }
      return over
    }
    for progress in over.values where progress.count > 1 { await log.note(Self.summary(progress)) }
  }

  private static func summary(_ progress: Progress) -> AccessEvent {
    var event = progress.event
    event.facts[.begin] = String(progress.first)
    event.facts[.count] = String(progress.count)
    event.facts[.seconds] = String(max(0, Int((progress.latest - progress.began).inSeconds.rounded())))
    return event
  }

  func refused(_ action: JournalAction) async {
    var event = Self.basis(.denial, action)
    event.facts[.operation] = Self.word("\(action.verb)/\(Self.object(action))")
    event.facts[.reason] = Self.word("permission:\(action.permission.rawValue)")
    await log.note(event)
  }

  func signedIn(_ principal: Principal, source: String) async throws {
    try await log.append(
      AccessEvent(
        .signIn, [.session: String(principal.credential.prefix(12)), .role: principal.role.rawValue],
        words: [.user: principal.name, .source: source]))
  }

  func signInFailed(user: String, source: String) async {
    await log.note(AccessEvent(.signInFailed, words: [.user: user, .source: source]))
  }

  // MARK: Words

  /// Nil for what is no change, or is written down by whoever shows the picture.
  private static func event(_ action: JournalAction) -> AccessEvent? {
    switch action.permission {
    case .watchLive, .watchRecordings, .exportRecordings, .talk: return nil
    case .control:
      var event = basis(.control, action)
      event.facts[.operation] = word(action.path.split(separator: "/").last.map(String.init) ?? action.verb)
      event.facts[.channel] = word(action.id ?? object(action))
      return event
    case .ownSession where action.verb == "DELETE":
      return basis(.signOut, action)
    default:
      var event = basis(.configuration, action)
      event.facts[.operation] = action.verb
      event.facts[.object] = word(object(action))
      return event
    }
  }

  private static func basis(_ kind: LogKind, _ action: JournalAction) -> AccessEvent {
    AccessEvent(
      kind,
      [.session: String(action.principal.credential.prefix(12)), .role: action.principal.role.rawValue],
      words: [.user: action.principal.name, .source: action.source])
  }

  /// The path without what stands before each; a session in it is a credential and left out.
  private static func object(_ action: JournalAction) -> String {
    let path = action.path.hasPrefix("/api/v1/") ? String(action.path.dropFirst(8)) : action.path
    return path.hasPrefix("media-sessions/") ? "media-sessions" : path
  }

  private static func word(_ text: String) -> String? {
    AccessEvent(.start, [.object: text]).facts[.object]
  }
}
