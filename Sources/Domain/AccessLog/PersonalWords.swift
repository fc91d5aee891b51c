public import LogTree

/// The words beside an entry, with the salts that bind them to it.
///
/// A text with one line per field, in the order of ``PersonalField``: the name, the salt in 32 hexadecimal digits, the
/// words. Erasing it leaves the commitments in the entry, which then say nothing to anybody.
public struct PersonalWords: Sendable, Hashable {
  /// Bytes of a salt.
  public static let saltLength = 16

  /// One field: the salt and the words.
  public struct Item: Sendable, Hashable {
    public var salt: [UInt8]
    public var words: String
  }

  public private(set) var items: [PersonalField: Item]

  /// Binds each text with a salt of its own. Control characters become blanks, and what is longer than
  /// ``PersonalField/longest`` bytes is cut; what is empty then is left out.
  ///
  /// - Parameter salt: 16 unguessable bytes, fresh each time.
  public init(_ words: [PersonalField: String], salt: () -> [UInt8]) {
    items = [:]
    for (field, text) in words {
      let text = Self.tidy(text)
      if !text.isEmpty { items[field] = Item(salt: salt(), words: text) }
    }
  }

  /// Reads the text; nil unless it is exactly what ``bytes`` writes.
  public init?(_ bytes: [UInt8]) {
    guard let text = String(validating: bytes, as: UTF8.self), bytes.isEmpty || bytes.last == 10 else {
      return nil
    }
    items = [:]
    var fields = PersonalField.allCases[...]
    for line in text.utf8.dropLast().split(separator: 10, omittingEmptySubsequences: false)
    where !bytes.isEmpty {
      let words = Substring(line).utf8.split(separator: 32, maxSplits: 2, omittingEmptySubsequences: false)
      guard words.count == 3,
        let place = fields.firstIndex(where: { $0.rawValue.utf8.elementsEqual(words[0]) }),
        let salt = Self.salt(words[1])
      else { return nil }
      items[fields[place]] = Item(salt: salt, words: String(Substring(words[2])))
      fields = fields[(place + 1)...]
    }
    guard self.bytes == bytes,
      items.values.allSatisfy({ Self.tidy($0.words) == $0.words && !$0.words.isEmpty })
    else { return nil }
  }

  public var bytes: [UInt8] {
    var text: [UInt8] = []
    for field in PersonalField.allCases {
      guard let item = items[field] else { continue }
      text += field.rawValue.utf8
      text.append(32)
      Hexadecimal.append(item.salt, to: &text)
      text.append(32)
      text += item.words.utf8
      text.append(10)
    }
    return text
  }

  /// The words alone.
  public var words: [PersonalField: String] { items.mapValues(\.words) }

  /// What the entry says in their place: SHA-256(salt ‖ words) each.
  public func commitments(_ sha256: (_ bytes: [UInt8]) -> LogHash) -> [PersonalField: LogHash] {
    items.mapValues { sha256($0.salt + Array($0.words.utf8)) }
  }

  private static func salt(_ digits: Substring.UTF8View) -> [UInt8]? {
    Hexadecimal.bytes(digits).flatMap { $0.count == saltLength ? $0 : nil }
  }

  private static func tidy(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      let isControl = scalar.value < 32 || (127..<160).contains(scalar.value)
      let kept = isControl ? " " : scalar
      count += UTF8.width(kept)
      guard count <= PersonalField.longest else { break }
      scalars.append(kept)
    }
    return String(scalars)
  }
}

/// What is to be written: an entry before its words were bound to it.
public struct AccessEvent: Sendable, Hashable {
  public var kind: LogKind
  public var facts: [LogField: String]
  public var words: [PersonalField: String]

  /// Values that may not stand in an entry are made to: blanks and other bytes become `_`, long ones are cut. A fact
  /// that is empty is left out.
  public init(_ kind: LogKind, _ facts: [LogField: String?] = [:], words: [PersonalField: String?] = [:]) {
    self.kind = kind
    self.facts = facts.reduce(into: [:]) { $0[$1.key] = $1.value.flatMap { Self.word($0) } }
    self.words = words.compactMapValues { $0 }
  }

  private static func word(_ value: String) -> String? {
    let bytes = value.utf8.prefix(LogField.longest).map { (33...126).contains($0) ? $0 : 95 }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
