import AccessLog
public import LogTree

/// Examines the proof of one entry, from one file.
public struct ProofExamination {
  private let proof: LogProofText
  private let keys: LogKeys
  private let tools: VerifierTools
  private let isKeyGiven: Bool

  /// - Returns: nil when the text is no proof.
  public init?(text: String, keys: [NoteVerifier], tools: VerifierTools) {
    guard let proof = LogProofText(text: text) else { return nil }
    (self.proof, self.keys, self.tools, isKeyGiven) = (proof, LogKeys(keys), tools, !keys.isEmpty)
  }

  /// The entry, when the file holds it.
  public var entry: [UInt8]? { proof.extra }
  /// The number of the entry, from 0.
  public var index: UInt64 { proof.index }

  public func run() -> LogReport {
    var report = LogReport()
    report.isKeyGiven = isKeyGiven
    guard let head = Checkpoint(body: proof.note.body) else {
      report.find(.malformed, "The proof has no head.", "证明中没有日志头。")
      return report
    }
    (report.origin, report.headSize, report.root) = (head.origin, head.size, head.root)
    guard let bytes = proof.extra, let entry = try? LogEntry(bytes) else {
      report.find(.malformed, "The proof holds no entry.", "证明中没有记录。")
      return report
    }
    (report.entries, report.first, report.last, report.kinds) = (
      1, entry.at, entry.at, [entry.kind.rawValue: 1]
    )
    let isIncluded = LogProof.isIncluded(
      tools.hasher.leaf(bytes), at: proof.index, in: head.size, root: head.root, proof: proof.hashes,
      hasher: tools.hasher)
    if !isIncluded {
      report.find(.integrity, "The entry is not the one that the head was signed for.", "记录与已签名的日志头不符。")
    }
    if !keys.check(proof.note, origin: head.origin, tools, into: &report) {
      report.find(.trust, "The head is not signed by a known key of this log.", "日志头没有已知公钥的签名。")
    }
    return report
  }
}
