import Access
import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import StoreSQLite
import TestSupport
import Testing

@testable import Server

/// Every route of the interface against everybody who may come, on a whole server: ``RouteCallerTable``.
@Suite("Routes and callers")
struct RouteCallerTests {
  /// Who comes, in the order of the table's columns.
  enum Visitor: CaseIterable {
    case nobody, expiredSession, revokedKey
    case withoutGrant, expiredGrant, revokedGrant, granted
    case serviceKey, auditor, deviceManager, administrator
  }

  /// What a route does with a visitor.
  private enum Verdict: Character {
    /// 401: who are you?
    case unknown = "?"
    /// 403: not in this role.
    case role = "r"
    /// 403: nobody granted it.
    case denied = "d"
    /// Past the gate, whatever came of it.
    case passed = "+"
  }

  private struct Place: Sendable {
    let port: Int
    let channel: ChannelKey
    let device: DeviceID
    let tokens: [Visitor: String]
  }

  @Test("Every route answers every caller as the table says, and no route is missing from the table")
  func table() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip)
      let channel = ChannelKey(device: device, channel: configuration.channelID(device: 0, channel: 0))
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.runtime.playableChannels.contains(channel) })
      }
      // The device is known and gone: whoever is let in learns that at once.
      let place = Place(
        port: server.http.port, channel: channel, device: device,
        tokens: try await Self.people(server, channel))
      let document = try await server.http.request("GET", "/openapi.json")
      let routes = try Self.routes(document.body)
      #expect(Set(routes) == Set(RouteCallerTable.rows.keys))
      // What ends a session comes last.
      let last = "DELETE /api/v1/session"
      let others = routes.filter { $0 != last }.sorted()
      // Side by side, because every change and every refusal waits for the disk of the access log.
      for start in stride(from: 0, to: others.count, by: 12) {
        try await Self.check(others[start..<min(start + 12, others.count)], place)
      }
      try await Self.check([last][...], place)
    }
  }

  /// `METHOD path` of every operation of the document, which a test of its own holds against the table of routes.
  private static func routes(_ document: [UInt8]) throws -> [String] {
    let object = try JSONSerialization.jsonObject(with: Data(document)) as? [String: Any]
    let paths = try #require(object?["paths"] as? [String: [String: Any]])
    return paths.flatMap { path, operations in operations.keys.map { "\($0.uppercased()) \(path)" } }
  }

  // MARK: People

  /// Everybody of the table, with the credential he comes with.
  private static func people(_ server: RunningServer, _ channel: ChannelKey) async throws -> [Visitor: String]
  {
    let (gate, rights) = (server.services.gatekeeper, server.services.rights)
    try await rights.revoke("house-operator", by: "test")
    var tokens: [Visitor: String] = [:]
    let accounts: [(Visitor, Role)] = [
      (.withoutGrant, .operator), (.expiredGrant, .operator), (.revokedGrant, .operator),
      (.granted, .operator),
      (.auditor, .auditor), (.deviceManager, .deviceManager), (.administrator, .administrator),
    ]
    for (visitor, role) in accounts {
      try await gate.addAccount(name: "\(visitor)", role: role, password: RightsTests.words)
      tokens[visitor] =
        try await gate.signIn(user: "\(visitor)", password: RightsTests.words, source: "test").token
    }
    for visitor in [Visitor.expiredGrant, .revokedGrant, .granted] {
      let now = SystemClock.wall()
      let grant = Grant(
        id: "\(visitor)", issuer: RunningServer.platformID, grantee: .person("\(visitor)"),
        scope: .list([channel.description]), operations: [.live, .replay, .download, .control, .audio],
        conditions: GrantConditions(expires: visitor == .expiredGrant ? now : nil), created: now,
        createdBy: "test")
      try await rights.give(grant)
    }
    try await rights.revoke("\(Visitor.revokedGrant)", by: "test")
    tokens[.serviceKey] = try await gate.addToken(name: "service", role: .machine, by: "test").key
    let (key, record) = try await gate.addToken(name: "gone", role: .administrator, by: "test")
    try await gate.revokeToken(id: record.id)
    tokens[.revokedKey] = key
    let ended = try await gate.signIn(
      user: "\(Visitor.administrator)", password: RightsTests.words, source: "test")
    let session = try #require(
      gate.sessions(of: ended.principal).first { $0.tokenHash == ended.principal.credential })
    try await gate.signOut(ended.principal)
    var expired = session
    expired.expires = SystemClock.wall()
    try await server.services.store.saveSession(expired)
    tokens[.expiredSession] = ended.token
    return tokens
  }

  // MARK: Visits

  private static func check(_ routes: ArraySlice<String>, _ place: Place) async throws {
    try await withThrowingTaskGroup(of: (String, String).self) { tries in
      for route in routes { tries.addTask { (route, try await Self.try(route, place)) } }
      for try await (route, found) in tries {
        #expect(found == RouteCallerTable.rows[route], "\(route): \(found)")
      }
    }
  }

  private static func `try`(_ route: String, _ place: Place) async throws -> String {
    try await withThrowingTaskGroup(of: (Int, Verdict).self) { visits in
      for (column, visitor) in Visitor.allCases.enumerated() {
        visits.addTask { (column, try await visit(route, place, place.tokens[visitor])) }
      }
      var verdicts = [Character](repeating: " ", count: Visitor.allCases.count)
      for try await (column, verdict) in visits { verdicts[column] = verdict.rawValue }
      return String(verdicts)
    }
  }

  private static func visit(_ route: String, _ place: Place, _ token: String?) async throws -> Verdict {
    let parts = route.split(separator: " ")
    let (method, path, body) = sample(String(parts[0]), String(parts[1]), place)
    return try await offPool {
      let connection = try Connection(port: place.port)
      var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(place.port)\r\nConnection: close\r\n"
      if let token { head += "Authorization: Bearer \(token)\r\n" }
      if let body {
        head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
      } else {
        head += "\r\n"
      }
      connection.send(Array(head.utf8))
      let answer = try connection.head()
      switch answer.status {
      case 401 where method + path != "POST/api/v1/session": return .unknown
      case 403:
        let length = answer.headers["content-length"].flatMap { Int($0) } ?? 0
        let text = String(decoding: try connection.take(length), as: UTF8.self)
        return text.contains("/problems/access-denied") || text.contains("/problems/purpose-needed")
          ? .denied : text.contains("does not include") ? .role : .passed
      default: return .passed
      }
    }
  }

  /// A request that does no harm where it is let in: most bodies are empty, most objects unknown.
  private static func sample(_ method: String, _ path: String, _ place: Place) -> (
    method: String, path: String, body: String?
  ) {
    let isAboutDevice = path.hasPrefix("/api/v1/devices/{id}/con")
    var concrete = path.replacingOccurrences(
      of: "{id}",
      with: path.hasPrefix("/api/v1/channels/")
        ? place.channel.description
        : isAboutDevice
          ? place.device.text : "unknown")
    for name in ["session", "name", "file", "block", "download", "code"] {
      concrete = concrete.replacingOccurrences(of: "{\(name)}", with: "unknown")
    }
    concrete = concrete.replacingOccurrences(of: "{number}", with: "1")
    let span = #""from":"2026-01-01T00:00:00Z","to":"2026-01-01T01:00:00Z""#
    switch (method, path) {
    case ("POST", "/api/v1/channels/{id}/playback"), ("POST", "/api/v1/channels/{id}/downloads"):
      return (method, concrete, "{\(span)}")
    case ("GET", "/api/v1/channels/{id}/export.mp4"), ("GET", "/api/v1/channels/{id}/timeline"),
      ("GET", "/api/v1/channels/{id}/records"):
      return (method, concrete + "?from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", nil)
    case ("GET", "/api/v1/timeline"):
      let channel = place.channel.description
      return (
        method, concrete + "?channels=\(channel)&from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z", nil
      )
    case ("POST", "/api/v1/holds"):
      return (method, concrete, #"{"channel":"\#(place.channel)",\#(span),"reason":""}"#)
    default: return (method, concrete, method == "GET" || method == "DELETE" ? nil : "{}")
    }
  }
}
