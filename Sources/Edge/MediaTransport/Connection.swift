import CMediaIO
import Glibc
import RTPCore

/// A TCP connection that carries media, accepted or made by us. Confined to one media thread at a time.
final class Connection {
  /// Bytes of packets kept while nobody knows which stream they belong to.
  static let maximumHeld = 64 << 10

  let id: UInt64
  private(set) var descriptor: Int32
  let peer: MediaAddress
  /// Monotonic nanoseconds.
  let since: Int64
  var framer = InterleavedFramer()
  /// The stream it belongs to, once its first packet has said so.
  ///
  /// A cycle until the connection is removed, which the end of either always does.
  var stream: MediaStream? {
    didSet { if stream != nil { wasMatched = true } }
  }
  /// It has belonged to a stream.
  private(set) var wasMatched = false
  var ssrc: UInt32?
  /// Packets that came before the stream was known.
  private(set) var held: [[UInt8]] = []
  private(set) var heldBytes = 0
  /// Something was read from it.
  var hasSpoken = false
  /// Still connecting.
  var isConnecting = false
  /// Not read at the moment: it waits for its stream.
  var isPaused = false
  var lastData: Int64

  init(id: UInt64, descriptor: Int32, peer: MediaAddress, now: Int64) {
    (self.id, self.descriptor, self.peer) = (id, descriptor, peer)
    (since, lastData) = (now, now)
  }

  /// Takes over what another thread has begun; that one is empty afterwards.
  init(adopting other: Connection, id: UInt64) {
    self.id = id
    (descriptor, peer, since, lastData) = (other.descriptor, other.peer, other.since, other.lastData)
    (framer, held, heldBytes) = (other.framer, other.held, other.heldBytes)
    other.descriptor = -1
  }

  /// The descriptor, which belongs to the caller from now on.
  func release() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  func hold(_ packet: Span<UInt8>) {
    guard heldBytes + packet.count <= Self.maximumHeld else { return }
    held.append(packet.withUnsafeBufferPointer { Array($0) })
    heldBytes += packet.count
  }

  func takeHeld() -> [[UInt8]] {
    heldBytes = 0
    return exchange(&held, with: [])
  }
}

/// Carries a connection to the thread that owns its stream.
///
/// Proof for @unchecked: the sending thread has taken the connection out of all
/// its tables and its poller before it makes this value, and never touches it again.
struct ConnectionHandover: @unchecked Sendable {
  let connection: Connection
}

/// How the TCP media connection of a stream stands (GB/T 28181 §7.5).
struct TCPLink {
  /// Tries to connect, one per second, before the stream is given up; the standard asks for at least three.
  static let maximumAttempts = 12
  static let retryInterval: Int64 = 1_000_000_000

  /// Where to connect to; nil when the device connects to us.
  var target: MediaAddress?
  var attempts = 0
  var nextAttempt: Int64?
  /// Since when a connection that stood is gone, monotonic nanoseconds.
  var lostAt: Int64?
}

/// The sockets of one stream in port-range mode.
struct DedicatedSockets {
  var datagrams: Int32 = -1
  /// Bound so that reports find an open port, never read: the kernel drops them.
  var reports: Int32 = -1
  var listener: Int32 = -1

  var isEmpty: Bool { datagrams < 0 && listener < 0 }

  mutating func closeAll() {
    for descriptor in [datagrams, reports, listener] where descriptor >= 0 { Glibc.close(descriptor) }
    self = DedicatedSockets()
  }
}
