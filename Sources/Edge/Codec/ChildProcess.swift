import Glibc

/// A started process whose standard input and output are one connected socket.
///
/// The worker closes every other descriptor it may have inherited before it reads
/// its first message (``TranscodeWorker``), so neither a camera's socket nor the
/// database leaks into a decoder.
final class ChildProcess: Sendable {
  let pid: pid_t
  /// Our end of the socket, blocking. Closed by ``close()``.
  let socket: Int32

  init(executable: String, arguments: [String]) throws(CodecError) {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0
    else {
      throw CodecError(.exhausted, "no socket pair for the worker: \(ChildProcess.reason(errno))")
    }
    defer { Glibc.close(ends[1]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Its own process group: Ctrl+C reaches the server alone, which then ends its workers in order.
    // The signal mask starts empty: the server may block signals that the worker must obey.
    var noSignals = sigset_t()
    sigemptyset(&noSignals)
    posix_spawnattr_setsigmask(&attributes, &noSignals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))

    var argv: [UnsafeMutablePointer<CChar>?] = ([executable] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    var started: pid_t = 0
    let status = posix_spawn(&started, executable, &actions, &attributes, argv, environ)
    guard status == 0 else {
      Glibc.close(ends[0])
      throw CodecError(.failed, "cannot start \(executable): \(ChildProcess.reason(status))")
    }
    (pid, socket) = (started, ends[0])
  }

  var channel: WorkerChannel { WorkerChannel(input: socket, output: socket) }

  /// Ends the conversation in both directions: a blocked read or write returns.
  func hangUp() { shutdown(socket, Int32(SHUT_RDWR)) }

  /// Waits until the process is gone; kills it when it does not go by itself within a second.
  ///
  /// Called once, by the thread that reads from it. Closes the socket.
  func reap() {
    hangUp()
    for _ in 0..<100 {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) != 0 {
        Glibc.close(socket)
        return
      }
      usleep(10_000)
    }
    kill(pid, SIGKILL)
    var status: Int32 = 0
    waitpid(pid, &status, 0)
    Glibc.close(socket)
  }

  private static func reason(_ code: Int32) -> String {
    String(cString: strerror(code))
  }
}
