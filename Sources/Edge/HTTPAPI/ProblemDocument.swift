import Foundation

/// A ``Problem`` as it is written: RFC 9457 with `fix`, `reason` and `correlation` as extension members.
struct ProblemDocument: Codable, Sendable, Hashable {
  static let contentType = "application/problem+json"

  var type: String
  var title: String
  var status: Int
  var detail: String
  var fix: String?
  var reason: String?
  var correlation: String

  init(_ problem: Problem, correlation: String) {
    type = "/problems/" + problem.slug
    (title, status, detail) = (problem.title, problem.status, problem.detail)
    (fix, reason, self.correlation) = (problem.fix, problem.reason, correlation)
  }

  var json: [UInt8] { (try? JSON.encode(self)) ?? [] }
}

/// The one way this module writes and reads JSON.
enum JSON {
  static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw Problem.badRequest(explain(error))
    }
  }

  private static func explain(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context): "“\(path(context, key))” is missing."
    case .typeMismatch(_, let context): "“\(path(context))” has the wrong type."
    case .valueNotFound(_, let context): "“\(path(context))” must not be null."
    case .dataCorrupted(let context) where context.codingPath.isEmpty: "The body is not valid JSON."
    case .dataCorrupted(let context): "“\(path(context))”: \(context.debugDescription)."
    @unknown default: "The body does not have the expected form."
    }
  }

  private static func path(_ context: DecodingError.Context, _ key: (any CodingKey)? = nil) -> String {
    (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
  }
}
