import Access
import CharacterSets
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Recording
import Registry

extension Platform {
  func devices(_ query: HTTPAPI.DeviceQuery) async throws -> API.Page<API.Device> {
    let wanted = Registry.DeviceQuery(
      text: query.text, status: query.status.flatMap { DeviceStatus(rawValue: $0.rawValue) },
      after: query.cursor.flatMap { DeviceID($0) }, limit: query.limit)
    let (page, counts) = directory.read { directory in
      let page = directory.search(wanted)
      return (page, page.devices.map { Self.counts($0.id, directory) })
    }
    return API.Page(
      items: zip(page.devices, counts).map { resource($0, $1) }, next: page.next?.text, total: page.total)
  }

  func device(_ id: String) async throws -> API.Device { resource(try deviceID(id)) }

  func addDevice(_ device: API.NewDevice, by caller: Caller) async throws -> API.Device {
    guard let id = DeviceID(device.id) else {
      throw Problem.invalid(
        "The code “\(device.id.prefix(64))” is not 1 to 32 letters or digits.",
        fix: "Use the 20-digit code from the device's GB/T 28181 page.")
    }
    guard directory.device(id) == nil else {
      throw Problem.conflict(
        "The device \(id) exists already.", fix: "Change it with PATCH, or remove it first.")
    }
    guard !device.password.isEmpty, device.password.count <= 128 else {
      throw Problem.invalid("The password must have 1 to 128 characters.")
    }
    let record = Device(
      id: id, name: device.name.isEmpty ? id.text : device.name, added: SystemClock.wall(),
      settings: try settings(
        charset: device.charset, mediaTransport: device.mediaTransport, interval: device.heartbeatInterval,
        count: device.heartbeatCount, of: DeviceSettings()))
    try await directory.add(record, password: device.password)
    logger.info("a device was added", metadata: metadata(id, caller))
    return resource(id)
  }

  func changeDevice(_ id: String, _ change: API.DeviceChange, by caller: Caller) async throws -> API.Device {
    let id = try deviceID(id)
    if let password = change.password, password.isEmpty || password.count > 128 {
      throw Problem.invalid("The password must have 1 to 128 characters.")
    }
    var new = try settings(
      charset: change.charset, mediaTransport: change.mediaTransport, interval: change.heartbeatInterval,
      count: change.heartbeatCount, of: directory.device(id)?.settings ?? DeviceSettings())
    let digest = try change.signallingDigest.map { try Self.digest($0) }
    if let recordings = change.recordings { try Self.apply(recordings, to: &new) }
    let settings = new
    let changed = try await directory.change(id, password: change.password) { device in
      if let name = change.name { device.name = name }
      device.settings = settings
    }
    if change.password != nil { services.signalling.forget(id) }
    if let changed { services.signalling.ruleChanged(changed) }
    if let digest {
      let registration = services.signalling.registration(of: id)
      try await services.signalling.notes.set(digest, of: id, heardFrom: registration)
    }
    logger.info("a device was changed", metadata: metadata(id, caller))
    return resource(id)
  }

  func removeDevice(_ id: String, by caller: Caller) async throws {
    let id = try deviceID(id)
    for channel in directory.read({ $0.channels(of: id) }) {
      try await services.recording.setPlan(.off, for: channel.key)
    }
    services.signalling.forget(id)
    services.subscriptions.forget(id)
    services.lowerCatalogs.forget(id)
    try await directory.remove(id)
    try await services.signalling.notes.set(nil, of: id, heardFrom: nil)
    logger.info("a device was removed", metadata: metadata(id, caller))
  }

  func refreshDevice(_ id: String, by caller: Caller) async throws -> API.Refreshed {
    let id = try deviceID(id)
    guard directory.reachable(id) != nil else {
      throw Problem.conflict("The device is offline; it is asked when it registers.")
    }
    services.signalling.interrogate(id)
    return API.Refreshed(queries: ["DeviceInfo", "Catalog"])
  }

  func importDevices(csv: [UInt8], dryRun: Bool, by caller: Caller) async throws -> API.ImportResult {
    let known = Set(directory.devices.map(\.id))
    let table = DeviceImport(csv: ChineseText.decode(csv), known: known)
    if !dryRun {
      for entry in table.accepted {
        let old = directory.device(entry.id)
        var device = old ?? Device(id: entry.id, name: entry.name, added: SystemClock.wall())
        device.name = entry.name
        device.settings = entry.settings
        let changedPassword = directory.password(entry.id) != entry.password
        try await directory.add(device, password: entry.password)
        if old != nil, changedPassword { services.signalling.forget(entry.id) }
      }
      logger.info(
        "devices were imported",
        metadata: ["count": "\(table.accepted.count)", "correlation": "\(caller.correlation)"])
    }
    return API.ImportResult(
      accepted: table.accepted.count,
      rejected: table.rejected.map { API.RejectedLine(line: $0.line, reason: $0.reason) }, dryRun: dryRun)
  }

  func ladder(device id: String) async throws -> API.Ladder {
    let id = try deviceID(id)
    return API.Ladder(messages: messages(of: id, mentioning: id.text))
  }

  func messages(of device: DeviceID, mentioning code: String?) -> [API.LadderMessage] {
    // One that never came in is known by where it knocked.
    let known = directory.device(device)?.contact?.address.host
    guard let host = services.signalling.chronicle.door(device).host ?? known else { return [] }
    return services.ladder.messages(peer: host, mentioning: code).map {
      $0.message(decode: ChineseText.decode)
    }
  }

  // MARK: Quarantine

  func quarantine() async throws -> [API.QuarantinedDevice] {
    directory.quarantine.map { entry in
      API.QuarantinedDevice(
        id: entry.id.text, address: entry.address.description, transport: entry.transport.rawValue,
        userAgent: entry.userAgent, firstSeen: API.Time(entry.firstSeen), lastSeen: API.Time(entry.lastSeen),
        attempts: entry.attempts, reason: entry.reason)
    }
  }

  func approve(_ id: String, _ approval: API.Approval, by caller: Caller) async throws -> API.Device {
    guard let id = DeviceID(id), directory.quarantine.contains(where: { $0.id == id }) else {
      throw Problem.notFound("No device with that code waits in quarantine.")
    }
    guard !approval.password.isEmpty, approval.password.count <= 128 else {
      throw Problem.invalid(
        "The password must have 1 to 128 characters.", fix: "Use the one that is set in the device's menu.")
    }
    let device = Device(
      id: id, name: approval.name.isEmpty ? id.text : approval.name, added: SystemClock.wall(),
      origin: .approved)
    try await directory.add(device, password: approval.password)
    logger.info("a device was approved", metadata: metadata(id, caller))
    return resource(id)
  }

  func dismiss(_ id: String, by caller: Caller) async throws {
    guard let id = DeviceID(id), directory.quarantine.contains(where: { $0.id == id }) else {
      throw Problem.notFound("No device with that code waits in quarantine.")
    }
    try await directory.dismiss(id)
  }

  // MARK: Resources

  private func metadata(_ id: DeviceID, _ caller: Caller) -> Logger.Metadata {
    ["device.id": "\(id)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)"]
  }

  private func settings(
    charset: String?, mediaTransport: String?, interval: Int?, count: Int?, of old: DeviceSettings
  ) throws -> DeviceSettings {
    var settings = old
    if let charset {
      guard charset != "auto" else {
        settings.encoding = nil
        return try self.settings(
          charset: nil, mediaTransport: mediaTransport, interval: interval, count: count, of: settings)
      }
      guard let name = TextEncodingName(charset) else {
        throw Problem.invalid("The charset must be auto, GB2312, GB18030 or UTF-8.")
      }
      settings.encoding = name
    }
    if let mediaTransport {
      if mediaTransport == "auto" {
        settings.fixedMediaTransport = nil
      } else if let choice = MediaTransportChoice(rawValue: mediaTransport) {
        settings.fixedMediaTransport = choice
      } else {
        throw Problem.invalid("The media transport must be auto, udp, tcp-passive or tcp-active.")
      }
    }
    if let interval {
      guard (1...3_600).contains(interval) else {
        throw Problem.invalid("The heartbeat interval must be 1 to 3600 seconds.")
      }
      settings.heartbeatInterval = interval
    }
    if let count {
      guard (1...100).contains(count) else { throw Problem.invalid("The heartbeat count must be 1 to 100.") }
      settings.heartbeatCount = count
    }
    return settings
  }

  /// Nil: no digest from now on.
  private static func digest(_ wish: API.SignallingDigest) throws -> SignallingDigest? {
    if wish.algorithm == "off" { return nil }
    guard let algorithm = NoteAlgorithm(name: wish.algorithm) else {
      throw Problem.invalid("The digest algorithm must be off, MD5, SHA-1, SHA-256 or SM3.")
    }
    guard let scope = SignallingDigest.Scope(rawValue: wish.scope ?? "header") else {
      throw Problem.invalid("The digest scope must be header or uri.")
    }
    guard let seed = wish.seed, (1...128).contains(seed.utf8.count) else {
      throw Problem.invalid(
        "A signalling digest needs a seed of 1 to 128 bytes.", fix: "Use the one that is set in the device.")
    }
    return SignallingDigest(algorithm: algorithm, seed: seed, scope: scope)
  }

  private static func counts(_ device: DeviceID, _ directory: Directory) -> (Int, Int) {
    let channels = directory.channels(of: device).filter { directory.isPlayable($0) }
    return (channels.count, channels.count { directory.presence(of: $0) == .online })
  }

  private func resource(_ id: DeviceID) -> API.Device {
    let (device, counts) = directory.read { ($0[id], Self.counts(id, $0)) }
    return resource(device ?? Device(id: id, name: id.text, added: SystemClock.wall()), counts)
  }

  private func resource(_ device: Device, _ counts: (Int, Int)) -> API.Device {
    let rule = device.settings.livenessRule(habits: directory.habits(of: device.id))
    let transport = device.settings.fixedMediaTransport ?? device.settings.rememberedMediaTransport
    return API.Device(
      id: device.id.text, name: device.name,
      status: API.DeviceStatus(rawValue: device.status.rawValue) ?? .unknown,
      since: API.Time(device.since), manufacturer: device.dossier.manufacturer, model: device.dossier.model,
      firmware: device.dossier.firmware, gbVersion: device.dossier.version?.description,
      transport: device.contact?.transport.rawValue, address: device.contact?.address.description,
      channels: counts.0, channelsOnline: counts.1, mediaTransport: transport?.rawValue,
      lastKeepalive: services.signalling.lastHeard(device.id).map { API.Time($0) },
      registrationExpires: (device.contact?.expires).map { API.Time($0) },
      heartbeatInterval: Int(rule.interval.inSeconds), heartbeatCount: rule.count,
      charset: device.settings.encoding?.rawValue,
      signallingDigest: services.signalling.notes.digest(of: device.id).map {
        API.SignallingDigest(algorithm: $0.algorithm.rawValue, scope: $0.scope.rawValue)
      }, created: API.Time(device.added))
  }

  private static func apply(_ change: API.DeviceRecordings, to settings: inout DeviceSettings) throws {
    let longest = 14 * 3_600
    if let offset = change.listOffset {
      guard abs(offset) <= longest else { throw Problem.invalid("“listOffset” must be within 14 hours.") }
      settings.recordTimeOffset = offset == 0 ? nil : offset
    }
    if let offset = change.inviteOffset {
      guard abs(offset) <= longest else { throw Problem.invalid("“inviteOffset” must be within 14 hours.") }
      settings.inviteTimeOffset = offset == 0 ? nil : offset
    }
    if let sessions = change.sessions {
      guard (0...64).contains(sessions) else { throw Problem.invalid("“sessions” must be from 0 to 64.") }
      settings.historySessions = sessions == 0 ? nil : sessions
    }
  }
}
