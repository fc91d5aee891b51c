import Glibc

/// A started command-line tool, connected to its standard input and output.
///
/// One thread may write while another reads. The one that reads to the end reaps.
final class ToolProcess: Sendable {
  private let pid: pid_t
  /// Written by ``write(_:)``; -1 when the tool gets no input.
  private let input: Int32
  private let output: Int32

  /// - Parameters:
  ///   - name: looked up on the path.
  ///   - takesInput: otherwise its standard input is empty.
  init(_ name: String, _ arguments: [String], takesInput: Bool) throws(SimulatorError) {
    // Sockets, because they can be made close-on-exec in one step: an end that leaked into another tool started at
    // the same time would keep this one from ever seeing its end.
    var toTool: [Int32] = [-1, -1]
    var fromTool: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &toTool) == 0, socketpair(AF_UNIX, kind, 0, &fromTool) == 0 else {
      throw SimulatorError("no sockets for \(name)")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toTool[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromTool[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Its own process group: Ctrl+C reaches us alone, and closing its input ends the tool.
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    var argv: [UnsafeMutablePointer<CChar>?] = ([name] + arguments).map { strdup($0) }
    argv.append(nil)
    defer { for argument in argv { free(argument) } }
    var started: pid_t = 0
    let status = posix_spawnp(&started, name, &actions, &attributes, argv, environ)
    close(toTool[0])
    close(fromTool[1])
    guard status == 0 else {
      close(toTool[1])
      close(fromTool[0])
      throw SimulatorError(
        "the simulator needs the program \(name), which cannot be started: install it with `apt-get install ffmpeg`"
      )
    }
    if !takesInput { close(toTool[1]) }
    (pid, input, output) = (started, takesInput ? toTool[1] : -1, fromTool[0])
  }

  /// Blocks until the tool has taken all bytes; false when it is gone.
  func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { buffer in
      var sent = 0
      while sent < buffer.count, let base = buffer.baseAddress {
        let count = send(input, base + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        sent += count
      }
      return true
    }
  }

  /// Says that no more input comes.
  func closeInput() { if input >= 0 { close(input) } }

  /// Blocks for more output, at most 64 KiB; empty at its end.
  func read() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
      repeat {
        count = Glibc.read(output, buffer.baseAddress, buffer.count)
      } while count < 0 && errno == EINTR
      count = max(count, 0)
    }
  }

  /// Kills the tool if it still runs and waits for its end.
  ///
  /// - Returns: whether it had ended by itself with success.
  @discardableResult
  func reap(killing: Bool) -> Bool {
    if killing { kill(pid, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    close(output)
    return status == 0
  }

  /// Runs a tool to its end.
  ///
  /// - Returns: what it printed, or nil when it failed.
  static func output(of name: String, _ arguments: [String]) throws(SimulatorError) -> [UInt8]? {
    let tool = try ToolProcess(name, arguments, takesInput: false)
    var bytes: [UInt8] = []
    while true {
      let more = tool.read()
      if more.isEmpty { break }
      bytes += more
    }
    return tool.reap(killing: false) ? bytes : nil
  }
}
