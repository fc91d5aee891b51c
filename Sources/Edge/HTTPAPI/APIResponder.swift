import Access
import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What travels with a request through the router.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  let source: String
  let correlation: String
  /// Who proposed what is being carried out; nil for an ordinary request.
  var proposer: Principal?
  /// Answers a request as if it had come in, in the name of who proposed it; nil while that is going on.
  var carryOut: (@Sendable (Request, Principal) async throws -> Response)?

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    self.source =
      source.channel.remoteAddress?.ipAddress.map { address in
        address.hasPrefix("::ffff:") && address.contains(".") ? String(address.dropFirst(7)) : address
      } ?? "unknown"
    correlation = Correlation.make()
    logger[metadataKey: "http.correlation"] = "\(correlation)"
  }
}

/// The one gate of the HTTP interface: finds the route, checks who asks, runs it, and tells every failure as a problem.
struct APIResponder: Sendable {
  private let responder: RouterResponder<APIContext>
  private let routes: [Route]
  private let table: ConnectionTable
  private let console: ConsoleFiles
  private let logger: Logger

  init(
    dependencies: HTTPDependencies, configuration: HTTPConfiguration, streams: EventStreams,
    afterCare: AfterCare, table: ConnectionTable
  ) {
    let routes = Self.routes(dependencies, streams, afterCare)
    let router = Router(context: APIContext.self)
    for route in routes {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        let principal = try await Self.admit(request, context, route, dependencies)
        var call = APICall(
          request: request, parameters: context.parameters, principal: principal, source: context.source,
          correlation: context.correlation, logger: context.logger, bodyTimeout: configuration.bodyTimeout)
        (call.proposer, call.carryOut) = (context.proposer, context.carryOut)
        try await Self.checkRights(route, &call, dependencies.operations)
        if let answer = try await SecondPerson.proposal(for: route, call, dependencies.operations) {
          return answer
        }
        return try await route.handle(call)
      }
    }
    responder = router.buildResponder()
    self.routes = routes
    self.table = table
    console = ConsoleFiles(dependencies.asset)
    logger = dependencies.logger
  }

  /// The whole table.
  static func routes(
    _ dependencies: HTTPDependencies, _ streams: EventStreams, _ afterCare: AfterCare
  ) -> [Route] {
    let operations = dependencies.operations
    return SystemRoutes.table(operations, streams)
      + AccountRoutes.table(dependencies.gatekeeper, operations, dependencies.journal)
      + ExternalRoutes.table(dependencies.gatekeeper, dependencies.external, dependencies.journal)
      + DeviceRoutes.table(operations) + ChannelRoutes.table(operations)
      + MediaRoutes.table(operations, dependencies.media) + RecordingRoutes.table(operations, afterCare)
      + KeepingRoutes.table(operations) + ControlRoutes.table(operations) + DeviceCareRoutes.table(operations)
      + TransferRoutes.table(operations, afterCare) + AlarmRoutes.table(operations)
      + DeviceRecordRoutes.table(operations, afterCare)
      + VoiceRoutes.table(operations) + SuperiorRoutes.table(operations)
      + LevelRoutes.table(operations)
      + LowerPlatformRoutes.table(operations)
      + LinkRoutes.table(operations)
      + RightsRoutes.table(operations) + ProposalRoutes.table(operations, dependencies.gatekeeper)
      + AccessLogRoutes.table(operations)
  }

  func respond(to request: Request, channel: any Channel) async -> Response {
    var context = APIContext(source: .init(channel: channel, logger: logger))
    context.carryOut = { [context] request, proposer in
      var confirmed = context
      confirmed.proposer = proposer
      return try await find(request, confirmed)
    }
    var response: Response
    do { response = try await find(request, context) } catch {
      response = .problem(Self.problem(error, context.logger), correlation: context.correlation)
    }
    SecurityHeaders.add(to: &response)
    if let name = HTTPField.Name("X-Correlation-ID") { response.headers[name] = context.correlation }
    note(request, context, response)
    return response
  }

  private func find(_ request: Request, _ context: APIContext) async throws -> Response {
    let path = request.uri.path
    let method = request.method == .head ? .get : request.method
    let candidates = routes.filter { $0.matches(path) }
    if candidates.contains(where: { $0.method == method }) {
      guard request.method == .head else { return try await responder.respond(to: request, context: context) }
      return try await responder.respond(to: request.asGet, context: context)
    }
    if !candidates.isEmpty {
      let allowed = Set(candidates.map(\.method.rawValue)).sorted().joined(separator: ", ")
      var response = Response.problem(
        .methodNotAllowed("This path takes \(allowed)."), correlation: context.correlation)
      response.headers[.allow] = allowed
      return response
    }
    if method == .get, let file = console.response(path, for: request) { return file }
    throw Problem.notFound("There is nothing at this path.")
  }

  /// Who asks; nil on an open route. The only place where permissions are checked.
  private static func admit(
    _ request: Request, _ context: APIContext, _ route: Route, _ dependencies: HTTPDependencies
  ) async throws -> Principal? {
    let changes = request.method != .get && request.method != .head
    guard
      let (principal, permission) = try await authenticate(
        request, context, route, dependencies, changes: changes)
    else { return nil }
    var action = JournalAction(
      principal: principal, source: context.source, permission: permission, verb: request.method.rawValue,
      path: request.uri.path, id: context.parameters.get("id"))
    guard principal.may(permission) else {
      await dependencies.journal.refused(action)
      throw Problem.forbidden(
        "The role “\(principal.role.rawValue)” does not include “\(permission.rawValue)”.")
    }
    if let kind = route.secondPerson, context.proposer == nil,
      await dependencies.operations.needsSecondPerson(kind)
    {
      // Nothing is done yet: what is written down is that it was proposed.
      action.path = "/api/v1/proposals/\(kind.rawValue)"
    }
    if changes { try await dependencies.journal.willDo(action) }
    return principal
  }

  /// Who asks and what the route needs; nil on an open route.
  private static func authenticate(
    _ request: Request, _ context: APIContext, _ route: Route, _ dependencies: HTTPDependencies, changes: Bool
  ) async throws -> (Principal, Permission)? {
    // An action that was confirmed has been through this gate before, with the credential of who proposed it.
    if let proposer = context.proposer, case .needs(let permission) = route.access {
      return (proposer, permission)
    }
    let bearer = bearerToken(request)
    if changes, bearer == nil { try CrossSite.check(request) }
    guard case .needs(let permission) = route.access else { return nil }
    guard let secret = bearer ?? SessionCookie.token(in: request),
      let principal = await dependencies.gatekeeper.authenticate(secret, source: context.source)
    else { throw Problem.unauthenticated }
    return (principal, permission)
  }

  /// Asks for what must be granted. Who decides is the platform; here is seen to it that it is asked.
  private static func checkRights(
    _ route: Route, _ call: inout APICall, _ operations: any PlatformOperations
  ) async throws {
    switch route.rights {
    case .none, .inside: break
    case .shown: try await operations.requireShown(channel: try call.id(), by: try call.caller())
    case .asks(let operation):
      call.admission = try await operations.admit(operation, to: try call.id(), by: try call.caller())
    }
  }

  private static func bearerToken(_ request: Request) -> String? {
    guard let header = request.headers[.authorization] else { return nil }
    let parts = header.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
    return parts[1].trimmingBlanks
  }

  /// What a peer is told; what it must not be told goes to the log.
  private static func problem(_ error: any Error, _ logger: Logger) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let refusal as AccessRefusal: return Problem(refusal)
    case is CancellationError: return .unavailable("The server is shutting down.", retryAfter: 5)
    case let error as HTTPError where error.status.code < 500:
      return .badRequest(error.body ?? "The request cannot be understood.")
    default:
      logger.error("request failed", metadata: ["http.error": "\(String(reflecting: error))"])
      return .internal
    }
  }

  /// Changes are worth a line each, reading is not.
  private func note(_ request: Request, _ context: APIContext, _ response: Response) {
    let status = Int(response.status.code)
    table.count { counters in
      counters.requests += 1
      if status >= 500 { counters.failures += 1 }
    }
    let reading = request.method == .get || request.method == .head
    context.logger.log(
      level: reading ? .debug : .info, "request",
      metadata: [
        "http.method": "\(request.method.rawValue)", "http.path": "\(MediaPath.redacted(request.uri.path))",
        "http.status": "\(status)", "http.source": "\(context.source)",
      ])
  }
}

extension Request {
  /// The same request as GET: a HEAD is answered like it, without its body.
  fileprivate var asGet: Request {
    var head = head
    head.method = .get
    return Request(head: head, body: body)
  }
}

extension MediaPath {
  /// A path for the log: a session is a credential and does not belong there.
  static func redacted(_ path: String) -> String {
    for prefix in ["/media/", "/api/v1/media-sessions/", "/upload/snapshots/", "/firmware/"]
    where path.hasPrefix(prefix) { return prefix + "…" }
    return path
  }
}
