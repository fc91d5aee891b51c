/// What every route answers to everybody; the columns are those of `RouteCallerTests.Visitor`.
///
/// `?` 401, `r` 403 for the role, `d` 403 because nobody granted it, `+` past the gate.
enum RouteCallerTable {
  static let rows: [String: String] = [:]
}
