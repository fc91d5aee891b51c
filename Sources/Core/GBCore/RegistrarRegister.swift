public import MediaTime
public import SIPCore

extension Registrar {
  /// Answers a REGISTER (§2.1–2.3).
  ///
  /// - Parameters:
  ///   - random: 64 random bits, for the nonce of a challenge and the To tag.
  public mutating func register(
    _ request: SIPRequest, from source: SIPSource, now: MonotonicTime, clock: WallTime, random: UInt64
  ) -> RegistrarOutcome {
    var answer = Answer(request: request, source: source, now: now, clock: clock, random: random)
    let hasCall = request.headers.withValue(of: .callID) { !$0.isEmpty } == true
    guard let device = Self.device(of: request), hasCall, request.cseq != nil else {
      return refuse(&answer, nil, .malformed, status: 400)
    }
    guard let account = accounts(device) else { return stranger(&answer, device) }
    guard !isLimited(device, source, now) else { return refuse(&answer, device, .rateLimited) }
    guard let password = account.password, !password.isEmpty else {
      return refuse(&answer, device, .noCredential)
    }
    guard let credentials = Self.credentials(request) else {
      return challenge(&answer, device, isStale: false)
    }
    guard credentials.username == device.text || credentials.username == account.userAlias else {
      return fail(&answer, device, .wrongUser)
    }
    let elapsed = Duration.nanoseconds(now.nanoseconds)
    guard Digest.verify(credentials, password: password, method: .register, hash: hash) else {
      // An old nonce with a wrong digest says little: a restart of ours makes every cached nonce old.
      let verdict = nonces.check(credentials.nonce, for: device.text, now: elapsed)
      return verdict == .accepted ? fail(&answer, device, .wrongPassword) : doubt(&answer, device)
    }
    let consumed = nonces.consume(credentials.nonce, count: credentials.nc, for: device.text, now: elapsed)
    guard consumed == .accepted else { return challenge(&answer, device, isStale: true) }
    clearFailures(device, source)
    return accept(&answer, device, account)
  }

  /// What is at hand while one REGISTER is answered.
  private struct Answer {
    let request: SIPRequest
    let source: SIPSource
    let now: MonotonicTime
    let clock: WallTime
    let random: UInt64
    var events: [RegistrarEvent] = []

    /// Text for the To tag, different for every answer.
    var tag: String { String(random, radix: 36) }
  }

  /// The code in From, or in To: real devices agree with themselves in at least one of them.
  private static func device(of request: SIPRequest) -> DeviceID? {
    if let device = request.fromUser.flatMap({ DeviceID($0) }) { return device }
    return request.toUser.flatMap { DeviceID($0) }
  }

  /// The first digest among the Authorization fields; other schemes fall back to a challenge (§2.3).
  private static func credentials(_ request: SIPRequest) -> DigestCredentials? {
    request.headers.firstReadable(.authorization) { DigestCredentials($0) }
  }

  // MARK: Accepting

  private mutating func accept(
    _ answer: inout Answer, _ device: DeviceID, _ account: RegistrarAccount
  ) -> RegistrarOutcome {
    let request = answer.request
    let contact = request.contact
    let wish = request.registrationExpires(with: contact) ?? configuration.defaultExpires
    if wish == 0 { return unregister(&answer, device, contact) }
    if let target = redirection(of: device, now: answer.now) { return redirect(&answer, device, to: target) }
    let expires = min(max(wish, configuration.shortestExpires), configuration.longestExpires)
    let registration = Registration(
      device: device, source: answer.source, contact: contact, callID: request.callID ?? "",
      version: request.headers[.gbVersion].flatMap { GBVersion($0) }, userAgent: request.userAgent,
      registered: answer.clock, expires: expires)
    let previous = bind(registration)?.source
    let change = liveness.register(
      device, rule: account.rule, until: answer.now + .seconds(expires), now: answer.now)
    if let change, change.previous == .offline {
      answer.events.append(.registered(registration, change))
    } else {
      if let change { answer.events.append(.changed(change)) }
      answer.events.append(.refreshed(registration))
      if let previous,
        previous.remote != answer.source.remote || previous.transport != answer.source.transport
      {
        answer.events.append(.moved(registration, from: previous))
      }
    }
    return RegistrarOutcome(response: success(answer, contact, expires: expires), events: answer.events)
  }

  private mutating func unregister(
    _ answer: inout Answer, _ device: DeviceID, _ contact: NameAddress?
  ) -> RegistrarOutcome {
    if let change = liveness.end(device, cause: .unregistered, now: answer.now) {
      answer.events.append(.changed(change))
    }
    unbind(device)
    redirect?.forget(device)
    return RegistrarOutcome(response: success(answer, contact, expires: 0), events: answer.events)
  }

  /// Where a device is to register. Who is online here stays: moving it would end its streams.
  private mutating func redirection(of device: DeviceID, now: MonotonicTime) -> RedirectTarget? {
    guard redirect != nil else { return nil }
    let isHere = bindings.index(forKey: device) != nil && liveness.state(of: device) != .offline
    return isHere ? nil : redirect?.target(for: device, now: now)
  }

  private mutating func redirect(
    _ answer: inout Answer, _ device: DeviceID, to target: RedirectTarget
  ) -> RegistrarOutcome {
    unbind(device)
    var response = response(answer, 302)
    response.headers.append(.contact, target.contact)
    response.headers.append(.expires, String(redirect?.expires ?? 0))
    answer.events.append(.redirected(device, answer.source, target))
    return RegistrarOutcome(response: response, events: answer.events)
  }

  private func success(_ answer: Answer, _ contact: NameAddress?, expires: Int) -> SIPResponse {
    var response = response(answer, 200)
    response.headers.append(.date, GBTime.dateHeader(answer.clock))
    response.headers.append(.expires, String(expires))
    if var contact {
      contact.parameters["expires"] = String(expires)
      response.headers.append(.contact, contact.description)
    }
    return response
  }

  // MARK: Refusing

  private func challenge(_ answer: inout Answer, _ device: DeviceID, isStale: Bool) -> RegistrarOutcome {
    let elapsed = Duration.nanoseconds(answer.now.nanoseconds)
    let nonce = nonces.issue(for: device.text, now: elapsed, random: answer.random)
    var response = response(answer, 401)
    let algorithms: [DigestAlgorithm] = configuration.offersSHA256 ? [.sha256, .md5] : [.md5]
    for algorithm in algorithms {
      let challenge = DigestChallenge(
        realm: configuration.realm, nonce: nonce, algorithm: algorithm, isStale: isStale)
      response.headers.append(.wwwAuthenticate, challenge.headerValue)
    }
    return RegistrarOutcome(response: response, events: answer.events)
  }

  /// Wrong digest over a nonce that no longer counts: challenge again, but let the guess count.
  private mutating func doubt(_ answer: inout Answer, _ device: DeviceID) -> RegistrarOutcome {
    recordFailure(device, answer.source, answer.now)
    return challenge(&answer, device, isStale: false)
  }

  private mutating func fail(
    _ answer: inout Answer, _ device: DeviceID, _ reason: RegistrationRefusal
  ) -> RegistrarOutcome {
    recordFailure(device, answer.source, answer.now)
    return refuse(&answer, device, reason)
  }

  private mutating func stranger(_ answer: inout Answer, _ device: DeviceID) -> RegistrarOutcome {
    let host = answer.source.remote.host
    if !strangers.isBlocked(host, now: answer.now) {
      strangers.record(host, now: answer.now)
      let request = QuarantineRequest(
        device: device, source: answer.source, userAgent: answer.request.userAgent,
        version: answer.request.headers[.gbVersion].flatMap { GBVersion($0) })
      answer.events.append(.quarantine(request))
    }
    return refuse(&answer, device, .unknownDevice)
  }

  private func refuse(
    _ answer: inout Answer, _ device: DeviceID?, _ reason: RegistrationRefusal, status: Int = 403
  ) -> RegistrarOutcome {
    answer.events.append(.refused(device, answer.source, reason))
    return RegistrarOutcome(response: response(answer, status), events: answer.events)
  }

  /// Every answer to REGISTER, good or bad, says which edition we speak (GB/T 28181-2022 Annex I).
  private func response(_ answer: Answer, _ status: Int) -> SIPResponse {
    var response = SIPResponse(to: answer.request, status: status, toTag: answer.tag)
    response.headers.append(.gbVersion, configuration.version.description)
    return response
  }

  // MARK: Limits

  /// A device that is registered from this host is never shut out by what others do.
  private func isLimited(_ device: DeviceID, _ source: SIPSource, _ now: MonotonicTime) -> Bool {
    let host = source.remote.host
    if isBound(device, to: host), liveness.state(of: device) != .offline { return false }
    if sourceFailures.isBlocked(host, now: now) { return true }
    return deviceFailures.isBlocked(device.text, now: now)
      && deviceFailures.failures(Self.pair(device, host), now: now) > 0
  }

  private mutating func recordFailure(_ device: DeviceID, _ source: SIPSource, _ now: MonotonicTime) {
    sourceFailures.record(source.remote.host, now: now)
    deviceFailures.record(device.text, now: now)
    deviceFailures.record(Self.pair(device, source.remote.host), now: now)
  }

  private mutating func clearFailures(_ device: DeviceID, _ source: SIPSource) {
    guard deviceFailures.count > 0 else { return }
    deviceFailures.clear(device.text)
    deviceFailures.clear(Self.pair(device, source.remote.host))
  }

  private static func pair(_ device: DeviceID, _ host: String) -> String { "\(device)@\(host)" }
}
