import GBCore

/// An edition of GB/T 28181 that the tester can speak.
public enum Edition: String, Sendable, Hashable, Codable, CaseIterable {
  case edition2016 = "2016"
  case edition2022 = "2022"

  var version: GBVersion { self == .edition2022 ? .v2022 : .v2016 }
}

/// The three lists of the reference, §15.
public enum CaseList: String, Sendable, Hashable, Codable, CaseIterable {
  /// The system under test is the lower platform: the tester is its upper.
  case upLink = "U"
  /// The system under test is the server: the tester is a device or a lower platform.
  case downLink = "D"
  /// Robustness and security of the server.
  case robustness = "R"
}

/// One numbered case: what is done, what is expected, where the standard says so.
public struct ConformCase: Sendable {
  /// Who the tester is in the case.
  public enum Role: String, Sendable, Hashable, Codable {
    case upperPlatform = "upper platform"
    case device
    case lowerPlatform = "lower platform"
  }

  /// `U1`, `D10`, `R16`.
  public let id: String
  public let list: CaseList
  public let title: String
  public let titleChinese: String
  /// The clause of the standard, or of the RFC it leans on.
  public let clause: String
  /// Whether a failure makes the whole run fail. Optional are what the standard recommends and what only the 2022
  /// edition has when it is read against 2016.
  public let isMandatory: Bool
  public let editions: Set<Edition>
  public let role: Role
  /// What the tester sends, in one sentence.
  public let sends: String
  /// What must happen, in one sentence.
  public let expects: String
  /// Cases that load the machine or time themselves run with no other beside them.
  let isAlone: Bool
  let body: @Sendable (Script) async throws -> Void

  init(
    _ id: String, _ title: String, _ titleChinese: String, clause: String, mandatory: Bool = true,
    editions: Set<Edition> = [.edition2016, .edition2022], role: Role = .device, sends: String,
    expects: String, alone: Bool = false, body: @escaping @Sendable (Script) async throws -> Void
  ) {
    (self.id, self.title, self.titleChinese, self.clause) = (id, title, titleChinese, clause)
    list = CaseList(rawValue: String(id.prefix(1))) ?? .robustness
    (isMandatory, self.editions, self.role) = (mandatory, editions, role)
    (self.sends, self.expects, isAlone, self.body) = (sends, expects, alone, body)
  }

  /// 1…45.
  var number: Int { Int(id.dropFirst()) ?? 0 }
}

/// What became of a case.
public struct CaseOutcome: Sendable, Hashable, Codable {
  public enum Result: String, Sendable, Hashable, Codable {
    case pass
    case fail
    case skip
  }

  public var result: Result
  /// Why, in plain language; nil for a pass.
  public var cause: String?
  /// What should have come, and what came instead.
  public var expected: String?
  public var came: String?
}

/// A case failed: the peer did what it must not, or not what it must.
struct CaseFailure: Error {
  let cause: String
  var expected: String?
  var came: String?
}

/// A case could not be carried out, and why that is nobody's fault.
struct CaseSkip: Error {
  let reason: String
}
