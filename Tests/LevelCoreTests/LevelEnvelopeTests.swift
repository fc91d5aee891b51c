import GBCore
import MediaTime
import TestSupport
import Testing

@testable import LevelCore

@Suite struct LevelEnvelopeTests {
  static func envelope(
    _ sort: LevelEnvelope.Sort = .question, id: String = "a1", body: [UInt8] = Array("hello".utf8),
    seal: String? = nil
  ) throws -> LevelEnvelope {
    let isReply = sort == .answer || sort == .refusal
    let (county, city) = (
      try #require(DeviceID("34020000002000000001")), try #require(DeviceID("34010000002000000001"))
    )
    return try #require(
      LevelEnvelope(
        sort, id: id, kind: "head", way: .up, from: county, to: city,
        at: WallTime(milliseconds: 1_775_003_415_123),
        answers: isReply ? "q7" : nil, reason: sort == .refusal ? "not-granted" : nil, seal: seal, body: body)
    )
  }

  @Test("An envelope is written as the page of the decision shows it")
  func golden() throws {
    let text = """
      tributary-level/1 refusal
      id a1
      kind head
      way up
      from 34020000002000000001
      to 34010000002000000001
      at 1775003415123
      answers q7
      reason not-granted
      seal k:AAAA

      hello
      """
    let envelope = try Self.envelope(.refusal, seal: "k:AAAA")
    #expect(String(decoding: envelope.bytes, as: UTF8.self) == text)
    #expect(try LevelEnvelope(parsing: Array(text.utf8)) == envelope)
    let unsealed = text.replacing("seal k:AAAA\n", with: "")
    #expect(String(decoding: envelope.sealedBytes, as: UTF8.self) == unsealed)
  }

  @Test("What is written is read again, and nothing shorter or otherwise written is")
  func roundTrip() throws {
    for sort in LevelEnvelope.Sort.allCases {
      for body in [[], [10, 10], Array("line\n\nline".utf8), [0, 255]] as [[UInt8]] {
        let envelope = try Self.envelope(sort, body: body, seal: "x")
        #expect(try LevelEnvelope(parsing: envelope.bytes) == envelope)
      }
    }
    let bytes = try Self.envelope(body: []).bytes
    for length in 0..<bytes.count {
      #expect(throws: LevelEnvelope.Malformed.self) { try LevelEnvelope(parsing: Array(bytes[..<length])) }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    for (part, other) in [
      ("id a1", "id a1 "), ("at 17", "at 017"), ("way up", "way left"),
      ("kind head\nway up", "way up\nkind head"),
      ("question", "Question"), ("id a1\n", "id a1\nid a1\n"), ("id a1", "id  a1"), ("to 3401", "to\t3401"),
      ("question", "answer"), ("at 1775003415123", "at 9223372036854775807"), ("\n\n", "\npart 1/1\n\n"),
      ("\n\n", "\npart 3/2\n\n"), ("\n\n", "\npart 1/257\n\n"), ("\n\n", "\npart 01/2\n\n"),
    ] {
      let changed = Array(text.replacing(part, with: other).utf8)
      #expect(throws: LevelEnvelope.Malformed.head) { try LevelEnvelope(parsing: changed) }
    }
  }

  @Test("Any bytes are read or refused, and what is read is written as the same bytes")
  func total() throws {
    var random = SeededRandom(seed: 17)
    let whole = try Self.envelope(.answer, body: Array("some body\n\nof two".utf8), seal: "k:AAAA").bytes
    for _ in 0..<5_000 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
        }
      }
      if let read = try? LevelEnvelope(parsing: bytes) { #expect(read.bytes == bytes) }
    }
  }

  @Test("A long body is cut into parts that fit into a datagram each")
  func parts() throws {
    let body = (0..<(LevelEnvelope.longestPart * 2 + 1)).map { UInt8(truncatingIfNeeded: $0 / 7) }
    let parts = try Self.envelope(body: body).parts
    #expect(parts.count == 3 && parts.flatMap(\.body) == body)
    for part in parts { #expect(try LevelEnvelope(parsing: part.bytes) == part && part.bytes.count < 20_000) }
    #expect(try Self.envelope(body: Array(body[..<LevelEnvelope.longestPart])).parts.count == 1)
    #expect(throws: LevelEnvelope.Malformed.tooLong) {
      try LevelEnvelope(parsing: try Self.envelope(body: body).bytes)
    }
  }

  @Test("A body that is too long, a word with a blank or an answer to nothing makes no envelope")
  func refused() throws {
    let (one, two) = (try #require(DeviceID("1")), try #require(DeviceID("2")))
    let now = WallTime(seconds: 1)
    #expect(LevelEnvelope(.notice, id: "a b", kind: "k", way: .up, from: one, to: two, at: now) == nil)
    #expect(LevelEnvelope(.notice, id: "a", kind: "", way: .up, from: one, to: two, at: now) == nil)
    #expect(LevelEnvelope(.answer, id: "a", kind: "k", way: .up, from: one, to: two, at: now) == nil)
    #expect(
      LevelEnvelope(.notice, id: "a", kind: "k", way: .up, from: one, to: two, at: now, answers: "b") == nil)
    let long = [UInt8](repeating: 0, count: LevelEnvelope.longestBody + 1)
    #expect(
      LevelEnvelope(.notice, id: "a", kind: "k", way: .up, from: one, to: two, at: now, body: long) == nil)
  }
}
