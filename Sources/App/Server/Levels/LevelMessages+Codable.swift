import Federation
import Foundation

/// Questions and answers as values: JSON between levels.
extension LevelMessages {
  /// Answers questions of that kind.
  func handle<Question: Decodable & SendableMetatype, Answer: Encodable & SendableMetatype>(
    _ kind: String, _ question: Question.Type,
    _ answer: @escaping @Sendable (LevelPeer, Question) async throws -> Answer
  ) {
    handle(kind) { peer, body in
      guard let question = try? JSONDecoder().decode(question, from: Data(body)) else {
        throw LevelRefusal("malformed", "This is no question of the kind “\(kind)”.")
      }
      return try Self.encode(try await answer(peer, question))
    }
  }

  /// Takes notices of that kind.
  func hear<Notice: Decodable & SendableMetatype>(
    _ kind: String, _ notice: Notice.Type,
    _ take: @escaping @Sendable (LevelPeer, Notice) async throws -> Void
  ) {
    handle(kind) { peer, body in
      guard let notice = try? JSONDecoder().decode(notice, from: Data(body)) else {
        throw LevelRefusal("malformed", "This is no notice of the kind “\(kind)”.")
      }
      try await take(peer, notice)
      return []
    }
  }

  /// Asks a neighbour.
  func ask<Question: Encodable, Answer: Decodable>(
    _ peer: LevelPeer, _ kind: String, _ question: Question, as answer: Answer.Type,
    within limit: Duration = .seconds(10)
  ) async throws(LevelFailure) -> Answer {
    let body: [UInt8]
    do { body = try Self.encode(question) } catch { throw .malformed }
    let reply = try await ask(peer, kind, body, within: limit)
    guard let answer = try? JSONDecoder().decode(answer, from: Data(reply)) else { throw .malformed }
    return answer
  }

  /// Tells a neighbour.
  func tell(_ peer: LevelPeer, _ kind: String, _ notice: some Encodable) async throws(LevelFailure) {
    let body: [UInt8]
    do { body = try Self.encode(notice) } catch { throw .malformed }
    try await tell(peer, kind, body)
  }

  private static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(value))
  }
}
