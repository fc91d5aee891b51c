import Access
import Cryptography
import HTTPAPI
import Logging
import MediaTime

/// The log of looks as the services use it: begins must be written before a picture is shown, ends may wait.
struct LookBook: Sendable {
  let log: any LookLog
  let logger: Logger

  /// Writes the beginning. A look that cannot be logged does not happen.
  func begin(_ look: LookRecord) async throws -> String {
    do {
      return String(try await log.beginLook(look))
    } catch {
      logger.error("a look could not be logged and was refused", metadata: ["error": "\(error)"])
      throw Problem.unavailable("The log of looks cannot be written, so no picture is shown.", retryAfter: 10)
    }
  }

  func end(_ id: String) async {
    guard let number = Int64(id) else { return }
    do { try await log.endLook(id: number, at: SystemClock.wall()) } catch {
      logger.error("the end of a look could not be logged", metadata: ["error": "\(error)"])
    }
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
