import GBCore

/// A fault with its time and its probability.
public struct PlannedFault: Sendable, Hashable {
  public var kind: FaultKind
  /// For kinds that take a length of time.
  public var duration: Duration
  /// For kinds that take a number: a status, a count, a year.
  public var number: Int
  /// How likely it happens each time there is an occasion, 0…1: for each packet, each answer, each call.
  public var probability: Double
  /// From when on, and until when: time since the fleet began.
  public var from: Duration
  public var until: Duration?
  /// For kinds that happen at a moment: how often from then on; nil is once.
  public var every: Duration?

  public init(
    _ kind: FaultKind, duration: Duration = .zero, number: Int = 0, probability: Double = 1,
    from: Duration = .zero, until: Duration? = nil, every: Duration? = nil
  ) {
    (self.kind, self.duration, self.number) = (kind, duration, number)
    (self.probability, self.from, self.until, self.every) = (probability, from, until, every)
  }

  /// Whether it may happen that long after the fleet began.
  func isActive(at time: Duration) -> Bool { time >= from && until.map { time < $0 } ?? true }

  /// Refuses INVITEs.
  public static func inviteRefused(_ status: Int) -> PlannedFault {
    PlannedFault(.inviteRefused, number: status)
  }

  /// Answers INVITEs late.
  public static func answerDelay(_ delay: Duration) -> PlannedFault {
    PlannedFault(.answerDelay, duration: delay)
  }

  /// Loses this share of media packets.
  public static func packetLoss(_ share: Double) -> PlannedFault {
    PlannedFault(.packetLoss, probability: share)
  }
}

/// Everything that a peer does wrong.
public struct FaultPlan: Sendable, Hashable {
  public private(set) var faults: [PlannedFault]

  public init(_ faults: [PlannedFault] = []) { self.faults = faults }

  public mutating func add(_ fault: PlannedFault) { faults.append(fault) }

  /// Adds a fault that needs no value: always, from the start.
  public mutating func add(_ kind: FaultKind) { faults.append(PlannedFault(kind)) }

  public var isEmpty: Bool { faults.isEmpty }

  /// Those of a kind.
  public subscript(_ kind: FaultKind) -> [PlannedFault] { faults.filter { $0.kind == kind } }

  func validate(of peer: DeviceID) throws(SimulatorError) {
    for fault in faults {
      let name = fault.kind.rawValue
      guard (0...1).contains(fault.probability) else {
        throw SimulatorError("\(peer): the probability of \(name) is between 0 and 1")
      }
      guard fault.from >= .zero, fault.until.map({ $0 > fault.from }) ?? true else {
        throw SimulatorError("\(peer): \(name) ends before it begins")
      }
      guard fault.every.map({ $0 >= .milliseconds(100) }) ?? true else {
        throw SimulatorError("\(peer): \(name) happens at most ten times a second")
      }
      if fault.kind.parameter == .status, !(300...699).contains(fault.number) {
        throw SimulatorError("\(peer): \(name) needs a SIP status between 300 and 699")
      }
    }
  }
}
