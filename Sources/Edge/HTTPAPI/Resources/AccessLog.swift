import MediaTime

extension API {
  /// One entry of the access log.
  public struct LoggedEntry: Codable, Sendable, Hashable {
    /// From 0.
    public var number: UInt64
    public var kind: String
    public var time: Time
    /// What the entry says in clear, by field.
    public var facts: [String: String]
    /// What stands beside it about persons, by field; empty once it was erased.
    public var persons: [String: String]
    public var erased: Bool

    public init(
      number: UInt64, kind: String, time: Time, facts: [String: String], persons: [String: String],
      erased: Bool
    ) {
      (self.number, self.kind, self.time) = (number, kind, time)
      (self.facts, self.persons, self.erased) = (facts, persons, erased)
    }
  }

  /// Where the access log stands.
  public struct LogHead: Codable, Sendable, Hashable {
    /// A signature that is below the head.
    public struct Signer: Codable, Sendable, Hashable {
      public var name: String
      public var witness: Bool
      public var time: Time?

      public init(name: String, witness: Bool, time: Time?) {
        (self.name, self.witness, self.time) = (name, witness, time)
      }
    }

    public var origin: String
    /// Entries on the disk.
    public var entries: UInt64
    /// Entries that the signed head speaks of.
    public var signedEntries: UInt64
    /// Root of the signed head, in hexadecimal digits.
    public var root: String
    public var signers: [Signer]
    /// Entries that the latest witnessed head speaks of; absent without witnesses.
    public var witnessedEntries: UInt64?
    /// The keys to check heads with, as `tributary verify log --key` takes them.
    public var keys: [String]
    /// Why the latest head could not be written.
    public var failure: String?

    public init(
      origin: String, entries: UInt64, signedEntries: UInt64, root: String, signers: [Signer],
      witnessedEntries: UInt64?, keys: [String], failure: String?
    ) {
      (self.origin, self.entries, self.signedEntries, self.root) = (origin, entries, signedEntries, root)
      (self.signers, self.witnessedEntries, self.keys) = (signers, witnessedEntries, keys)
      self.failure = failure
    }
  }

  /// Why words are erased; it is logged.
  public struct LogErasure: Codable, Sendable, Hashable {
    public var reason: String

    public init(reason: String) { self.reason = reason }
  }
}
