import Access
import CharacterSets
import Federation
import GBCore
import HTTPAPI
import Logging
import Registry
import SIPCore

/// Platforms above this one.
extension Platform {
  func superiors() async throws -> [API.Superior] {
    var found: [API.Superior] = []
    for entry in services.superiors.all { found.append(await resource(entry)) }
    return found
  }

  func superior(_ id: String) async throws -> API.Superior { await resource(try entry(id)) }

  func saveSuperior(
    _ id: String, _ change: API.NewSuperior, by caller: Caller
  ) async throws -> API.Superior {
    let account = try account(id, change)
    try await services.superiors.save(account)
    note("a superior was described", account.superior.id, caller)
    return try await superior(id)
  }

  func removeSuperior(_ id: String, by caller: Caller) async throws {
    let known = try entry(id).account.superior.id
    try await services.superiors.remove(known)
    note("a superior was removed", known, caller)
  }

  func registerNow(superior id: String, by caller: Caller) async throws -> API.Superior {
    let known = try entry(id).account.superior.id
    services.superiors.hurry(known)
    note("a superior is registered with now", known, caller)
    return try await superior(id)
  }

  func ladder(superior id: String) async throws -> API.Ladder {
    let entry = try entry(id)
    let messages = services.ladder.messages(
      peer: entry.link.server.address.host, mentioning: entry.account.superior.id.text)
    return API.Ladder(messages: messages.map { $0.message(decode: ChineseText.decode) })
  }

  private func entry(_ id: String) throws -> SuperiorService.Entry {
    guard let entry = DeviceID(id).flatMap({ services.superiors.entry($0) }) else {
      throw Problem.notFound("There is no platform above with this code.")
    }
    return entry
  }

  private func note(_ what: String, _ id: DeviceID, _ caller: Caller) {
    logger.notice(
      "\(what)",
      metadata: [
        "superior.id": "\(id)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
      ])
  }

  // MARK: Reading what was asked for

  private func account(_ id: String, _ change: API.NewSuperior) throws -> SuperiorAccount {
    guard let code = DeviceID(id), code.text.count == 20,
      code.typeCode.map({ (200...299).contains($0) }) == true
    else {
      throw Problem.invalid(
        "“\(id.prefix(32))” is no code of a platform.", fix: "It has 20 digits, digits 11 to 13 are 200.")
    }
    guard code != configuration.platform.id else {
      throw Problem.invalid("A platform cannot be above itself: this is its own code.")
    }
    let known = services.superiors.entry(code)?.account
    guard let password = change.password ?? known?.password, !password.isEmpty else {
      throw Problem.invalid("The password of our account there is missing.")
    }
    let own = try change.ownId.map { text throws -> DeviceID in
      guard let own = DeviceID(text) else { throw Problem.invalid("“ownId” is no code.") }
      return own
    }
    let edition = try Self.edition(change.gbVersion) ?? .v2022
    guard
      let superior = Superior(
        id: code, name: change.name ?? known?.superior.name ?? code.text,
        ownID: own ?? configuration.platform.id, realm: change.realm,
        servers: try change.servers.map(Self.server),
        transport: try Self.word(change.transport, "transport", [.udp, .tcp]) ?? .udp,
        encoding: try Self.encoding(change.encoding) ?? edition.declaredEncoding, edition: edition,
        expires: try Self.number(change.expires, "expires", 60...604_800) ?? 86_400,
        heartbeat: HeartbeatRule(
          interval: .seconds(try Self.number(change.heartbeatInterval, "heartbeatInterval", 5...255) ?? 60),
          count: try Self.number(change.heartbeatCount, "heartbeatCount", 1...255) ?? 3),
        itemsPerMessage: try Self.number(change.itemsPerMessage, "itemsPerMessage", 1...100) ?? 4,
        controlPriority: try Self.number(change.controlPriority, "controlPriority", 1...254),
        sharesGroups: change.sharesGroups ?? true,
        capacity: try Self.number(change.capacity, "capacity", 1...1_000_000_000_000),
        reserve: try Self.number(change.reserve, "reserve", 0...1_000_000_000_000) ?? 0,
        isEnabled: change.enabled ?? true)
    else { throw Problem.invalid("“servers” must name at least one host:port.") }
    return SuperiorAccount(superior, password: password)
  }

  private static func server(_ text: String) throws -> SIPHostPort {
    // Names are not looked up: a superior's requests are known by the address they come from.
    guard let address = PeerAddress(text), address.port > 0,
      address.host.allSatisfy({ $0.isHexDigit || $0 == "." || $0 == ":" })
    else {
      throw Problem.invalid(
        "“\(text.prefix(64))” is no address of a server.",
        fix: "Write an IP address and a port: 192.0.2.1:5060.")
    }
    return SIPHostPort(host: address.host, port: address.port)
  }

  static func number(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws -> Int? {
    guard let value else { return nil }
    guard range.contains(value) else {
      throw Problem.invalid("“\(name)” must be \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }

  private static func word(
    _ value: String?, _ name: String, _ known: [SignallingTransport]
  ) throws -> SignallingTransport? {
    guard let value else { return nil }
    guard let found = known.first(where: { $0.rawValue == value }) else {
      throw Problem.invalid("“\(name)” must be \(known.map(\.rawValue).joined(separator: " or ")).")
    }
    return found
  }

  private static func encoding(_ value: String?) throws -> TextEncodingName? {
    guard let value else { return nil }
    guard let found = TextEncodingName(value) else {
      throw Problem.invalid("“encoding” must be GB18030, GB2312 or UTF-8.")
    }
    return found
  }

  private static func edition(_ value: String?) throws -> GBVersion? {
    guard let value else { return nil }
    guard let found = GBVersion(value) else {
      throw Problem.invalid("“gbVersion” must be 1.0, 1.1, 2.0 or 3.0.")
    }
    return found
  }

  // MARK: Telling

  private func resource(_ entry: SuperiorService.Entry) async -> API.Superior {
    let superior = entry.account.superior
    return API.Superior(
      id: superior.id.text, name: superior.name, ownId: superior.ownID.text, realm: superior.realm,
      servers: superior.servers.map(\.description), transport: superior.transport.rawValue,
      gbVersion: (entry.edition ?? superior.edition).description, encoding: superior.encoding.rawValue,
      expires: superior.expires, heartbeatInterval: Int(superior.heartbeat.interval.components.seconds),
      heartbeatCount: superior.heartbeat.count, itemsPerMessage: superior.itemsPerMessage,
      controlPriority: superior.controlPriority, sharesGroups: superior.sharesGroups,
      capacity: superior.capacity, reserve: superior.capacity == nil ? nil : superior.reserve,
      enabled: superior.isEnabled, state: Self.state(entry.link.phase),
      since: API.Time(entry.since), server: entry.link.server.address.description,
      lastStatus: entry.lastStatus, cause: entry.link.lastLoss.map(Self.cause),
      items: await services.superiors.views.count(superior.id),
      subscribed: entry.catalog.notifier.isGranted,
      streams: services.relays.entries(of: superior.id).count)
  }

  private static func state(_ phase: SuperiorLink.Phase) -> API.SuperiorState {
    switch phase {
    case .disconnected: .disabled
    case .registering: .registering
    case .registered: .registered
    case .waiting: .waiting
    case .leaving: .leaving
    }
  }

  /// Why there is no registration, in words, with what to do.
  private static func cause(_ loss: SuperiorLink.Loss) -> API.Cause {
    switch loss {
    case .silence:
      API.Cause(
        code: "silence", text: "The superior does not answer.",
        fix: "Check its address and port, and that UDP or TCP gets there from here.")
    case .refused(let status) where status == 401 || status == 403:
      API.Cause(
        code: "refused", text: "The superior refuses us with \(status).",
        fix: "Ask there whether our code is announced and which password it has.")
    case .refused(let status):
      API.Cause(
        code: "refused", text: "The superior refuses us with \(status).",
        fix: "Look at the messages below, and ask there.")
    case .heartbeats:
      API.Cause(
        code: "heartbeats", text: "Heartbeats were not answered.",
        fix: "The superior or the way to it is down; it is tried again by itself.")
    case .forgotten(let status):
      API.Cause(
        code: "forgotten", text: "The superior did not know us any more (\(status)): it has restarted.")
    case .connection: API.Cause(code: "connection", text: "The connection broke.")
    case .expired: API.Cause(code: "expired", text: "The registration could not be refreshed in time.")
    case .redirected: API.Cause(code: "redirected", text: "The superior sent us to another server.")
    }
  }
}
