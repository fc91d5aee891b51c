import Federation
import Foundation
import GBCore
import LevelCore
import MediaTime
import Registry
import SIPCore
import SIPTransport
import TestSupport
import Testing

@testable import Server

@Suite("Messages between levels, over real sockets", .serialized)
struct LevelMessagesTests {
  private struct Sum: Codable { var numbers: [Int] }

  /// The county and the city, once each is registered where it must be.
  private func with(
    areEnrolled: Bool = true,
    _ body: (_ county: RunningServer, _ city: RunningServer, _ up: LevelPeer, _ down: LevelPeer) async throws
      -> Void
  ) async throws {
    try await Levels.with(areEnrolled: areEnrolled) { levels in
      let (up, down) = (LevelPeer.superior(levels.cityID), LevelPeer.lower(levels.countyID))
      #expect(
        await eventually {
          levels.county.services.superiors.server(levels.cityID) != nil
            && levels.city.services.signalling.registration(of: levels.countyID) != nil
        })
      try await body(levels.county, levels.city, up, down)
    }
  }

  @Test("Questions are answered in both directions, short ones and ones of many parts, side by side")
  func questions() async throws {
    try await with { county, city, up, down in
      for server in [county, city] {
        server.services.levels.handle("echo") { _, body in body.reversed() }
        server.services.levels.handle("sum", Sum.self) { peer, sum in
          Sum(numbers: [sum.numbers.reduce(0, +), peer.role == .superior ? 1 : 0])
        }
      }
      let long = (0..<200_001).map { UInt8(truncatingIfNeeded: $0 / 3) }
      #expect(try await county.services.levels.ask(up, "echo", long) == long.reversed())
      #expect(try await city.services.levels.ask(down, "echo", long) == long.reversed())
      #expect(try await county.services.levels.ask(up, "echo", []) == [])
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<40 {
          group.addTask {
            let (asker, peer) = number % 2 == 0 ? (county, up) : (city, down)
            let sum = try await asker.services.levels.ask(
              peer, "sum", Sum(numbers: [number, 1]), as: Sum.self)
            // Each knows in which role the other asks.
            return sum.numbers == [number + 1, number % 2 == 0 ? 0 : 1]
          }
        }
        for try await isRight in group { #expect(isRight) }
      }
      #expect(county.services.levels.neighbours == [up])
      #expect(city.services.levels.neighbours.contains(down))
    }
  }

  @Test("A notice arrives, a refusal says why, and what nobody knows is refused")
  func refusals() async throws {
    try await with { county, city, up, _ in
      let heard = Locked<[Int]>([])
      city.services.levels.hear("news", Sum.self) { _, sum in heard.with { $0 += sum.numbers } }
      try await county.services.levels.tell(up, "news", Sum(numbers: [4, 2]))
      #expect(await eventually { heard.with { $0 } == [4, 2] })
      city.services.levels.handle("closed") { _, _ in throw LevelRefusal("not-granted", "Not for you.") }
      await #expect(throws: LevelFailure.declined(code: "not-granted", text: "Not for you.")) {
        try await county.services.levels.ask(up, "closed", [])
      }
      await #expect(throws: LevelFailure.self) { try await county.services.levels.ask(up, "nothing", []) }
      await #expect(throws: LevelFailure.tooLong) {
        try await county.services.levels.ask(
          up, "closed", [UInt8](repeating: 0, count: LevelEnvelope.longestBody + 1))
      }
      await #expect(throws: LevelFailure.notEnrolled) {
        try await county.services.levels.ask(
          .superior(city.runtime.configuration.platform.id.next), "closed", [])
      }
      #expect(city.services.levels.figures.refused["unknown-kind"] == 1)
    }
  }

  @Test("A neighbour that says nothing costs its deadline, and one that asks too much is refused")
  func bounds() async throws {
    try await with { county, city, up, _ in
      let gate = Locked<[CheckedContinuation<Void, Never>]>([])
      city.services.levels.handle("slow") { _, _ in
        await withCheckedContinuation { waiting in gate.with { $0.append(waiting) } }
        return []
      }
      await #expect(throws: LevelFailure.noAnswer) {
        try await county.services.levels.ask(up, "slow", [], within: .milliseconds(300))
      }
      let asked = Task {
        await withTaskGroup(of: LevelFailure?.self) { group in
          for _ in 0..<LevelMessages.Limits().handlers {
            group.addTask {
              do throws(LevelFailure) {
                _ = try await county.services.levels.ask(up, "slow", [], within: .seconds(30))
                return nil
              } catch { return error }
            }
          }
          return await group.reduce(into: [LevelFailure?]()) { $0.append($1) }
        }
      }
      #expect(await eventually { gate.with { $0.count } >= LevelMessages.Limits().handlers - 2 })
      #expect(await eventually { city.services.levels.figures.refused["busy"] ?? 0 >= 1 })
      for waiting in gate.with({ $0 }) { waiting.resume() }
      let failures = await asked.value.compactMap(\.self)
      #expect(!failures.isEmpty && Set(failures) == [.busy])
    }
  }

  @Test("A platform that was not enrolled is sent nothing, and what it says is refused")
  func strangers() async throws {
    try await with(areEnrolled: false) { county, city, up, _ in
      city.services.levels.handle("echo") { _, body in body }
      await #expect(throws: LevelFailure.notEnrolled) { try await county.services.levels.ask(up, "echo", []) }
      #expect(county.services.levels.figures.sent == 0)
      let routes = RegisteredLevels(
        signalling: county.services.signalling, superiors: county.services.superiors)
      let (own, other) = (county.runtime.configuration.platform.id, up.id)
      func envelope(from: DeviceID, to: DeviceID, _ way: LevelEnvelope.Way) throws -> [UInt8] {
        try #require(
          LevelEnvelope(
            .question, id: "1", kind: "echo", way: way, from: from, to: to, at: SystemClock.wall())
        ).bytes
      }
      // In the name of somebody else, to somebody else, in a role that it does not have, and no envelope at all.
      let cases = try [
        (envelope(from: own, to: other, .up), 415), (envelope(from: other, to: other, .up), 403),
        (envelope(from: own, to: own, .up), 403), (envelope(from: own, to: other, .down), 403),
        ([1, 2, 3], 400),
      ]
      for (body, status) in cases { #expect(await routes.send(body, to: up, within: .seconds(5)) == status) }
      #expect(city.services.levels.figures.refused == ["not-enrolled": 1, "stranger": 3, "malformed": 1])
      #expect(city.services.levels.figures.received == 0)
    }
  }
}

extension DeviceID {
  /// A code that nobody has.
  fileprivate var next: DeviceID { DeviceID(text.dropLast() + "9") ?? self }
}
