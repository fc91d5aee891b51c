import CMediaIO
import Glibc

/// One connected socket that receives a stream. Lives on the stream's media thread.
///
/// What it is owed, in this order: the rest of a fragment that the socket took
/// only in part, its private queue (answer head, introduction, pongs, notices),
/// then the stream's ring from `cursor` on.
final class Viewer {
  /// Private messages waiting at most; a viewer that makes more does not read.
  static let maximumQueue = 64

  enum Outcome {
    /// Nothing more to send at the moment.
    case caughtUp
    /// The socket takes no more; wait until it is writable.
    case blocked
    /// The gathered write was bounded; there is more.
    case more
    /// The end fragment is out.
    case finished
    case failed
  }

  let id: ViewerID
  let descriptor: Int32
  let framing: ViewerFraming
  private var partial: Fragment?
  private var offset = 0
  private var queue: [Fragment] = []
  /// The number of the next fragment of the ring; nil until the viewer has started.
  var cursor: UInt64?
  /// The initialisation segment that its decoder has.
  private(set) var version: Int?
  private(set) var bytesSent: UInt64 = 0
  var droppedGroups: UInt64 = 0
  /// Waiting for the socket to become writable.
  var isBlocked = false
  /// Monotonic nanoseconds of the last byte taken, or of the moment when there was nothing to take.
  var lastProgress: Int64
  var input = WebSocketInput()
  /// Closes as soon as the queue is out.
  var isClosing = false
  /// Why it is being closed, when it is not the stream that ended.
  var closeReason: ViewerEnd?

  init(id: ViewerID, descriptor: Int32, framing: ViewerFraming, now: Int64) {
    (self.id, self.descriptor, self.framing) = (id, descriptor, framing)
    lastProgress = now
  }

  deinit { Glibc.close(descriptor) }

  /// Nothing private is waiting and no fragment is half out: the next byte comes from the ring.
  var isAligned: Bool { partial == nil && queue.isEmpty }

  /// - Returns: false when the queue is full.
  func enqueue(_ fragment: Fragment) -> Bool {
    guard queue.count < Self.maximumQueue else { return false }
    if fragment.byteCount(framing) > 0 {
      queue.append(fragment)
    }
    note(fragment)
    return true
  }

  /// Sends a close frame behind what is half out, then closes.
  func close(with code: UInt16) {
    queue = []
    _ = enqueue(.end(code: code))
    isClosing = true
  }

  private func note(_ fragment: Fragment) {
    if case .initialization(let version) = fragment.kind { self.version = version }
  }

  /// The group that the cursor stands in or before, to count what is left out.
  func group(in ring: FragmentRing) -> UInt64? {
    guard let cursor, cursor >= ring.first, cursor < ring.end else { return nil }
    return ring[cursor].group
  }

  /// Writes once as much as the socket takes.
  ///
  func pump(_ ring: FragmentRing, _ gather: inout Gather, now: Int64) -> Outcome {
    gather.reset()
    if let partial { partial.gather(framing, from: offset, into: &gather) }
    for fragment in queue where !gather.isFull { fragment.gather(framing, from: 0, into: &gather) }
    var next = cursor ?? ring.end
    while !isClosing, next < ring.end, !gather.isFull {
      ring[next].gather(framing, from: 0, into: &gather)
      next += 1
    }
    guard gather.bytes > 0 else {
      if cursor != nil { cursor = max(next, cursor ?? next) }
      lastProgress = now
      return hasFinished(ring) ? .finished : .caughtUp
    }
    return write(gather, ring, now: now)
  }

  /// Writes what another viewer at the same place has gathered.
  func pump(shared gather: Gather, _ ring: FragmentRing, now: Int64) -> Outcome {
    write(gather, ring, now: now)
  }

  private func write(_ gather: Gather, _ ring: FragmentRing, now: Int64) -> Outcome {
    let result = tio_write_gathered(descriptor, gather.parts, gather.count)
    guard result >= 0 else { return result == -Int(EAGAIN) ? .blocked : .failed }
    bytesSent += UInt64(result)
    if result > 0 { lastProgress = now }
    advance(result, ring)
    if result < gather.bytes { return .blocked }
    if hasFinished(ring) { return .finished }
    return isAligned && (cursor ?? ring.end) >= ring.end ? .caughtUp : .more
  }

  private func hasFinished(_ ring: FragmentRing) -> Bool {
    guard isAligned else { return false }
    if isClosing { return true }
    guard let cursor, cursor == ring.end, cursor > ring.first else { return false }
    return ring[cursor - 1].kind == .end
  }

  /// Accounts for `count` bytes written.
  private func advance(_ count: Int, _ ring: FragmentRing) {
    var rest = count
    if let fragment = partial {
      guard take(fragment, &rest) else { return }
      partial = nil
    }
    while !queue.isEmpty, rest > 0 {
      let fragment = queue.removeFirst()
      guard take(fragment, &rest) else {
        partial = fragment
        return
      }
    }
    while let number = cursor, number < ring.end, queue.isEmpty {
      let fragment = ring[number]
      if rest == 0, fragment.byteCount(framing) > 0 { return }
      cursor = number + 1
      note(fragment)
      guard take(fragment, &rest) else {
        partial = fragment
        return
      }
    }
  }

  /// - Returns: whether the fragment is completely out.
  private func take(_ fragment: Fragment, _ rest: inout Int) -> Bool {
    let length = fragment.byteCount(framing) - offset
    if rest >= length {
      rest -= length
      offset = 0
      return true
    }
    offset += rest
    rest = 0
    return false
  }
}
