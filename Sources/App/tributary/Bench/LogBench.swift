import AccessLog
import ArgumentParser
import Cryptography
import Foundation
import LogStore
import LogTree
import LogVerifier
import MediaTime
import Server

/// What an access log costs: an append by many at once, a proof in a large log, and its whole examination.
struct LogBench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "The access log: append, prove, examine.")

  @Option(help: "Entries in the log; 10 million take some 5 GB.") var entries = 200_000
  @Option(help: "Appenders at once while single appends are measured.") var appenders = 8
  @Option(help: "Folder on the disk to measure with; what is written there is deleted again.")
  var directory = NSTemporaryDirectory()
  @Flag(help: "One JSON line per measure instead of a table.") var json = false

  func validate() throws {
    guard (1_000...1_000_000_000).contains(entries) else {
      throw ValidationError("--entries must be 1000 or more")
    }
    guard (1...1_000).contains(appenders) else { throw ValidationError("--appenders must be 1 to 1000") }
  }

  func run() async throws {
    var options = BenchOptions()
    options.directory = directory
    let folder = try options.makeFolder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    do {
      let figures = try await measure(folder)
      let title = "access log of \(entries) entries"
      if json { for figure in figures { say(figure.json) } } else { say(Figure.table(figures, title: title)) }
    } catch {
      exitWithSentence("the measurement failed: \(error)")
    }
  }

  private func measure(_ folder: String) async throws -> [Figure] {
    guard let signer = LogSigner(origin: "bench.example/access", key: SigningKey()) else { return [] }
    var store: LogStore? = try LogStore(signer.configuration(folder: folder + "/log"))
    var figures: [Figure] = []
    if let store {
      let words = signer.keys.map(\.text).joined(separator: "\n") + "\n"
      try Data(words.utf8).write(to: URL(filePath: folder + "/log/keys"))
      let filling = try await fill(store)
      figures.append(
        Figure("appends in one batch after another", unit: "1/s", values: [Double(entries) / filling]))
      figures += try await single(store, folder)
      figures += try await proofs(store)
      _ = try await store.signedHead()
      try store.close()
    }
    store = nil
    let clock = ContinuousClock()
    let opening = try clock.measure { try LogStore(signer.configuration(folder: folder + "/log")).close() }
    figures.append(Figure("start with the log", unit: "ms", values: [opening.inSeconds * 1e3]))
    var report: LogReport?
    let examining = clock.measure {
      report = LogExamination(folder: folder + "/log", keys: signer.keys, tools: LogSigner.tools).run()
    }
    guard report?.verdict == .good else {
      throw BenchFailure("the log does not verify: \(report?.findings ?? [])")
    }
    figures.append(Figure("whole examination", unit: "s", values: [examining.inSeconds]))
    return figures
  }

  static func record(_ index: Int) -> LogRecord {
    let words = PersonalWords([
      .user: "operator-\(index % 40)", .source: "192.0.2.\(index % 250)", .words: "patrol",
    ]) {
      SecureRandom.bytes(PersonalWords.saltLength)
    }
    let entry = LogEntry(
      kind: .lookBegin, at: WallTime(milliseconds: 1_775_003_415_000 + Int64(index)),
      facts: [
        .channel: "34020000001320000001_3402000000131000\(1_000 + index % 5_000)", .operation: "live",
        .purpose: "patrol", .media: "m\(index)",
      ],
      commitments: words.commitments(LogSigner.hasher.plain))
    return LogRecord(entry: entry?.bytes ?? [], beside: words.bytes)
  }

  private func fill(_ store: LogStore) async throws -> Double {
    let clock = ContinuousClock()
    var spent = 0.0
    for start in stride(from: 0, to: entries, by: 4_096) {
      let records = (start..<min(start + 4_096, entries)).map(Self.record)
      let before = clock.now
      _ = try await store.append(records)
      spent += (clock.now - before).inSeconds
      if start % (4_096 * 256) == 0 { note("\(start) entries") }
    }
    return spent
  }

  /// Single appends by several at once, beside what a write and a sync of the same size cost here by themselves.
  private func single(_ store: LogStore, _ folder: String) async throws -> [Figure] {
    let each = 2_000 / appenders + 1
    let times = try await withThrowingTaskGroup(of: [Double].self) { group in
      for appender in 0..<appenders {
        group.addTask {
          let clock = ContinuousClock()
          var times: [Double] = []
          for index in 0..<each {
            let record = Self.record(appender * each + index)
            let before = clock.now
            _ = try await store.append(record)
            times.append((clock.now - before).inSeconds * 1e3)
          }
          return times
        }
      }
      return try await group.reduce(into: [Double]()) { $0 += $1 }.sorted()
    }
    let floor = try syncs(folder, times.count).sorted()
    func part(_ list: [Double], _ share: Double) -> Double {
      list[min(list.count - 1, Int(share * Double(list.count)))]
    }
    return [
      Figure("append, median", unit: "ms", values: [part(times, 0.5)], floors: [part(floor, 0.5)]),
      Figure("append, p99", unit: "ms", values: [part(times, 0.99)], floors: [part(floor, 0.99)]),
    ]
  }

  private func syncs(_ folder: String, _ count: Int) throws -> [Double] {
    let path = folder + "/floor"
    let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
    guard descriptor >= 0 else { throw BenchFailure("the folder cannot be written") }
    defer { close(descriptor) }
    let (clock, bytes) = (ContinuousClock(), [UInt8](repeating: 7, count: 700))
    var times: [Double] = []
    for index in 0..<count {
      let before = clock.now
      guard pwrite(descriptor, bytes, bytes.count, off_t(index * bytes.count)) == bytes.count,
        fdatasync(descriptor) == 0
      else { throw BenchFailure("the disk refused") }
      times.append((clock.now - before).inSeconds * 1e3)
    }
    return times
  }

  private func proofs(_ store: LogStore) async throws -> [Figure] {
    let (clock, size) = (ContinuousClock(), store.state.size)
    var (inclusion, consistency, reading): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<200 {
      let (index, old) = (UInt64.random(in: 0..<size), UInt64.random(in: 1..<size))
      inclusion.append(try clock.measure { _ = try store.inclusion(of: index, in: size) }.inSeconds * 1e3)
      consistency.append(try clock.measure { _ = try store.consistency(from: old, to: size) }.inSeconds * 1e3)
      reading.append(try clock.measure { _ = try store.record(index) }.inSeconds * 1e3)
    }
    return [
      Figure("inclusion proof", unit: "ms", values: inclusion),
      Figure("consistency proof", unit: "ms", values: consistency),
      Figure("any entry", unit: "ms", values: reading),
    ]
  }
}

private struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
