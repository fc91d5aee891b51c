import GBCore
import MediaTime
import TestSupport
import Testing

@testable import Federation

@Suite struct LevelKeyTests {
  private static let now = WallTime(seconds: 1_775_003_415)

  private func key(_ number: UInt8) throws -> LevelKey {
    try #require(LevelKey([UInt8](repeating: number, count: 32)) { $0.map { $0 &* 31 } })
  }

  @Test("A replaced key is good for the overlap and no longer; none is after a revocation")
  func rotation() throws {
    let keys = try (1...7).map { try key(UInt8($0)) }
    var neighbour = NeighbourKeys(keys[0], enrolled: Self.now)
    #expect(neighbour.verdict(keys[0].id, at: Self.now) == .good(keys[0]))
    #expect(neighbour.verdict(keys[1].id, at: Self.now) == .unknown)
    var isDone = neighbour.rotate(to: keys[1], overlap: .seconds(60), at: Self.now)
    #expect(isDone)
    #expect(neighbour.verdict(keys[0].id, at: Self.now + .seconds(59)) == .good(keys[0]))
    #expect(neighbour.verdict(keys[0].id, at: Self.now + .seconds(60)) == .retired)
    #expect(neighbour.verdict(keys[1].id, at: Self.now + .seconds(1_000)) == .good(keys[1]))
    // The same again changes nothing; back to a replaced key is refused.
    isDone = neighbour.rotate(to: keys[1], overlap: .seconds(60), at: Self.now + .seconds(9))
    #expect(isDone)
    isDone = neighbour.rotate(to: keys[0], overlap: .seconds(60), at: Self.now)
    #expect(!isDone)
    for key in keys[2...] {
      isDone = neighbour.rotate(to: key, overlap: .seconds(99_999_999), at: Self.now)
      #expect(isDone)
    }
    #expect(neighbour.former.count == NeighbourKeys.mostFormer)
    #expect(neighbour.former.allSatisfy { $0.until <= Self.now + NeighbourKeys.longestOverlap })
    neighbour.revoke(at: Self.now, by: "li")
    neighbour.revoke(at: Self.now + .seconds(5), by: "wang")
    #expect(neighbour.revoked == NeighbourKeys.Revocation(at: Self.now, by: "li"))
    #expect(neighbour.verdict(keys[6].id, at: Self.now) == .revoked)
    isDone = neighbour.rotate(to: try key(9), overlap: .zero, at: Self.now)
    #expect(!isDone)
  }

  @Test("A code is read as it is written, with blanks, in capitals and with letters that look like digits")
  func codes() throws {
    var random = SeededRandom(seed: 11)
    let platform = try #require(DeviceID("34020000002000000001"))
    for _ in 0..<200 {
      let secret = (0..<16).map { _ in UInt8.random(in: 0...255, using: &random) }
      let key = Hex.text((0..<8).map { _ in UInt8.random(in: 0...255, using: &random) })
      let code = try #require(EnrolmentCode(platform: platform, key: key, secret: secret))
      #expect(EnrolmentCode(code.text) == code && code.text.utf8.count == 70)
      let sloppy = code.text.uppercased().replacing("-", with: " ").replacing("0", with: "o").replacing(
        "1", with: "I")
      // Only the digits of the platform must be digits.
      let typed = String(code.text.prefix(20)) + sloppy.dropFirst(20)
      #expect(EnrolmentCode(typed) == code)
      // One letter changed is found.
      var wrong = Array(code.text)
      let place = Int.random(in: 21..<wrong.count, using: &random)
      guard wrong[place] != "-" else { continue }
      wrong[place] = wrong[place] == "2" ? "3" : "2"
      #expect(EnrolmentCode(String(wrong)) == nil)
    }
    for text in [
      "", "34020000002000000001", String(repeating: "0", count: 60), String(repeating: "u", count: 60),
    ] {
      #expect(EnrolmentCode(text) == nil)
    }
  }
}

@Suite struct EnrolmentTests {
  private static let now = WallTime(seconds: 1_775_003_415)
  private static let mac: EnrolmentBook.MAC = { message, key in
    var sum = UInt64(7)
    for byte in key + message + key { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return (0..<8).map { UInt8(truncatingIfNeeded: sum >> UInt64(8 * $0)) }
  }

  private let county = DeviceID("34020000002000000001")
  private let city = DeviceID("34010000002000000001")

  private struct Scene {
    var book: EnrolmentBook
    let code: EnrolmentCode
    let peer: LevelPeer
    let own: DeviceID
    let key = [UInt8](repeating: 1, count: 32)

    func claim(_ nonce: UInt8 = 4) -> EnrolmentBook.Claim {
      let bytes = [UInt8](repeating: 2, count: 32)
      let nonce = [UInt8](repeating: nonce, count: 16)
      return EnrolmentBook.Claim(
        code: EnrolmentBook.name(of: code, mac: mac), key: bytes, nonce: nonce,
        proof: EnrolmentBook.proof(of: bytes, nonce: nonce, from: peer.id, to: own, code, mac: mac))
    }

    mutating func refusal(
      _ claim: EnrolmentBook.Claim, from other: LevelPeer? = nil, at moment: WallTime = now
    ) -> EnrolmentBook.Refusal? {
      do throws(EnrolmentBook.Refusal) {
        _ = try book.accept(claim, from: other ?? peer, own: own, key: key, now: moment)
        return nil
      } catch { return error }
    }
  }

  private func scene() throws -> Scene {
    let (county, city) = (try #require(county), try #require(city))
    var book = EnrolmentBook(mac: Self.mac, isEqual: { $0 == $1 })
    let code = try #require(
      EnrolmentCode(platform: county, key: "0123456789abcdef", secret: (1...16).map { UInt8($0) }))
    #expect(book.add(code, for: .superior(city), now: Self.now) == Self.now + EnrolmentBook.life)
    return Scene(book: book, code: code, peer: .superior(city), own: county)
  }

  @Test("A code enrols once: both sides prove that they know it")
  func once() throws {
    var scene = try scene()
    let claim = scene.claim()
    let answer = try scene.book.accept(
      claim, from: scene.peer, own: scene.own, key: scene.key, now: Self.now + .seconds(3_599))
    #expect(
      answer
        == EnrolmentBook.answer(
          with: scene.key, to: claim, from: scene.own, to: scene.peer.id, scene.code, mac: Self.mac))
    #expect(scene.refusal(claim) == .usedCode && scene.book.open(at: Self.now) == 0)
  }

  @Test("Wrong, used, expired and tried too often: each refused and counted")
  func refused() throws {
    var scene = try scene()
    var claim = scene.claim()
    claim.code = "0000"
    #expect(scene.refusal(claim) == .unknownCode)
    #expect(scene.refusal(scene.claim(), at: Self.now + EnrolmentBook.life) == .expiredCode)
    #expect(scene.refusal(scene.claim(), from: .lower(scene.peer.id)) == .wrongNeighbour)
    claim = scene.claim()
    claim.key[0] ^= 1
    for _ in 1..<EnrolmentBook.mostFailures { #expect(scene.refusal(claim) == .wrongProof) }
    #expect(scene.refusal(scene.claim()) == .spentCode)
    #expect(
      scene.book.refusals == [
        .unknownCode: 1, .expiredCode: 1, .wrongNeighbour: 1, .wrongProof: 4, .spentCode: 1,
      ])
    // A new code for the same neighbour ends the earlier one, and works.
    let other = try #require(
      EnrolmentCode(platform: scene.own, key: "0123456789abcdef", secret: [UInt8](repeating: 9, count: 16)))
    _ = scene.book.add(other, for: scene.peer, now: Self.now)
    #expect(scene.refusal(scene.claim()) == .unknownCode && scene.book.open(at: Self.now) == 1)
  }
}
