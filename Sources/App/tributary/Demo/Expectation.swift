import Foundation

/// What a step of a check found instead of what it expected.
struct Expectation: Error, CustomStringConvertible {
  let description: String
}

func expect(_ condition: Bool, _ text: @autoclosure () -> String) throws {
  if !condition { throw Expectation(description: text()) }
}

/// Runs what blocks on a thread of its own: the servers of the demo live on the shared ones.
func apart<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { waiting in
    Thread.detachNewThread { waiting.resume(with: Result(catching: body)) }
  }
}

/// Asks until the answer is there.
///
/// - Parameters:
///   - seconds: after which `failure` is thrown.
///   - body: nil as long as it is not.
func awaited<Value>(
  seconds: Double, _ failure: @autoclosure () -> String, _ body: () async throws -> Value?
) async throws -> Value {
  let end = Date().addingTimeInterval(seconds)
  repeat {
    if let value = try await body() { return value }
    try await Task.sleep(for: .milliseconds(100))
  } while Date() < end
  throw Expectation(description: failure())
}
