import Cryptography
import LogTree
import MediaTime
import TestSupport
import Testing

@testable import AccessLog

let sha256: @Sendable ([UInt8]) -> LogHash = { bytes in
  guard let hash = LogHash(Hash.sha256.digest(bytes)) else { preconditionFailure("SHA-256 has 32 bytes") }
  return hash
}

@Suite("Entries of the access log") struct LogEntryTests {
  private static let salt = [UInt8](repeating: 7, count: 16)

  private static func look() throws -> (entry: LogEntry, words: PersonalWords) {
    let words = PersonalWords([.user: "王芳", .source: "192.0.2.7", .words: "巡查\n two"]) { salt }
    let entry = try #require(
      LogEntry(
        kind: .lookBegin, at: WallTime(nanoseconds: 1_775_003_415_000_000_999),
        facts: [.operation: "live", .channel: "34020000001320000001", .purpose: "patrol"],
        commitments: words.commitments(sha256)))
    return (entry, words)
  }

  @Test("an entry is written in one way, byte by byte")
  func text() throws {
    let (entry, words) = try Self.look()
    let user = sha256(Self.salt + Array("王芳".utf8))
    let text = String(decoding: entry.bytes, as: UTF8.self)
    #expect(
      text.hasPrefix(
        """
        look-begin/1
        at 1775003415000000
        purpose patrol
        channel 34020000001320000001
        operation live
        user sha256:\(user)
        source sha256:
        """))
    #expect(!text.contains("王芳") && !text.contains("192.0.2.7"))
    #expect(try LogEntry(entry.bytes) == entry)
    #expect(words.words[.words] == "巡查  two")
    #expect(PersonalWords(words.bytes) == words)
    #expect(PersonalWords([])?.items.isEmpty == true)
  }

  @Test("every kind is read back, and none without what it must say", arguments: LogKind.allCases)
  func kinds(_ kind: LogKind) throws {
    let hash = String(repeating: "0a", count: 32)
    var facts: [LogField: String] = [:]
    for field in LogField.allCases {
      facts[field] = field.syntax == .hash ? hash : field.syntax == .number ? "12" : "a/b>c"
    }
    let entry = try #require(LogEntry(kind: kind, at: WallTime(seconds: 1), facts: facts))
    #expect(try LogEntry(entry.bytes) == entry)
    for field in kind.required {
      #expect(LogEntry(kind: kind, at: WallTime(seconds: 1), facts: facts.filter { $0.key != field }) == nil)
      let line = "\(field.rawValue) \(facts[field] ?? "")\n"
      let text = String(decoding: entry.bytes, as: UTF8.self).replacing(line, with: "")
      #expect(throws: LogEntry.Malformed.missing(field)) { try LogEntry(Array(text.utf8)) }
    }
    #expect(LogEntry(kind: kind, at: WallTime(seconds: -1), facts: facts) == nil)
  }

  @Test(
    "what is no entry is refused",
    arguments: [
      "", "\n", "look-begin/1", "look-begin/2\nat 1\n", "start/1\n", "start/1\nat 01\n", "start/1\nat -1\n",
      "start/1\nat 1\n\n", "start/1\nat 1\nversion\n", "start/1\nat 1\nversion \n",
      "start/1\nat 1\nversion a b\n",
      "start/1\nat 1\nsize +5\n", "start/1\nat 1\nsize 05\n", "start/1\nat 1\nrule a\nrule b\n",
      "start/1\nat 1\nversion a\nrule b\n", "start/1\nat 1\nwhat a\n", "start/1\nat 1\nuser wang\n",
      "start/1\nat 1\nuser sha256:00\n", "start/1\nat 1\nversion é\n", "start/1\r\nat 1\r\n",
      "start/1\nat 1 \n",
      "start/1\nat 9223372036854775807\n", "start/1\nat 1\nroot 00\n",
    ])
  func malformed(_ text: String) {
    #expect(throws: LogEntry.Malformed.self) { try LogEntry(Array(text.utf8)) }
  }

  @Test("a damaged entry is refused or is another one: no two texts mean the same")
  func damages() throws {
    var random = SeededRandom(seed: 9)
    let original = try Self.look().entry.bytes
    for _ in 0..<3_000 {
      let bytes = ByteMutation.mutate(original, using: &random)
      guard let entry = try? LogEntry(bytes) else { continue }
      #expect(entry.bytes == bytes)
    }
    #expect(throws: LogEntry.Malformed.tooLong) { try LogEntry([UInt8](repeating: 10, count: 65_536)) }
    #expect(throws: LogEntry.Malformed.notText) { try LogEntry([0xFF, 10]) }
  }

  @Test(
    "what is not exactly words with salts is refused",
    arguments: [
      "user", "user \n", "user 00 a\n", "nobody 07070707070707070707070707070707 a\n",
      "user 07070707070707070707070707070707 \n", "user 0707070707070707070707070707070A a\n",
      "source 07070707070707070707070707070707 a\nuser 07070707070707070707070707070707 a\n",
      "user 07070707070707070707070707070707 a\nuser 07070707070707070707070707070707 a\n", "\n",
      "user 07070707070707070707070707070707 a\u{7}\n",
    ])
  func words(_ text: String) { #expect(PersonalWords(Array(text.utf8)) == nil) }

  @Test("an event is made fit to be written: blanks become _, what is empty is left out")
  func event() {
    let event = AccessEvent(
      .configuration,
      [.object: "settings/a b", .role: "", .reason: nil, .rule: String(repeating: "é", count: 600)],
      words: [.user: "a", .words: nil])
    #expect(
      event.facts[.object] == "settings/a_b" && event.facts[.role] == nil && event.facts[.reason] == nil)
    #expect(event.facts[.rule]?.utf8.count == 512 && event.words == [.user: "a"])
    #expect(event.facts.allSatisfy { $0.permits($1) })
    let long = PersonalWords([.words: String(repeating: "长", count: 2_000)]) { Self.salt }
    #expect(long.words[.words]?.utf8.count == 1_023)
  }
}
