/// A refusal or failure as the interface tells it (RFC 9457).
///
/// ``slug`` is stable and part of the contract: programs may depend on it. The
/// texts are for people and carry no secret.
public struct Problem: Error, Sendable, Hashable {
  /// Last part of the `type` URI, `/problems/<slug>`.
  public var slug: String
  /// HTTP status code.
  public var status: Int
  /// The kind of problem, the same for every occurrence.
  public var title: String
  /// What happened this time.
  public var detail: String
  /// What to do about it.
  public var fix: String?
  /// Seconds after which trying again makes sense.
  public var retryAfter: Int?
  /// For a denial: its word, for programs.
  public var reason: String?

  public init(
    slug: String, status: Int, title: String, detail: String, fix: String? = nil, retryAfter: Int? = nil
  ) {
    (self.slug, self.status, self.title) = (slug, status, title)
    (self.detail, self.fix, self.retryAfter) = (detail, fix, retryAfter)
  }

  /// 400: the request cannot be understood.
  public static func badRequest(_ detail: String, fix: String? = nil) -> Problem {
    Problem(
      slug: "bad-request", status: 400, title: "The request cannot be understood", detail: detail, fix: fix)
  }
  /// 401: no credential, or one that is not good any more.
  public static let unauthenticated = Problem(
    slug: "unauthenticated", status: 401, title: "Sign in first",
    detail: "The request carries no session or API key that is in force.",
    fix: "Sign in with POST /api/v1/session and send the token as “Authorization: Bearer …”.")
  /// 401: a log-in failed.
  public static let wrongCredentials = Problem(
    slug: "wrong-credentials", status: 401, title: "Log-in failed",
    detail: "The name and the password do not belong together, or the link was used or has expired.")
  /// 403: known, but not allowed.
  public static func forbidden(_ detail: String) -> Problem {
    Problem(slug: "forbidden", status: 403, title: "Not allowed", detail: detail)
  }
  /// 403: the request came from another site's page.
  public static let crossSite = Problem(
    slug: "cross-site", status: 403, title: "Request from another site",
    detail: "A browser sent this on behalf of another site. It was not carried out.")
  /// 404: there is no such thing.
  public static func notFound(_ detail: String) -> Problem {
    Problem(slug: "not-found", status: 404, title: "Not found", detail: detail)
  }
  /// 405: the path exists, the method does not.
  public static func methodNotAllowed(_ detail: String) -> Problem {
    Problem(slug: "method-not-allowed", status: 405, title: "Method not allowed", detail: detail)
  }
  /// 409: the present state does not allow it.
  public static func conflict(_ detail: String, fix: String? = nil) -> Problem {
    Problem(slug: "conflict", status: 409, title: "Conflict with the present state", detail: detail, fix: fix)
  }
  /// 410: it was here and is over.
  public static func gone(_ detail: String) -> Problem {
    Problem(slug: "gone", status: 410, title: "No longer there", detail: detail)
  }
  /// 413: the body is larger than the limit.
  public static func tooLarge(_ detail: String) -> Problem {
    Problem(slug: "too-large", status: 413, title: "Request too large", detail: detail)
  }
  /// 415: the body's type is not taken here.
  public static func unsupportedType(_ detail: String) -> Problem {
    Problem(slug: "unsupported-type", status: 415, title: "Unsupported body type", detail: detail)
  }
  /// 416: the range lies outside.
  public static func rangeNotSatisfiable(_ detail: String) -> Problem {
    Problem(slug: "range-not-satisfiable", status: 416, title: "Range not satisfiable", detail: detail)
  }
  /// 422: understood, but a value breaks a rule.
  public static func invalid(_ detail: String, fix: String? = nil) -> Problem {
    Problem(slug: "invalid", status: 422, title: "A value breaks a rule", detail: detail, fix: fix)
  }
  /// 426: the path speaks WebSocket, on a connection of its own.
  public static func upgradeRequired(_ detail: String) -> Problem {
    Problem(slug: "upgrade-required", status: 426, title: "WebSocket needed", detail: detail)
  }
  /// 429: too often.
  public static func tooManyRequests(_ detail: String, retryAfter: Int) -> Problem {
    Problem(
      slug: "too-many-requests", status: 429, title: "Too many requests", detail: detail,
      retryAfter: retryAfter)
  }
  /// 500: our fault. The detail stays general; the log has the rest under the correlation id.
  public static let `internal` = Problem(
    slug: "internal", status: 500, title: "Internal error",
    detail: "Something went wrong here. The server's log has the details under the correlation id.")
  /// 503: cannot now, may later.
  public static func unavailable(_ detail: String, fix: String? = nil, retryAfter: Int? = nil) -> Problem {
    Problem(
      slug: "unavailable", status: 503, title: "Not available now", detail: detail, fix: fix,
      retryAfter: retryAfter)
  }
  /// 504: the device or level that was asked did not answer in time.
  public static func timeout(_ detail: String, fix: String? = nil) -> Problem {
    Problem(slug: "timeout", status: 504, title: "No answer in time", detail: detail, fix: fix)
  }
}
