import Access
import Foundation
import GRDB
import MediaTime

/// How the parts of a grant lie in columns: JSON of these, short names, so that a value of a later version is told
/// from one of ours. What cannot be read is not granted.
enum RightsColumns {
  struct Grantee: Codable {
    var kind: String
    var name: String
  }

  struct Scope: Codable {
    var kind: String
    var name: String?
    var keys: [String]?
  }

  struct Hours: Codable {
    var weekdays: [Int]
    var from: Int
    var to: Int
    var offset: Int64
  }

  struct Conditions: Codable {
    var purposes: [String]?
    var hours: Hours?
    var footageSince: Int64?
    var footageAge: Int64?
    var starts: Int64?
    var expires: Int64?
    var viewers: Int?
    var visitors: [String]?
    var unmarked: Bool?
  }

  struct Stated: Codable {
    var code: String
    var caseNumber: String?
    var approver: String?
    var words: String?
    var until: Int64?
  }

  struct Journey: Codable {
    struct Origin: Codable {
      var neighbour: String
      var id: String
      var level: String
      var person: String
      var visitor: String?
      var path: [String]
      var isTold: Bool
      var isEndTold: Bool
    }

    struct Forward: Codable {
      var neighbour: String
      var channels: [String]
      var isDelivered: Bool
      var isWithdrawalTold: Bool
    }

    var origin: Origin?
    var forward: Forward?
    var signed: SignedGrant?
  }

  static func text(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  static func value<Value: Decodable>(_ text: String, as type: Value.Type) -> Value? {
    try? JSONDecoder().decode(type, from: Data(text.utf8))
  }
}

extension Access.Grantee {
  var stored: RightsColumns.Grantee {
    switch self {
    case .person(let name): .init(kind: "person", name: name)
    case .key(let name): .init(kind: "key", name: name)
    case .role(let role): .init(kind: "role", name: role.rawValue)
    case .organisation(let id): .init(kind: "organisation", name: id)
    case .level(let id): .init(kind: "level", name: id)
    }
  }

  init?(_ stored: RightsColumns.Grantee) {
    switch stored.kind {
    case "person": self = .person(stored.name)
    case "key": self = .key(stored.name)
    case "role":
      guard let role = Role(rawValue: stored.name) else { return nil }
      self = .role(role)
    case "organisation": self = .organisation(stored.name)
    case "level": self = .level(stored.name)
    default: return nil
    }
  }
}

extension GrantScope {
  var stored: RightsColumns.Scope {
    switch self {
    case .all: .init(kind: "all")
    case .subtree(let node): .init(kind: "subtree", name: node)
    case .group(let code): .init(kind: "group", name: code)
    case .label(let label): .init(kind: "label", name: label)
    case .list(let keys): .init(kind: "list", keys: keys.sorted())
    }
  }

  init?(_ stored: RightsColumns.Scope) {
    switch (stored.kind, stored.name, stored.keys) {
    case ("all", _, _): self = .all
    case ("subtree", let name?, _): self = .subtree(name)
    case ("group", let name?, _): self = .group(name)
    case ("label", let name?, _): self = .label(name)
    case ("list", _, let keys?): self = .list(Set(keys))
    default: return nil
    }
  }
}

extension GrantConditions {
  var stored: RightsColumns.Conditions {
    var stored = RightsColumns.Conditions(
      purposes: purposes?.sorted(),
      hours: hours.map {
        .init(weekdays: $0.weekdays.sorted(), from: $0.from, to: $0.to, offset: $0.offset.nanoseconds)
      }, starts: starts?.nanoseconds, expires: expires?.nanoseconds, viewers: viewers,
      visitors: visitors?.map(\.description).sorted(), unmarked: isUnmarked ? true : nil)
    switch footage {
    case .since(let begin): stored.footageSince = begin.nanoseconds
    case .recent(let age): stored.footageAge = age.nanoseconds
    case nil: break
    }
    return stored
  }

  /// Nil when a limit cannot be read: without it the grant would be wider than it was given.
  init?(_ stored: RightsColumns.Conditions) {
    var hours: WeeklyHours?
    if let kept = stored.hours {
      hours = WeeklyHours(
        weekdays: Set(kept.weekdays), from: kept.from, to: kept.to, offset: .nanoseconds(kept.offset))
      guard hours != nil else { return nil }
    }
    let visitors = stored.visitors.map { Set($0.compactMap { Visitor($0) }) }
    guard visitors?.count == stored.visitors?.count else { return nil }
    self.init(
      purposes: stored.purposes.map { Set($0) }, hours: hours,
      footage: stored.footageSince.map { .since(WallTime(nanoseconds: $0)) }
        ?? stored.footageAge.map { .recent(.nanoseconds($0)) },
      starts: stored.starts.map { WallTime(nanoseconds: $0) },
      expires: stored.expires.map { WallTime(nanoseconds: $0) }, viewers: stored.viewers,
      visitors: visitors, isUnmarked: stored.unmarked ?? false)
  }
}

extension StatedPurpose {
  var stored: RightsColumns.Stated {
    .init(
      code: code, caseNumber: caseNumber, approver: approver, words: words, until: until?.nanoseconds)
  }

  init(_ stored: RightsColumns.Stated) {
    self.init(
      code: stored.code, caseNumber: stored.caseNumber, approver: stored.approver, words: stored.words,
      until: stored.until.map { WallTime(nanoseconds: $0) })
  }
}

extension AccessRequest {
  /// Nil for a request that stays at one level.
  var storedJourney: RightsColumns.Journey? {
    guard origin != nil || forward != nil else { return nil }
    return RightsColumns.Journey(
      origin: origin.map {
        .init(
          neighbour: $0.neighbour, id: $0.id, level: $0.level, person: $0.person,
          visitor: $0.visitor?.description, path: $0.path, isTold: $0.isTold, isEndTold: $0.isEndTold)
      },
      forward: forward.map {
        .init(
          neighbour: $0.neighbour, channels: $0.channels, isDelivered: $0.isDelivered,
          isWithdrawalTold: $0.isWithdrawalTold)
      }, signed: signed)
  }
}

extension Set<AccessOperation> {
  /// The words, joined with blanks.
  var stored: String { map(\.rawValue).sorted().joined(separator: " ") }

  init(stored: String) {
    self.init(stored.split(separator: " ").compactMap { Element(rawValue: String($0)) })
  }
}
