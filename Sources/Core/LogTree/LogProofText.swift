import WireBytes

/// The proof that one entry is in a log, with the head it leads to, as a text of its own (C2SP tlog-proof).
///
/// Whoever has it, the entry and the keys needs nothing else.
public struct LogProofText: Sendable, Hashable {
  /// The first line.
  public static let title = "c2sp.org/tlog-proof@v1"
  /// Bytes of a text that are read.
  public static let longest = 256 * 1_024

  /// What belongs to it beside the proof; here the entry itself. Not covered by anything unless it is that.
  public var extra: [UInt8]?
  public var index: UInt64
  /// From the leaf's sibling upward.
  public var hashes: [LogHash]
  /// A ``Checkpoint`` with its signatures.
  public var note: SignedNote

  public init(extra: [UInt8]? = nil, index: UInt64, hashes: [LogHash], note: SignedNote) {
    (self.extra, self.index, self.hashes, self.note) = (extra, index, hashes, note)
  }

  /// Reads a proof; there is one text for each.
  public init?(text: String) {
    guard text.utf8.count <= Self.longest, let gap = text.firstRange(of: "\n\n") else { return nil }
    var lines = text[..<gap.lowerBound].split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst().map(String.init) == Self.title else { return nil }
    if let line = lines.first, line.hasPrefix("extra ") {
      guard let bytes = Base64.decode(line.dropFirst(6)) else { return nil }
      extra = bytes
      lines.removeFirst()
    }
    guard let line = lines.popFirst(), line.hasPrefix("index "), let index = UInt64(line.dropFirst(6)),
      line == "index \(index)", lines.count <= LogProof.longest,
      let note = SignedNote(text: String(text[gap.upperBound...]))
    else { return nil }
    var hashes: [LogHash] = []
    for line in lines {
      guard let hash = LogHash(base64: line) else { return nil }
      hashes.append(hash)
    }
    (self.index, self.hashes, self.note) = (index, hashes, note)
  }

  public var text: String {
    var lines = [Self.title]
    if let extra { lines.append("extra \(Base64.encode(extra))") }
    lines.append("index \(index)")
    lines += hashes.map(\.base64)
    return lines.joined(separator: "\n") + "\n\n" + note.text
  }
}
