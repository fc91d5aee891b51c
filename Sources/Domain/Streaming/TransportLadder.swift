public import GBCore

/// The order in which ways of carrying media are tried, with what worked last time first.
///
/// A 32-channel recorder that plays a few channels over UDP and times out on the
/// others is the most frequent complaint of the field; switching by hand is not
/// an answer (product study B1, thread 3).
public struct TransportLadder: Sendable, Hashable {
  /// Tried in this order when nothing is remembered.
  public static let standard: [MediaTransportChoice] = [.udp, .tcpPassive, .tcpActive]

  private let rungs: [MediaTransportChoice]
  private var position = 0

  /// - Parameters:
  ///   - remembered: what last brought pictures from this device.
  ///   - allowed: the ways an operator permits, in order; empty means all.
  public init(remembered: MediaTransportChoice? = nil, allowed: [MediaTransportChoice] = []) {
    var order = allowed.isEmpty ? Self.standard : allowed
    if let remembered, let index = order.firstIndex(of: remembered) {
      order.remove(at: index)
      order.insert(remembered, at: 0)
    }
    rungs = order
  }

  /// The way to try now.
  public var current: MediaTransportChoice { rungs[position] }
  public var isFirst: Bool { position == 0 }
  public var isLast: Bool { position == rungs.count - 1 }

  /// Moves to the next way. False, and unchanged, when all were tried.
  public mutating func advance() -> Bool {
    guard position + 1 < rungs.count else { return false }
    position += 1
    return true
  }

  /// Starts over with `worked` first.
  public func restarted(worked: MediaTransportChoice?) -> TransportLadder {
    TransportLadder(remembered: worked, allowed: rungs)
  }
}
