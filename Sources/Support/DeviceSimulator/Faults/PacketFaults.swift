/// What happens to the packets of one stream on their way: lost, late, swapped, doubled.
///
/// Confined to the media event loop.
struct PacketFaults: Sendable {
  /// What becomes of a packet.
  struct Fate: Hashable {
    /// How often it goes out; 0: it is lost.
    var copies = 1
    /// How long after it is due.
    var delay: Duration = .zero
    /// Whether it waits until its successor has gone out.
    var isOvertaken = false
  }

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

  /// - Parameter time: since the fleet began.
  mutating func fate(at time: Duration) -> Fate {
    var fate = Fate()
    for fault in faults {
      // The same number of choices for every packet, whatever time it is: the sequence stays in step.
      let (happens, amount) = (random.chance(fault.probability), random.share())
      guard happens, fault.isActive(at: time) else { continue }
      switch fault.kind {
      case .packetLoss: fate.copies = 0
      case .jitter: fate.delay += fault.duration * amount
      case .reordering: fate.isOvertaken = true
      case .duplicates: fate.copies *= 2
      default: continue
      }
    }
    onDecision(fate.isOvertaken ? "\(fate.copies) overtaken" : "\(fate.copies)")
    return fate
  }
}
