import Foundation
import Hummingbird
import MediaTime

/// Query parameters, each with its rule.
extension APICall {
  /// The value of a parameter, nil when absent or empty.
  func query(_ name: String) throws(Problem) -> String? {
    guard let value = request.uri.queryParameters[name[...]], !value.isEmpty else { return nil }
    guard value.utf8.count <= 8_192 else { throw .badRequest("“\(name)” is too long.") }
    return String(value)
  }

  func query<Value: RawRepresentable & CaseIterable>(_ name: String, as type: Value.Type) throws(Problem)
    -> Value?
  where Value.RawValue == String {
    guard let text = try query(name) else { return nil }
    guard let value = Value(rawValue: text) else {
      let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badRequest("“\(name)” must be one of: \(known).")
    }
    return value
  }

  func flag(_ name: String) throws(Problem) -> Bool {
    switch try query(name) {
    case nil, "false", "0": return false
    case "true", "1": return true
    default: throw .badRequest("“\(name)” must be true or false.")
    }
  }

  /// Items per page.
  func limit(default value: Int = 100) throws(Problem) -> Int {
    guard let text = try query("limit") else { return value }
    guard let limit = Int(text), (1...HTTPLimits.page).contains(limit) else {
      throw .badRequest("“limit” must be a number from 1 to \(HTTPLimits.page).")
    }
    return limit
  }

  /// Where the previous page ended: the text of an earlier answer's `next`.
  func cursor() throws(Problem) -> String? {
    guard let text = try query("cursor") else { return nil }
    guard text.utf8.count <= 512 else { throw .badRequest("“cursor” is not one of ours.") }
    return text
  }

  func time(_ name: String) throws(Problem) -> WallTime? {
    guard let text = try query(name) else { return nil }
    // A plus sign in a query is a blank to some clients; in a time it can only have been a plus.
    guard let moment = WallTime(rfc3339: text.replacingOccurrences(of: " ", with: "+")) else {
      throw .badRequest("“\(name)” must be a time such as 2026-01-31T08:00:00Z, with a zone.")
    }
    return moment
  }

  /// The interval `from`…`to`, both needed, the first before the second.
  func interval() throws(Problem) -> (from: WallTime, to: WallTime) {
    guard let from = try time("from"), let to = try time("to") else {
      throw .badRequest("“from” and “to” are needed.")
    }
    try Self.check(from, to)
    return (from, to)
  }

  static func check(_ from: WallTime, _ to: WallTime) throws(Problem) {
    guard from < to else { throw .badRequest("“from” must be before “to”.") }
    guard to - from <= .seconds(HTTPLimits.timelineSeconds) else {
      throw .badRequest("The interval is longer than \(HTTPLimits.timelineSeconds / 86_400) days.")
    }
  }
}
