import CMediaIO
import Glibc
import WireBytes

/// Datagrams of one pass, of all relays of a media thread: one system call for as many as possible.
///
/// A message is a run of packets of one relay that the kernel cuts apart (UDP GSO), or one packet where it cannot.
final class Outbox {
  private static let maximumMessages = 128
  private static let maximumPackets = 1_024
  /// The kernel's limits for one message.
  private static let maximumSegments = 64
  private static let maximumBytes = 65_000

  private let messages: UnsafeMutablePointer<tio_message>
  private let sender: OpaquePointer
  private let parts = PacketParts(capacity: Outbox.maximumPackets)
  private var count = 0
  private var owners: [(relay: Relay, before: Relay.Mark, bytes: Int)] = []
  private var socket: Int32 = -1
  /// A socket took no more in this pass.
  private(set) var isRefused = false
  /// Relays whose datagrams the kernel will not send, with the error.
  private(set) var failures: [Relay] = []

  init?() {
    guard let sender = tio_sender_create(UInt32(Self.maximumMessages)) else { return nil }
    self.sender = sender
    messages = .allocate(capacity: Self.maximumMessages)
    owners.reserveCapacity(Self.maximumMessages)
  }

  deinit {
    tio_sender_free(sender)
    messages.deallocate()
  }

  func beginPass() {
    isRefused = false
    failures.removeAll(keepingCapacity: true)
  }

  /// Adds what the relay may send now.
  func add(_ relay: Relay, _ ring: borrowing ParcelRing, to socket: Int32, now: Int64) {
    relay.forgetSent()
    guard let first = relay.load(ring) else { return relay.pace.rest() }
    guard now >= relay.pace.due else { return }
    if self.socket != socket {
      flush(now: now)
      self.socket = socket
    }
    var allowance = relay.pace.allowance(now: now, rate: first.pace)
    while allowance > 0, !isRefused, let parcel = relay.load(ring) {
      if count == Self.maximumMessages || parts.count + Self.maximumSegments > parts.capacity {
        flush(now: now)
        continue
      }
      let bytes = addMessage(relay, parcel, atMost: allowance)
      allowance -= bytes
      relay.pace.spend(bytes)
    }
    if relay.load(ring) == nil { relay.pace.rest() }
  }

  private func addMessage(_ relay: Relay, _ parcel: Parcel, atMost allowance: Int) -> Int {
    let before = relay.mark
    let (firstPacket, firstByte) = (parts.count, parts.bytes)
    let size = relay.maximumPayload
    let limit = relay.isOffloaded ? min(Self.maximumSegments, Self.maximumBytes / (size + 12)) : 1
    var payload = 0
    while parts.count - firstPacket < limit, payload < allowance, relay.mark.offset < parcel.bytes.count {
      relay.cut(parcel, into: parts, isFramed: false)
      payload += size
    }
    let packets = parts.count - firstPacket
    messages[count] = tio_message(
      first_part: UInt32(2 * firstPacket), part_count: UInt32(2 * packets),
      segment: packets > 1 ? UInt32(size + 12) : 0, to: relay.peer.native)
    count += 1
    owners.append((relay, before, parts.bytes - firstByte))
    return payload
  }

  /// Gives everything to the kernel.
  func flush(now: Int64) {
    var position = 0
    var interruptions = 0
    while position < count {
      let sent = Int(
        tio_send_batch(socket, sender, messages + position, UInt32(count - position), parts.parts))
      if sent > 0 {
        let next = position + sent
        while position < next {
          noteSent(position, now: now)
          position += 1
        }
      } else if -sent == Int(ECONNREFUSED), interruptions < Self.maximumMessages {
        // What was said about another datagram; it is told to whoever sends next, once.
        interruptions += 1
      } else {
        position = settle(position, error: Int32(-sent))
      }
    }
    count = 0
    parts.reset()
    owners.removeAll(keepingCapacity: true)
  }

  private func noteSent(_ index: Int, now: Int64) {
    let (relay, _, bytes) = owners[index]
    relay.noteSent(packets: Int(messages[index].part_count) / 2, bytes: bytes, now: now)
  }

  /// The message at `position` was refused.
  ///
  /// - Returns: where to go on.
  private func settle(_ position: Int, error: Int32) -> Int {
    let relay = owners[position].relay
    if error == EAGAIN || error == ENOBUFS {
      relay.noteDelay()
    } else if messages[position].segment > 0, [EINVAL, EIO, EOPNOTSUPP, EMSGSIZE].contains(error) {
      // This way out cannot cut datagrams: packets larger than its MTU, or no checksums by the card.
      relay.isOffloaded = false
    } else {
      failures.append(relay)
      return position + 1
    }
    // All of them go out in the next pass, in order.
    for index in (position..<count).reversed() { owners[index].relay.rewind(to: owners[index].before) }
    isRefused = true
    return count
  }
}
