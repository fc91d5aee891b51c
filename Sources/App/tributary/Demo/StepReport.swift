import Foundation
import Synchronization

/// Prints the steps of a check, for people or as JSON, and keeps the count.
final class StepReport: Sendable {
  private struct Line: Encodable {
    let step: String
    let ok: Bool
    let seconds: Double
    let detail: String
  }

  private struct State {
    var passed = 0
    var failed = 0
  }

  private let json: Bool
  private let state = Mutex(State())

  init(json: Bool) { self.json = json }

  /// Runs a step; what it returns is the detail, what it throws the reason.
  ///
  /// - Returns: whether it passed.
  @discardableResult
  func step(_ name: String, _ body: () async throws -> String) async -> Bool {
    let begin = Date()
    return await measured(name) {
      let detail = try await body()
      return (Date().timeIntervalSince(begin), detail)
    }
  }

  /// Runs a step that measures something itself: it returns these seconds, and the detail.
  @discardableResult
  func measured(_ name: String, _ body: () async throws -> (seconds: Double, detail: String)) async -> Bool {
    let begin = Date()
    do {
      let (seconds, detail) = try await body()
      add(name, true, seconds, detail)
      return true
    } catch {
      add(name, false, Date().timeIntervalSince(begin), "\(error)")
      return false
    }
  }

  private func add(_ name: String, _ ok: Bool, _ time: Double, _ detail: String) {
    let seconds = (time * 1_000).rounded() / 1_000
    state.withLock { state in
      if ok { state.passed += 1 } else { state.failed += 1 }
    }
    if json {
      sayJSON(Line(step: name, ok: ok, seconds: seconds, detail: detail))
    } else {
      say("\(ok ? "ok  " : "FAIL")  \(name)  (\(seconds) s)  \(detail)")
    }
  }

  /// The last line and the exit code.
  func conclude() -> Int32 {
    let (passed, failed) = state.withLock { ($0.passed, $0.failed) }
    let isGood = failed == 0 && passed > 0
    if !json {
      say(isGood ? "all \(passed) steps passed" : "\(failed) of \(passed + failed) steps FAILED")
    }
    return isGood ? 0 : 1
  }
}
