public import MediaTime

/// Says how many packets are due, so that fifty leave in a second however unevenly it is asked.
public struct VoicePace: Sendable {
  /// After a longer standstill the time is given up: a burst would only fill the buffer of the loudspeaker.
  static let longestDebt = 10

  private var origin: MonotonicTime
  private var sent = 0

  /// - Parameter start: when the first packet is due.
  public init(start: MonotonicTime) { origin = start }

  /// Packets to send now; counts them as sent.
  public mutating func due(now: MonotonicTime) -> Int {
    let elapsed = now - origin
    guard elapsed >= .zero else { return 0 }
    let owed = Int(elapsed / VoiceRules.frameDuration) + 1 - sent
    guard owed > Self.longestDebt else {
      sent += max(owed, 0)
      return max(owed, 0)
    }
    origin = now
    sent = 1
    return 1
  }
}
