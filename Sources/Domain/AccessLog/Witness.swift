public import LogTree

/// Keeps neighbours to their word: a log that it has seen once may only grow (C2SP tlog-witness).
///
/// It decides; whoever holds it writes ``Memory`` down before an answer leaves.
///
/// ```text
///   add(old, proof, head) ─► unknown origin or key ─► refused
///                          ─► old ≠ what is known    ─► conflict, with the known size
///                          ─► proof does not hold    ─► forked: an alarm, the head is kept as evidence
///                          ─► else                   ─► remember, then cosign
/// ```
public struct Witness: Sendable {
  /// The latest head of one log that was accepted.
  public struct Memory: Sendable, Hashable {
    public var origin: String
    public var size: UInt64
    public var root: LogHash
    /// The note as it came.
    public var note: String

    public init(origin: String, size: UInt64, root: LogHash, note: String) {
      (self.origin, self.size, self.root, self.note) = (origin, size, root, note)
    }
  }

  /// A question to the witness.
  public struct Request: Sendable, Hashable {
    /// The size that the asker believes is known here.
    public var old: UInt64
    public var proof: [LogHash]
    public var note: SignedNote

    public init(old: UInt64, proof: [LogHash], note: SignedNote) {
      (self.old, self.proof, self.note) = (old, proof, note)
    }
  }

  /// What is to be done.
  public enum Answer: Sendable, Hashable {
    /// Write this down, then cosign the note and answer 200.
    case accept(Memory)
    /// 409: ask again from this size.
    case conflict(size: UInt64)
    /// 404
    case unknownOrigin
    /// 403
    case notSigned
    /// 400
    case malformed
    /// 422: the head does not go on from the one that is known.
    case forked(known: Memory)
  }

  private let hasher: LogHasher
  private let verify: @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool
  private var keys: [String: NoteVerifier]
  private var known: [String: Memory]

  /// - Parameter keys: of the logs that are witnessed, by origin.
  public init(
    keys: [String: NoteVerifier], known: [Memory], hasher: LogHasher,
    verify: @escaping @Sendable (_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool
  ) {
    (self.hasher, self.verify, self.keys) = (hasher, verify, keys)
    self.known = Dictionary(known.map { ($0.origin, $0) }) { $0.size >= $1.size ? $0 : $1 }
  }

  /// Begins to witness a log, or takes its new key.
  public mutating func trust(_ origin: String, _ key: NoteVerifier) { keys[origin] = key }

  /// Witnesses that log no longer; what is known of it stays.
  public mutating func distrust(_ origin: String) { keys[origin] = nil }

  /// The latest accepted head of a log.
  public func latest(_ origin: String) -> Memory? { known[origin] }

  /// Looks at a head.
  public mutating func add(_ request: Request) -> Answer {
    guard let head = Checkpoint(body: request.note.body), request.old <= head.size else { return .malformed }
    guard let key = keys[head.origin] else { return .unknownOrigin }
    let message = Array(request.note.body.utf8)
    guard request.note.signatures(of: key).contains(where: { verify($0.bytes, message, key.key) }) else {
      return .notSigned
    }
    let before = known[head.origin]
    guard request.old == before?.size ?? 0 else { return .conflict(size: before?.size ?? 0) }
    if let before {
      let holds = LogProof.isConsistent(
        from: before.size, root: before.root, to: head.size, root: head.root, proof: request.proof,
        hasher: hasher)
      guard holds else { return .forked(known: before) }
    } else if !request.proof.isEmpty {
      return .malformed
    }
    let memory = Memory(origin: head.origin, size: head.size, root: head.root, note: request.note.text)
    known[head.origin] = memory
    return .accept(memory)
  }
}

extension Witness.Request {
  /// Reads the body of `add-checkpoint`: `old <size>`, the hashes, an empty line, the note.
  public init?(text: String) {
    guard text.utf8.count <= LogProofText.longest, let gap = text.firstRange(of: "\n\n") else { return nil }
    let lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)
    guard let first = lines.first, first.hasPrefix("old "), let old = UInt64(first.dropFirst(4)),
      first == "old \(old)",
      lines.count - 1 <= LogProof.longest, let note = SignedNote(text: String(text[gap.upperBound...]))
    else { return nil }
    var proof: [LogHash] = []
    for line in lines.dropFirst() {
      guard let hash = LogHash(base64: line) else { return nil }
      proof.append(hash)
    }
    self.init(old: old, proof: proof, note: note)
  }

  public var text: String {
    (["old \(old)"] + proof.map(\.base64)).joined(separator: "\n") + "\n\n" + note.text
  }
}
