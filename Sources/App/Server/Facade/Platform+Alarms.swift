import Access
import Alarms
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import StoreSQLite

extension Platform {
  func alarms(_ query: AlarmListQuery, for caller: Caller) async throws -> API.Page<API.Alarm> {
    var wanted = AlarmQuery(
      priority: query.priority, isAcknowledged: query.acknowledged, from: query.from, to: query.to,
      limit: query.limit)
    if let text = query.device {
      guard let device = DeviceID(text) else { throw Problem.badRequest("“device” is not a device code.") }
      wanted.device = device
    }
    if let text = query.channel {
      guard let channel = ChannelKey(text) else { throw Problem.badRequest("“channel” is not a channel.") }
      wanted.channel = channel
    }
    if let text = query.method {
      guard let method = AlarmMethod.allCases.first(where: { $0.word == text }) else {
        let known = AlarmMethod.allCases.map(\.word).joined(separator: ", ")
        throw Problem.badRequest("“method” must be one of: \(known).")
      }
      wanted.method = method
    }
    if let text = query.cursor {
      guard let before = Int64(text) else { throw Problem.badRequest("“cursor” is not one of ours.") }
      wanted.before = before
    }
    let found = try await services.store.alarms(wanted)
    // How many wait is told only to who sees them all.
    let isWaitingList =
      wanted == AlarmQuery(isAcknowledged: false, limit: wanted.limit)
      && rights.showsAll(to: caller.principal)
    return API.Page(
      items: found.map { services.alarms.resource($0) }.filter { shows($0, to: caller.principal) },
      next: found.count == wanted.limit ? found.last.map { String($0.id) } : nil,
      total: isWaitingList ? try await services.store.unacknowledgedAlarms() : nil)
  }

  func alarm(_ id: String, for caller: Caller) async throws -> API.Alarm {
    guard let number = Int64(id), let record = try await services.store.alarm(number),
      case let alarm = services.alarms.resource(record), shows(alarm, to: caller.principal)
    else { throw Problem.notFound("There is no alarm “\(id.prefix(32))”.") }
    return alarm
  }

  /// Whether the principal may know of what raised the alarm.
  private func shows(_ alarm: API.Alarm, to principal: Principal) -> Bool {
    if rights.showsAll(to: principal) { return true }
    if let camera = alarm.camera.flatMap({ ChannelKey($0) }) {
      return rights.shows(rights.facts(camera), to: principal)
    }
    guard let device = DeviceID(alarm.device) else { return false }
    return rights.shows(directory.read { $0.facts(of: device) }, to: principal)
  }

  /// Whether the principal may be told of an event: what it is about may be known to him.
  func concerns(_ event: ServerEvent, _ principal: Principal) -> Bool {
    let channel: String
    switch event {
    case .alarm(let alarm): return shows(alarm, to: principal)
    case .session(let change): return change.viewer == principal.name || principal.role == .administrator
    case .channel(let change): channel = change.id
    case .control(let change): channel = change.channel
    default: return true
    }
    guard !rights.showsAll(to: principal), let key = ChannelKey(channel) else { return true }
    return rights.shows(rights.facts(key), to: principal)
  }

  func acknowledgeAlarm(_ id: String, _ note: API.AlarmNote, by caller: Caller) async throws -> API.Alarm {
    let text = (note.note ?? "").trimmed
    guard text.count <= AlarmAcknowledgement.longestNote else {
      throw Problem.invalid("The note must have at most \(AlarmAcknowledgement.longestNote) characters.")
    }
    let acknowledgement = AlarmAcknowledgement(by: caller.principal.name, at: SystemClock.wall(), note: text)
    _ = try await alarm(id, for: caller)
    guard let number = Int64(id),
      let record = try await services.alarms.acknowledge(number, acknowledgement)
    else { throw Problem.notFound("There is no alarm “\(id.prefix(32))”.") }
    logger.info(
      "an alarm was acknowledged",
      metadata: [
        "alarm": "\(record.id)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
      ])
    return services.alarms.resource(record)
  }

  // MARK: Subscriptions

  func subscriptions(device id: String) async throws -> API.Subscriptions {
    subscriptions(of: try deviceID(id))
  }

  func changeSubscriptions(
    device id: String, _ change: API.SubscriptionsChange, by caller: Caller
  ) async throws -> API.Subscriptions {
    let id = try deviceID(id)
    let old = directory.device(id)?.settings.events ?? EventSettings()
    let new = try Self.settings(old, change)
    _ = try await directory.change(id) { $0.settings.events = new }
    services.subscriptions.settingsChanged(id)
    logger.info(
      "what a device is asked to report was changed",
      metadata: [
        "device.id": "\(id)", "user": "\(caller.principal.name)", "correlation": "\(caller.correlation)",
      ])
    return subscriptions(of: id)
  }

  private static func settings(
    _ old: EventSettings, _ change: API.SubscriptionsChange
  ) throws -> EventSettings {
    var new = old
    for (word, choice) in change.choices ?? [:] {
      guard let kind = SubscriptionKind(rawValue: word) else {
        let known = SubscriptionKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw Problem.invalid("“\(word.prefix(32))” is none of: \(known).")
      }
      switch choice {
      case "on": new.subscriptions[kind] = true
      case "off": new.subscriptions[kind] = false
      case "usual": new.subscriptions[kind] = nil
      default: throw Problem.invalid("A choice is on, off or usual.")
      }
    }
    if let interval = change.positionInterval {
      guard (1...3_600).contains(interval) else {
        throw Problem.invalid("The interval of positions must be 1 to 3600 seconds.")
      }
      new.positionInterval = interval
    }
    new.resetsAlarms = change.resetsAlarms ?? old.resetsAlarms
    new.armsGuard = change.armsGuard ?? old.armsGuard
    return new
  }

  private func subscriptions(of id: DeviceID) -> API.Subscriptions {
    let settings = directory.device(id)?.settings.events ?? EventSettings()
    let channels = directory.read { $0.channels(of: id) }
    let (now, clock) = (SystemClock.monotonic(), SystemClock.wall())
    let items = SubscriptionKind.allCases.map { kind in
      let entry = services.subscriptions.entry(id, kind)
      let wanted = settings.wants(kind, device: id, channels: channels)
      return API.Subscription(
        kind: kind.rawValue, choice: settings.subscriptions[kind].map { $0 ? "on" : "off" } ?? "usual",
        wanted: wanted, state: (entry?.machine.state ?? (wanted ? .asleep : .off)).rawValue,
        expires: (entry?.machine.ends).map { API.Time(clock + ($0 - now)) },
        lastReport: entry?.lastReport.map { API.Time($0) }, reports: entry?.reports ?? 0,
        cause: entry?.machine.lastRefusal.map(Self.refusal))
    }
    return API.Subscriptions(
      items: items, resetsAlarms: settings.resetsAlarms, armsGuard: settings.armsGuard,
      positionInterval: settings.positionInterval ?? EventSettings.usualPositionInterval)
  }

  private static func refusal(_ status: Int) -> String {
    switch status {
    case 0: "The device did not answer."
    case 403: "The device refused it (403)."
    case 405, 489, 501: "The device does not know this kind of subscription (\(status))."
    default: "The device answered \(status)."
    }
  }
}
