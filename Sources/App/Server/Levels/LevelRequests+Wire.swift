import Access
import MediaTime

/// What two levels say to each other about requests for access.
extension LevelRequests {
  struct Ask: Codable, Sendable {
    var id: String
    var level: String
    var person: String
    /// What its tokens call the person; absent from a level that does not say.
    var pseudonym: String?
    var path: [String]
    var channels: [String]
    var operations: [String]
    var purpose: String
    var caseNumber: String?
    var approver: String?
    var words: String?
    /// Milliseconds since 1970.
    var until: Int64
  }

  struct Reference: Codable, Sendable {
    var id: String
  }

  struct Receipt: Codable, Sendable {}

  struct Decided: Codable, Sendable {
    /// The request's id at the level that is told.
    var id: String
    var by: String
    var words: String
    /// Absent for a no.
    var grant: SignedGrant?
  }
}
