import Access
import Synchronization

@testable import HTTPAPI

/// Remembers what it was told, and refuses when it is full.
final class FakeJournal: ActionJournal {
  struct State {
    var isFull = false
    var actions: [JournalAction] = []
    var refusals: [JournalAction] = []
    var signIns: [String] = []
    var failures: [String] = []
  }

  let state = Mutex(State())
  var done: [JournalAction] { state.withLock { $0.actions } }

  static let full = Problem(
    slug: "access-log-unavailable", status: 503, title: "Full", detail: "No room.", retryAfter: 10)

  func willDo(_ action: JournalAction) async throws {
    try state.withLock { state in
      if state.isFull { throw Self.full }
      state.actions.append(action)
    }
  }
  func refused(_ action: JournalAction) async { state.withLock { $0.refusals.append(action) } }
  func signedIn(_ principal: Principal, source: String) async throws {
    try state.withLock { state in
      if state.isFull { throw Self.full }
      state.signIns.append(principal.name)
    }
  }
  func signInFailed(user: String, source: String) async { state.withLock { $0.failures.append(user) } }
}
