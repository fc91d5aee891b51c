public import MediaTime

/// Gives out stream numbers of one SIP domain: `H DDDDD NNNN` (§7.3).
///
/// Each kind has 10 000 numbers. One that is given back rests for a while, so
/// that a device that keeps sending after BYE is not taken for the next one.
public struct SSRCAllocator: Sendable {
  /// How long a number rests.
  public static let linger: Duration = .seconds(10)
  /// Numbers per kind.
  public static let capacity = 10_000

  /// Digits 4–8 of the domain.
  private let middle: UInt32
  private var pools: [Pool]

  private struct Pool: Sendable {
    var inUse: Set<Int> = []
    var resting: [(serial: Int, until: MonotonicTime)] = []
    var restingHead = 0
    var next: Int

    init(next: Int) { self.next = next }
  }

  /// - Parameters:
  ///   - domain: the platform's ID or domain; digits 4–8 are used, missing or odd ones read as 0.
  ///   - firstSerial: where to start, 0…9 999; random, so that a restart does not repeat numbers at once.
  public init(domain: String, firstSerial: Int = 0) {
    let digits = Array(domain.utf8.dropFirst(3).prefix(5)) + Array(repeating: 48, count: 5)
    middle = digits.prefix(5).reduce(0) { $0 * 10 + (ASCII.isDigit($1) ? UInt32($1 - 48) : 0) }
    let start = ((firstSerial % Self.capacity) + Self.capacity) % Self.capacity
    pools = [Pool(next: start), Pool(next: start)]
  }

  /// Numbers given out and not yet back.
  public var inUse: Int { pools[0].inUse.count + pools[1].inUse.count }

  /// Takes a number, the least recently used first. Nil when all are in use or resting.
  public mutating func allocate(_ kind: SSRCKind, now: MonotonicTime) -> SSRC? {
    wake(kind.rawValue, now: now)
    let pool = pools[kind.rawValue]
    let resting = Set(pool.resting[pool.restingHead...].map(\.serial))
    guard pool.inUse.count + resting.count < Self.capacity else { return nil }
    var serial = pool.next
    // At most one turn: a free number exists. 0 is passed over, because RTP senders write SSRC 0 by mistake.
    for _ in 0..<Self.capacity {
      if !pool.inUse.contains(serial), !resting.contains(serial), number(kind, serial) != 0 { break }
      serial = (serial + 1) % Self.capacity
    }
    guard !pool.inUse.contains(serial), !resting.contains(serial) else { return nil }
    pools[kind.rawValue].inUse.insert(serial)
    pools[kind.rawValue].next = (serial + 1) % Self.capacity
    return SSRC(number(kind, serial))
  }

  /// Gives a number back. Numbers that are not ours are ignored.
  public mutating func release(_ ssrc: SSRC, now: MonotonicTime) {
    let kind = ssrc.isHistory ? 1 : 0
    let serial = Int(ssrc.value % UInt32(Self.capacity))
    guard number(kind == 1 ? .history : .live, serial) == ssrc.value, pools[kind].inUse.remove(serial) != nil
    else { return }
    pools[kind].resting.append((serial, now + Self.linger))
  }

  private mutating func wake(_ kind: Int, now: MonotonicTime) {
    while pools[kind].restingHead < pools[kind].resting.count,
      pools[kind].resting[pools[kind].restingHead].until <= now
    {
      pools[kind].restingHead += 1
    }
    if pools[kind].restingHead * 2 > pools[kind].resting.count {
      pools[kind].resting.removeFirst(pools[kind].restingHead)
      pools[kind].restingHead = 0
    }
  }

  private func number(_ kind: SSRCKind, _ serial: Int) -> UInt32 {
    UInt32(kind.rawValue) * 1_000_000_000 + middle * 10_000 + UInt32(serial)
  }
}
