public import MediaTime
public import SDPCore

/// What a stream shows: the first digit of its number.
public enum SSRCKind: Int, Sendable, Hashable {
  case live = 0
  /// Playback and download.
  case history = 1
}

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
    /// In use or resting.
    var taken: Set<Int> = []
    var resting: [(serial: Int, until: MonotonicTime)] = []
    /// Where the next search begins: the numbers go around, so a used one comes back last.
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
  public mutating func allocate(_ kind: SSRCKind, now: MonotonicTime) -> StreamSSRC? {
    wake(kind.rawValue, now: now)
    var serial = pools[kind.rawValue].next
    for _ in 0..<Self.capacity {
      let value = number(kind, serial)
      let following = (serial + 1) % Self.capacity
      // 0 is never given out: RTP senders write SSRC 0 by mistake.
      if value != 0, pools[kind.rawValue].taken.insert(serial).inserted {
        pools[kind.rawValue].inUse.insert(serial)
        pools[kind.rawValue].next = following
        return StreamSSRC(value)
      }
      serial = following
    }
    return nil
  }

  /// Gives a number back. Numbers that are not ours are ignored.
  public mutating func release(_ ssrc: StreamSSRC, now: MonotonicTime) {
    let kind: SSRCKind = ssrc.isHistory ? .history : .live
    let serial = Int(ssrc.value % UInt32(Self.capacity))
    guard number(kind, serial) == ssrc.value, pools[kind.rawValue].inUse.remove(serial) != nil else { return }
    pools[kind.rawValue].resting.append((serial, now + Self.linger))
  }

  private mutating func wake(_ kind: Int, now: MonotonicTime) {
    let rested = pools[kind].resting.prefix { $0.until <= now }
    guard !rested.isEmpty else { return }
    for entry in rested { pools[kind].taken.remove(entry.serial) }
    pools[kind].resting.removeFirst(rested.count)
  }

  private func number(_ kind: SSRCKind, _ serial: Int) -> UInt32 {
    UInt32(kind.rawValue) * 1_000_000_000 + middle * 10_000 + UInt32(serial)
  }
}
