public import MediaTime
public import SIPCore

/// Registration, heartbeats and addresses of all devices (§2, §3), as one machine without clock or socket.
///
/// ```
///             REGISTER                     right digest, Expires > 0
///   unknown ───────────► 401 (stateless) ───────────────────────────► online ◄──┐ refresh, request
///      │                      │ wrong digest                            │ │  └──┘
///      │ not provisioned      └──► 403, counted          Expires 0      │ │ one heartbeat missing
///      └──► 403, quarantine                          ┌──────────────────┘ ▼
///                                                    ▼        expiry   suspect ──► heard: online
///                                                 offline ◄───────────────┘ all missing
/// ```
///
/// A registrar with a ``RegistrarConfiguration/redirect`` plan answers a right digest of a device that is not online
/// here with 302 (2022, §2.5).
///
/// Owned by one event loop. Time and randomness come in with each call; `now`
/// is monotonic, `clock` is UTC.
public struct Registrar: Sendable {
  let configuration: RegistrarConfiguration
  let accounts: @Sendable (DeviceID) -> RegistrarAccount?
  let hash: DigestFunction
  var nonces: NoncePolicy
  var bindings: [DeviceID: Registration] = [:]
  /// Which device is heard from an address, for messages that name nobody we know.
  var byAddress: [SIPHostPort: DeviceID] = [:]
  /// The liveness of every device that registered.
  public internal(set) var liveness: LivenessTable
  var sourceFailures: FailureLimiter
  var deviceFailures: FailureLimiter
  var strangers: FailureLimiter
  var redirect: RedirectPlan?

  /// - Parameters:
  ///   - nonceKey: at least 16 random bytes.
  ///   - accounts: the account of a device, nil when it is not provisioned. Called for every REGISTER: must be fast.
  ///   - hash: MD5 and SHA-256.
  public init(
    configuration: RegistrarConfiguration, nonceKey: [UInt8], now: MonotonicTime,
    accounts: @escaping @Sendable (DeviceID) -> RegistrarAccount?, hash: @escaping DigestFunction
  ) {
    self.configuration = configuration
    self.accounts = accounts
    self.hash = hash
    nonces = NoncePolicy(key: nonceKey, hash: hash)
    liveness = LivenessTable(now: now)
    sourceFailures = FailureLimiter(limit: configuration.failuresPerSource)
    deviceFailures = FailureLimiter(limit: configuration.failuresPerDevice)
    strangers = FailureLimiter(limit: configuration.strangersPerSource)
    redirect = configuration.redirect
  }

  /// The registration of a device, also while it is offline for silence.
  public func registration(of device: DeviceID) -> Registration? { bindings[device] }

  // MARK: Requests of devices

  /// Finds out who sent a request: by its From, then by the code in its body, then by its address (§3).
  public func identify(from: DeviceID?, body: DeviceID?, source: SIPSource) -> DeviceID? {
    if let from, bindings.index(forKey: from) != nil { return from }
    if let body, bindings.index(forKey: body) != nil { return body }
    return byAddress[source.remote]
  }

  /// A request other than REGISTER came from a device: the heartbeat path. No allocation when nothing changes.
  ///
  /// The device must be registered and be heard from the address it registered
  /// from. A new port or connection of the same host is followed (NAT rebinding);
  /// another host must register there first. Who registered over a connection is called on it while it lasts,
  /// whatever else comes from that host, and then by the transport heard last (§14.2 #46); what registered over TLS
  /// is believed on TLS alone.
  /// - Parameter isKeepalive: whether it is a heartbeat; others count only where the device's rule says so.
  public mutating func hear(
    _ device: DeviceID, from source: SIPSource, isKeepalive: Bool, now: MonotonicTime
  ) -> RegistrarHearing {
    guard let known = boundSource(of: device), known.remote.host == source.remote.host else {
      return .refused
    }
    if known.transport == .tls, source.transport != .tls { return .refused }
    let touch = liveness.touch(device, isKeepalive: isKeepalive, now: now)
    if case .unregistered = touch { return .refused }
    let mayMove = known.connection == nil || source.transport.isReliable
    let isElsewhere =
      known.remote != source.remote || known.connection != source.connection
      || known.transport != source.transport
    if mayMove, isElsewhere {
      rebind(device, to: source)
      if case .alive = touch, let registration = bindings[device] {
        return .acceptedWith(.moved(registration, from: known))
      }
    }
    if case .changed(let change) = touch { return .acceptedWith(.changed(change)) }
    return .accepted
  }

  // MARK: Time and the outside world

  /// Call it about once a second.
  public mutating func tick(now: MonotonicTime) -> [RegistrarEvent] {
    liveness.tick(now: now).map { .changed($0) }
  }

  /// A connection broke. Devices that can be reached only through it, behind NAT or over TLS, are offline (2022);
  /// others are called at their Contact from now on.
  public mutating func connectionClosed(
    _ connection: SIPConnectionID, now: MonotonicTime
  ) -> [RegistrarEvent] {
    var events: [RegistrarEvent] = []
    for (device, binding) in bindings where binding.source.connection == connection {
      guard let contact = binding.contact, !binding.isBehindNAT, binding.source.transport == .tcp else {
        if let change = liveness.end(device, cause: .disconnected, now: now) {
          events.append(.changed(change))
        }
        continue
      }
      var source = binding.source
      source.connection = nil
      source.remote.port = contact.uri.port ?? 5060
      rebind(device, to: source)
    }
    return events
  }

  /// Takes up a registration from before a restart, unless it has ended. The device is suspect until heard.
  public mutating func restore(_ registration: Registration, now: MonotonicTime, clock: WallTime) {
    let remaining = registration.ends - clock
    guard remaining > .zero, let account = accounts(registration.device) else { return }
    var restored = registration
    // The connection died with the process that held it.
    restored.source.connection = nil
    bindings[registration.device] = restored
    if restored.source.transport == .udp { byAddress[restored.source.remote] = registration.device }
    liveness.restore(registration.device, rule: account.rule, until: now + remaining, now: now)
  }

  /// The liveness rule of a device was changed.
  public mutating func setRule(_ rule: LivenessRule, of device: DeviceID, now: MonotonicTime)
    -> [RegistrarEvent]
  {
    liveness.setRule(rule, of: device, now: now).map { [.changed($0)] } ?? []
  }

  /// A device was deleted or its password changed: it must register again.
  public mutating func forget(_ device: DeviceID, now: MonotonicTime) -> [RegistrarEvent] {
    let change = liveness.end(device, cause: .notRegistered, now: now)
    liveness.remove(device)
    unbind(device)
    redirect?.forget(device)
    return change.map { [.changed($0)] } ?? []
  }

  // MARK: Bindings

  /// The source of a registration. Read in place, which only a mutating access does: a copy of the whole registration
  /// for every heartbeat cost as much as parsing it.
  mutating func boundSource(of device: DeviceID) -> SIPSource? {
    guard let index = bindings.index(forKey: device) else { return nil }
    return Self.source(&bindings.values[index])
  }

  private static func source(_ registration: inout Registration) -> SIPSource { registration.source }

  /// Whether the device is registered from this host.
  func isBound(_ device: DeviceID, to host: String) -> Bool {
    guard let index = bindings.index(forKey: device) else { return false }
    return bindings.values[index].source.remote.host == host
  }

  /// Takes up a registration in place of the one before.
  ///
  /// - Returns: the one before.
  mutating func bind(_ registration: Registration) -> Registration? {
    let remote = registration.source.remote
    let previous = bindings.updateValue(registration, forKey: registration.device)
    // A refresh from where it always comes from has nothing else to write.
    if let old = previous?.source.remote {
      if old == remote, byAddress[remote] == registration.device { return previous }
      if byAddress[old] == registration.device { byAddress[old] = nil }
    }
    byAddress[remote] = registration.device
    return previous
  }

  mutating func rebind(_ device: DeviceID, to source: SIPSource) {
    if let old = bindings[device]?.source.remote, byAddress[old] == device { byAddress[old] = nil }
    bindings[device]?.source = source
    byAddress[source.remote] = device
  }

  mutating func unbind(_ device: DeviceID) {
    if let old = bindings.removeValue(forKey: device)?.source.remote, byAddress[old] == device {
      byAddress[old] = nil
    }
  }
}
