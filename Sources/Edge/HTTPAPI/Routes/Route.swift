import Access
import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// One row of the interface's table: what, who may, and how.
///
/// The table is the only way to register a handler, and a row cannot be written
/// without saying who may use it.
struct Route: Sendable {
  /// Who may use a route.
  enum Guard: Sendable, Hashable {
    /// Anybody: the route checks its own credential or tells nothing.
    case open
    case needs(Permission)
  }

  /// What must be granted for the channel or device that `{id}` in the path names.
  enum Rights: Sendable, Hashable {
    /// The path names no channel, or only what the permission is about.
    case none
    /// The channel must be one that the caller may know of.
    case shown
    /// Decided before the handler runs, with the purpose of the query or the standing one.
    case asks(AccessOperation)
    /// Decided by the platform, which knows the purpose in the body and lets the look last.
    case inside(AccessOperation)
  }

  let method: HTTPRequest.Method
  /// With parameters in braces, as OpenAPI writes them.
  let path: String
  let access: Guard
  let rights: Rights
  /// The action's kind, where a level may leave it to two people.
  let secondPerson: SecondPersonKind?
  let handle: @Sendable (APICall) async throws -> Response

  init(
    _ method: HTTPRequest.Method, _ path: String, _ access: Guard, _ rights: Rights = .none,
    secondPerson: SecondPersonKind? = nil,
    _ handle: @escaping @Sendable (APICall) async throws -> Response
  ) {
    (self.method, self.path, self.access, self.rights) = (method, path, access, rights)
    (self.secondPerson, self.handle) = (secondPerson, handle)
  }

  /// The method as it stands in a request line.
  var verb: String { method.rawValue }

  /// Whether a concrete path has the shape of this route's.
  func matches(_ concrete: String) -> Bool {
    let mine = path.split(separator: "/")
    let theirs = concrete.split(separator: "/")
    return mine.count == theirs.count
      && zip(mine, theirs).allSatisfy { part, value in part.hasPrefix("{") || part == value }
  }
}

/// One request on its way through a handler.
struct APICall: Sendable {
  let request: Request
  let parameters: Parameters
  /// Nil on open routes.
  let principal: Principal?
  let source: String
  let correlation: String
  let logger: Logger
  let bodyTimeout: Duration
  /// What the route's operation was allowed by; nil when it asks for none.
  var admission: Admission?
  /// Who proposed what is being carried out now; nil for an ordinary request.
  var proposer: Principal?
  /// Answers a request as if it had come in, in the name of who proposed it.
  var carryOut: (@Sendable (Request, Principal) async throws -> Response)?

  /// Who asks, on a route that needs a permission.
  func caller() throws(Problem) -> Caller {
    guard let principal else { throw .unauthenticated }
    return Caller(
      principal: principal, source: source, correlation: correlation, stated: try stated(),
      admission: admission)
  }

  /// The purpose as the query states it.
  private func stated() throws(Problem) -> API.Statement {
    API.Statement(
      purpose: try query("purpose"), caseNumber: try query("caseNumber"), approver: try query("approver"))
  }

  /// An identifier from the path; anything else cannot exist.
  func id(_ name: String = "id") throws(Problem) -> String {
    guard let text = parameters.get(name), MediaPath.isIdentifier(text) else {
      throw .notFound("There is no such \(name == "id" ? "object" : name).")
    }
    return text
  }

  /// A free text from the path, percent-decoded.
  func text(_ name: String) throws(Problem) -> String {
    guard let text = parameters.get(name)?.removingPercentEncoding,
      text.utf8.count <= 4 * HTTPLimits.identifier
    else { throw .notFound("There is no such \(name).") }
    return text
  }
}
