import AccessLog
import Foundation
import MediaTime
import Testing

@testable import StoreSQLite

@Suite("The index of the access log") struct LogIndexTests {
  private static func entry(
    _ index: UInt64, _ kind: LogKind = .lookBegin, user: String, channel: String = "a_b"
  )
    -> LoggedEntry
  {
    LoggedEntry(
      index: index, kind: kind, at: WallTime(seconds: 100 + Int64(index)),
      facts: [.channel: channel, .operation: "live", .purpose: index % 2 == 0 ? "patrol" : "case"],
      words: [.user: user, .caseNumber: "C-\(index)", .words: "at the gate"], isErased: false)
  }

  @Test("entries are found by who, what, when and why, newest first and page by page")
  func finds() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "index-\(UUID().uuidString)").path()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let index = try LogIndexStore(path: folder + "/log.db")
    #expect(try await index.next() == 0)
    let entries = (0..<40).map { number in
      Self.entry(
        number, number % 4 == 0 ? .control : .lookBegin, user: number % 3 == 0 ? "wang" : "li",
        channel: number < 20 ? "a_b" : "a_c")
    }
    try await index.add(entries)
    try await index.add(entries)
    #expect(try await index.next() == 40)
    func numbers(_ query: LogQuery) async throws -> [UInt64] { try await index.find(query).map(\.index) }
    #expect(try await index.find(LogQuery(limit: 1)) == [entries[39]])
    #expect(try await numbers(LogQuery(before: 38, limit: 3)) == [37, 36, 35])
    #expect(try await numbers(LogQuery(user: "wang", channel: "a_b")) == [18, 15, 12, 9, 6, 3, 0])
    #expect(try await numbers(LogQuery(kinds: [.control], channel: "a_c")) == [36, 32, 28, 24, 20])
    #expect(
      try await numbers(LogQuery(purpose: "case", from: WallTime(seconds: 130), to: WallTime(seconds: 136)))
        == [35, 33, 31])
    #expect(try await numbers(LogQuery(caseNumber: "C-7")) == [7])
    #expect(try await numbers(LogQuery(text: "C-3", limit: 2)) == [39, 38])
    try await index.forget(7)
    let forgotten = try await index.find(LogQuery(before: 8, limit: 1))
    #expect(forgotten.first?.words.isEmpty == true && forgotten.first?.isErased == true)
    #expect(try await numbers(LogQuery(caseNumber: "C-7")).isEmpty)
    try await index.cut(from: 10)
    #expect(try await index.next() == 10)
    try index.close()
    // A file that is no database is made anew.
    try Data("nothing of ours, and long enough to be looked at as a page".utf8).write(
      to: URL(filePath: folder + "/other.db"))
    #expect(try await LogIndexStore(path: folder + "/other.db").next() == 0)
  }
}
