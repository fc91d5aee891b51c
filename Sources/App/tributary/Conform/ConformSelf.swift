import Conformance
import DeviceSimulator
import Foundation
import GBCore
import Glibc
import Logging
import SIPCore
import Server
import Synchronization
import TestSupport

/// The tester against this very program: a server as a child process, a simulated device as lower platform.
struct ConformSelf: Sendable {
  let width: Int

  func run(
    _ editions: [Edition], _ selection: CaseSelection, done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> RunReport {
    let folder = NSTemporaryDirectory() + "tributary-conform-\(getpid())"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let server = try await ChildServer.start(in: folder + "/server")
    defer { server.stop() }
    // A second one sends whoever registers there to the first.
    let redirects = ConformCatalogue.all.contains { $0.id == "D26" && selection.contains($0) }
    let door =
      redirects && editions.contains(.edition2022)
      ? try await ChildServer.start(in: folder + "/redirecting", sendingTo: server) : nil
    defer { door?.stop() }
    let started = Date()
    // A run an edition, both at once: their devices, addresses and ports differ, and waiting is most of a run.
    let reports = try await withThrowingTaskGroup(of: RunReport.self) { tasks in
      for edition in editions {
        tasks.addTask { try await self.run(edition, selection, server, door, folder, done: done) }
      }
      return try await tasks.reduce(into: [RunReport]()) { $0.append($1) }
    }
    let cases = reports.sorted {
      $0.cases.first?.edition.rawValue ?? "" < $1.cases.first?.edition.rawValue ?? ""
    }
    .flatMap(\.cases)
    guard var report = reports.first else { throw StartError("no edition was chosen") }
    (report.cases, report.counts, report.started) = (cases, RunCounts(cases), started)
    report.seconds = Date().timeIntervalSince(started)
    return report
  }

  private func run(
    _ edition: Edition, _ selection: CaseSelection, _ server: ChildServer, _ door: ChildServer?,
    _ folder: String, done: @escaping @Sendable (CaseReport) -> Void
  ) async throws -> RunReport {
    let password = "conform-\(UInt32.random(in: 100_000...999_999))"
    let folder = folder + "/" + edition.rawValue
    let lower = LowerDevice(edition: edition, password: password, folder: folder)
    let platform = LowerPlatform(edition: edition, password: password, folder: folder)
    let all = ConformCatalogue.all
    var settings = settings(server, door, password) { try await lower.perform($0) }
    (settings.listenPort, settings.lowerID) = (lower.upperPort, lower.id)
    settings.lowerKeepalive = LowerDevice.keepalive
    settings.lowerName = "simulated device"
    var above = self.settings(server, door, password) { try await platform.perform($0) }
    (above.listenPort, above.lowerID) = (platform.upperPort, platform.id)
    above.lowerName = "this program"
    do {
      var report = try await ConformRun(
        settings, editions: [edition], selection: selection,
        cases: all.filter { !LowerPlatform.cases.contains($0.id) }
      ).run(done: done)
      await lower.end()
      // Alone: they cut what the others need.
      let platforms = try await ConformRun(
        above, editions: [edition], selection: selection,
        cases: all.filter { LowerPlatform.cases.contains($0.id) }
      ).run(done: done)
      await platform.end()
      report.cases += platforms.cases
      return report
    } catch {
      await lower.end()
      await platform.end()
      throw error
    }
  }

  private func settings(
    _ server: ChildServer, _ door: ChildServer?, _ password: String,
    lower: @escaping @Sendable (LowerOrder) async throws -> Void
  ) -> ConformSettings {
    var settings = ConformSettings(
      server: SIPHostPort(host: "127.0.0.1", port: server.sip), platformID: server.platform,
      password: password, hash: ConformCommand.hash, codec: .chinese,
      actions: HTTPActions(
        host: "127.0.0.1", port: server.http, token: server.token, redirecting: door.map(Self.redirecting),
        lower: lower))
    settings.serverName = "this server"
    settings.width = width
    return settings
  }
}

extension ConformSelf {
  /// Makes a device known at the server that sends devices away.
  private static func redirecting(_ door: ChildServer) -> @Sendable (TestIdentity) async throws -> SIPHostPort
  {
    { identity in
      try await HTTPActions(host: "127.0.0.1", port: door.http, token: door.token).provision(identity)
      return SIPHostPort(host: "127.0.0.1", port: door.sip)
    }
  }
}
