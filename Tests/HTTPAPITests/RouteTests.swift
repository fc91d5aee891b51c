import Access
import Foundation
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct RouteTests {
  static func table() -> [Route] {
    let gate = Fixture.gatekeeper()
    return APIResponder.routes(
      HTTPDependencies(
        operations: FakePlatform(), gatekeeper: gate, journal: FakeJournal(), asset: { _ in nil },
        media: { _, _ in .refused(.internal) }, sha1: { _ in [] }, logger: Fixture.logger),
      EventStreams(heartbeat: .seconds(1), gatekeeper: gate), AfterCare())
  }

  /// A concrete request for every row of the table.
  static func sample(_ route: Route) -> (path: String, body: String?, type: String) {
    var path = route.path
    path = path.replacingOccurrences(of: "{number}", with: "1")
    for name in ["id", "session", "name", "file", "block", "download", "code"] {
      path = path.replacingOccurrences(of: "{\(name)}", with: "a_b")
    }
    switch (route.verb, route.path) {
    case (_, "/api/v1/devices/import"): return (path, "id,name\n", "text/csv")
    case (_, "/api/v1/channels/{id}/timeline"), (_, "/api/v1/channels/{id}/export.mp4"),
      (_, "/api/v1/channels/{id}/records"):
      return (path + "?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", nil, "")
    case (_, "/api/v1/timeline"):
      return (path + "?channels=a_b,a_c&from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", nil, "")
    case ("POST", "/api/v1/devices"):
      return (path, #"{"id":"34020000001320000001","name":"x","password":"y"}"#, "application/json")
    case ("POST", "/api/v1/quarantine/{id}/approve"):
      return (path, #"{"name":"x","password":"y"}"#, "application/json")
    case ("POST", "/api/v1/channels/{id}/playback"), ("POST", "/api/v1/channels/{id}/downloads"):
      return (path, #"{"from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00Z"}"#, "application/json")
    case ("POST", "/api/v1/users"):
      return (path, #"{"name":"new","role":"operator","password":"long enough 1"}"#, "application/json")
    case ("PATCH", "/api/v1/users/{name}"): return (path, #"{"role":"operator"}"#, "application/json")
    case ("POST", "/api/v1/tokens"): return (path, #"{"name":"new","role":"machine"}"#, "application/json")
    case ("POST", "/api/v1/session"):
      return (path, #"{"user":"root","password":"correct horse"}"#, "application/json")
    case ("POST", "/api/v1/session/password"):
      return (path, #"{"password":"another one"}"#, "application/json")
    case ("PUT", "/api/v1/retention"), ("POST", "/api/v1/retention/preview"):
      return (path, #"{"classes":[],"reserveBytes":1,"exhaustion":"shed"}"#, "application/json")
    case ("POST", "/api/v1/holds"):
      let span = #""from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00Z""#
      return (path, #"{"channel":"a_b",\#(span),"reason":"accident"}"#, "application/json")
    case ("POST", "/api/v1/session/second-factor/confirm"), ("POST", "/api/v1/session/second-factor/remove"):
      return (path, #"{"code":"123456"}"#, "application/json")
    case ("PUT", "/api/v1/purposes/{code}"):
      return (path, #"{"english":"Case","chinese":"案件"}"#, "application/json")
    case ("PUT", "/api/v1/session/purpose"): return (path, #"{"purpose":"patrol"}"#, "application/json")
    case ("PUT", "/api/v1/organisations/{id}"): return (path, #"{"name":"Bureau"}"#, "application/json")
    case ("POST", "/api/v1/grants"):
      let parts = #""grantee":{"kind":"role","name":"operator"},"scope":{"kind":"all"}"#
      return (path, #"{\#(parts),"operations":["live"]}"#, "application/json")
    case ("POST", "/api/v1/grants/explain"):
      let asker = #""asker":{"kind":"person","name":"li"}"#
      return (path, #"{\#(asker),"operation":"live","channel":"a_b"}"#, "application/json")
    case ("POST", "/api/v1/access-requests"):
      let parts = #""scope":{"kind":"all"},"operations":["live"],"purpose":"patrol""#
      return (path, #"{\#(parts),"until":"2027-01-01T00:00:00Z"}"#, "application/json")
    case ("POST", "/api/v1/access-requests/{id}/decision"):
      return (path, #"{"grant":true}"#, "application/json")
    case ("POST", "/api/v1/break-glass"):
      return (path, #"{"reason":"smoke in the school"}"#, "application/json")
    case ("POST", "/api/v1/break-glass/{id}/review"):
      return (path, #"{"verdict":"justified"}"#, "application/json")
    case ("PUT", "/api/v1/channels/{id}/labels"): return (path, #"{"labels":["gate"]}"#, "application/json")
    case ("POST", "/api/v1/channels/{id}/ptz"):
      return (path, #"{"action":"move","pan":0.5,"hold":1000}"#, "application/json")
    case ("PATCH", "/api/v1/channels/{id}/presets/{number}"):
      return (path, #"{"name":"Gate"}"#, "application/json")
    case ("POST", "/api/v1/channels/{id}/controls"):
      return (path, #"{"command":"guard-on"}"#, "application/json")
    case ("POST", "/api/v1/devices/{id}/controls"):
      return (path, #"{"command":"reboot"}"#, "application/json")
    case ("PUT", "/api/v1/channels/{id}/configuration/{block}"),
      ("PUT", "/api/v1/devices/{id}/configuration/{block}"):
      return (path, #"{"values":{"TimeX":1,"Item":[{"Text":"x"}]}}"#, "application/json")
    case ("PUT", "/api/v1/firmware/{name}"): return (path, "bytes", "application/octet-stream")
    case ("PUT", "/upload/snapshots/{session}"), ("POST", "/upload/snapshots/{session}"),
      ("PUT", "/upload/snapshots/{session}/{file}"), ("POST", "/upload/snapshots/{session}/{file}"):
      return (path, "bytes", "image/jpeg")
    case ("PUT", "/api/v1/channels/{id}/home-position"):
      return (path, #"{"enabled":true,"preset":1}"#, "application/json")
    case ("PUT", "/api/v1/superiors/{id}"):
      return (path, #"{"servers":["192.0.2.1:5060"],"password":"y"}"#, "application/json")
    case ("PUT", "/api/v1/links/{id}"):
      return (path, #"{"capacity":20000000,"reserve":4000000}"#, "application/json")
    case ("POST", "/api/v1/levels/codes"):
      return (path, #"{"id":"34010000002000000001","role":"superior"}"#, "application/json")
    case ("POST", "/api/v1/levels/enrol"): return (path, #"{"code":"x"}"#, "application/json")
    case ("POST", "/api/v1/access-log/entries/{number}/erasure"):
      return (path, #"{"reason":"asked for"}"#, "application/json")
    case (_, "/api/v1/access-log/consistency"): return (path + "?from=3", nil, "")
    case ("POST", _), ("PATCH", _), ("PUT", "/api/v1/devices/{id}/subscriptions"):
      return (path, "{}", "application/json")
    default: return (path, nil, "")
    }
  }

  @Test("Every route is in the OpenAPI document with its permission, and every operation there has a route")
  func documented() throws {
    let document = try #require(
      JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8)) as? [String: Any])
    let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
    var documented: Set<String> = []
    for (path, operations) in paths {
      for (method, operation) in operations {
        let permission = operation["x-permission"] as? String
        #expect((permission == nil) == (operation["security"] != nil), "\(method) \(path)")
        documented.insert("\(method.uppercased()) \(path) \(permission ?? "open")")
      }
    }
    let routed = Self.table()
      .map { route in
        switch route.access {
        case .open: "\(route.verb) \(route.path) open"
        case .needs(let permission): "\(route.verb) \(route.path) \(permission.rawValue)"
        }
      }
    #expect(Set(routed) == documented)
    #expect(routed.count == Set(routed).count)
  }

  @Test("Every reference in the OpenAPI document resolves, and operation names are unique")
  func references() throws {
    let document = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
    var names: [String] = []
    func walk(_ node: Any) {
      if let object = node as? [String: Any] {
        if let reference = object["$ref"] as? String {
          #expect(OpenAPISchema.resolve(reference, in: document) != nil, "\(reference)")
        }
        if let name = object["operationId"] as? String { names.append(name) }
        for value in object.values { walk(value) }
      } else if let list = node as? [Any] {
        for value in list { walk(value) }
      }
    }
    walk(document)
    #expect(names.count == Set(names).count)
    #expect(names.count == Self.table().count)
  }

  @Test("Every JSON answer has exactly the shape that the OpenAPI document promises")
  func shapes() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      let document = try JSONSerialization.jsonObject(with: Data(OpenAPIDocument.text.utf8))
      for route in Self.table() where route.path != "/api/v1/events" && route.verb != "DELETE" {
        let (path, body, type) = Self.sample(route)
        var headers = fixture.bearer(.administrator)
        if body != nil { headers["Content-Type"] = type }
        let answer = try fixture.client().request(route.verb, path, headers: headers, body: body)
        let operation = ["paths", route.path, route.verb.lowercased(), "responses", "\(answer.status)"]
        guard let promise = OpenAPISchema.descend(operation, in: document) as? [String: Any] else {
          // Refusals are covered by “default”.
          #expect(answer.status >= 400, "\(route.verb) \(path) answered \(answer.status)")
          #expect(answer.header("content-type") == "application/problem+json", "\(path)")
          continue
        }
        let content = promise["content"] as? [String: [String: Any]]
        if let schema = content?["application/json"]?["schema"] {
          let value = try JSONSerialization.jsonObject(with: Data(answer.body))
          let faults = OpenAPISchema.faults(value, schema, in: document, at: path)
          #expect(faults.isEmpty, "\(faults)")
        }
      }
    }
  }

  @Test("Without a credential every route that needs one answers 401 with a problem")
  func unauthenticated() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      for route in Self.table() {
        guard case .needs = route.access else { continue }
        let (path, body, type) = Self.sample(route)
        for headers in [
          [:], ["Authorization": "Bearer 0123456789abcdef0123"],
          ["Cookie": "tributary_session=nobody-knows-this-one"],
        ] {
          var headers = headers
          if body != nil { headers["Content-Type"] = type }
          let answer = try fixture.client().request(route.verb, path, headers: headers, body: body)
          #expect(answer.status == 401, "\(route.verb) \(path)")
          #expect(answer.problemType == "/problems/unauthenticated")
          #expect(answer.header("www-authenticate") == "Bearer")
          #expect(answer.problem["correlation"] as? String == answer.header("x-correlation-id"))
        }
      }
      #expect(fixture.platform.state.withLock { $0.callers.isEmpty })
    }
  }

  @Test("Every role may use exactly the routes that its permissions name")
  func roles() async throws {
    let fixture = try await Fixture()
    try await fixture.serving { fixture in
      for role in Role.allCases {
        let client = try fixture.client()
        for route in Self.table()
        where route.path != "/api/v1/events" && route.path != "/api/v1/session/password" {
          guard case .needs(let permission) = route.access else { continue }
          let (path, body, type) = Self.sample(route)
          var headers = fixture.bearer(role)
          if body != nil { headers["Content-Type"] = type }
          let answer = try client.request(route.verb, path, headers: headers, body: body)
          let allowed = AccessPolicy.allows(role, permission)
          #expect((answer.status == 403) == !allowed, "\(role) \(route.verb) \(path): \(answer.status)")
          #expect(answer.status != 401)
          if !allowed { #expect(answer.problemType == "/problems/forbidden") }
        }
      }
    }
  }
}
