import Access
import HTTPTypes
import Hummingbird
public import MediaTime
import NIOCore

/// The access log: search, the register that the law asks for, heads and proofs.
enum AccessLogRoutes {
  static func table(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.get, "/api/v1/access-log", .needs(.viewAccessLog)) { call in
        let query = try search(call)
        switch try call.query("format") {
        case nil, "json": return try .json(try await operations.accessLog(query))
        case "register":
          let isChinese = try call.query("language") == "zh"
          let text = try await operations.accessRegister(query, isChinese: isChinese, by: try call.caller())
          return file(text, type: "text/csv; charset=utf-8", name: "register.csv")
        default: throw Problem.badRequest("“format” must be json or register.")
        }
      },
      Route(.get, "/api/v1/access-log/head", .needs(.viewAccessLog)) { _ in
        try .json(try await operations.logHead())
      },
      Route(.get, "/api/v1/access-log/witnesses", .needs(.viewAccessLog)) { _ in
        try .json(API.Page(items: try await operations.logWitnesses()))
      },
      Route(.get, "/api/v1/access-log/checkpoint", .needs(.viewAccessLog)) { call in
        let isWitnessed = try call.flag("witnessed")
        return file(
          try await operations.logCheckpoint(witnessed: isWitnessed), type: "text/plain; charset=utf-8",
          name: "checkpoint")
      },
      Route(.get, "/api/v1/access-log/consistency", .needs(.viewAccessLog)) { call in
        guard let from = try call.query("from").flatMap({ UInt64($0) }) else {
          throw Problem.badRequest("“from” must be the size of an earlier head.")
        }
        return file(
          try await operations.logConsistency(from: from), type: "text/plain; charset=utf-8",
          name: "consistency")
      },
      Route(.get, "/api/v1/access-log/entries/{number}", .needs(.viewAccessLog)) { call in
        try .json(try await operations.logEntry(try number(call)))
      },
      Route(.get, "/api/v1/access-log/entries/{number}/proof", .needs(.viewAccessLog)) { call in
        let number = try number(call)
        return file(
          try await operations.logProof(number), type: "text/plain; charset=utf-8",
          name: "entry-\(number).proof")
      },
      Route(
        .post, "/api/v1/access-log/entries/{number}/erasure", .needs(.manageAccounts),
        secondPerson: .logErasure
      ) { call in
        let erasure = try await call.json(API.LogErasure.self)
        guard (1...500).contains(erasure.reason.utf8.count) else {
          throw Problem.invalid("“reason” must say in 1 to 500 bytes why the words are erased.")
        }
        try await operations.eraseLogWords(try number(call), reason: erasure.reason, by: try call.caller())
        return .noContent
      },
    ]
  }

  private static func number(_ call: APICall) throws(Problem) -> UInt64 {
    guard let number = UInt64(try call.id("number")) else { throw .notFound("There is no such entry.") }
    return number
  }

  private static func search(_ call: APICall) throws -> AccessLogSearch {
    var before: UInt64?
    if let cursor = try call.cursor() {
      guard let number = UInt64(cursor) else { throw Problem.badRequest("“cursor” is not one of ours.") }
      before = number
    }
    return AccessLogSearch(
      kinds: (try call.query("kind") ?? "").split(separator: ",").map(String.init),
      user: try call.query("user"),
      channel: try call.query("channel"), purpose: try call.query("purpose"),
      caseNumber: try call.query("case"),
      text: try call.query("q"), from: try call.time("from"), to: try call.time("to"), before: before,
      limit: try call.limit())
  }

  private static func file(_ text: String, type: String, name: String) -> Response {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.contentDisposition] = "attachment; filename=\"\(name)\""
    headers[.cacheControl] = "no-store"
    return Response(status: .ok, headers: headers, body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}

/// Which entries of the access log to list, newest first.
public struct AccessLogSearch: Sendable, Hashable {
  /// Names of kinds; none means all.
  public var kinds: [String]
  public var user: String?
  public var channel: String?
  public var purpose: String?
  public var caseNumber: String?
  /// Occurs anywhere.
  public var text: String?
  public var from: WallTime?
  public var to: WallTime?
  /// Only entries with a smaller number.
  public var before: UInt64?
  public var limit: Int
}
