@testable import HTTPAPI

/// Levels of our kind.
extension FakePlatform {
  private static let level = API.Level(
    id: "34010000002000000001", role: "superior", name: "City", connected: true, state: "enrolled",
    enrolled: moment, revoked: moment, revokedBy: "root", key: "0123456789abcdef", formerUntil: moment,
    knowsOurKey: true)

  func levels() async throws -> API.Levels {
    try check()
    return API.Levels(key: "0123456789abcdef", made: Self.moment, items: [Self.level])
  }

  func levelVisitors() async throws -> [API.LevelVisitor] {
    try check()
    return [
      API.LevelVisitor(
        person: "34000000002000000001/person/0123456789abcdef",
        organisation: "34000000002000000001/organisation/traffic", name: "li", neighbour: Self.level.id,
        seen: Self.moment)
    ]
  }

  func makeEnrolmentCode(_ neighbour: API.EnrolmentFor, by caller: Caller) async throws -> API.EnrolmentCode {
    try check(caller)
    return API.EnrolmentCode(code: "34010000002000000001-0000", expires: Self.moment)
  }

  func enrol(_ code: API.EnrolmentCode, by caller: Caller) async throws -> API.Level {
    try check(caller)
    return Self.level
  }

  func rotateLevelKey(by caller: Caller) async throws -> API.Levels {
    try check(caller)
    return try await levels()
  }

  func revokeLevel(_ id: String, role: String, by caller: Caller) async throws -> API.Level {
    try check(caller)
    return Self.level
  }

  func logWitnesses() async throws -> [API.LogWitness] {
    try check()
    return [
      API.LogWitness(
        id: "34010000002000000001", role: "superior", origin: "34010000002000000001/access", entries: 3,
        root: "00", seen: Self.moment, forked: Self.moment, witnessed: 2, witnessedAt: Self.moment)
    ]
  }
}
