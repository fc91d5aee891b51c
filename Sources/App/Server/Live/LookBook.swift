import Access
import AccessLog
import Cryptography
import HTTPAPI
import Logging
import MediaTime
import Synchronization

/// The looks as the services write them: a begin is in the access log before a picture is shown.
///
/// The table of looks beside it is for lists of what runs now; the access log is what counts.
final class LookBook: Sendable {
  private struct Open {
    var entry: UInt64
    var started: MonotonicTime
    var look: LookRecord
    var basis: LookBasis?
  }

  private let log: any LookLog
  private let journal: AccessLogService
  private let logger: Logger
  private let open = Mutex<[String: Open]>([:])

  init(log: any LookLog, journal: AccessLogService, logger: Logger) {
    (self.log, self.journal, self.logger) = (log, journal, logger)
  }

  /// Writes the beginning. A look that cannot be logged does not happen.
  ///
  /// - Parameter basis: what it rests on, where that is known.
  func begin(_ look: LookRecord, basis: LookBasis? = nil) async throws -> String {
    let started = SystemClock.monotonic()
    let entry = try await journal.append(Self.event(look, basis))
    let id: String
    do {
      id = String(try await log.beginLook(look))
    } catch {
      logger.error("a look could not be listed and was refused", metadata: ["error": "\(error)"])
      await journal.note(Self.end(look, entry, seconds: 0))
      throw Problem.unavailable(
        "The list of looks cannot be written, so no picture is shown.", retryAfter: 10)
    }
    open.withLock { $0[id] = Open(entry: entry, started: started, look: look, basis: basis) }
    return id
  }

  func end(_ id: String) async {
    guard let number = Int64(id) else { return }
    if let found = open.withLock({ $0.removeValue(forKey: id) }) {
      let seconds = (SystemClock.monotonic() - found.started).inSeconds
      await journal.note(Self.end(found.look, found.entry, seconds: Int(seconds.rounded(.up))))
    }
    do { try await log.endLook(id: number, at: SystemClock.wall()) } catch {
      logger.error("the end of a look could not be listed", metadata: ["error": "\(error)"])
    }
  }

  private static func event(_ look: LookRecord, _ basis: LookBasis?) -> AccessEvent {
    AccessEvent(
      look.kind == .export ? .export : .lookBegin,
      [
        .media: look.session, .role: basis?.role ?? look.role.rawValue, .channel: look.channel,
        .organisation: basis?.organisation, .grant: basis?.grant, .purpose: basis?.purpose,
        .route: basis?.route, .digest: basis?.token, .operation: look.kind.rawValue,
        .from: look.footage.map { String(max(0, $0.lowerBound.nanoseconds / 1_000)) },
        .to: look.footage.map { String(max(0, $0.upperBound.nanoseconds / 1_000)) },
      ],
      words: [
        .user: look.user, .source: look.source, .words: look.purpose, .caseNumber: basis?.caseNumber,
        .approver: basis?.approver,
      ])
  }

  private static func end(_ look: LookRecord, _ entry: UInt64, seconds: Int) -> AccessEvent {
    AccessEvent(
      .lookEnd,
      [
        .media: look.session, .channel: look.channel, .operation: look.kind.rawValue, .begin: String(entry),
        .seconds: String(max(0, seconds)),
      ], words: [.user: look.user])
  }

  func page(_ query: LookQuery) async throws -> API.Page<API.Look> {
    let records = try await log.looks(query)
    return API.Page(
      items: records.map { look in
        API.Look(
          id: String(look.id), user: look.user, role: look.role.rawValue, channel: look.channel,
          kind: look.kind.rawValue, purpose: look.purpose, source: look.source,
          started: API.Time(look.started),
          ended: look.ended.map { API.Time($0) }, from: look.footage.map { API.Time($0.lowerBound) },
          to: look.footage.map { API.Time($0.upperBound) })
      }, next: records.count == query.limit ? records.last.map { String($0.id) } : nil)
  }

  /// 192 unguessable bits, safe in a URL.
  static func token() -> String {
    SecureRandom.bytes(24).map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
