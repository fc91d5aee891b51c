import Access
import MediaTime

/// What two levels say to each other about requests for access.
extension LevelRequests {
  struct Ask: Codable, Sendable {
    var id: String
    var level: String
    var person: String
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
    var grant: Carried?
  }

  /// A signed grant between levels. Times in milliseconds, ages in seconds, bytes as numbers.
  struct Carried: Codable, Sendable {
    var id: String
    var owner: String
    var asker: String
    var person: String
    var channels: [String]
    var operations: [String]
    var purpose: String
    var caseNumber: String?
    var issued: Int64
    var expires: Int64
    var viewers: Int?
    var footage: Int64?
    var key: [UInt8]
    var signature: [UInt8]

    init(_ signed: SignedGrant) {
      let terms = signed.terms
      (id, owner, asker, person) = (terms.id, terms.owner, terms.asker, terms.person)
      (channels, operations) = (terms.channels, terms.operations.map(\.rawValue).sorted())
      (purpose, caseNumber) = (terms.purpose, terms.caseNumber)
      (issued, expires) = (terms.issued.milliseconds, terms.expires.milliseconds)
      (viewers, footage) = (terms.viewers, terms.footage?.components.seconds)
      (key, signature) = (signed.key, signed.signature)
    }

    var signed: SignedGrant? {
      let known = Set(operations.compactMap { AccessOperation(rawValue: $0) })
      guard known.count == operations.count else { return nil }
      return SignedGrant.Terms(
        id: id, owner: owner, asker: asker, person: person, channels: channels, operations: known,
        purpose: purpose, caseNumber: caseNumber, issued: WallTime(milliseconds: issued),
        expires: WallTime(milliseconds: expires), viewers: viewers, footage: footage.map { .seconds($0) }
      )
      .map { SignedGrant(terms: $0, key: key, signature: signature) }
    }
  }
}
