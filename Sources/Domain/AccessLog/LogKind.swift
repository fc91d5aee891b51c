/// What an entry of the access log tells. The first line of every entry, with the version of its grammar.
public enum LogKind: String, Sendable, Hashable, CaseIterable {
  case signIn = "sign-in"
  case signInFailed = "sign-in-failed"
  case signOut = "sign-out"
  /// A picture begins to be shown: live, replayed, exported as it runs.
  case lookBegin = "look-begin"
  case lookEnd = "look-end"
  /// A device was moved or commanded; several commands of one hand may be one entry with a count.
  case control
  case export
  /// Something about the system itself was changed: settings, devices, plans, accounts, keys of machines.
  case configuration
  /// Somebody was refused.
  case denial
  case breakGlass = "break-glass"
  case breakGlassClosed = "break-glass-closed"
  case requestMade = "request-made"
  case requestDecided = "request-decided"
  case grantMade = "grant-made"
  case grantRevoked = "grant-revoked"
  /// The head of a neighbour's log was received and kept.
  case headReceived = "head-received"
  /// A signing key was made, changed or withdrawn.
  case key
  /// The clear words beside an earlier entry were erased; the entry itself stays.
  case erase
  /// Footage was deleted under a rule.
  case retention
  case start
  case stop

  /// What an entry of this kind must say beside its time.
  public var required: [LogField] {
    switch self {
    case .signIn, .signInFailed, .signOut, .breakGlass, .breakGlassClosed, .start, .stop: []
    case .lookBegin, .control: [.channel, .operation]
    case .lookEnd: [.begin, .seconds]
    case .export: [.channel]
    case .configuration: [.object]
    case .denial: [.operation, .reason]
    case .requestMade, .requestDecided: [.request]
    case .grantMade, .grantRevoked: [.grant]
    case .headReceived: [.origin, .size, .root]
    case .key: [.object, .key]
    case .erase: [.begin]
    case .retention: [.rule, .count]
    }
  }
}

/// What an entry says in clear, in the order in which it is written. Nothing of this names a person.
public enum LogField: String, Sendable, Hashable, CaseIterable {
  /// The signed-in session.
  case session
  /// The media session, for begin and end of a look.
  case media
  case role
  case organisation
  case grant
  case request
  /// The code of the purpose, from the list that is kept.
  case purpose
  case channel
  /// The levels that the picture passes, from the owner up: platform ids with `>` between them.
  case route
  /// What was done or asked for: live, playback, ptz-left, …
  case operation
  /// What a change is about, as a path: `devices/34020000001320000001`.
  case object
  /// Why not, as a code.
  case reason
  case rule
  /// The number of an earlier entry: the beginning of a look, what is erased.
  case begin
  case seconds
  case count
  /// Footage, in microseconds since 1970 (UTC).
  case from
  case to
  /// Whose log a head is of.
  case origin
  case size
  case root
  /// A public key as others enter it.
  case key
  /// SHA-256 of what was handed out, or of a configuration.
  case digest
  /// Of the program.
  case version

  /// How its value is written.
  enum Syntax { case word, number, hash }

  var syntax: Syntax {
    switch self {
    case .begin, .seconds, .count, .from, .to, .size: .number
    case .root, .digest: .hash
    case .session, .media, .role, .organisation, .grant, .request, .purpose, .channel, .route, .operation,
      .object,
      .reason, .rule, .origin, .key, .version:
      .word
    }
  }

  /// Bytes of a value at most.
  public static let longest = 512

  /// Whether `value` may stand in an entry: visible ASCII without blanks, a decimal number or a hash in small
  /// hexadecimal digits. There is one way to write each value.
  public func permits(_ value: String) -> Bool {
    let bytes = value.utf8
    guard (1...Self.longest).contains(bytes.count) else { return false }
    return switch syntax {
    case .word: bytes.allSatisfy { (33...126).contains($0) }
    case .number: Int64(value).map { $0 >= 0 && String($0) == value } ?? false
    case .hash: bytes.count == 64 && bytes.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
  }
}

/// What an entry says about persons. The entry holds only a salted commitment; the words stand beside it and can be
/// erased without changing the log.
public enum PersonalField: String, Sendable, Hashable, CaseIterable {
  case user
  /// The network address.
  case source
  /// The number of a case or incident.
  case caseNumber = "case"
  case approver
  /// Free words: the purpose as it was typed, the reason for breaking the glass.
  case words

  /// Bytes of a value at most.
  public static let longest = 1_024
}
