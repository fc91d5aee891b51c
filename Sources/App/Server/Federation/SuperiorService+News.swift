import Alarms
import Federation
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// What superiors want to be told when it happens: alarms, positions, where cameras look (§5.2, §5.4, §5.5, §10).
extension SuperiorService {
  /// Something that happened here, before it is known whom it concerns.
  enum Happening: Sendable {
    case alarm(AlarmRecord)
    case position(LatestPosition)
    case view(ChannelKey, PTZPosition)
  }

  /// Subscriptions of one superior beside that to its catalog.
  static let mostLines = 4_096
  /// What waits to be told, in all; positions beyond it are let go, because the next one follows.
  static let mostNews = 20_000
  /// Alarms that are on their way to one superior that did not subscribe.
  static let mostAlarms = 64

  /// Takes note; told by ``update()``.
  func note(_ happening: Happening) {
    news.withLock { news in if news.count < Self.mostNews { news.append(happening) } }
  }

  // MARK: Subscribing

  /// A SUBSCRIBE for something else than the catalog.
  func subscribe(
    _ kind: SubscriptionKind, _ message: MANSCDPMessage, _ request: SIPRequest, _ superior: Superior,
    _ source: SIPSource, _ transaction: SIPServerTransaction
  ) async {
    let target = message.deviceID ?? superior.ownID
    let isOwn = target == superior.ownID || target == signalling.platform
    var scope: Set<DeviceID>?
    if !isOwn {
      guard let channel = await views.channel(superior.id, target) else {
        return refuse(404, request, superior, transaction)
      }
      let asked = UpwardRequest(
        superior: superior, code: target, channel: channel, act: UpwardAct(kind), message: request)
      if case .failure(let refusal) = house.gate.judge(asked) {
        return refuse(refusal.status, request, superior, transaction)
      }
      scope = Set(await views.items(superior.id, in: target)?.map(\.id) ?? [])
    }
    let key = UpwardLine.Key(kind: kind, target: isOwn ? superior.ownID : target)
    let fresh = UpwardLine(kind, message, scope: scope, edition: edition(of: superior))
    let initial = await latest(fresh, superior)
    let answer = grant(key, fresh, request, superior, source, initial)
    transaction.respond(answer)
    pump(superior.id)
  }

  /// Renews, ends or begins one.
  private func grant(
    _ key: UpwardLine.Key, _ fresh: UpwardLine, _ request: SIPRequest, _ superior: Superior,
    _ source: SIPSource, _ initial: [UpwardNews]
  ) -> SIPResponse {
    let isInDialog = request.to?.tag != nil
    return state.withLock { entries in
      guard var entry = entries[superior.id] else { return SIPResponse(to: request, status: 481) }
      let known = entry.lines[key]
      // In its own dialog it is the one that stands; otherwise a new one takes its place (§5.1).
      let isRefresh = known?.notifier.callID == request.callID
      guard isRefresh || entry.lines.count < Self.mostLines else {
        return SIPResponse(to: request, status: 503)
      }
      var line = isRefresh ? known ?? fresh : fresh
      let (response, tag) = Self.answer(request, isInDialog, &line.notifier, line.dialog)
      if let tag, line.dialog == nil {
        line.dialog = Dialog(called: request, localTag: tag, from: source)
        for news in initial { line.add(news, now: SystemClock.monotonic()) }
      }
      // What is refused changes nothing that stands.
      if response.isSuccess { entry.lines[key] = line }
      entries[superior.id] = entry
      return response
    }
  }

  /// A SUBSCRIBE without a body: it can only be about what stands.
  func renew(_ request: SIPRequest, _ superior: Superior) -> SIPResponse {
    state.withLock { entries in
      guard var entry = entries[superior.id],
        let key = entry.lines.first(where: { $0.value.notifier.callID == request.callID })?.key,
        var line = entry.lines[key]
      else { return SIPResponse(to: request, status: 481) }
      let (response, _) = Self.answer(request, true, &line.notifier, line.dialog)
      entry.lines[key] = line
      entries[superior.id] = entry
      return response
    }
  }

  /// What is answered to a SUBSCRIBE, and the tag of a dialog that it makes.
  static func answer<Key, Value>(
    _ request: SIPRequest, _ isInDialog: Bool, _ notifier: inout Notifier<Key, Value>, _ dialog: Dialog?
  ) -> (SIPResponse, tag: String?) {
    let verdict = notifier.subscribe(
      callID: request.callID ?? "", isInDialog: isInDialog, event: request.headers[.event] ?? "presence",
      expires: request.expires, now: SystemClock.monotonic())
    switch verdict {
    case .granted(let expires):
      let tag = isInDialog ? dialog?.localTag : nil
      let own = tag ?? Signalling.token()
      var response = SIPResponse(to: request, status: 200, toTag: own)
      response.headers.append(.expires, String(expires))
      return (response, own)
    case .ended:
      var response = SIPResponse(to: request, status: 200, toTag: dialog?.localTag)
      response.headers.append(.expires, "0")
      return (response, nil)
    case .unknown: return (SIPResponse(to: request, status: 481), nil)
    case .tooBrief(let minimum):
      var response = SIPResponse(to: request, status: 423)
      response.headers.append(.minExpires, String(minimum))
      return (response, nil)
    }
  }

  /// What is known already of where things are and look: the first notification says it.
  private func latest(_ line: UpwardLine, _ superior: Superior) async -> [UpwardNews] {
    let known: [Happening]
    switch line.kind {
    case .position: known = house.positions.latest.map { .position($0) }
    case .ptzPosition: known = house.positions.views.map { .view($0.key, $0.value.position) }
    case .alarm, .catalog: known = []
    }
    var news: [UpwardNews] = []
    for happening in known {
      if let told = await words(happening, superior.id), line.wants(told) { news.append(told) }
    }
    return news
  }

  // MARK: Telling

  /// Gives what happened to those it concerns.
  func spread() async {
    let happenings = news.withLock { news in exchange(&news, with: []) }
    guard !happenings.isEmpty else { return }
    let superiors = state.withLock { entries in
      entries.values.filter { $0.link.phase == .registered }.map(\.account.superior)
    }
    for superior in superiors {
      for happening in happenings where wants(happening, superior.id) {
        guard let told = await words(happening, superior.id) else { continue }
        tell(told, superior)
      }
      pump(superior.id)
    }
  }

  /// Whether anybody there listens to such things.
  private func wants(_ happening: Happening, _ id: DeviceID) -> Bool {
    if case .alarm = happening { return true }
    return state.withLock { !($0[id]?.lines.isEmpty ?? true) }
  }

  /// In the words of a superior; nil where it may not know.
  private func words(_ happening: Happening, _ id: DeviceID) async -> UpwardNews? {
    switch happening {
    case .alarm(let record):
      // What raised it, or else the camera that shows the place.
      let source = ChannelKey(device: record.device, channel: record.source)
      for key in [source, record.camera].compactMap(\.self) {
        guard let code = await code(of: key, for: id) else { continue }
        var notice = record.notice
        notice.source = code
        notice.time = notice.time ?? record.moment
        return .alarm(notice)
      }
      return nil
    case .position(let latest):
      guard let code = await code(of: latest.channel, for: id) else { return nil }
      var report = latest.report
      report.device = code
      return .position(report)
    case .view(let key, let view):
      return await code(of: key, for: id).map { .view($0, view) }
    }
  }

  /// The code of something that a superior sees and may look at.
  private func code(of key: ChannelKey, for id: DeviceID) async -> DeviceID? {
    guard let code = await views.code(id, key), await views.channel(id, code) == key,
      house.gate.mayLook(id, key)
    else { return nil }
    return code
  }

  private func tell(_ news: UpwardNews, _ superior: Superior) {
    let now = SystemClock.monotonic()
    let isHeard = state.withLock { entries -> Bool in
      guard var entry = entries[superior.id] else { return true }
      var hears = false
      for (key, line) in entry.lines where key.kind == news.kind && line.notifier.isGranted {
        hears = true
        guard line.wants(news) else { continue }
        entry.lines[key]?.add(news, now: now)
      }
      entries[superior.id] = entry
      return hears
    }
    // Who did not subscribe is told of alarms all the same, by MESSAGE (9.4).
    if !isHeard, case .alarm(let notice) = news { send(notice, to: superior) }
  }

  private func send(_ notice: AlarmNotice, to superior: Superior) {
    let number = state.withLock { entries -> Int? in
      guard let entry = entries[superior.id], entry.alarmsUnderWay < Self.mostAlarms else { return nil }
      entries[superior.id]?.alarmsUnderWay += 1
      entries[superior.id]?.alarmNumber += 1
      return entry.alarmNumber + 1
    }
    guard let number else { return }
    send(.alarm(sn: number, notice), to: superior) { [weak self] status in
      self?.state.withLock { entries in
        entries[superior.id]?.alarmsUnderWay -= 1
        if status.map({ (200..<300).contains($0) }) ?? false { entries[superior.id]?.figures.news += 1 }
      }
    }
  }

  // MARK: Sending

  /// Sends what is due on every line.
  func pumpLines(_ id: DeviceID) {
    for key in state.withLock({ entries in entries[id].map { Array($0.lines.keys) } ?? [] }) {
      while let next = takeNews(id, key) { send(next.notification, next.request, id, key, next.target) }
    }
  }

  private func takeNews(_ id: DeviceID, _ key: UpwardLine.Key) -> (
    notification: UpwardLine.Line.Notification, request: SIPRequest, target: SIPTarget
  )? {
    let now = SystemClock.monotonic()
    return state.withLock { entries in
      guard var entry = entries[id], entry.link.phase == .registered, var line = entry.lines[key] else {
        return nil
      }
      let notification = line.notifier.take(now: now)
      let isOver = !line.notifier.isGranted
      guard let notification, var dialog = line.dialog else {
        entries[id]?.lines[key] = isOver ? nil : line
        return nil
      }
      let superior = entry.account.superior
      var request = dialog.request(.notify)
      line.dialog = dialog
      entry.lines[key] = isOver ? nil : line
      entries[id] = entry
      request.headers.append(.contact, "<\(contact(superior, entry.link.server))>")
      request.headers.append(.event, notification.event)
      request.headers.append(.subscriptionState, notification.state.text)
      if let document = line.document(notification, own: superior.ownID, now: SystemClock.wall()) {
        request.headers.append(.contentType, MANSCDPDocument.contentType)
        request.body = document.body(superior.encoding, codec: signalling.codec)
      }
      return (notification, request, target(superior, entry.link.server))
    }
  }

  private func send(
    _ notification: UpwardLine.Line.Notification, _ request: SIPRequest, _ id: DeviceID,
    _ key: UpwardLine.Key,
    _ target: SIPTarget
  ) {
    signalling.endpoint?.send(request, to: target, timeout: .seconds(10)) { [weak self] event in
      let outcome: UpwardLine.Line.Outcome
      switch event {
      case .provisional: return
      case .final(let response, _):
        outcome = response.isSuccess ? .accepted : .refused(status: response.status)
      case .timeout, .transportError: outcome = .silence
      }
      guard let self else { return }
      state.withLock { entries in
        entries[id]?.lines[key]?.notifier.delivered(
          notification.number, outcome, now: SystemClock.monotonic())
        if outcome == .accepted { entries[id]?.figures.news += UInt64(notification.changes.count) }
      }
      pump(id)
    }
  }
}
