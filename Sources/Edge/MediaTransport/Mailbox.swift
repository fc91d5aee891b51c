import CMediaIO
import Glibc
import Synchronization

/// Commands for one media thread: the only way into it.
///
/// Any thread posts; the owner takes all at once. The bell is rung once per
/// batch, so that a busy thread costs the poster no system call.
final class Mailbox: Sendable {
  typealias Command = @Sendable (MediaLoop) -> Void

  private struct Pending {
    var commands: [Command] = []
    var isClosed = false
  }

  /// An eventfd that becomes readable when commands wait.
  let bell: Int32
  private let pending = Mutex(Pending())

  init() throws(MediaPlaneError) {
    bell = tio_bell(false)
    guard bell >= 0 else { throw .system("cannot create an eventfd", -bell) }
  }

  deinit { close(bell) }

  /// Hands `command` to the media thread. Dropped when the thread has ended.
  func post(_ command: @escaping Command) {
    let mustRing = pending.withLock { pending in
      guard !pending.isClosed else { return false }
      pending.commands.append(command)
      return pending.commands.count == 1
    }
    if mustRing { tio_bell_ring(bell) }
  }

  /// Everything posted since the last call, in order. Called by the owner.
  func take() -> [Command] {
    pending.withLock { pending in
      guard !pending.commands.isEmpty else { return [] }
      return exchange(&pending.commands, with: [])
    }
  }

  /// Refuses further commands and forgets those that wait.
  func shut() {
    pending.withLock { pending in
      pending.isClosed = true
      pending.commands = []
    }
  }
}

/// Replaces a value and returns the old one.
func exchange<Value>(_ place: inout Value, with value: Value) -> Value {
  let old = place
  place = value
  return old
}

extension MediaPlaneError {
  /// A system call failed with `errno` value `number`.
  static func system(_ what: String, _ number: Int32) -> MediaPlaneError {
    MediaPlaneError(.system, "\(what): \(String(cString: strerror(number)))")
  }
}
