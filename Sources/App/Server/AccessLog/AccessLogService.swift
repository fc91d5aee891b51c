import AccessLog
import Cryptography
import Foundation
import HTTPAPI
import LogStore
import LogTree
import Logging
import MediaTime
import StoreSQLite
import Synchronization

/// The access log of this node: writes first, answers questions, proves.
///
/// Nothing that must be logged happens before ``append(_:)`` returned.
final class AccessLogService: Sendable {
  let store: LogStore
  let signer: LogSigner
  /// Where it lies.
  let folder: String
  private let index: LogIndexStore
  private let logger: Logger
  private let indexing: Indexing
  private let wake: AsyncStream<Void>.Continuation
  private let woken: AsyncStream<Void>

  /// Opens the log in a data folder; the first start makes its key.
  init(folder: String, platform: String, logger: Logger) async throws {
    self.logger = logger
    let path = folder + "/log"
    self.folder = path
    do {
      let isNew = !FileManager.default.fileExists(atPath: folder + "/keys/log.key")
      let key = try SigningKey(keyFile: folder + "/keys/log.key")
      let origin = try LogStore.origin(in: path) ?? platform + "/access"
      guard let signer = LogSigner(origin: origin, key: key) else {
        throw StartError("“\(origin)” cannot be the name of an access log")
      }
      self.signer = signer
      store = try LogStore(signer.configuration(folder: path))
      try LogStore.write(keys: signer.keys, in: path)
      index = try LogIndexStore(path: folder + "/log-index.db")
      indexing = Indexing(store: store, index: index)
      (woken, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
      if isNew { try await append(AccessEvent(.key, [.object: "created", .key: signer.keys[0].text])) }
      if store.tornBytes > 0 {
        logger.warning("a torn record was moved aside", metadata: ["bytes": "\(store.tornBytes)"])
      }
      try await append(AccessEvent(.start, [.version: TributaryVersion.text]))
    } catch let error as LogStoreError {
      throw StartError("\(error)")
    } catch let error as SecretBoxError {
      throw StartError("\(error)")
    }
  }

  // MARK: Writing

  /// Writes an entry; it is on the disk when this returns.
  ///
  /// - Throws: `Problem`, `access-log-unavailable`: what was to be logged must not happen.
  @discardableResult
  func append(_ event: AccessEvent) async throws -> UInt64 {
    let words = PersonalWords(event.words) { SecureRandom.bytes(PersonalWords.saltLength) }
    let hasher = LogSigner.hasher
    guard
      let entry = LogEntry(
        kind: event.kind, at: SystemClock.wall(), facts: event.facts,
        commitments: words.commitments(hasher.plain))
    else {
      logger.critical(
        "an entry of the access log lacks something", metadata: ["kind": "\(event.kind.rawValue)"])
      throw Problem.internal
    }
    do {
      let index = try await store.append(LogRecord(entry: entry.bytes, beside: words.bytes))
      wake.yield()
      return index
    } catch {
      logger.critical("the access log cannot be written", metadata: ["error": "\(error)"])
      throw Problem.accessLogUnavailable
    }
  }

  /// Writes what has happened already; a failure is told to the log of the program.
  func note(_ event: AccessEvent) async { _ = try? await append(event) }

  /// Erases the words beside an entry, and says so first.
  func erase(_ number: UInt64, reason: String, by user: String) async throws {
    guard number < store.state.size else { throw Problem.notFound("There is no such entry.") }
    try await append(AccessEvent(.erase, [.begin: String(number)], words: [.user: user, .words: reason]))
    try await indexing.catchUp()
    try store.erase(number)
    try await index.forget(number)
  }

  // MARK: Reading

  func find(_ query: LogQuery) async throws -> [LoggedEntry] {
    try await indexing.catchUp()
    return try await index.find(query)
  }

  func entry(_ number: UInt64) throws -> (record: LogRecord, logged: LoggedEntry) {
    guard number < store.state.size else { throw Problem.notFound("There is no such entry.") }
    let record = try store.record(number)
    let entry = try LogEntry(record.entry)
    return (
      record, LoggedEntry(index: number, entry: entry, beside: record.beside, isErased: record.isErased)
    )
  }

  /// The proof of an entry in the head of now, with the entry in it.
  func proof(_ number: UInt64) async throws -> LogProofText {
    let (record, _) = try entry(number)
    var note = store.state.note
    var head = Checkpoint(body: note.body)
    if head?.size ?? 0 <= number {
      note = try await store.signedHead()
      head = Checkpoint(body: note.body)
    }
    guard let head else { throw Problem.internal }
    return LogProofText(
      extra: record.entry, index: number, hashes: try store.inclusion(of: number, in: head.size), note: note)
  }

  // MARK: Running

  /// Keeps the index up with the log until it is cancelled.
  func run() async {
    for await _ in woken {
      do { try await indexing.catchUp() } catch {
        logger.error("the index of the access log could not be written", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Says that the server stops, signs the last head and closes the files.
  func close() async {
    await note(AccessEvent(.stop))
    wake.finish()
    do {
      try store.close()
      try await indexing.catchUp()
      try index.close()
    } catch {
      logger.error("the access log was not closed in order", metadata: ["error": "\(error)"])
    }
  }
}

/// Brings the index up to the log, one at a time.
private actor Indexing {
  private let store: LogStore
  private let index: LogIndexStore
  private var next: UInt64?
  private var running: Task<Void, any Error>?

  init(store: LogStore, index: LogIndexStore) { (self.store, self.index) = (store, index) }

  /// Returns when everything that was in the log at the call can be found.
  func catchUp() async throws {
    let earlier = running
    let task = Task {
      _ = await earlier?.result
      try await self.work()
    }
    running = task
    try await task.value
  }

  private func work() async throws {
    if next == nil {
      let known = try await index.next()
      // An index that is ahead of its log belongs to another one.
      if known > store.state.size { try await index.cut(from: 0) }
      next = known > store.state.size ? 0 : known
    }
    while let first = next, first < store.state.size {
      let records = try store.records(from: first, limit: 1_000)
      let entries = zip(first..., records).compactMap { number, record in
        (try? LogEntry(record.entry)).map {
          LoggedEntry(index: number, entry: $0, beside: record.beside, isErased: record.isErased)
        }
      }
      try await index.add(entries)
      next = first + UInt64(records.count)
    }
  }
}

extension Problem {
  /// 503: nothing that must be logged happens.
  static let accessLogUnavailable = Problem(
    slug: "access-log-unavailable", status: 503, title: "The access log cannot be written",
    detail: "What you asked for must be logged, and that is not possible now; so it was not done.",
    fix: "Make room on the disk of the data folder, or see the server's log.", retryAfter: 10)
}
