public import Foundation

/// One case as it went, with everything that was said.
public struct CaseReport: Sendable, Codable {
  public var id: String
  public var list: CaseList
  public var title: String
  public var titleChinese: String
  public var clause: String
  public var isMandatory: Bool
  public var role: ConformCase.Role
  public var sends: String
  public var expects: String
  public var edition: Edition
  /// Who was tested.
  public var peer: String
  public var outcome: CaseOutcome
  public var seconds: Double
  public var ladder: [LadderEntry]
}

/// How many of each.
public struct RunCounts: Sendable, Hashable, Codable {
  public var pass = 0
  public var fail = 0
  public var skip = 0
  /// Of the failures, those of mandatory cases.
  public var mandatoryFailures = 0
  /// Of the skipped, those of mandatory cases: nobody knows whether they would pass.
  public var mandatorySkips = 0

  public init(_ cases: [CaseReport] = []) {
    for test in cases {
      switch test.outcome.result {
      case .pass: pass += 1
      case .fail:
        fail += 1
        if test.isMandatory { mandatoryFailures += 1 }
      case .skip:
        skip += 1
        if test.isMandatory { mandatorySkips += 1 }
      }
    }
  }
}

/// A whole run.
public struct RunReport: Sendable, Codable {
  public var server: String
  public var lower: String
  public var started: Date
  public var seconds: Double
  public var cases: [CaseReport]
  public var counts: RunCounts

  /// 0 only when every mandatory case that was chosen passed, and at least one case ran. A mandatory case that was
  /// skipped has not passed.
  public var exitCode: Int32 {
    counts.mandatoryFailures == 0 && counts.mandatorySkips == 0 && counts.pass > 0 ? 0 : 1
  }
}

/// What `--json` prints: one line a case, and a last line with the counts.
public enum ReportLines {
  private struct Line: Encodable {
    let `case`: String
    let result: String
    let edition: String
    let mandatory: Bool
    let clause: String
    let cause: String?
    let seconds: Double

    private enum Keys: String, CodingKey { case `case`, result, edition, mandatory, clause, cause, seconds }

    /// `cause` is there always: null for a pass.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Keys.self)
      try container.encode(`case`, forKey: .case)
      try container.encode(result, forKey: .result)
      try container.encode(edition, forKey: .edition)
      try container.encode(mandatory, forKey: .mandatory)
      try container.encode(clause, forKey: .clause)
      try container.encode(cause, forKey: .cause)
      try container.encode(seconds, forKey: .seconds)
    }
  }

  public static func line(_ test: CaseReport) -> String {
    encode(
      Line(
        case: test.id, result: test.outcome.result.rawValue, edition: test.edition.rawValue,
        mandatory: test.isMandatory, clause: test.clause, cause: test.outcome.cause, seconds: test.seconds))
  }

  public static func last(_ counts: RunCounts) -> String { encode(counts) }

  /// For people.
  public static func plain(_ test: CaseReport) -> String {
    let word =
      switch test.outcome.result {
      case .pass: "ok  "
      case .fail: "FAIL"
      case .skip: "skip"
      }
    let id = test.id + String(repeating: " ", count: max(0, 4 - test.id.count))
    let optional = test.isMandatory ? "" : " (optional)"
    let cause = test.outcome.cause.map { ": \($0)" } ?? ""
    return "\(word)  \(id) \(test.edition.rawValue)  \(test.title)\(optional)\(cause)"
  }

  /// The whole report as JSON.
  public static func document(_ report: RunReport) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.dateEncodingStrategy = .iso8601
    return [UInt8](try encoder.encode(report))
  }

  private static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
  }
}
