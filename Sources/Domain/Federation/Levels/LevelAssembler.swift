public import LevelCore
public import MediaTime

/// Puts the parts of long messages between levels together, with a bound on how much is gathered.
///
/// ```text
///   part ─► first of its message ─► is there room? no: refused
///        ─► a further one         ─► fits the others? no: refused, and the whole message is given up
///        ─► the last one missing  ─► whole
/// ```
public struct LevelAssembler: Sendable {
  /// How much is gathered.
  public struct Limits: Sendable, Hashable {
    /// Messages of one neighbour at a time.
    public var messages = 8
    /// Bytes of one neighbour at a time.
    public var bytes = LevelEnvelope.longestBody
    /// How long the next part may take.
    public var patience: Duration = .seconds(30)

    public init() {}
  }

  /// What became of a part.
  public enum Outcome: Sendable, Hashable {
    case whole(LevelEnvelope)
    case waiting
    /// Too much of this neighbour is being gathered.
    case full
    /// It contradicts an earlier part; the message is given up.
    case contradiction
  }

  private struct Key: Hashable {
    let peer: LevelPeer
    let id: String
  }

  private struct Gathering {
    let first: LevelEnvelope
    var parts: [Int: [UInt8]]
    var bytes: Int
    var latest: MonotonicTime
  }

  private let limits: Limits
  private var gatherings: [Key: Gathering] = [:]

  public init(limits: Limits = Limits()) { self.limits = limits }

  /// Messages that are being gathered, and their bytes.
  public var count: Int { gatherings.count }
  public var bytes: Int { gatherings.values.reduce(0) { $0 + $1.bytes } }

  /// Takes an envelope: one that is no part is whole.
  public mutating func add(_ envelope: LevelEnvelope, from peer: LevelPeer, now: MonotonicTime) -> Outcome {
    guard let part = envelope.part else { return .whole(envelope) }
    expire(now: now)
    let key = Key(peer: peer, id: envelope.id)
    var gathering =
      gatherings[key] ?? Gathering(first: envelope, parts: [:], bytes: 0, latest: now)
    guard gathering.first.isSibling(of: envelope),
      gathering.parts[part.number].map({ $0 == envelope.body }) ?? true
    else {
      gatherings[key] = nil
      return .contradiction
    }
    guard gathering.parts[part.number] == nil else { return .waiting }
    guard isRoom(for: envelope.body.count, of: peer, isNew: gatherings[key] == nil) else {
      gatherings[key] = nil
      return .full
    }
    gathering.parts[part.number] = envelope.body
    gathering.bytes += envelope.body.count
    gathering.latest = now
    guard gathering.parts.count == part.count else {
      gatherings[key] = gathering
      return .waiting
    }
    gatherings[key] = nil
    var whole = envelope
    (whole.part, whole.seal) = (nil, nil)
    whole.at = gathering.first.at
    whole.body = (1...part.count).flatMap { gathering.parts[$0] ?? [] }
    return .whole(whole)
  }

  private func isRoom(for bytes: Int, of peer: LevelPeer, isNew: Bool) -> Bool {
    let others = gatherings.filter { $0.key.peer == peer }
    return others.count + (isNew ? 1 : 0) <= limits.messages
      && others.values.reduce(bytes, { $0 + $1.bytes }) <= limits.bytes
  }

  /// Gives up what is not going on.
  public mutating func expire(now: MonotonicTime) {
    gatherings = gatherings.filter { now - $0.value.latest < limits.patience }
  }

  /// Forgets what a neighbour has begun.
  public mutating func forget(_ peer: LevelPeer) {
    gatherings = gatherings.filter { $0.key.peer != peer }
  }
}
