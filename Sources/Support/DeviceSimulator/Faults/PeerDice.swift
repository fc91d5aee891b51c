import GBCore

/// SplitMix64: the same seed gives the same choices on every machine.
struct SimulatorRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }

  /// True in `share` of all cases.
  mutating func chance(_ share: Double) -> Bool {
    Double(next() >> 11) < share * Double(UInt64(1) << 53)
  }

  /// 0…1.
  mutating func share() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
}

/// The random choices of one peer.
///
/// Every subject has a sequence of its own: what a peer happens to be asked in between changes nothing of what it
/// chooses next, and so two runs with one seed choose alike although their timing differs.
struct PeerDice: Sendable {
  enum Subject: Sendable, Hashable {
    case fault(FaultKind)
    /// The packets of one of the peer's calls, numbered from 1.
    case packets(call: Int)
    /// Moments: the first heartbeat, the pause before another try.
    case moment
    /// Tags, branches, Call-IDs.
    case token

    var name: String {
      switch self {
      case .fault(let kind): kind.rawValue
      case .packets(let call): "packets of call \(call)"
      case .moment: "moment"
      case .token: "token"
      }
    }
  }

  private let seed: UInt64
  private var sequences: [Subject: SimulatorRandom] = [:]

  init(seed: UInt64, peer: DeviceID) { self.seed = Self.mixed(seed, peer.text) }

  /// Takes the sequence of a subject on.
  mutating func with<Value>(_ subject: Subject, _ choose: (inout SimulatorRandom) -> Value) -> Value {
    var sequence = sequences[subject] ?? sequence(of: subject)
    defer { sequences[subject] = sequence }
    return choose(&sequence)
  }

  /// The sequence of a subject from its beginning, for somebody who takes it along.
  func sequence(of subject: Subject) -> SimulatorRandom {
    SimulatorRandom(seed: Self.mixed(seed, subject.name))
  }

  /// FNV-1a of the text, mixed with the seed: Swift's own hash differs in every process.
  private static func mixed(_ seed: UInt64, _ text: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    var mixer = SimulatorRandom(seed: seed ^ hash)
    return mixer.next()
  }
}
