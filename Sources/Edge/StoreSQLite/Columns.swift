import GBCore
import GRDB
import MediaTime

/// How values of ours lie in columns.
extension Row {
  func time(_ column: String) -> WallTime { WallTime(nanoseconds: self[column] ?? 0) }

  func optionalTime(_ column: String) -> WallTime? {
    (self[column] as Int64?).map { WallTime(nanoseconds: $0) }
  }

  func text(_ column: String) -> String { self[column] ?? "" }

  /// The case whose raw value the column holds; nil for null and for a value of a later version.
  func value<Value: RawRepresentable>(_ column: String, as type: Value.Type) -> Value?
  where Value.RawValue == String {
    (self[column] as String?).flatMap { Value(rawValue: $0) }
  }

  func code(_ column: String) -> DeviceID? { (self[column] as String?).flatMap { DeviceID($0) } }
}

extension WallTime {
  /// As a column value.
  var column: Int64 { nanoseconds }
}

extension Database {
  /// Runs a statement that is prepared once per connection.
  func run(_ sql: String, _ arguments: StatementArguments = []) throws {
    try cachedStatement(sql: sql).execute(arguments: arguments)
  }

  /// `UPDATE table SET` every column but the last `WHERE` the last is the key.
  static func update(_ table: String, _ names: [String]) -> String {
    let changes = names.dropLast().map { "\"\($0)\" = ?" }
    return "UPDATE \(table) SET \(changes.joined(separator: ", ")) WHERE \"\(names.last ?? "id")\" = ?"
  }

  /// `INSERT INTO table (names…) VALUES (?…) ON CONFLICT (keys…) DO UPDATE SET` every other column.
  static func upsert(_ table: String, _ names: [String], keys: [String]) -> String {
    let quoted = names.map { "\"\($0)\"" }
    let changes = names.filter { !keys.contains($0) }.map { "\"\($0)\" = excluded.\"\($0)\"" }
    return "INSERT INTO \(table) (\(quoted.joined(separator: ", "))) "
      + "VALUES (\(names.map { _ in "?" }.joined(separator: ", "))) "
      + "ON CONFLICT (\(keys.joined(separator: ", "))) DO UPDATE SET \(changes.joined(separator: ", "))"
  }
}
