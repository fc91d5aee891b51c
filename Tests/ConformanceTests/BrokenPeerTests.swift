import Foundation
import GBCore
import SIPCore
import TestSupport
import Testing

@testable import Conformance

/// The tester is right only when a peer with one flaw fails in the cases of that flaw, and in no others.
@Suite("Peers with one flaw", .serialized)
struct BrokenPeerTests {
  private static let password = "conform-test"

  private func failures(_ run: ConformRun) async throws -> Set<String> {
    let report = try await run.run { _ in }
    #expect(report.counts.pass + report.counts.fail == report.cases.count, "no case may be skipped here")
    return Set(report.cases.filter { $0.outcome.result == .fail }.map(\.id))
  }

  private func settings(port: Int, _ actions: any PeerActions) throws -> ConformSettings {
    let platform = try #require(DeviceID("34020000002000000001"))
    return ConformSettings(
      server: SIPHostPort(host: "127.0.0.1", port: port), platformID: platform, password: Self.password,
      hash: Hashes.function, codec: .utf8, actions: actions)
  }

  private func expected(_ flaw: ScriptedServer.Flaw) -> Set<String> {
    switch flaw {
    case .none: []
    case .noAlgorithm, .noDate, .wrongDate, .noVersion, .acceptsAnyPassword: ["D1"]
    // Nobody can register there at all.
    case .noNonce: ["D1", "D15", "D21", "R4"]
    case .acceptsStrangers: ["D2"]
    case .acceptsUsedCredentials: ["R4"]
    case .acceptsUnregistered: ["R3"]
    case .wrongChecksum, .noStop, .presetInWrongByte: ["D15"]
    case .alarmUnanswered, .alarmOtherSN, .alarmNotShown: ["D21"]
    }
  }

  @Test("A server fails in the cases of its flaw", arguments: ScriptedServer.Flaw.allCases)
  func server(flaw: ScriptedServer.Flaw) async throws {
    let server = try await ScriptedServer.start(flaw)
    let selection = try #require(CaseSelection("D1,D2,D15,D21,R3,R4"))
    let run = ConformRun(
      try settings(port: server.port, server), editions: [.edition2022], selection: selection)
    #expect(try await failures(run) == expected(flaw))
    await server.stop()
  }

  private func expected(_ flaw: ScriptedLower.Flaw) -> Set<String> {
    switch flaw {
    case .none: []
    case .noVersion, .sequenceNotCounted: ["U1"]
    case .wrongSN: ["U26", "U44"]
    case .wrongSumNum, .wrongNum: ["U9"]
    case .listOfNothing: ["U11"]
    case .strangeStatusWord: ["U26"]
    case .noSSRCLine, .wrongSSRC: ["U12"]
    case .byeUnanswered: ["U12", "U43"]
    case .mediaAfterBye: ["U12", "U43"]
    case .secondAnswer: ["U44"]
    case .unknownCameraAccepted: ["U16"]
    }
  }

  @Test("A lower platform fails in the cases of its flaw", arguments: ScriptedLower.Flaw.allCases)
  func lower(flaw: ScriptedLower.Flaw) async throws {
    let port = Int(try #require(FreePort.loopback()))
    let lower = try ScriptedLower(flaw, .edition2022, upperPort: port, password: Self.password)
    var settings = try settings(port: 9, lower)
    settings.listenPort = port
    settings.cameraID = ScriptedLower.camera
    let selection = try #require(CaseSelection("U1,U9,U11,U12,U16,U26,U43,U44"))
    let run = ConformRun(settings, editions: [.edition2022], selection: selection)
    #expect(try await failures(run) == expected(flaw))
    await lower.end()
  }
}
