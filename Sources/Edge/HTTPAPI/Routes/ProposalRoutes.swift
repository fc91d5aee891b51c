import Access
import HTTPTypes
import Hummingbird
import NIOCore

/// Actions that wait for a second person.
enum ProposalRoutes {
  static func table(_ operations: any PlatformOperations, _ gate: Gatekeeper) -> [Route] {
    [
      Route(.get, "/api/v1/proposals", .needs(.ownSession)) { call in
        try .json(API.Page(items: try await operations.proposals(for: try call.caller())))
      },
      Route(.post, "/api/v1/proposals/{id}/confirmation", .needs(.ownSession)) { call in
        let (action, proposer) = try await operations.confirmProposal(
          try call.id(), by: try call.caller())
        guard gate.stillGood(proposer) else {
          throw Problem.conflict(
            "Who proposed it is not signed in any more.", fix: "Let it be proposed again.")
        }
        return try await SecondPerson.carryOut(action, as: proposer, in: call)
      },
      Route(.delete, "/api/v1/proposals/{id}", .needs(.ownSession)) { call in
        try .json(try await operations.withdrawProposal(try call.id(), by: try call.caller()))
      },
    ]
  }
}

/// How a confirmed action goes the same way as a request: through the gate, in the name of who proposed it.
enum SecondPerson {
  static func carryOut(
    _ action: ProposedAction, as proposer: Principal, in call: APICall
  ) async throws -> Response {
    guard let carryOut = call.carryOut, let method = HTTPRequest.Method(action.verb) else {
      throw Problem.internal
    }
    var fields: HTTPFields = [.contentLength: String(action.body.count)]
    if !action.contentType.isEmpty { fields[.contentType] = action.contentType }
    let request = Request(
      head: HTTPRequest(method: method, scheme: nil, authority: nil, path: action.path, headerFields: fields),
      body: RequestBody(buffer: ByteBuffer(bytes: action.body)))
    return try await carryOut(request, proposer)
  }

  /// Keeps the request instead of answering it; nil when it needs no second person, or has one.
  static func proposal(
    for route: Route, _ call: APICall, _ operations: any PlatformOperations
  ) async throws -> Response? {
    guard let kind = route.secondPerson, case .needs(let permission) = route.access, call.proposer == nil,
      await operations.needsSecondPerson(kind)
    else { return nil }
    let action = ProposedAction(
      kind: kind, permission: permission, verb: route.verb, path: call.request.uri.string,
      contentType: call.request.headers[.contentType] ?? "",
      body: try await call.body(limit: HTTPLimits.jsonBody)
    )
    return try .json(try await operations.propose(action, by: try call.caller()), status: .accepted)
  }
}
