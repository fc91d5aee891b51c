public import MediaTime

/// A key of ours, with what it signs.
public struct OwnLevelKey: Sendable, Hashable {
  public let key: LevelKey
  /// 32 bytes that nobody else may see.
  public let seed: [UInt8]
  public let made: WallTime
  /// When it was replaced; it is kept while a neighbour knows no later one.
  public var retired: WallTime?

  public init(key: LevelKey, seed: [UInt8], made: WallTime, retired: WallTime? = nil) {
    (self.key, self.seed, self.made, self.retired) = (key, seed, made, retired)
  }
}

/// A level of our kind whose keys we know.
public struct LevelNeighbour: Sendable, Hashable {
  public let peer: LevelPeer
  public var keys: NeighbourKeys
  /// The id of our key that it knows.
  public var knows: String

  public init(peer: LevelPeer, keys: NeighbourKeys, knows: String) {
    (self.peer, self.keys, self.knows) = (peer, keys, knows)
  }
}

/// What is known of the access log of a neighbour.
public struct LevelHead: Sendable, Hashable {
  /// A head that does not go on from the one that was known, and when it came.
  public struct Fork: Sendable, Hashable {
    public let note: String
    public let at: WallTime

    public init(note: String, at: WallTime) { (self.note, self.at) = (note, at) }
  }

  public let peer: LevelPeer
  /// The name of the log.
  public let origin: String
  /// The key that its heads are signed with, as C2SP writes it.
  public let verifier: String
  public var size: UInt64
  public var root: [UInt8]
  /// The latest accepted head as it came.
  public var note: String
  public var seen: WallTime
  public var fork: Fork?

  public init(
    peer: LevelPeer, origin: String, verifier: String, size: UInt64, root: [UInt8], note: String,
    seen: WallTime,
    fork: Fork? = nil
  ) {
    (self.peer, self.origin, self.verifier, self.size) = (peer, origin, verifier, size)
    (self.root, self.note, self.seen, self.fork) = (root, note, seen, fork)
  }
}

/// Where keys, neighbours and the heads of their logs are kept.
public protocol LevelStore: Sendable {
  /// Our keys, the latest first.
  func levelKeys() async throws -> [OwnLevelKey]
  /// Inserts or replaces.
  func saveLevelKey(_ key: OwnLevelKey) async throws
  func deleteLevelKey(_ id: String) async throws
  func levelNeighbours() async throws -> [LevelNeighbour]
  /// Inserts or replaces.
  func saveLevelNeighbour(_ neighbour: LevelNeighbour) async throws
  func levelHeads() async throws -> [LevelHead]
  /// Inserts or replaces.
  func saveLevelHead(_ head: LevelHead) async throws
}
