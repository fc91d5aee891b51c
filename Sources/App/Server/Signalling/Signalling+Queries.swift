import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// Queries to devices and their answers (§4.3–4.5).
extension Signalling {
  /// Asks a device for its DeviceInfo and Catalog, in its turn.
  func interrogate(_ device: DeviceID) {
    Task {
      await interrogation.enqueue(device) { [weak self] device, command in
        self?.ask(command, of: device) ?? false
      }
    }
  }

  /// Sends one query. False when it could not be sent.
  private func ask(_ command: CmdType, of device: DeviceID) -> Bool {
    let now = SystemClock.monotonic()
    let begun = state.withLock { state -> (Int, Registration)? in
      guard let registration = state.registrar.registration(of: device) else { return nil }
      // The assembler keeps its own time; the query lives as long as it can.
      let timeout: Duration = command == .catalog ? .seconds(150) : .seconds(10)
      guard let sn = state.queries.begin(command, to: device, now: now, timeout: timeout) else { return nil }
      if command == .catalog {
        state.catalogs[device] = CatalogAssembler(sn: sn, started: now)
        state.buckets[device] = nil
      }
      return (sn, registration)
    }
    guard let (sn, registration) = begun else {
      if command == .catalog { listeners.catalog(device, .unread) }
      return false
    }
    send(.query(command, sn: sn, of: device), to: registration) { [weak self] delivery in
      guard let self, delivery != .accepted else { return }
      let isCurrent = state.withLock { state in
        // The device may have gone, come back and been asked again in the meantime.
        guard state.queries.match(command, from: device) == sn else { return false }
        state.queries.end(command, of: device)
        if command == .catalog { state.catalogs[device] = nil }
        return true
      }
      guard isCurrent else { return }
      logger.notice(
        "a query was not delivered", metadata: ["device.id": "\(device)", "command": "\(command)"])
      if command == .catalog { listeners.catalog(device, .unread) }
      Task { await self.interrogation.answered(device, command) }
    }
    return true
  }

  /// Prepares to gather some buckets of a platform's catalog, which it is asked for in another way than by a query.
  ///
  /// - Returns: the number its answer must carry; nil while another answer of its is awaited.
  func expectCatalog(of device: DeviceID, buckets: Set<Int>) -> Int? {
    let now = SystemClock.monotonic()
    return state.withLock { state in
      guard state.registrar.registration(of: device) != nil,
        let sn = state.queries.begin(.catalog, to: device, now: now, timeout: .seconds(150))
      else { return nil }
      state.catalogs[device] = CatalogAssembler(sn: sn, started: now)
      state.buckets[device] = buckets
      return sn
    }
  }

  /// What ``expectCatalog(of:buckets:)`` prepared for will not come.
  func expectCatalogNoMore(of device: DeviceID, _ sn: Int) {
    state.withLock { state in
      guard state.queries.match(.catalog, from: device) == sn else { return }
      state.queries.end(.catalog, of: device)
      (state.catalogs[device], state.buckets[device]) = (nil, nil)
    }
  }

  /// Asks the camera for a key frame, in the spelling of its edition.
  func requestKeyFrame(_ channel: ChannelKey) {
    let begun = state.withLock { state -> (Int, Registration)? in
      state.registrar.registration(of: channel.device).map { (state.queries.nextSN(), $0) }
    }
    guard let (sn, registration) = begun else { return }
    let habits = directory.habits(of: channel.device)
    let spelling =
      habits.keyFrameSpelling ?? KeyFrameSpelling(version: habits.edition ?? registration.version ?? .v2016)
    send(.keyFrame(sn: sn, channel: channel.channel, spelling: spelling), to: registration) { _ in }
  }

  /// Sends a document outside any dialog, in the encoding of its receiver. `delivered` is called exactly once.
  ///
  /// - Parameter subject: whose address the request carries, when it is not the document's own code.
  func send(
    _ document: MANSCDPDocument, to registration: Registration, about subject: DeviceID? = nil,
    delivered: @escaping @Sendable (Delivery) -> Void
  ) {
    guard let endpoint else { return delivered(.noAnswer) }
    let habits = directory.habits(of: registration.device)
    let encoding = habits.encoding ?? (habits.edition ?? registration.version ?? .v2016).declaredEncoding
    var request = outOfDialog(.message, to: subject ?? document.deviceID, at: registration)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(encoding, codec: codec)
    if registration.device.isPlatform, document.deviceID != registration.device {
      let key = ChannelKey(device: registration.device, channel: document.deviceID)
      if let message = try? MANSCDPMessage(parsing: request.body, codec: codec),
        let operation = UpwardAct(message).operation
      {
        listeners.dress(&request, key, operation)
      }
    }
    endpoint.send(request, to: registration.target, timeout: .seconds(10)) { event in
      switch event {
      case .provisional: break
      case .final(let response, _):
        delivered(response.isSuccess ? .accepted : .refused(status: response.status))
      case .timeout, .transportError: delivered(.noAnswer)
      }
    }
  }

  /// A request outside any dialog: new Call-ID and tag, no To tag (a stray one makes Hikvision answer 481).
  func outOfDialog(_ method: SIPMethod, to target: DeviceID, at registration: Registration) -> SIPRequest {
    let remote = registration.source.remote
    return SIPRequest(
      method: method, uri: SIPURI(user: target.text, host: remote.host, port: remote.port),
      from: NameAddress(uri: SIPURI(user: platform.text, host: realm), tag: Self.token()),
      to: NameAddress(uri: SIPURI(user: target.text, host: target.domain ?? realm)),
      callID: Self.token() + Self.token(), cseq: UInt32.random(in: 1...9_999))
  }

  static func token() -> String { String(UInt64.random(in: .min ... .max), radix: 36) }

  // MARK: Answers

  /// Nobody below orders this platform about. It says so in a document, whatever was asked: silence would look like
  /// obedience (decision 0010).
  func refuse(_ message: MANSCDPMessage, _ device: DeviceID) {
    guard let registration = registration(of: device) else { return }
    let document = MANSCDPDocument.result(
      message.cmdType, sn: message.sn ?? 0, from: message.deviceID ?? platform, isOK: false)
    send(document, to: registration, about: device) { _ in }
    let order = DeviceControl(message)?.name ?? message.cmdType.name
    logger.notice(
      "an order from below was refused", metadata: ["device.id": "\(device)", "command": "\(order)"])
  }

  func deviceInfo(_ reply: DeviceInfoReply, _ device: DeviceID) {
    state.withLock { $0.queries.end(.deviceInfo, of: device) }
    directory.note(device) { known in
      if let value = reply.manufacturer { known.dossier.manufacturer = value }
      if let value = reply.model { known.dossier.model = value }
      if let value = reply.firmware { known.dossier.firmware = value }
      if let value = reply.channels { known.dossier.declaredChannels = value }
      if known.name.isEmpty, let name = reply.name { known.name = name }
    }
    Task { await interrogation.answered(device, .deviceInfo) }
  }

  func catalog(_ part: CatalogReply, _ device: DeviceID) {
    let now = SystemClock.monotonic()
    let assembly = state.withLock { state -> CatalogAssembly? in
      state.counters.catalogParts += 1
      state.counters.catalogItemsBroken += UInt64(part.problems.count)
      guard state.catalogs[device] != nil else { return nil }
      let assembly = state.catalogs[device]?.receive(part, now: now)
      if assembly != nil { state.queries.end(.catalog, of: device) }
      return assembly
    }
    if let assembly { finished(assembly, device) }
  }

  func finished(_ assembly: CatalogAssembly, _ device: DeviceID) {
    let buckets = state.withLock { $0.buckets[device] }
    let change = directory.apply(assembly, of: device, buckets: buckets, now: SystemClock.wall())
    listeners.catalog(device, .read(isComplete: assembly.isComplete))
    guard buckets == nil else {
      return listeners.channels(change.statusChanged.prefix(500).map(\.self))
    }
    let found = assembly.items.count + assembly.problems.count
    let listing = Listing(
      wasAnswered: found > 0 || assembly.expected != nil, announced: assembly.expected ?? found,
      arrived: assembly.items.count, broken: assembly.problems.count)
    state.withLock { state in
      state.listings[device] = listing
      if assembly.isComplete { state.counters.catalogsComplete += 1 }
    }
    logger.info(
      "a catalog arrived",
      metadata: [
        "device.id": "\(device)", "items": "\(assembly.items.count)", "broken": "\(assembly.problems.count)",
        "complete": "\(assembly.isComplete)",
      ])
    // A listener learns of a new catalog by its device; single channels matter only when few changed.
    listeners.channels(change.statusChanged.prefix(500).map(\.self))
    Task { await interrogation.answered(device, .catalog) }
  }
}
