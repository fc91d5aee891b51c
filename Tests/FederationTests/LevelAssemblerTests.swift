import GBCore
import LevelCore
import MediaTime
import TestSupport
import Testing

@testable import Federation

@Suite struct LevelAssemblerTests {
  private static let now = MonotonicTime(nanoseconds: 0)

  private func parts(_ id: String, bytes: Int) throws -> [LevelEnvelope] {
    let body = (0..<bytes).map { UInt8(truncatingIfNeeded: $0) }
    let (county, city) = (
      try #require(DeviceID("34020000002000000001")), try #require(DeviceID("34010000002000000001"))
    )
    return try #require(
      LevelEnvelope(
        .question, id: id, kind: "k", way: .up, from: county, to: city, at: WallTime(seconds: 1), body: body)
    ).parts
  }

  private func peer() throws -> LevelPeer {
    try LevelPeer(.lower, #require(DeviceID("34020000002000000001")))
  }

  @Test("Parts in any order, some of them twice, make the whole once")
  func anyOrder() throws {
    var random = SeededRandom(seed: 5)
    let peer = try peer()
    for round in 0..<40 {
      let parts = try parts("m\(round)", bytes: Int.random(in: 16_385...100_000, using: &random))
      let whole = parts.flatMap(\.body)
      var assembler = LevelAssembler()
      var found: [[UInt8]] = []
      var order = (parts + parts.dropLast()).shuffled(using: &random)
      // What comes again behind the whole would begin anew: the transport does not repeat what was answered.
      while let part = order.popLast(), found.isEmpty {
        if case .whole(let envelope) = assembler.add(part, from: peer, now: Self.now) {
          found.append(envelope.body)
        }
      }
      #expect(found == [whole] && assembler.count == 0 && assembler.bytes == 0)
    }
  }

  @Test("No more is gathered than was agreed, and what stands still is given up")
  func bounds() throws {
    var limits = LevelAssembler.Limits()
    (limits.messages, limits.bytes) = (2, 50_000)
    var assembler = LevelAssembler(limits: limits)
    let peer = try peer()
    let messages = try (0..<3).map { try parts("m\($0)", bytes: 40_000) }
    #expect(assembler.add(messages[0][0], from: peer, now: Self.now) == .waiting)
    #expect(assembler.add(messages[1][0], from: peer, now: Self.now) == .waiting)
    #expect(assembler.add(messages[2][0], from: peer, now: Self.now) == .full)
    #expect(assembler.add(messages[0][1], from: peer, now: Self.now) == .waiting)
    #expect(assembler.add(messages[1][1], from: peer, now: Self.now) == .full)
    #expect(assembler.bytes <= limits.bytes && assembler.count == 1)
    // Another neighbour has room of its own.
    #expect(assembler.add(messages[2][0], from: .superior(peer.id), now: Self.now) == .waiting)
    assembler.expire(now: Self.now + limits.patience)
    #expect(assembler.count == 0)
  }

  @Test("A part that contradicts the others ends the message")
  func contradictions() throws {
    let peer = try peer()
    let parts = try parts("m", bytes: 40_000)
    var assembler = LevelAssembler()
    #expect(assembler.add(parts[0], from: peer, now: Self.now) == .waiting)
    var other = parts[0]
    other.body[0] ^= 1
    #expect(assembler.add(other, from: peer, now: Self.now) == .contradiction)
    #expect(assembler.count == 0)
    #expect(assembler.add(parts[0], from: peer, now: Self.now) == .waiting)
    other = parts[1]
    other.kind = "other"
    #expect(assembler.add(other, from: peer, now: Self.now) == .contradiction)
    #expect(assembler.count == 0)
  }
}
