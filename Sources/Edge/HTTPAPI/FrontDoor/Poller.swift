import Glibc

/// The sockets that one thread waits for.
///
/// `poll` is enough: only connections that have not sent their first head are in
/// here, for milliseconds as a rule and for seconds at most.
struct Poller {
  struct Event {
    let descriptor: Int32
    /// The peer closed its side or the connection broke.
    let hungUp: Bool
  }

  private var entries: [pollfd] = []
  private var index: [Int32: Int] = [:]

  mutating func add(_ descriptor: Int32) {
    guard index[descriptor] == nil else { return }
    index[descriptor] = entries.count
    entries.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
  }

  mutating func remove(_ descriptor: Int32) {
    guard let hole = index.removeValue(forKey: descriptor) else { return }
    let last = entries.removeLast()
    if last.fd != descriptor {
      entries[hole] = last
      index[last.fd] = hole
    }
  }

  /// - Parameter milliseconds: −1 waits for ever.
  mutating func wait(milliseconds: Int32) -> [Event] {
    guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return [] }
    let gone = Int16(POLLHUP) | Int16(POLLERR) | Int16(POLLNVAL)
    return entries.filter { $0.revents != 0 }
      .map { Event(descriptor: $0.fd, hungUp: $0.revents & gone != 0) }
  }
}

/// Wakes a thread that waits in a ``Poller``.
final class WakeUp: Sendable {
  let readEnd: Int32
  private let writeEnd: Int32

  init() {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 {
      for end in ends { Descriptor.prepare(end) }
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  /// From any thread.
  func ring() {
    var byte: UInt8 = 1
    _ = write(writeEnd, &byte, 1)
  }
}

/// Small operations on descriptors.
enum Descriptor {
  /// Makes a descriptor non-blocking and closes it in children.
  static func prepare(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The socket counts as readable only when more than this has arrived, or the peer is gone.
  static func ignoreFirst(_ bytes: Int, of descriptor: Int32) {
    set(descriptor, SOL_SOCKET, SO_RCVLOWAT, Int32(clamping: bytes + 1))
  }
}
