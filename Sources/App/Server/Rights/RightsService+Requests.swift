import Access
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Synchronization

/// Requests for access, and emergencies.
extension RightsService {
  /// All requests, newest first.
  func requests() -> [AccessRequest] {
    let now = SystemClock.wall()
    return state.withLock { state in
      for id in state.requests.keys { state.requests[id]?.tick(now) }
      return state.requests.values.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }
  }

  func add(_ request: AccessRequest) async throws {
    let open = requests().count {
      $0.asker == request.asker && $0.origin?.level == request.origin?.level && $0.state == .asked
    }
    guard open < 50 else {
      throw Problem.tooManyRequests("Fifty of your requests wait for their decision.", retryAfter: 3_600)
    }
    try await store.saveAccessRequest(request, grant: nil)
    state.withLock { $0.requests[request.id] = request }
    logger.notice("access was asked for", metadata: ["request": "\(request.id)", "user": "\(request.asker)"])
  }

  /// Changes a request by one event, and writes what came of it. Two events at once: the later one finds the first.
  @discardableResult
  func change(_ id: String, _ event: (inout AccessRequest) throws -> Grant?) async throws -> AccessRequest {
    let (before, request, grant) = try state.withLock { state in
      guard let before = state.requests[id] else { throw Problem.notFound("There is no such request.") }
      var request = before
      let grant = try Self.fitting { try event(&request) }
      state.requests[id] = request
      return (before, request, grant)
    }
    do { try await store.saveAccessRequest(request, grant: grant) } catch {
      state.withLock { $0.requests[id] = before }
      throw error
    }
    if let grant { enter(grant) }
    return request
  }

  // MARK: Emergencies

  /// All emergencies, newest first.
  func glasses() -> [BreakGlass] {
    state.withLock { $0.glasses.values.sorted { ($0.opened, $0.id) > ($1.opened, $1.id) } }
  }

  func breakGlass(_ person: String, reason: String, role: Role) async throws -> BreakGlass {
    let now = SystemClock.wall()
    let (glass, grant) = try Self.fitting {
      try BreakGlass.open(
        id: Self.newID(), person: person, reason: reason, scope: .all,
        operations: HouseGrants.operations(of: role).subtracting([.configure]), issuer: platform.text, at: now
      )
    }
    try await store.saveBreakGlass(glass, grant: grant)
    state.withLock { $0.glasses[glass.id] = glass }
    enter(grant)
    logger.warning(
      "the glass was broken: somebody took access in an emergency, review it",
      metadata: ["glass": "\(glass.id)", "user": "\(person)", "reason": "\(glass.reason)"])
    return glass
  }

  /// Closes an emergency. Its grant ends too, if it has not.
  func review(_ id: String, by reviewer: String, verdict: BreakGlass.Verdict, words: String) async throws
    -> BreakGlass
  {
    let (before, glass) = try state.withLock { state in
      guard let before = state.glasses[id] else { throw Problem.notFound("There is no such emergency.") }
      var glass = before
      try Self.fitting {
        try glass.close(by: reviewer, verdict: verdict, words: words, at: SystemClock.wall())
      }
      state.glasses[id] = glass
      return (before, glass)
    }
    do { try await store.saveBreakGlass(glass, grant: nil) } catch {
      state.withLock { $0.glasses[id] = before }
      throw error
    }
    if state.withLock({ $0.book[glass.grant]?.isInForce(at: SystemClock.wall()) == true }) {
      try await revoke(glass.grant, by: reviewer)
    }
    return glass
  }

  /// Whether what came out of a request was revoked.
  func isGrantRevoked(_ request: AccessRequest) -> Bool {
    guard case .granted(_, let id) = request.state else { return false }
    return state.withLock { $0.book[id]?.revoked != nil }
  }

  func request(_ id: String) -> AccessRequest? { state.withLock { $0.requests[id] } }

  /// Runs an event of a machine; what does not fit is told as a conflict.
  private static func fitting<Result>(_ event: () throws -> Result) throws -> Result {
    do { return try event() } catch let misfit as AccessRequest.Misfit {
      switch misfit {
      case .over: throw Problem.conflict("It is decided, withdrawn or expired.")
      case .notYours: throw Problem.forbidden("Only who asked may withdraw.")
      case .ownRequest: throw Problem.forbidden("Nobody decides about what he asked for himself.")
      case .endPassed: throw Problem.invalid("The end lies in the past.")
      case .elsewhere: throw Problem.conflict("Another level decides about it: the owner of the cameras.")
      case .wider: throw Problem.invalid("“operations” are some of those that were asked for.")
      }
    } catch let misfit as BreakGlass.Misfit {
      switch misfit {
      case .reasonTooShort:
        throw Problem.invalid("The reason needs at least \(BreakGlass.shortestReason) characters, in words.")
      case .over: throw Problem.conflict("It has been reviewed.")
      case .ownGlass: throw Problem.forbidden("Nobody reviews himself.")
      }
    }
  }
}
