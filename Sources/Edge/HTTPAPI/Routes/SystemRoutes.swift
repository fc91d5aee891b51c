import Access
import HTTPTypes
import Hummingbird

/// Liveness, metrics, the interface's description, health and events.
enum SystemRoutes {
  static func table(_ operations: any PlatformOperations, _ streams: EventStreams) -> [Route] {
    [
      Route(.get, "/healthz", .open) { _ in try await readiness(operations) },
      Route(.get, "/metrics", .needs(.viewHealth)) { _ in await metrics(operations) },
      Route(.get, "/openapi.json", .open) { _ in
        .bytes(Array(OpenAPIDocument.text.utf8), type: "application/json")
      },
      Route(.get, "/api/v1/platform", .needs(.ownSession)) { _ in try .json(try await operations.platform())
      },
      Route(.get, "/api/v1/health", .needs(.viewHealth)) { _ in try .json(try await operations.health()) },
      Route(.get, "/api/v1/events", .needs(.viewRegistry)) { call in
        let caller = try call.caller()
        let events = await operations.events(for: caller)
        return Response(
          status: .ok,
          headers: [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"],
          body: streams.body(events, for: caller.principal))
      },
    ]
  }

  static func readiness(_ operations: any PlatformOperations) async throws -> Response {
    let readiness = await operations.readiness()
    return try .json(readiness, status: readiness.ready ? .ok : .serviceUnavailable)
  }

  static func metrics(_ operations: any PlatformOperations) async -> Response {
    .bytes(Array(await operations.metrics().utf8), type: "text/plain; version=0.0.4; charset=utf-8")
  }
}

/// Answers on the metrics listener: two paths, no log-in, nothing else.
struct MetricsResponder: Sendable {
  let operations: any PlatformOperations

  func respond(to request: Request) async -> Response {
    switch (request.method, request.uri.path) {
    case (.get, "/metrics"):
      return await SystemRoutes.metrics(operations)
    case (.get, "/healthz"):
      if let response = try? await SystemRoutes.readiness(operations) { return response }
      return .problem(.internal, correlation: Correlation.make())
    default:
      return .problem(.notFound("Here are /metrics and /healthz only."), correlation: Correlation.make())
    }
  }
}
