/// How much junk each host sent lately.
///
/// Junk is never a reason to refuse good messages of the same host: an address
/// is easily forged in a datagram, and blocking it would let anybody silence a
/// camera. It only limits what junk may cost: answers and traces.
struct JunkMeter {
  /// Hosts remembered; when there are more, all are forgotten.
  private static let capacity = 8192
  private static let window: UInt64 = 10_000_000_000

  private let limit: Int
  private var counts: [String: Int] = [:]
  private var windowStart: UInt64 = 0

  init(limit: Int) { self.limit = limit }

  /// Counts one piece of junk; false when the host has had its share of this window.
  mutating func admit(_ host: String, now: UInt64) -> Bool {
    if now &- windowStart > Self.window || counts.count >= Self.capacity {
      counts.removeAll(keepingCapacity: true)
      windowStart = now
    }
    let count = counts[host, default: 0]
    guard count < limit else { return false }
    counts[host] = count + 1
    return true
  }
}
