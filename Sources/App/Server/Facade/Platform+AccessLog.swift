import Access
import AccessLog
import Foundation
import HTTPAPI
import LogStore
import LogTree
import MediaTime
import Registry

/// The access log as people ask for it.
extension Platform {
  private var log: AccessLogService { services.accessLog }

  func accessLog(_ search: AccessLogSearch) async throws -> API.Page<API.LoggedEntry> {
    let query = try Self.query(search)
    let found = try await log.find(query)
    return API.Page(
      items: found.map(Self.resource),
      next: found.count == query.limit ? found.last.map { String($0.index) } : nil)
  }

  func logEntry(_ number: UInt64) async throws -> API.LoggedEntry {
    Self.resource(try log.entry(number).logged)
  }

  func logProof(_ number: UInt64) async throws -> String { try await log.proof(number).text }

  func logCheckpoint(witnessed: Bool) async throws -> String {
    guard witnessed else { return try await log.store.signedHead().text }
    guard let note = try log.store.witnessed() else {
      throw Problem.notFound("No neighbour has witnessed this log yet.")
    }
    return note.text
  }

  func logConsistency(from size: UInt64) async throws -> String {
    let note = try await log.store.signedHead()
    guard let head = Checkpoint(body: note.body), size <= head.size else {
      throw Problem.invalid("This log has never had \(size) entries.")
    }
    let proof = try log.store.consistency(from: size, to: head.size)
    return Witness.Request(old: size, proof: proof, note: note).text
  }

  func eraseLogWords(_ number: UInt64, reason: String, by caller: Caller) async throws {
    try await log.erase(number, reason: reason, by: caller.principal.name)
  }

  func logHead() async throws -> API.LogHead {
    let state = log.store.state
    let head = Checkpoint(body: state.note.body)
    let witnessed = try log.store.witnessed().flatMap { Checkpoint(body: $0.body) }
    return API.LogHead(
      origin: log.signer.origin, entries: state.size, signedEntries: state.signedSize,
      root: head?.root.description ?? "", signers: try signers(), witnessedEntries: witnessed?.size,
      keys: log.signer.keys.map(\.text), failure: state.headFailure)
  }

  /// Who signed the latest head, and who witnessed the latest witnessed one.
  private func signers() throws -> [API.LogHead.Signer] {
    let own = log.store.state.note.signatures.filter { $0.bytes.count == 72 }
    let others = try log.store.witnessed()?.signatures.filter { $0.name != log.signer.origin } ?? []
    return (own + others).map { signature in
      let seconds = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return API.LogHead.Signer(
        name: signature.name, witness: signature.name != log.signer.origin,
        time: signature.bytes.count == 72
          ? API.Time(WallTime(seconds: Int64(clamping: min(seconds, 1 << 33)))) : nil)
    }
  }

  private static func query(_ search: AccessLogSearch) throws -> LogQuery {
    var kinds: Set<LogKind> = []
    for name in search.kinds {
      guard let kind = LogKind(rawValue: name) else {
        let known = LogKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem.badRequest("“kind” must be of: \(known).")
      }
      kinds.insert(kind)
    }
    return LogQuery(
      kinds: kinds, user: search.user, channel: search.channel, purpose: search.purpose,
      caseNumber: search.caseNumber, text: search.text, from: search.from, to: search.to,
      before: search.before,
      limit: search.limit)
  }

  private static func resource(_ entry: LoggedEntry) -> API.LoggedEntry {
    func named<Field: RawRepresentable>(_ values: [Field: String]) -> [String: String]
    where Field.RawValue == String {
      Dictionary(values.map { ($0.key.rawValue, $0.value) }) { $1 }
    }
    return API.LoggedEntry(
      number: entry.index, kind: entry.kind.rawValue, time: API.Time(entry.at), facts: named(entry.facts),
      persons: named(entry.words), erased: entry.isErased)
  }

  // MARK: The register

  /// Kinds that hand out or show what cameras saw.
  private static let retrievals: Set<LogKind> = [.lookBegin, .lookEnd, .export]
  /// Rows of a register at most.
  private static let longestRegister = 100_000

  /// The register of retrievals: reason, content, person and unit of each (Decree 799, article 16).
  ///
  /// To take it out is a retrieval of its own and logged.
  func accessRegister(_ search: AccessLogSearch, isChinese: Bool, by caller: Caller) async throws -> String {
    var query = try Self.query(search)
    if query.kinds.isEmpty { query.kinds = Self.retrievals }
    query.limit = 10_000
    var entries: [LoggedEntry] = []
    while entries.count < Self.longestRegister {
      let page = try await log.find(query)
      entries += page
      guard page.count == query.limit, let last = page.last else { break }
      query.before = last.index
    }
    try await log.append(
      AccessEvent(
        .configuration,
        [.object: "access-log/register", .operation: "export", .count: String(entries.count)],
        words: [.user: caller.principal.name, .source: caller.source]))
    let seconds = entries.reduce(into: [String: String]()) { found, entry in
      if entry.kind == .lookEnd, let begin = entry.facts[.begin] { found[begin] = entry.facts[.seconds] }
    }
    let rows = entries.reversed().filter { $0.kind != .lookEnd || search.kinds.contains("look-end") }
      .map { row($0, seconds: seconds[String($0.index)]) }
    let heads =
      isChinese
      ? [
        "编号", "时间", "调取人", "单位", "角色", "来源地址", "事由", "目的代码", "案件编号", "批准人", "调取方式", "通道", "通道名称", "录像起",
        "录像止", "时长（秒）",
      ]
      : [
        "number", "time", "person", "unit", "role", "address", "reason", "purpose", "case", "approver",
        "manner",
        "channel", "channel name", "footage from", "footage to", "seconds",
      ]
    // The mark of order tells spreadsheets that this is UTF-8.
    return "\u{FEFF}" + ([heads] + rows).map { $0.map(Self.cell).joined(separator: ",") + "\r\n" }.joined()
  }

  private func row(_ entry: LoggedEntry, seconds: String?) -> [String] {
    func footage(_ field: LogField) -> String {
      entry.facts[field].flatMap { Int64($0) }.map { WallTime(nanoseconds: $0 &* 1_000).rfc3339 } ?? ""
    }
    let channel = entry.facts[.channel] ?? ""
    return [
      String(entry.index), entry.at.rfc3339, entry.words[.user] ?? (entry.isErased ? "—" : ""),
      entry.facts[.organisation] ?? configuration.platform.name, entry.facts[.role] ?? "",
      entry.words[.source] ?? "", entry.words[.words] ?? "", entry.facts[.purpose] ?? "",
      entry.words[.caseNumber] ?? "", entry.words[.approver] ?? "", entry.facts[.operation] ?? "", channel,
      (try? channelKey(channel)).flatMap { directory.channel($0)?.name } ?? "", footage(.from), footage(.to),
      seconds ?? entry.facts[.seconds] ?? "",
    ]
  }

  /// Quoted when it must be; a spreadsheet must not take a word for a formula.
  private static func cell(_ text: String) -> String {
    let text = text.first.map { "=+-@".contains($0) } == true ? "'" + text : text
    guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
