import Access
import Federation
public import GBCore
import MediaTime
import Registry
import SIPCore

/// Levels that one person sets up at once, as the demo does. Elsewhere each side is described by its own people.
extension ServerRuntime {
  /// How the link to the platform above stands.
  public struct UpwardLink: Sendable {
    public var isRegistered: Bool
    /// The edition that is spoken there.
    public var edition: String
    public var encoding: String
    /// Items that the platform above may see.
    public var items: Int
    /// Whether it wants to be told of changes.
    public var isSubscribed: Bool
  }

  /// Announces this level at the one above and registers it there. Call once both serve.
  public func join(below upper: ServerRuntime, password: String) async throws {
    let own = configuration.platform
    let above = upper.configuration
    try await upper.addDevice(
      Device(id: own.id, name: own.name, added: SystemClock.wall()), password: password)
    guard
      let superior = Superior(
        id: above.platform.id, name: above.platform.name, ownID: own.id, realm: above.platform.realm,
        servers: [SIPHostPort(host: above.sip.host, port: upper.addresses.sip)],
        heartbeat: HeartbeatRule(interval: .seconds(10)), itemsPerMessage: 10)
    else { return }
    try await services.superiors.save(SuperiorAccount(superior, password: password))
  }

  /// Lets this level and the one above know each other's keys, by a code, unless they do already. Call once it is
  /// registered there.
  public func enrol(with upper: ServerRuntime) async throws {
    let above = upper.configuration.platform.id
    guard
      !services.book.isEnrolled(.superior(above))
        || !upper.services.book.isEnrolled(.lower(configuration.platform.id))
    else { return }
    let (code, _) = try await services.enrolment.makeCode(for: .superior(above), by: "tributary")
    _ = try await upper.services.enrolment.enter(code, by: "tributary")
  }

  /// The link to a platform above; nil for one that nobody described.
  public func upwardLink(to upper: DeviceID) async -> UpwardLink? {
    guard let entry = services.superiors.entry(upper) else { return nil }
    let superior = entry.account.superior
    return UpwardLink(
      isRegistered: entry.link.phase == .registered,
      edition: (entry.edition ?? superior.edition).description, encoding: superior.encoding.rawValue,
      items: await services.superiors.views.count(upper), isSubscribed: entry.catalog.notifier.isGranted)
  }

  /// Lets a platform above see and look at what is below a device, unless such a grant is in force.
  ///
  /// - Parameter device: nil grants all channels.
  public func share(_ device: DeviceID?, with level: DeviceID, note: String) async throws {
    let scope: GrantScope = device.map { .subtree($0.text) } ?? .all
    let now = SystemClock.wall()
    let isShared = services.rights.grants.contains {
      $0.isInForce(at: now) && $0.grantee == .level(level.text) && $0.scope == scope
    }
    guard !isShared else { return }
    try await services.rights.give(
      Grant(
        id: RightsService.newID(), issuer: configuration.platform.id.text, grantee: .level(level.text),
        scope: scope, operations: [.live, .replay, .download, .control], note: note, created: now,
        createdBy: "tributary"))
  }
}
