/// What happens to the packets of one stream on their way: lost, late, swapped, doubled.
///
/// Confined to the media event loop.
struct PacketFaults: Sendable {
  /// How long after it is due a packet goes out, once for each time it goes out. Empty: it is lost.
  typealias Fate = [Duration]

  private let faults: [PlannedFault]
  private var random: SimulatorRandom
  private let onDecision: @Sendable (String) -> Void

  /// - Parameters:
  ///   - faults: those of ``FaultPlan`` that concern packets.
  ///   - random: the stream's own sequence.
  ///   - onDecision: told what became of each packet.
  init(
    _ faults: [PlannedFault], random: SimulatorRandom,
    onDecision: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.faults = faults
    (self.random, self.onDecision) = (random, onDecision)
  }

  /// A packet swapped with its successor waits this long: two pictures of 25 per second.
  private static let swapDelay = Duration.milliseconds(30)

  /// - Parameter time: since the fleet began.
  mutating func fate(at time: Duration) -> Fate {
    var delay = Duration.zero
    var copies = 1
    for fault in faults {
      // The same number of choices for every packet, whatever time it is: the sequence stays in step.
      let (happens, amount) = (random.chance(fault.probability), random.share())
      guard happens, fault.isActive(at: time) else { continue }
      switch fault.kind {
      case .packetLoss: copies = 0
      case .jitter: delay += fault.duration * amount
      case .reordering: delay += Self.swapDelay
      case .duplicates: copies *= 2
      default: continue
      }
    }
    let fate = Array(repeating: delay, count: copies)
    onDecision("\(copies)")
    return fate
  }
}
