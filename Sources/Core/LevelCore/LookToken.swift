public import GBCore
public import MediaTime
import WireBytes

/// One level's word to its neighbour who looks at a channel, and why: a text that it signs.
///
/// ```text
/// tributary-look/1
/// id 8d1f…
/// issuer 34010000002000000001
/// audience 34020000002000000001
/// person 5be1c0ffee5be1c0
/// name Li Wei
/// purpose case
/// case 2026-117
/// operation live
/// channel 34020000001310000001
/// issued 1775003415000
/// expires 1775003475000
/// path 34000000002000000001>34010000002000000001
/// inner <64 hexadecimal digits>
/// key 0123456789abcdef
/// signature <Base64>
/// ```
///
/// A level that passes a look on makes a token of its own, with the hash of the one it got in `inner`; the tokens
/// travel together as a ``TokenChain``.
public struct LookToken: Sendable, Hashable {
  /// Who looks, and why. The same in every token of a chain.
  public struct Bearer: Sendable, Hashable {
    /// A pseudonym that the person's own level can resolve, and that stays the same.
    public var person: String
    /// As a name is shown.
    public var name: String
    public var organisation: String?
    public var role: String?
    /// Code of the purpose.
    public var purpose: String?
    public var caseNumber: String?
    public var approver: String?
    public var words: String?
    /// When the purpose ends.
    public var until: WallTime?

    /// Texts are made to fit: control characters become blanks, what is too long is cut.
    public init(
      person: String, name: String, organisation: String? = nil, role: String? = nil, purpose: String? = nil,
      caseNumber: String? = nil, approver: String? = nil, words: String? = nil, until: WallTime? = nil
    ) {
      self.person = Self.word(person) ?? "unknown"
      self.name = FieldText.tidy(name, atMost: Self.longest) ?? "–"
      self.organisation = FieldText.tidy(organisation, atMost: Self.longest)
      (self.role, self.purpose) = (Self.word(role), Self.word(purpose))
      self.caseNumber = FieldText.tidy(caseNumber, atMost: Self.longest)
      self.approver = FieldText.tidy(approver, atMost: Self.longest)
      self.words = FieldText.tidy(words, atMost: Self.longest)
      self.until = until.map { WallTime(milliseconds: max(0, $0.milliseconds)) }
    }

    /// Bytes of a text at most.
    static let longest = 240

    private static func word(_ text: String?) -> String? {
      guard let text else { return nil }
      let bytes = text.utf8.prefix(64).map { (33...126).contains($0) ? $0 : 95 }
      return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
  }

  /// Levels that a look may pass at most.
  public static let mostLevels = 8

  /// Unlike any other of its issuer.
  public var id: String
  public var issuer: DeviceID
  public var audience: DeviceID
  public var bearer: Bearer
  /// What is asked for: live, replay, …
  public var operation: String
  /// The channel as the audience knows it.
  public var channel: DeviceID
  public var issued: WallTime
  public var expires: WallTime
  /// The levels from the person's own to the issuer.
  public var path: [DeviceID]
  /// SHA-256 of the token that this one was made from, in hexadecimal digits; nil at the person's own level.
  public var inner: String?
  /// Which key of the issuer signed.
  public var key: String
  public var signature: [UInt8]

  /// Times are kept in milliseconds.
  public init(
    id: String, issuer: DeviceID, audience: DeviceID, bearer: Bearer, operation: String, channel: DeviceID,
    issued: WallTime, expires: WallTime, path: [DeviceID], inner: String? = nil, key: String = "",
    signature: [UInt8] = []
  ) {
    (self.id, self.issuer, self.audience, self.bearer) = (id, issuer, audience, bearer)
    (self.operation, self.channel, self.path, self.inner) = (operation, channel, path, inner)
    self.issued = WallTime(milliseconds: max(0, issued.milliseconds))
    self.expires = WallTime(milliseconds: max(0, expires.milliseconds))
    (self.key, self.signature) = (key, signature)
  }

  // MARK: As bytes

  private static let title = "tributary-look/1"
  private static let names = [
    "id", "issuer", "audience", "person", "name", "organisation", "role", "purpose", "case", "approver",
    "words",
    "until", "operation", "channel", "issued", "expires", "path", "inner", "key", "signature",
  ]

  private var fields: FieldText {
    var fields = FieldText("")
    (fields["id"], fields["issuer"], fields["audience"]) = (id, issuer.text, audience.text)
    (fields["person"], fields["name"], fields["organisation"]) = (
      bearer.person, bearer.name, bearer.organisation
    )
    (fields["role"], fields["purpose"], fields["case"]) = (bearer.role, bearer.purpose, bearer.caseNumber)
    (fields["approver"], fields["words"]) = (bearer.approver, bearer.words)
    fields["until"] = bearer.until.map { String($0.milliseconds) }
    (fields["operation"], fields["channel"]) = (operation, channel.text)
    (fields["issued"], fields["expires"]) = (String(issued.milliseconds), String(expires.milliseconds))
    fields["path"] = path.map(\.text).joined(separator: ">")
    (fields["inner"], fields["key"]) = (inner, key)
    return fields
  }

  /// What is signed.
  public var signedBytes: [UInt8] { Array(fields.text(titled: Self.title, names: Self.names).utf8) }

  public var bytes: [UInt8] {
    var fields = fields
    fields["signature"] = Base64.encode(signature)
    return Array(fields.text(titled: Self.title, names: Self.names).utf8)
  }

  /// Reads a token; only the very bytes that ``bytes`` gives are one.
  public init?(parsing bytes: [UInt8]) {
    guard let fields = FieldText(bytes, titled: Self.title, names: Self.names), fields.title.isEmpty,
      let id = fields["id"], let issuer = Self.code(fields["issuer"]),
      let audience = Self.code(fields["audience"]),
      let person = fields["person"], let name = fields["name"], let operation = fields["operation"],
      let channel = Self.code(fields["channel"]), let issued = Self.time(fields["issued"]),
      let expires = Self.time(fields["expires"]), let path = fields["path"], let key = fields["key"],
      let signature = fields["signature"].flatMap({ Base64.decode($0) })
    else { return nil }
    let bearer = Bearer(
      person: person, name: name, organisation: fields["organisation"], role: fields["role"],
      purpose: fields["purpose"], caseNumber: fields["case"], approver: fields["approver"],
      words: fields["words"],
      until: Self.time(fields["until"]))
    let levels = path.split(separator: ">", omittingEmptySubsequences: false).map { DeviceID($0) }
    guard (1...Self.mostLevels).contains(levels.count), levels.allSatisfy({ $0 != nil }),
      FieldText.isWord(id, atMost: 64), FieldText.isWord(operation, atMost: 64),
      FieldText.isWord(key, atMost: 64),
      fields["inner"].map({ FieldText.isWord($0, atMost: 64) }) ?? true
    else { return nil }
    self.init(
      id: id, issuer: issuer, audience: audience, bearer: bearer, operation: operation, channel: channel,
      issued: issued, expires: expires, path: levels.compactMap(\.self), inner: fields["inner"], key: key,
      signature: signature)
    guard self.bytes == bytes else { return nil }
  }

  private static func code(_ text: String?) -> DeviceID? { text.flatMap { DeviceID($0) } }

  private static func time(_ text: String?) -> WallTime? {
    guard let number = text.flatMap(FieldText.number), number <= Int64.max / 1_000_000 else { return nil }
    return WallTime(milliseconds: number)
  }
}

/// A token with those it was made from, as a header carries them: the latest first, each in Base64, with full stops
/// between them.
public struct TokenChain: Sendable, Hashable {
  /// Characters of a header at most.
  public static let longest = LookToken.mostLevels * 4_096

  /// The latest first; never empty.
  public let tokens: [LookToken]

  /// - Returns: nil without tokens or with too many.
  public init?(_ tokens: [LookToken]) {
    guard (1...LookToken.mostLevels).contains(tokens.count) else { return nil }
    self.tokens = tokens
  }

  public init?(header: String) {
    guard header.utf8.count <= Self.longest else { return nil }
    let parts = header.utf8.split(separator: 46, omittingEmptySubsequences: false)
    guard parts.count <= LookToken.mostLevels else { return nil }
    var tokens: [LookToken] = []
    for part in parts {
      guard let bytes = Base64.decode(Substring(part)), let token = LookToken(parsing: bytes) else {
        return nil
      }
      tokens.append(token)
    }
    self.init(tokens)
  }

  public var header: String { tokens.map { Base64.encode($0.bytes) }.joined(separator: ".") }

  /// The one that the neighbour signed.
  public var latest: LookToken { tokens[0] }
  /// The one of the person's own level.
  public var first: LookToken { tokens[tokens.count - 1] }
}
