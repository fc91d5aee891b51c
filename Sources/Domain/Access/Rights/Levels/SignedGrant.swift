public import MediaTime

/// What the owner of channels granted to somebody of another level, signed with the owner's key, so that every level
/// between can carry it and nobody can widen it.
public struct SignedGrant: Sendable, Hashable {
  /// The words that are signed.
  public struct Terms: Sendable, Hashable {
    /// The grant's id at its owner.
    public let id: String
    /// The owner, and the level where the person is, by their 20-digit codes.
    public let owner: String
    public let asker: String
    public let person: String
    /// The channels as their owner names them.
    public let channels: [String]
    public let operations: Set<AccessOperation>
    /// The code of the purpose, and the case.
    public let purpose: String
    public let caseNumber: String?
    public let issued: WallTime
    public let expires: WallTime
    /// Looks at once; nil for any number.
    public let viewers: Int?
    /// No recordings older than this; nil for all.
    public let footage: Duration?

    /// Characters of a text at most, and channels.
    public static let longest = 200
    public static let mostChannels = 64

    /// Nil unless every part is short and without control characters, there is something to grant, and the end is
    /// after the beginning.
    public init?(
      id: String, owner: String, asker: String, person: String, channels: [String],
      operations: Set<AccessOperation>, purpose: String, caseNumber: String?, issued: WallTime,
      expires: WallTime, viewers: Int? = nil, footage: Duration? = nil
    ) {
      let texts = [id, owner, asker, person, purpose, caseNumber ?? "-"] + channels
      guard texts.allSatisfy(Self.isPlain), (1...Self.mostChannels).contains(channels.count),
        !operations.isEmpty, Purpose.isCode(purpose), issued < expires, viewers.map({ $0 > 0 }) ?? true,
        footage.map({ $0 > .zero }) ?? true
      else { return nil }
      (self.id, self.owner, self.asker, self.person) = (id, owner, asker, person)
      (self.channels, self.operations) = (channels.sorted(), operations)
      (self.purpose, self.caseNumber) = (purpose, caseNumber)
      // What is signed is milliseconds and seconds; more would be lost on the way.
      self.issued = WallTime(milliseconds: issued.milliseconds)
      self.expires = WallTime(milliseconds: expires.milliseconds)
      (self.viewers, self.footage) = (viewers, footage.map { .seconds($0.components.seconds) })
    }

    private static func isPlain(_ text: String) -> Bool {
      (1...longest).contains(text.count)
        && text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
    }

    /// One line for each part, in one order: the same terms give the same bytes everywhere.
    public var message: [UInt8] {
      var lines = [
        "tributary grant 1", "id \(id)", "owner \(owner)", "asker \(asker)", "person \(person)",
      ]
      lines += channels.map { "channel \($0)" }
      lines += operations.map(\.rawValue).sorted().map { "operation \($0)" }
      lines.append("purpose \(purpose)")
      if let caseNumber { lines.append("case \(caseNumber)") }
      lines += ["issued \(issued.milliseconds)", "expires \(expires.milliseconds)"]
      if let viewers { lines.append("viewers \(viewers)") }
      if let footage { lines.append("footage \(footage.components.seconds)") }
      return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
  }

  /// Why it opens nothing.
  public enum Refusal: String, Error, Sendable, Hashable {
    /// Not signed by this key, or changed since.
    case forged
    /// By another owner than the one that was asked, or for another asker.
    case retargeted
    case expired
  }

  public let terms: Terms
  /// The owner's public key.
  public let key: [UInt8]
  public let signature: [UInt8]

  public init(terms: Terms, key: [UInt8], signature: [UInt8]) {
    (self.terms, self.key, self.signature) = (terms, key, signature)
  }

  /// Checks the signature, whom it is for, and that it is not over.
  ///
  /// - Parameters:
  ///   - asker: the level where the person is.
  ///   - person: who asked there.
  ///   - key: the owner's key, where it is known; another one is a forgery.
  public func check(
    asker: String, person: String, key known: [UInt8]?, at now: WallTime,
    verify: (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool
  ) throws(Refusal) {
    guard known == nil || known == key, verify(signature, terms.message, key) else { throw .forged }
    guard terms.asker == asker, terms.person == person else { throw .retargeted }
    guard now < terms.expires else { throw .expired }
  }
}

/// As it lies in a store and goes between levels. Times in milliseconds since 1970, ages in seconds, bytes as numbers.
extension SignedGrant: Codable {
  private struct Form: Codable {
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
  }

  /// Fails also for words that could not have been signed: an operation that is not known, an end before the beginning.
  public init(from decoder: any Decoder) throws {
    let form = try Form(from: decoder)
    let operations = Set(form.operations.compactMap { AccessOperation(rawValue: $0) })
    let terms = Terms(
      id: form.id, owner: form.owner, asker: form.asker, person: form.person, channels: form.channels,
      operations: operations, purpose: form.purpose, caseNumber: form.caseNumber,
      issued: WallTime(milliseconds: form.issued), expires: WallTime(milliseconds: form.expires),
      viewers: form.viewers, footage: form.footage.map { .seconds($0) })
    guard let terms, operations.count == form.operations.count else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "The grant has parts that cannot be."))
    }
    self.init(terms: terms, key: form.key, signature: form.signature)
  }

  public func encode(to encoder: any Encoder) throws {
    try Form(
      id: terms.id, owner: terms.owner, asker: terms.asker, person: terms.person, channels: terms.channels,
      operations: terms.operations.map(\.rawValue).sorted(), purpose: terms.purpose,
      caseNumber: terms.caseNumber, issued: terms.issued.milliseconds, expires: terms.expires.milliseconds,
      viewers: terms.viewers, footage: terms.footage?.components.seconds, key: key, signature: signature
    )
    .encode(to: encoder)
  }
}
