import GBCore
import MediaTime
import NIOCore
import SIPCore

/// Subscriptions, alarms and positions (§5, §10).
extension SimulatedDevice {
  func handleSubscribe(_ request: SIPRequest, over link: DeviceLink) {
    guard let message = try? MANSCDPMessage(parsing: request.body, codec: fleet.textCodec),
      let kind = SubscriptionKind(message.cmdType)
    else { return unsubscribe(request, over: link) }
    guard peer.events.grants.contains(kind) else { return answer(request, 489, over: link) }
    if kind == .alarm, let filter = AlarmFilter(message) { events.filter = filter }
    if kind == .position { events.positionInterval = max(message.element.integer("Interval") ?? 5, 1) }
    grant(request, kind, over: link)
    if kind == .position { events.tick() }
  }

  /// A body is not needed to end a subscription: then the dialog says which.
  private func unsubscribe(_ request: SIPRequest, over link: DeviceLink) {
    guard request.expires == 0 else { return answer(request, 400, over: link) }
    for kind in SubscriptionKind.allCases {
      let outcome = events.line(kind).subscribe(request, isInDialog: true, now: Self.now)
      guard case .granted = outcome.verdict else { continue }
      answer(request, 200, over: link) { $0.headers.append(.expires, "0") }
      return events.line(kind).pump()
    }
    answer(request, 481, over: link)
  }

  private func grant(_ request: SIPRequest, _ kind: SubscriptionKind, over link: DeviceLink) {
    let line = events.line(kind)
    let outcome = line.subscribe(request, isInDialog: request.to?.tag != nil, now: Self.now)
    switch outcome.verdict {
    case .refused(let status, let minimum):
      answer(request, status, over: link) { response in
        if let minimum { response.headers.append(.minExpires, String(minimum)) }
      }
    case .granted(let expires):
      if peer.events.notifiesFirst { line.pump() }
      answer(request, 200, over: link) { response in
        if let dialog = outcome.dialog {
          var named = dialog.local
          named.tag = dialog.localTag
          response.headers.set(.to, named.description)
        }
        response.headers.append(.expires, String(expires))
        response.headers.append(.contact, "<\(contact(link))>")
        if let event = request.headers[.event] { response.headers.append(.event, event) }
      }
      line.pump()
    }
  }

  func answerAlarmQuery(_ order: DeviceOrder) {
    if let filter = AlarmFilter(order.message) { events.filter = filter }
    reply(order, isOK: true)
  }

  /// Arming and resetting, beside what else the order does.
  func noteGuard(_ order: DeviceOrder) {
    switch DeviceControl(order.message) {
    case .guard(let isOn): events.isGuarded = isOn
    case .resetAlarm: events.latched.remove(order.target)
    default: break
    }
  }

  // MARK: What happens

  /// Raises an alarm, unless the device is not armed, latched, or nobody wants it.
  func raise(_ notice: AlarmNotice) {
    guard isRegistered, !peer.events.needsGuard || events.isGuarded, events.filter.wants(notice) else {
      return
    }
    if peer.events.needsReset, notice.method == .device {
      guard events.latched.insert(notice.source).inserted else { return }
    }
    var notice = notice
    notice.time = notice.time ?? DeviceEvents.clock
    events.raised += 1
    let byMessage =
      switch peer.events.alarms {
      case .usual: !events.alarms.isGranted
      case .message, .both: true
      case .notify: false
      }
    if byMessage { message(.alarm(sn: nextSerial(), notice)) { _ in } }
    if peer.events.alarms != .message { events.alarms.changed(events.raised, notice) }
  }

  /// A camera gets another state.
  func setStatus(_ status: CatalogStatus, of camera: DeviceID) {
    guard catalog.channel(camera) != nil else { return }
    events.statuses[camera] = status
    events.catalogs.changed(camera, CatalogItem(id: camera, event: status.event))
  }

  /// A mobile camera is somewhere else.
  func move(_ camera: DeviceID, to position: GeoPosition) {
    let report = PositionReport(device: camera, time: DeviceEvents.clock, position: position)
    events.positions[camera] = report
    events.places.changed(camera, report)
  }

  /// A camera looks somewhere else.
  func look(_ camera: DeviceID, _ view: PTZPosition) { events.views.changed(camera, view) }

  /// What a new subscriber must be told: everything that is not on (§5.3).
  func abnormal() -> [(DeviceID, CatalogItem)] {
    peer.channels.compactMap { channel in
      let status = status(of: channel)
      return status == .on ? nil : (channel.id, CatalogItem(id: channel.id, event: status.event))
    }
  }

  /// The state of a channel now.
  func status(of channel: ChannelDescription) -> CatalogStatus {
    events.statuses[channel.id] ?? (channel.isOnline ? .on : .off)
  }

  /// Where the platform is, as far as a socket of our own knows.
  func source(_ link: DeviceLink) -> SIPSource {
    let remote = link.channel.remoteAddress
    return SIPSource(
      transport: link.transport,
      remote: SIPHostPort(host: remote?.ipAddress ?? fleet.serverHost, port: remote?.port ?? fleet.sipPort),
      local: link.local)
  }

  private static var now: MonotonicTime {
    MonotonicTime(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }
}

extension CatalogStatus {
  /// The word of a notification.
  fileprivate var event: CatalogEvent {
    switch self {
    case .on: .on
    case .off: .off
    case .videoLost: .videoLost
    case .fault: .defect
    }
  }
}
