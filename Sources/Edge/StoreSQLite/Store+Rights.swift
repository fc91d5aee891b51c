public import Access
import GRDB
import MediaTime

/// Organisations, purposes, grants, requests and emergencies.
extension SQLiteStore: RightsStore {
  public func organisations() async throws -> [Organisation] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM organisation ORDER BY id")
        .map { Organisation(id: $0.text("id"), name: $0.text("name"), parent: $0["parent"]) }
    }
  }

  public func saveOrganisation(_ organisation: Organisation) async throws {
    try await pool.write { db in
      try db.run(
        Database.upsert("organisation", ["id", "name", "parent"], keys: ["id"]),
        [organisation.id, organisation.name, organisation.parent])
    }
  }

  public func deleteOrganisation(_ id: String) async throws {
    try await pool.write { try $0.run("DELETE FROM organisation WHERE id = ?", [id]) }
  }

  public func persons() async throws -> [PersonRecord] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM person ORDER BY name")
        .map { row in
          PersonRecord(
            name: row.text("name"), organisation: row["organisation"],
            standing: (row["standing"] as String?)
              .flatMap { RightsColumns.value($0, as: RightsColumns.Stated.self) }.map { StatedPurpose($0) })
        }
    }
  }

  public func savePerson(_ person: PersonRecord) async throws {
    let standing = try person.standing.map { try RightsColumns.text($0.stored) }
    try await pool.write { db in
      try db.run(
        Database.upsert("person", ["name", "organisation", "standing"], keys: ["name"]),
        [person.name, person.organisation, standing])
    }
  }

  public func purposes() async throws -> [Purpose] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM purpose ORDER BY code")
        .map { row in
          Purpose(
            code: row.text("code"), english: row.text("english"), chinese: row.text("chinese"),
            needsCase: row["needsCase"] ?? true, needsApprover: row["needsApprover"] ?? true,
            isReserved: row["isReserved"] ?? true, isEnabled: row["isEnabled"] ?? false)
        }
    }
  }

  public func savePurpose(_ purpose: Purpose) async throws {
    let names = ["code", "english", "chinese", "needsCase", "needsApprover", "isReserved", "isEnabled"]
    try await pool.write { db in
      try db.run(
        Database.upsert("purpose", names, keys: ["code"]),
        [
          purpose.code, purpose.english, purpose.chinese, purpose.needsCase, purpose.needsApprover,
          purpose.isReserved, purpose.isEnabled,
        ])
    }
  }

  public func grants() async throws -> [Grant] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM accessGrant ORDER BY created, id").compactMap(Grant.init(row:))
    }
  }

  public func saveGrant(_ grant: Grant) async throws {
    try await pool.write { try Self.write(grant, $0) }
  }

  public func accessRequests() async throws -> [AccessRequest] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM accessRequest ORDER BY created, id")
        .compactMap(AccessRequest.init(row:))
    }
  }

  public func saveAccessRequest(_ request: AccessRequest, grant: Grant?) async throws {
    try await pool.write { db in
      if let grant { try Self.write(grant, db) }
      try Self.write(request, db)
    }
  }

  public func brokenGlasses() async throws -> [BreakGlass] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM breakGlass ORDER BY opened, id").map(BreakGlass.init(row:))
    }
  }

  public func saveBreakGlass(_ glass: BreakGlass, grant: Grant?) async throws {
    let names = [
      "id", "person", "reason", "opened", "grantID", "verdict", "reviewed", "reviewedBy", "words",
    ]
    try await pool.write { db in
      if let grant { try Self.write(grant, db) }
      try db.run(
        Database.upsert("breakGlass", names, keys: ["id"]),
        [
          glass.id, glass.person, glass.reason, glass.opened.column, glass.grant,
          glass.review?.verdict.rawValue, glass.review?.at.column, glass.review?.by, glass.review?.words,
        ])
    }
  }

  public func channelLabels() async throws -> [String: Set<String>] {
    try await pool.read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM channelLabel")
        .reduce(into: [:]) { $0[$1.text("label"), default: []].insert($1.text("channel")) }
    }
  }

  public func setLabels(_ labels: Set<String>, of channel: String) async throws {
    try await pool.write { db in
      try db.run("DELETE FROM channelLabel WHERE channel = ?", [channel])
      for label in labels {
        try db.run("INSERT INTO channelLabel (channel, label) VALUES (?, ?)", [channel, label])
      }
    }
  }

  // MARK: Rows

  private static func write(_ grant: Grant, _ db: Database) throws {
    let names = [
      "id", "issuer", "grantee", "scope", "operations", "priority", "conditions", "note", "created",
      "createdBy", "revoked", "revokedBy",
    ]
    try db.run(
      Database.upsert("accessGrant", names, keys: ["id"]),
      [
        grant.id, grant.issuer, try RightsColumns.text(grant.grantee.stored),
        try RightsColumns.text(grant.scope.stored), grant.operations.stored, grant.priority,
        try RightsColumns.text(grant.conditions.stored), grant.note, grant.created.column, grant.createdBy,
        grant.revoked?.at.column, grant.revoked?.by,
      ])
  }

  private static func write(_ request: AccessRequest, _ db: Database) throws {
    let names = [
      "id", "asker", "scope", "operations", "purpose", "until", "created", "state", "decided", "decidedBy",
      "words", "grantID", "journey",
    ]
    var (state, decided, by, words, grant): (String, WallTime?, String?, String?, String?) = (
      "asked", nil, nil, nil, nil
    )
    switch request.state {
    case .asked: break
    case .granted(let decision, let id):
      (state, decided, by, words, grant) = ("granted", decision.at, decision.by, decision.words, id)
    case .refused(let decision):
      (state, decided, by, words) = ("refused", decision.at, decision.by, decision.words)
    case .withdrawn(let moment): (state, decided) = ("withdrawn", moment)
    case .expired(let moment): (state, decided) = ("expired", moment)
    }
    try db.run(
      Database.upsert("accessRequest", names, keys: ["id"]),
      [
        request.id, request.asker, try RightsColumns.text(request.scope.stored), request.operations.stored,
        try RightsColumns.text(request.purpose.stored), request.until.column, request.created.column, state,
        decided?.column, by, words, grant, try request.storedJourney.map { try RightsColumns.text($0) },
      ])
  }
}

extension Grant {
  fileprivate init?(row: Row) {
    guard
      let grantee = RightsColumns.value(row.text("grantee"), as: RightsColumns.Grantee.self)
        .flatMap({ Grantee($0) }),
      let scope = RightsColumns.value(row.text("scope"), as: RightsColumns.Scope.self)
        .flatMap({ GrantScope($0) }),
      let conditions = RightsColumns.value(row.text("conditions"), as: RightsColumns.Conditions.self)
        .flatMap({ GrantConditions($0) })
    else { return nil }
    self.init(
      id: row.text("id"), issuer: row.text("issuer"), grantee: grantee, scope: scope,
      operations: Set(stored: row.text("operations")), priority: row["priority"], conditions: conditions,
      note: row.text("note"), created: row.time("created"), createdBy: row.text("createdBy"),
      revoked: row.optionalTime("revoked").map { Revocation(at: $0, by: row.text("revokedBy")) })
  }
}

extension AccessRequest {
  fileprivate init?(row: Row) {
    guard
      let scope = RightsColumns.value(row.text("scope"), as: RightsColumns.Scope.self)
        .flatMap({ GrantScope($0) }),
      let purpose = RightsColumns.value(row.text("purpose"), as: RightsColumns.Stated.self)
    else { return nil }
    let decision = Decision(by: row.text("decidedBy"), at: row.time("decided"), words: row.text("words"))
    let state: State
    switch row.text("state") {
    case "asked": state = .asked
    case "granted": state = .granted(decision, grant: row.text("grantID"))
    case "refused": state = .refused(decision)
    case "withdrawn": state = .withdrawn(at: decision.at)
    case "expired": state = .expired(at: decision.at)
    default: return nil
    }
    let journey = (row["journey"] as String?)
      .flatMap { RightsColumns.value($0, as: RightsColumns.Journey.self) }
    // Without its journey a request of another level would look like one of a person here.
    if let text = row["journey"] as String?, journey == nil, !text.isEmpty { return nil }
    self.init(
      id: row.text("id"), asker: row.text("asker"), scope: scope,
      operations: Set(stored: row.text("operations")), purpose: StatedPurpose(purpose),
      until: row.time("until"), created: row.time("created"), state: state,
      origin: journey?.origin.map {
        RequestOrigin(
          neighbour: $0.neighbour, id: $0.id, level: $0.level, person: $0.person,
          visitor: $0.visitor.flatMap { Visitor($0) }, path: $0.path, isTold: $0.isTold,
          isEndTold: $0.isEndTold)
      },
      forward: journey?.forward.map {
        RequestForward(
          neighbour: $0.neighbour, channels: $0.channels, isDelivered: $0.isDelivered,
          isWithdrawalTold: $0.isWithdrawalTold)
      }, signed: journey?.signed)
  }
}

extension BreakGlass {
  fileprivate init(row: Row) {
    self.init(
      id: row.text("id"), person: row.text("person"), reason: row.text("reason"), opened: row.time("opened"),
      grant: row.text("grantID"),
      review: row.value("verdict", as: Verdict.self)
        .map {
          Review(by: row.text("reviewedBy"), at: row.time("reviewed"), verdict: $0, words: row.text("words"))
        })
  }
}
