import Access
import DeviceSimulator
import Federation
import Foundation
import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport

@testable import Server

/// Servers above each other on the loopback interface: region ← city ← county, and cameras at the county.
///
/// Each has a machine's address of its own (127.0.0.x), as platforms have.
struct Levels: Sendable {
  static let password = "upward-1"

  let county: RunningServer
  let city: RunningServer
  let region: RunningServer
  /// What county and city grant to whom is above them.
  let granted: Locked<Bool>

  static func id(_ number: Int) throws -> DeviceID {
    guard let id = DeviceID("340\(number)0000002000000001") else { throw CancellationError() }
    return id
  }

  var countyID: DeviceID { county.runtime.configuration.platform.id }
  var cityID: DeviceID { city.runtime.configuration.platform.id }
  var regionID: DeviceID { region.runtime.configuration.platform.id }

  /// - Parameters:
  ///   - areEnrolled: whether each knows its neighbours as levels of our kind.
  ///   - byGrants: whether what is granted are grants of county and city, ``grantID`` for everything, instead of
  ///     ``granted``.
  static func with(
    areEnrolled: Bool = false, byGrants: Bool = false, _ body: (Levels) async throws -> Void
  ) async throws {
    let granted = Locked(true)
    let grants = UpwardGrants(
      sees: { _, _ in granted.with { $0 } }, looks: { _, _ in granted.with { $0 } })
    try await Folder.with { folder in
      var servers: [RunningServer] = []
      do {
        for number in 1...3 {
          let id = try Self.id(number)
          let path = "\(folder)/\(number)"
          try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
          servers.append(
            try await RunningServer.start(folder: path, grants: byGrants ? nil : grants) { configuration in
              configuration.platform = .init(
                id: id, name: "Level \(number)", realm: String(id.text.prefix(10)))
              configuration.http.host = "127.0.0.1"
            })
        }
        let levels = Levels(county: servers[0], city: servers[1], region: servers[2], granted: granted)
        if byGrants {
          try await levels.county.grantAll(to: levels.cityID)
          try await levels.city.grantAll(to: levels.regionID)
        }
        try await levels.join(levels.county, below: levels.city)
        try await levels.join(levels.city, below: levels.region)
        if areEnrolled {
          try await levels.enrol(levels.county, below: levels.city)
          try await levels.enrol(levels.city, below: levels.region)
        }
        try await body(levels)
      } catch {
        for server in servers { try? await server.stop() }
        throw error
      }
      for server in servers { try await server.stop() }
    }
  }

  /// Announces `lower` at `upper` and lets it register there.
  func join(_ lower: RunningServer, below upper: RunningServer) async throws {
    let own = lower.runtime.configuration.platform.id
    try await upper.announce(own, password: Self.password, name: lower.runtime.configuration.platform.name)
    guard
      let superior = Superior(
        id: upper.runtime.configuration.platform.id, name: upper.runtime.configuration.platform.name,
        ownID: own, servers: [SIPHostPort(host: "127.0.0.1", port: upper.runtime.addresses.sip)],
        heartbeat: HeartbeatRule(interval: .seconds(5), count: 3), itemsPerMessage: 10)
    else { throw CancellationError() }
    try await lower.services.superiors.save(SuperiorAccount(superior, password: Self.password))
  }

  /// The grant of county and city for whom is above them, when they are enrolled.
  static let grantID = "level"

  /// Lets each know the other's key by a code.
  func enrol(_ lower: RunningServer, below upper: RunningServer) async throws {
    let (own, above) = (lower.runtime.configuration.platform.id, upper.runtime.configuration.platform.id)
    guard
      await eventually({
        lower.services.superiors.server(above) != nil
          && upper.services.signalling.registration(of: own) != nil
      })
    else { throw CancellationError() }
    try await lower.runtime.enrol(with: upper.runtime)
  }

  /// Waits until the camera of a simulated fleet at the county is seen at the region.
  ///
  /// - Returns: its key there.
  func camera(_ fleet: SimulatorConfiguration) async throws -> ChannelKey {
    let code = fleet.channelID(device: 0, channel: 0)
    let key = ChannelKey(device: cityID, channel: code)
    guard
      await eventually({ region.services.directory.channel(key)?.status == .on })
    else { throw Missing(key: key) }
    return key
  }

  struct Missing: Error { let key: ChannelKey }
}

extension RunningServer {
  /// Grants a level above everything.
  func grantAll(to level: DeviceID) async throws {
    try await services.rights.give(
      Grant(
        id: Levels.grantID, issuer: runtime.configuration.platform.id.text, grantee: .level(level.text),
        scope: .all, operations: Set(AccessOperation.allCases), created: SystemClock.wall(), createdBy: "test"
      ))
  }
}
