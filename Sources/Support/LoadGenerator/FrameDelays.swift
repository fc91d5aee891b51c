/// How long frames took from the sender to a viewer.
public enum FrameDelays {
  /// Milliseconds from a frame's last packet to its fragment's last byte.
  ///
  /// The fragments say when they are decoded but not which frame they were: the frames are counted so that no
  /// fragment came before its frame was sent, and the first one as soon after as that allows.
  ///
  /// - Returns: nil when no count fits.
  public static func match(
    sent: [Int64], seen: [StreamReaders.Arrival], frameTicks: UInt64 = 3_600
  ) -> [Double]? {
    guard let first = seen.first else { return nil }
    let steps = seen.map { Int(($0.decode &- first.decode) / frameTicks) }
    guard let last = steps.max(), last < sent.count else { return nil }
    for start in stride(from: sent.count - 1 - last, through: 0, by: -1) {
      let delays = zip(seen, steps).map { Double($0.at - sent[start + $1]) / 1e6 }
      if delays.allSatisfy({ $0 >= 0 }) { return delays }
    }
    return nil
  }
}
