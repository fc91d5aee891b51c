public import MediaTime

/// One entry of the managed list of reasons to look.
public struct Purpose: Sendable, Hashable, Identifiable {
  /// Stable word: lower-case letters, digits and `-`.
  public var code: String
  public var id: String { code }
  public var english: String
  public var chinese: String
  /// Whether a case number must be given.
  public var needsCase: Bool
  /// Whether somebody else must be named who approved.
  public var needsApprover: Bool
  /// Whether only a grant that names this purpose carries it.
  public var isReserved: Bool
  public var isEnabled: Bool

  public init(
    code: String, english: String, chinese: String, needsCase: Bool = false, needsApprover: Bool = false,
    isReserved: Bool = false, isEnabled: Bool = true
  ) {
    (self.code, self.english, self.chinese) = (code, english, chinese)
    (self.needsCase, self.needsApprover) = (needsCase, needsApprover)
    (self.isReserved, self.isEnabled) = (isReserved, isEnabled)
  }

  /// Whether `code` can be the word of a purpose: 1…32 of `a`–`z`, `0`–`9` and `-`.
  public static func isCode(_ code: String) -> Bool {
    (1...32).contains(code.utf8.count)
      && code.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
  }

  /// The purpose of an opened glass: see ``BreakGlass``.
  public static let breakGlass = Purpose(
    code: "break-glass", english: "Emergency, glass broken", chinese: "紧急破窗", isReserved: true)

  /// The list a new level begins with.
  public static let initial: [Purpose] = [
    Purpose(code: "patrol", english: "Patrol", chinese: "视频巡查"),
    Purpose(code: "incident", english: "Incident", chinese: "警情处置"),
    Purpose(code: "case", english: "Case", chinese: "案件办理", needsCase: true),
    Purpose(code: "maintenance", english: "Maintenance", chinese: "运行维护"),
    Purpose(code: "quality-check", english: "Quality check", chinese: "图像质量检查"),
    Purpose(code: "training", english: "Training", chinese: "培训", needsApprover: true),
    Purpose(code: "subject-request", english: "Request of a person shown", chinese: "当事人查阅", needsCase: true),
    Purpose(code: "service", english: "Program", chinese: "系统对接"),
    breakGlass,
  ]

  /// What an account of this role states when nobody says otherwise: its standing duty.
  public static func standing(of role: Role) -> StatedPurpose? {
    switch role {
    case .administrator, .deviceManager: StatedPurpose(code: "maintenance")
    case .operator: StatedPurpose(code: "patrol")
    case .machine: StatedPurpose(code: "service")
    case .auditor: nil
    }
  }
}

/// Why somebody says that he looks.
public struct StatedPurpose: Sendable, Hashable {
  /// ``Purpose/code``
  public var code: String
  /// Number of the case or incident.
  public var caseNumber: String?
  /// Who approved it.
  public var approver: String?
  /// In the person's own words.
  public var words: String?
  /// When it ends; the picture ends with it.
  public var until: WallTime?

  /// The longest text of each part, in characters.
  public static let longest = 200

  public init(
    code: String, caseNumber: String? = nil, approver: String? = nil, words: String? = nil,
    until: WallTime? = nil
  ) {
    self.code = code
    (self.caseNumber, self.approver, self.words) = (
      Self.part(caseNumber), Self.part(approver), Self.part(words)
    )
    self.until = until
  }

  /// One line for a log: the words, or else the code, and the case behind it.
  public var line: String {
    let reason = words ?? code
    return caseNumber.map { "\(reason) · \($0)" } ?? reason
  }

  /// Nil for nothing; a long text is cut.
  private static func part(_ text: String?) -> String? {
    guard let text, text.contains(where: { !$0.isWhitespace }) else { return nil }
    return String(text.prefix(longest))
  }
}
