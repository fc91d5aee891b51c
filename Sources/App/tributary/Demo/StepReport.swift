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
    do {
      add(name, true, begin, try await body())
      return true
    } catch {
      add(name, false, begin, "\(error)")
      return false
    }
  }

  private func add(_ name: String, _ ok: Bool, _ begin: Date, _ detail: String) {
    let seconds = (Date().timeIntervalSince(begin) * 1_000).rounded() / 1_000
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
    if !json { say("\(passed) passed, \(failed) failed") }
    return failed == 0 && passed > 0 ? 0 : 1
  }
}
