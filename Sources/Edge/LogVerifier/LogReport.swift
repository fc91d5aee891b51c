public import LogTree
public import MediaTime

/// What an examination found. Every sentence is there in Chinese and in English.
public struct LogReport: Sendable {
  /// What is wrong, by what it means. The numbers are the exit codes.
  public enum Verdict: Int32, Sendable, Comparable {
    case good = 0
    case integrity = 1
    case incomplete = 2
    case trust = 3
    case malformed = 4

    /// The one that is told when there are several: a changed log is worse than an unknown key.
    private var weight: Int {
      switch self {
      case .good: 0
      case .incomplete: 1
      case .trust: 2
      case .malformed: 3
      case .integrity: 4
      }
    }
    public static func < (left: Verdict, right: Verdict) -> Bool { left.weight < right.weight }

    /// In one word, for machines.
    public var name: String {
      switch self {
      case .good: "good"
      case .integrity: "integrity"
      case .incomplete: "incomplete"
      case .trust: "trust"
      case .malformed: "malformed"
      }
    }
  }

  /// One thing that is wrong.
  public struct Finding: Sendable, Hashable {
    public var verdict: Verdict
    public var english: String
    public var chinese: String
  }

  /// A signature that holds.
  public struct Signer: Sendable, Hashable {
    public var name: String
    public var isWitness: Bool
    /// Only cosignatures say when.
    public var time: WallTime?
  }

  public internal(set) var origin = ""
  /// Entries that are there and whole.
  public internal(set) var entries: UInt64 = 0
  /// Entries that the head speaks of.
  public internal(set) var headSize: UInt64 = 0
  /// Of the head.
  public internal(set) var root: LogHash?
  public internal(set) var signers: [Signer] = []
  public internal(set) var first: WallTime?
  public internal(set) var last: WallTime?
  /// By kind.
  public internal(set) var kinds: [String: UInt64] = [:]
  /// Entries whose words about persons were erased, each named by an entry that says so.
  public internal(set) var erased: UInt64 = 0
  /// Whether the key was given by whoever asked, not taken from beside the log.
  public internal(set) var isKeyGiven = false
  /// The earlier head that the log goes on from.
  public internal(set) var earlierSize: UInt64?
  public internal(set) var findings: [Finding] = []
  /// Findings beyond the first hundred.
  public internal(set) var moreFindings = 0

  public var verdict: Verdict { findings.map(\.verdict).max() ?? .good }

  mutating func find(_ verdict: Verdict, _ english: String, _ chinese: String) {
    let finding = Finding(verdict: verdict, english: english, chinese: chinese)
    // One of each verdict is kept in any case.
    if findings.count < 100 || !findings.contains(where: { $0.verdict == verdict }) {
      findings.append(finding)
    } else {
      moreFindings += 1
    }
  }
}

/// The language of a report.
public enum ReportLanguage: String, Sendable, CaseIterable {
  case english = "en"
  case chinese = "zh"
}

extension LogReport {
  /// The report in sentences, one per line.
  public func sentences(_ language: ReportLanguage) -> [String] {
    let isChinese = language == .chinese
    var lines: [String] = []
    if !origin.isEmpty {
      lines.append(isChinese ? "日志 \(origin)：共 \(entries) 条记录。" : "Log \(origin): \(entries) entries.")
    }
    if let first, let last {
      let (from, to) = (first.rfc3339, last.rfc3339)
      lines.append(isChinese ? "时间：\(from) 至 \(to)（UTC）。" : "From \(from) to \(to) (UTC).")
    }
    if let root {
      lines.append(
        isChinese
          ? "日志头包含 \(headSize) 条，根哈希 \(root)。" : "The head speaks of \(headSize) entries, root \(root).")
    }
    for signer in signers { lines.append(signer.sentence(isChinese)) }
    if let earlierSize {
      lines.append(
        isChinese
          ? "与较早的日志头（\(earlierSize) 条）一致：此后只有追加。"
          : "It goes on from the earlier head of \(earlierSize) entries: since then it only grew.")
    }
    if erased > 0 {
      lines.append(
        isChinese
          ? "\(erased) 条记录中的个人信息已依规删除，并有删除记录；证明不受影响。"
          : "The words about persons beside \(erased) entries were erased, each with an entry that says so; proofs stay valid."
      )
    }
    if !signers.isEmpty, !isKeyGiven {
      lines.append(
        isChinese
          ? "注意：公钥取自日志旁的文件；要确认来源，请用 --key 提供您从别处得到的公钥。"
          : "Note: the key was taken from beside the log; to be sure whose it is, give the one you were told with --key."
      )
    }
    for finding in findings { lines.append((isChinese ? "✘ " + finding.chinese : "✘ " + finding.english)) }
    if moreFindings > 0 {
      lines.append(isChinese ? "……另有 \(moreFindings) 项。" : "… and \(moreFindings) more.")
    }
    lines.append(conclusion(isChinese))
    return lines
  }

  private func conclusion(_ isChinese: Bool) -> String {
    switch verdict {
    case .good: isChinese ? "结论：完好，未被改动。" : "Verdict: good. Nothing was changed."
    case .integrity: isChinese ? "结论：内容被改动或损坏。" : "Verdict: changed or damaged."
    case .incomplete:
      isChinese ? "结论：未发现改动，但不完整。" : "Verdict: nothing was changed, but something is not covered."
    case .trust: isChinese ? "结论：签名不可信。" : "Verdict: the signatures cannot be trusted."
    case .malformed: isChinese ? "结论：格式错误，不是访问日志。" : "Verdict: malformed; this is not an access log."
    }
  }
}

extension LogReport.Signer {
  fileprivate func sentence(_ isChinese: Bool) -> String {
    let moment = time.map { isChinese ? "，时间 \($0.rfc3339)" : " at \($0.rfc3339)" } ?? ""
    if isWitness { return isChinese ? "见证：\(name)\(moment)。" : "Witnessed by \(name)\(moment)." }
    return isChinese ? "签名：\(name)\(moment)。" : "Signed by \(name)\(moment)."
  }
}
