import AccessLog
import Cryptography
import Federation
import Foundation
import GBCore
import HTTPAPI
import LevelCore
import LogStore
import LogTree
import MediaTime
import TestSupport
import Testing

@testable import Server

@Suite("Keys of levels, over real sockets", .serialized)
struct LevelEnrolmentTests {
  private func with(
    _ body: (_ levels: Levels, _ up: LevelPeer, _ down: LevelPeer) async throws -> Void
  ) async throws {
    try await Levels.with(areEnrolled: true) { levels in
      levels.city.services.levels.handle("echo") { _, body in body }
      levels.county.services.levels.handle("echo") { _, body in body }
      try await body(levels, .superior(levels.cityID), .lower(levels.countyID))
    }
  }

  private func kinds(_ server: RunningServer, _ kind: LogKind) async throws -> [LoggedEntry] {
    try await server.services.accessLog.find(LogQuery(kinds: [kind]))
  }

  @Test("A code makes two levels known to each other, once; the API shows both sides")
  func enrolment() async throws {
    try await with { levels, up, down in
      let county = try await levels.county.http.json("GET", "/api/v1/levels", as: API.Levels.self)
      let city = try await levels.city.http.json("GET", "/api/v1/levels", as: API.Levels.self)
      let above = try #require(county.items.first { $0.role == "superior" })
      let below = try #require(city.items.first { $0.id == levels.countyID.text })
      #expect(
        above.state == "enrolled" && above.key == city.key && above.knowsOurKey == true && above.connected)
      #expect(below.state == "enrolled" && below.key == county.key && below.knowsOurKey == true)
      // Wrong, used, mistyped.
      let (code, _) = try await levels.city.services.enrolment.makeCode(for: down, by: "test")
      let guess = try #require(
        EnrolmentCode(
          platform: levels.cityID, key: city.key,
          secret: [UInt8](repeating: 7, count: EnrolmentCode.secretLength)))
      func enter(_ text: String) async throws -> Int {
        try await levels.county.http.send("POST", "/api/v1/levels/enrol", API.EnrolmentCode(code: text))
          .status
      }
      #expect(try await enter(guess.text) == 409)
      #expect(try await enter("3401-x") == 422)
      #expect(try await enter(code) == 200)
      #expect(try await enter(code) == 409)
      #expect(levels.city.services.book.tokenFigures.refused["enrol-unknown-code"] == 1)
      #expect(levels.city.services.book.tokenFigures.refused["enrol-used-code"] == 1)
      let denials = try await kinds(levels.city, .denial)
      #expect(Set(denials.compactMap { $0.facts[.reason] }) == ["enrol-unknown-code", "enrol-used-code"])
      #expect(try await levels.county.services.levels.ask(up, "echo", [1]) == [1])
    }
  }

  @Test("A new key is told under the old one, and messages go on in both directions")
  func rotation() async throws {
    try await with { levels, up, down in
      let before = try #require(levels.county.services.book.own.first?.key.id)
      let after = try await levels.county.http.json("POST", "/api/v1/levels/rotate", as: API.Levels.self)
      #expect(after.key != before && after.items.first { $0.role == "superior" }?.knowsOurKey == true)
      let known = try #require(levels.city.services.book.neighbour(down)?.keys)
      #expect(known.current.id == after.key && known.former.first?.key.id == before)
      #expect(known.verdict(before, at: SystemClock.wall()) != .retired)
      #expect(try await levels.county.services.levels.ask(up, "echo", [1, 2]) == [1, 2])
      #expect(try await levels.city.services.levels.ask(down, "echo", [3]) == [3])
      // Nobody needs the old one any more.
      #expect(levels.county.services.book.own.map(\.key.id) == [after.key])
      #expect(try await kinds(levels.city, .key).contains { $0.facts[.operation] == "rotated" })
    }
  }

  @Test(
    "Who was revoked is not heard any more, and a seal of another key, an old message or a copy is refused")
  func refusals() async throws {
    try await with { levels, up, down in
      let (county, city) = (levels.county.services, levels.city.services)
      let signer = try #require(county.book.signer(for: up))
      func send(
        _ at: WallTime, _ id: String, key: SigningKey? = nil, name: String? = nil
      ) async throws -> Int? {
        var envelope = try #require(
          LevelEnvelope(
            .notice, id: id, kind: "echo", way: .up, from: levels.countyID, to: levels.cityID, at: at))
        envelope.seal =
          (name ?? signer.id) + ":"
          + Data((key ?? signer.key).sign(envelope.sealedBytes)).base64EncodedString()
        return await county.levelRoutes.send(envelope.bytes, to: up, within: .seconds(5))
      }
      let now = SystemClock.wall()
      let statuses = [
        try await send(now, "a"), try await send(now, "a"), try await send(now - .seconds(300), "b"),
        try await send(now + .seconds(300), "c"), try await send(now, "d", key: SigningKey()),
        try await send(now, "e", name: "0123456789abcdef"),
      ]
      #expect(statuses == [200, 403, 403, 403, 403, 403])
      let refused = city.book.tokenFigures.refused
      #expect(refused == ["replayed": 1, "clock": 2, "bad-seal": 1, "seal-key": 1])
      let answer = try await levels.city.http.send(
        "POST", "/api/v1/levels/\(levels.countyID)/revoke?role=lower")
      #expect(answer.status == 200)
      await #expect(throws: LevelFailure.refused(status: 415)) {
        try await county.levels.ask(up, "echo", [1])
      }
      await #expect(throws: LevelFailure.notEnrolled) { try await city.levels.ask(down, "echo", [1]) }
      // A new code makes up for it.
      let (code, _) = try await city.enrolment.makeCode(for: down, by: "test")
      _ = try await county.enrolment.enter(code, by: "test")
      #expect(try await county.levels.ask(up, "echo", [1]) == [1])
    }
  }

  @Test("Neighbours witness each other's access log, and find out when one is set back or changed")
  func heads() async throws {
    try await with { levels, up, down in
      let (county, city) = (levels.county.services, levels.city.services)
      await county.heads.show()
      await city.heads.show()
      await county.heads.show()
      let seen = try await levels.city.http.json(
        "GET", "/api/v1/access-log/witnesses", as: API.Page<API.LogWitness>.self
      ).items.first { $0.role == "lower" }
      #expect(seen?.origin == county.accessLog.signer.origin && seen?.forked == nil)
      // What the city cosigned lies beside the county's log, with the key to check it.
      let witnessed = try #require(try county.accessLog.store.witnessed())
      #expect(witnessed.signatures.contains { $0.name == city.accessLog.signer.origin })
      let keys = try String(contentsOfFile: county.accessLog.folder + "/keys", encoding: .utf8)
      #expect(keys.contains(city.accessLog.signer.keys[1].text))
      let origin = county.accessLog.signer.origin
      #expect(try await kinds(levels.city, .headReceived).count { $0.facts[.origin] == origin } == 1)
      // A past that is not the one that was shown, signed with the right key.
      struct Question: Encodable {
        var verifier: String
        var request: String
      }
      struct Nothing: Decodable {}
      let root = try #require(LogHash([UInt8](repeating: 3, count: 32)))
      let signer = county.accessLog.signer
      var answer: LevelFailure?
      // The true log may be shown in between; then the size that is known is another one.
      for _ in 0..<5 where city.heads.figures.forks == 0 {
        let known = try #require(city.heads.all.first { $0.head.peer == down }?.head.size)
        var note = try #require(
          SignedNote(body: Checkpoint(origin: signer.origin, size: known + 5, root: root).body))
        note.signatures = signer.sign(note, at: 1_775_003_415)
        let request = Witness.Request(old: known, proof: [root], note: note).text
        do throws(LevelFailure) {
          _ = try await county.levels.ask(
            up, "head", Question(verifier: signer.keys[0].text, request: request), as: Nothing.self)
        } catch { answer = error }
      }
      #expect(
        answer
          == .declined(code: "forked", text: "The head does not go on from the one that is known here."))
      #expect(city.heads.figures.forks == 1)
      #expect(try await kinds(levels.city, .denial).contains { $0.facts[.reason] == "forked" })
      let after = try await levels.city.http.json(
        "GET", "/api/v1/access-log/witnesses", as: API.Page<API.LogWitness>.self
      ).items.first { $0.role == "lower" }
      #expect(after?.forked != nil)
      // The true log goes on being witnessed.
      let size = city.heads.all.first { $0.head.peer == down }?.head.size ?? .max
      await county.accessLog.note(AccessEvent(.stop))
      await county.heads.show()
      #expect(city.heads.all.first { $0.head.peer == down }.map { $0.head.size > size } == true)
    }
  }
}
