import AccessLog
import Cryptography
import Foundation
import LogStore
import LogTree
import MediaTime
import TestSupport
import Testing

@testable import LogVerifier

let hasher = LogHasher { bytes in
  guard let hash = LogHash(Hash.sha256.digest(bytes)) else { preconditionFailure("SHA-256 has 32 bytes") }
  return hash
}
let tools = VerifierTools(hasher: hasher) { SigningKey.verify($0, of: $1, by: $2) }

/// A log with looks in it.
final class Specimen {
  static let origin = "county.example/access"
  let folder = FileManager.default.temporaryDirectory.appending(path: "verify-\(UUID().uuidString)").path()
  let key = SigningKey()
  let store: LogStore
  let keys: [NoteVerifier]

  init() throws {
    let key = key
    keys = try [NoteVerifier.Kind.ed25519, .cosignature].map {
      try #require(NoteVerifier(name: Self.origin, kind: $0, key: key.publicKey, hasher: hasher))
    }
    let (plain, timed) = (keys[0], keys[1])
    store = try LogStore(
      .init(folder: folder, origin: Self.origin, hasher: hasher) { note in
        let time: UInt64 = 1_775_003_415
        let moment = (0..<8).map { UInt8(truncatingIfNeeded: time >> UInt64(56 - 8 * $0)) }
        return [
          .init(name: Self.origin, keyID: plain.keyID, bytes: key.sign(Array(note.body.utf8))),
          .init(name: Self.origin, keyID: timed.keyID, bytes: moment + key.sign(note.cosigned(at: time))),
        ]
      } isOurs: {
        !$0.signatures(of: plain).isEmpty
      })
    try write("keys", Data((keys.map(\.text).joined(separator: "\n") + "\n").utf8))
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func record(_ index: Int) throws -> LogRecord {
    let words = PersonalWords([.user: "user \(index % 7)", .source: "192.0.2.\(index % 250)"]) {
      SecureRandom.bytes(16)
    }
    let entry = try #require(
      LogEntry(
        kind: .lookBegin, at: WallTime(seconds: 1_775_003_415 + Int64(index)),
        facts: [.channel: "34020000001320000001", .operation: "live", .purpose: "patrol"],
        commitments: words.commitments(hasher.plain)))
    return LogRecord(entry: entry.bytes, beside: words.bytes)
  }

  func fill(_ count: Int) async throws {
    _ = try await store.append((0..<count).map { try record($0) })
    _ = try await store.signedHead()
  }

  /// A copy to be damaged.
  func copy() throws -> String {
    let path = folder + "-\(UUID().uuidString)"
    try FileManager.default.copyItem(atPath: folder, toPath: path)
    return path
  }

  func write(_ name: String, _ bytes: Data) throws { try bytes.write(to: URL(filePath: "\(folder)/\(name)")) }

  func examine(_ folder: String? = nil, keys: [NoteVerifier]? = nil, from earlier: SignedNote? = nil)
    -> LogReport
  {
    LogExamination(folder: folder ?? self.folder, keys: keys ?? [], earlier: earlier, tools: tools).run()
  }
}

@Suite("The examination of a log") struct LogExaminationTests {
  @Test("a good log is good, and says by whom and when its head was signed")
  func good() async throws {
    let specimen = try Specimen()
    try await specimen.fill(600)
    let early = try await specimen.store.signedHead()
    try await specimen.fill(10)
    let report = specimen.examine(keys: specimen.keys, from: early)
    #expect(report.findings.isEmpty && report.verdict == .good, "\(report.findings)")
    #expect(report.entries == 610 && report.headSize == 610 && report.kinds == ["look-begin": 610])
    #expect(report.signers.map(\.name) == [Specimen.origin, Specimen.origin] && report.earlierSize == 600)
    #expect(report.signers[1].time == WallTime(seconds: 1_775_003_415))
    #expect(report.sentences(.english).last == "Verdict: good. Nothing was changed.")
    #expect(report.sentences(.chinese).count == report.sentences(.english).count)
  }

  @Test("one changed byte anywhere in a copy is found")
  func changed() async throws {
    let specimen = try Specimen()
    try await specimen.fill(270)
    var witnessed = try await specimen.store.signedHead()
    let witness = SigningKey()
    let verifier = try #require(
      NoteVerifier(name: "city.example", kind: .cosignature, key: witness.publicKey, hasher: hasher))
    witnessed.signatures.append(
      .init(
        name: "city.example", keyID: verifier.keyID,
        bytes: [0, 0, 0, 0, 0, 0, 0, 9] + witness.sign(witnessed.cosigned(at: 9))))
    try specimen.store.keep(witnessed: witnessed)
    let texts = (specimen.keys + [verifier]).map(\.text)
    try specimen.write("keys", Data((texts.joined(separator: "\n") + "\n").utf8))
    #expect(specimen.examine().verdict == .good)
    let copy = try specimen.copy()
    defer { try? FileManager.default.removeItem(atPath: copy) }
    var random = SeededRandom(seed: 799)
    var tried = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: copy).sorted() {
      let url = URL(filePath: "\(copy)/\(name)")
      let original = try Data(contentsOf: url)
      guard !original.isEmpty else { continue }
      for _ in 0..<12 {
        var bytes = original
        let (place, bit) = (
          Int.random(in: 0..<bytes.count, using: &random), Int.random(in: 0..<8, using: &random)
        )
        bytes[place] ^= 1 << UInt8(bit)
        try bytes.write(to: url)
        #expect(specimen.examine(copy).verdict != .good, "\(name), byte \(place), bit \(bit)")
        tried += 1
      }
      try original.write(to: url)
    }
    #expect(tried >= 70 && specimen.examine(copy).verdict == .good)
  }

  @Test("a cut, replaced, re-signed or rolled back log is found, with the sentence that says what is wrong")
  func forged() async throws {
    let specimen = try Specimen()
    try await specimen.fill(300)
    let early = try await specimen.store.signedHead()
    let old = try specimen.copy()
    defer { try? FileManager.default.removeItem(atPath: old) }
    try await specimen.fill(50)
    let late = try await specimen.store.signedHead()
    #expect(specimen.examine(old).verdict == .good)
    let rolledBack = specimen.examine(old, from: late)
    #expect(rolledBack.verdict == .integrity && rolledBack.findings[0].english.contains("shorter"))
    // Somebody with another key writes another past.
    let forged = try Specimen()
    try await forged.fill(400)
    #expect(forged.examine().verdict == .good)
    #expect(forged.examine(keys: specimen.keys).verdict == .trust)
    #expect(forged.examine(from: early).verdict == .integrity)
    let entries = URL(filePath: "\(old)/entries")
    let bytes = try Data(contentsOf: entries)
    try bytes.dropLast(60).write(to: entries)
    #expect(specimen.examine(old).verdict == .integrity)
    try (bytes + [0, 9, 1]).write(to: entries)
    #expect(specimen.examine(old).verdict == .incomplete)
    try bytes.write(to: entries)
    try FileManager.default.removeItem(atPath: "\(old)/keys")
    #expect(
      specimen.examine(old).verdict == .trust && specimen.examine(old, keys: specimen.keys).verdict == .good)
    try Data().write(to: URL(filePath: "\(old)/checkpoint"))
    #expect(specimen.examine(old).verdict == .malformed)
    #expect(specimen.examine("/nowhere").verdict == .malformed)
  }

  @Test("erased words are in order when an entry says so, and are not otherwise")
  func erased() async throws {
    let specimen = try Specimen()
    try await specimen.fill(20)
    try specimen.store.erase(7)
    let quiet = specimen.examine()
    #expect(quiet.verdict == .integrity && quiet.findings[0].english.contains("no entry says so"))
    let entry = try #require(
      LogEntry(kind: .erase, at: WallTime(seconds: 1_775_003_500), facts: [.begin: "7"]))
    _ = try await specimen.store.append(LogRecord(entry: entry.bytes))
    _ = try await specimen.store.signedHead()
    let report = specimen.examine()
    #expect(report.verdict == .good && report.erased == 1)
  }

  @Test("the proof of one entry is examined by itself, and every changed byte of it is found")
  func proof() async throws {
    let specimen = try Specimen()
    try await specimen.fill(300)
    let note = try await specimen.store.signedHead()
    let text = LogProofText(
      extra: try specimen.store.record(123).entry, index: 123,
      hashes: try specimen.store.inclusion(of: 123, in: 300), note: note
    ).text
    let good = try #require(ProofExamination(text: text, keys: specimen.keys, tools: tools))
    #expect(good.index == 123 && good.run().verdict == .good)
    #expect(ProofExamination(text: text, keys: [], tools: tools)?.run().verdict == .trust)
    var random = SeededRandom(seed: 3)
    for _ in 0..<300 {
      var bytes = Array(text.utf8)
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      guard let changed = String(validating: bytes, as: UTF8.self),
        let proof = ProofExamination(text: changed, keys: specimen.keys, tools: tools)
      else { continue }
      #expect(proof.run().verdict != .good)
    }
  }
}
