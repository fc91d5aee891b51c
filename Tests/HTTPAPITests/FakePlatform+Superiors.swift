@testable import HTTPAPI

/// Platforms above.
extension FakePlatform {
  private static let above = API.Superior(
    id: "34010000002000000001", name: "City", ownId: "34020000002000000001", realm: "3401000000",
    servers: ["192.0.2.1:5060"], transport: "udp", gbVersion: "3.0", encoding: "GB18030", expires: 86_400,
    heartbeatInterval: 60, heartbeatCount: 3, itemsPerMessage: 4, controlPriority: 100, sharesGroups: true,
    capacity: 100_000_000, enabled: true, state: .waiting, since: moment, server: "192.0.2.1:5060",
    lastStatus: 403, cause: API.Cause(code: "refused", text: "It refused.", fix: "Ask."), items: 3,
    subscribed: true, streams: 1)

  func superiors() async throws -> [API.Superior] {
    try check()
    return [Self.above]
  }

  func superior(_ id: String) async throws -> API.Superior {
    try check()
    return Self.above
  }

  func saveSuperior(_ id: String, _ superior: API.NewSuperior, by caller: Caller) async throws -> API.Superior
  {
    try check(caller)
    return Self.above
  }

  func removeSuperior(_ id: String, by caller: Caller) async throws { try check(caller) }

  func registerNow(superior id: String, by caller: Caller) async throws -> API.Superior {
    try check(caller)
    return Self.above
  }

  private static let below = API.LowerPlatform(
    id: "34030000002000000001", name: "County", status: .online, since: moment, address: "192.0.2.3:5060",
    transport: "tcp", gbVersion: "3.0", items: 12, cameras: 10, camerasOnline: 9, broken: 1,
    catalog: .following, knowsDigests: true, agreed: moment, differences: 2, subscribed: true,
    lastReport: moment, streams: 3)

  func lowerPlatforms() async throws -> [API.LowerPlatform] {
    try check()
    return [Self.below]
  }

  func lowerPlatform(_ id: String) async throws -> API.LowerPlatform {
    try check()
    return Self.below
  }

  func compareNow(lowerPlatform id: String, by caller: Caller) async throws -> API.LowerPlatform {
    try check(caller)
    return Self.below
  }

  func ladder(superior id: String) async throws -> API.Ladder {
    try check()
    return API.Ladder(messages: [Self.message])
  }

  private static let link = API.Link(
    id: "up-34010000002000000001", direction: "up", peer: "34010000002000000001", name: "City",
    capacity: 20_000_000, reserve: 4_000_000, reservePriority: 200, rate: 3_900_000, counted: 4_000_000,
    streams: [API.LinkStream(user: "Gate for li", priority: 100, rate: 4_000_000)], refused: 1, displaced: 0,
    samples: [API.LinkSample(time: moment, rate: 3_900_000, streams: 1)])

  func links() async throws -> [API.Link] {
    try check()
    return [Self.link]
  }

  func declareLink(
    _ id: String, _ declaration: API.LinkDeclaration, by caller: Caller
  ) async throws -> API.Link {
    try check(caller)
    return Self.link
  }
}
