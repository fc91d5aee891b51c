import AccessLog
import Dispatch
public import LogTree
import MediaTime

/// Examines a copy of an access log without the server, without a network and without writing anything.
///
/// Everything is computed again: the commitments, the leaf hashes, the tree, the tiles; then the head, its signatures
/// and an earlier head are compared with that.
public struct LogExamination {
  private let folder: String
  private let tools: VerifierTools
  private let earlier: SignedNote?
  private var keys: LogKeys
  private var report = LogReport()
  private var head: Checkpoint?
  /// What entries say was erased, and what is.
  private var announced: Set<UInt64> = []
  private var erased: Set<UInt64> = []
  private static let batch = 4_096

  /// - Parameters:
  ///   - keys: the keys that are trusted; without any, those that lie beside the log are used.
  ///   - earlier: a head of this log that was seen before.
  public init(folder: String, keys: [NoteVerifier], earlier: SignedNote? = nil, tools: VerifierTools) {
    (self.folder, self.tools, self.earlier, self.keys) = (folder, tools, earlier, LogKeys(keys))
    report.isKeyGiven = !keys.isEmpty
  }

  public consuming func run() -> LogReport {
    guard readHead() else { return report }
    readEntries()
    checkWitnessed()
    for name in FileBytes.names(in: folder) where name.hasPrefix("torn-") {
      report.find(
        .incomplete, "\(name) holds bytes that a crash left torn; they never counted.",
        "\(name) 为断电残留的字节，从未计入日志。")
    }
    return report
  }

  private func note(_ name: String) -> SignedNote? {
    FileBytes.whole("\(folder)/\(name)", atMost: SignedNote.longest).flatMap {
      String(validating: $0, as: UTF8.self)
    }.flatMap { SignedNote(text: $0) }
  }

  private mutating func readHead() -> Bool {
    guard let note = note("checkpoint"), let head = Checkpoint(body: note.body) else {
      report.find(
        .malformed, "There is no head: the file checkpoint is missing or no signed note.",
        "缺少日志头：checkpoint 文件不存在或格式错误。")
      return false
    }
    self.head = head
    (report.origin, report.headSize, report.root) = (head.origin, head.size, head.root)
    let listed = FileBytes.whole("\(folder)/keys", atMost: 64 * 1_024)
    if let listed {
      guard
        let beside = String(validating: listed, as: UTF8.self).flatMap({
          LogKeys(text: $0, hasher: tools.hasher)
        })
      else {
        report.find(.malformed, "The file keys holds a line that is no key.", "keys 文件中有无效的公钥。")
        return false
      }
      if !report.isKeyGiven { keys = beside }
      let missing = keys.keys.filter { given in !beside.keys.contains { $0.key == given.key } }
      if !missing.isEmpty {
        report.find(
          .trust, "The key that you gave is not among those of this log.", "您提供的公钥不属于该日志。")
      } else if report.isKeyGiven {
        // Whoever is trusted vouches for the others: the log itself lists its keys.
        keys = beside
      }
    }
    if !keys.check(note, origin: head.origin, tools, into: &report) {
      report.find(.trust, "The head is not signed by a known key of this log.", "日志头没有已知公钥的签名。")
    }
    return true
  }

  private mutating func readEntries() {
    guard let head else { return }
    let header = Array("tributary-log/1 \(head.origin)\n".utf8)
    guard let file = FileBytes("\(folder)/entries"), file.next(header.count) == header else {
      report.find(
        .integrity, "The file entries is missing or not that of \(head.origin).",
        "entries 文件缺失或不属于 \(head.origin)。")
      return
    }
    var stream = RecordStream(file, offset: Int64(header.count))
    var (tree, tiles) = (TreeStack(), TileCheck(folder: folder))
    var marks = Marks(head: head, earlier: earlier.flatMap { Checkpoint(body: $0.body) })
    marks.pass(tree, tools.hasher)
    while true {
      stream.trim()
      var pieces: [RecordStream.Piece] = []
      while pieces.count < Self.batch, let piece = stream.next() { pieces.append(piece) }
      if pieces.isEmpty { break }
      for (piece, examined) in zip(pieces, examine(pieces)) {
        tiles.add(entry: tree.size, at: piece.offset)
        take(examined, at: tree.size)
        tree.add(examined.leaf, tools.hasher) { tiles.add(level: $0, $1) }
        marks.pass(tree, tools.hasher)
      }
      tiles.compare()
    }
    report.entries = tree.size
    tiles.finish(unsigned: tree.size > head.size ? tree.size - head.size : 0, into: &report)
    if stream.rest > 0 {
      report.find(
        .incomplete, "The last \(stream.rest) bytes are no whole record.", "末尾 \(stream.rest) 字节不是完整记录。")
    }
    judge(marks, head)
  }

  /// The pieces of a batch by themselves, on all cores.
  private func examine(_ pieces: [RecordStream.Piece]) -> [Examined] {
    let hasher = tools.hasher
    return [Examined](unsafeUninitializedCapacity: pieces.count) { buffer, count in
      let slots = Slots(base: buffer)
      let stripes = 16
      DispatchQueue.concurrentPerform(iterations: stripes) { stripe in
        for index in stride(from: stripe, to: pieces.count, by: stripes) {
          slots.set(index, Examined(pieces[index], hasher))
        }
      }
      count = pieces.count
    }
  }

  private mutating func take(_ examined: Examined, at index: UInt64) {
    if let entry = examined.entry {
      report.kinds[entry.kind.rawValue, default: 0] += 1
      report.first = min(report.first ?? entry.at, entry.at)
      report.last = max(report.last ?? entry.at, entry.at)
      if entry.kind == .erase, let number = entry.facts[.begin].flatMap({ UInt64($0) }) {
        announced.insert(number)
      }
    }
    if examined.isErased { erased.insert(index) }
    switch examined.damage {
    case nil: break
    case .check: report.find(.integrity, "Entry \(index) was changed.", "第 \(index) 条记录被改动。")
    case .grammar:
      report.find(.malformed, "Entry \(index) is no entry of an access log.", "第 \(index) 条不是访问日志记录。")
    case .words:
      report.find(
        .integrity, "The words beside entry \(index) are not those that it commits to.",
        "第 \(index) 条记录旁的个人信息与其承诺值不符。")
    }
  }

  private mutating func judge(_ marks: Marks, _ head: Checkpoint) {
    if let root = marks.headRoot {
      if root != head.root {
        report.find(.integrity, "The entries are not those that the head was signed for.", "记录与已签名的日志头不符。")
      }
    } else {
      report.find(
        .integrity, "Entries are missing: the head speaks of \(head.size), there are \(report.entries).",
        "记录缺失：日志头为 \(head.size) 条，实有 \(report.entries) 条。")
    }
    if report.entries > head.size {
      let count = report.entries - head.size
      report.find(
        .incomplete, "\(count) entries behind the head are not signed yet.", "日志头之后的 \(count) 条尚未签名。")
    }
    if let earlier { judge(earlier, marks) }
    for index in erased.subtracting(announced).sorted().prefix(10) {
      report.find(
        .integrity, "The words beside entry \(index) were erased, and no entry says so.",
        "第 \(index) 条的个人信息被删除，但没有删除记录。")
    }
    report.erased = UInt64(erased.intersection(announced).count)
  }

  private mutating func judge(_ earlier: SignedNote, _ marks: Marks) {
    guard let then = Checkpoint(body: earlier.body), then.origin == report.origin else {
      report.find(.malformed, "The earlier head is not one of this log.", "较早的日志头不属于该日志。")
      return
    }
    var check = LogReport()
    if !keys.check(earlier, origin: report.origin, tools, into: &check) {
      report.find(.trust, "The earlier head is not signed by a known key of this log.", "较早的日志头没有已知公钥的签名。")
    }
    guard let root = marks.earlierRoot else {
      report.find(
        .integrity, "The log is shorter than it was: \(then.size) entries then, \(report.entries) now.",
        "日志变短：当时 \(then.size) 条，现在 \(report.entries) 条。")
      return
    }
    if root != then.root {
      report.find(
        .integrity, "The log does not go on from the earlier head: its past was changed.",
        "日志与较早的日志头不一致：历史被改动。")
    } else {
      report.earlierSize = then.size
    }
  }

  /// The head that others have cosigned must be one of this log as well.
  private mutating func checkWitnessed() {
    guard FileBytes.exists("\(folder)/checkpoint.witnessed") else { return }
    guard let note = note("checkpoint.witnessed"), let then = Checkpoint(body: note.body),
      then.origin == report.origin
    else {
      report.find(
        .malformed, "The file checkpoint.witnessed is no head of this log.", "checkpoint.witnessed 不是该日志的日志头。"
      )
      return
    }
    if !keys.check(note, origin: report.origin, tools, into: &report) {
      report.find(.trust, "The witnessed head is not signed by a known key of this log.", "被见证的日志头没有已知公钥的签名。")
    }
    guard then.size <= report.entries, let file = FileBytes("\(folder)/tiles.0") else {
      report.find(.integrity, "The log is shorter than witnesses saw it.", "日志比见证时更短。")
      return
    }
    // The tiles were compared with the entries above.
    var tree = TreeStack()
    while tree.size < then.size {
      let hashes = file.next(32 * 4_096)
      if hashes.count < 32 { break }
      for start in stride(from: 0, to: hashes.count / 32 * 32, by: 32) where tree.size < then.size {
        if let hash = LogHash(hashes[start..<(start + 32)]) { tree.add(hash, tools.hasher) { _, _ in } }
      }
    }
    if tree.root(tools.hasher) != then.root {
      report.find(.integrity, "The log is not the one that witnesses saw.", "日志与见证者所见不一致。")
    }
  }
}

/// The roots at the sizes that matter, taken as the log is read.
private struct Marks {
  let head: Checkpoint
  let earlier: Checkpoint?
  var headRoot: LogHash?
  var earlierRoot: LogHash?

  init(head: Checkpoint, earlier: Checkpoint?) { (self.head, self.earlier) = (head, earlier) }

  mutating func pass(_ tree: TreeStack, _ hasher: LogHasher) {
    if tree.size == head.size { headRoot = tree.root(hasher) }
    if tree.size == earlier?.size { earlierRoot = tree.root(hasher) }
  }
}

/// One record, by itself.
private struct Examined {
  enum Damage { case check, grammar, words }

  let leaf: LogHash
  let entry: LogEntry?
  let isErased: Bool
  let damage: Damage?

  init(_ piece: RecordStream.Piece, _ hasher: LogHasher) {
    leaf = hasher.leaf(piece.entry)
    entry = try? LogEntry(piece.entry)
    let isZero =
      !piece.beside.isEmpty && piece.beside.allSatisfy { $0 == 0 } && piece.besideCheck == [0, 0, 0, 0]
    isErased = isZero
    if !leaf.bytes.starts(with: piece.entryCheck) {
      damage = .check
    } else if let entry {
      let holds =
        isZero
        || hasher.plain(piece.beside).bytes.starts(with: piece.besideCheck)
          && PersonalWords(piece.beside)?.commitments(hasher.plain) == entry.commitments
      damage = holds ? nil : .words
    } else {
      damage = .grammar
    }
  }
}

/// Places that are each written once, by one of several threads.
///
/// Proof for `@unchecked Sendable`: every index is written by the stripe that owns it, and read after all have ended.
private struct Slots: @unchecked Sendable {
  let base: UnsafeMutableBufferPointer<Examined>
  func set(_ index: Int, _ value: Examined) { (base.baseAddress! + index).initialize(to: value) }
}
