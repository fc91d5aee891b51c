import Federation
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// What superiors want to be told when it happens: changes of their catalog (§5.3, §11.2).
extension SuperiorService {
  typealias Line = Notifier<UInt64, SharedChange>

  /// One superior's subscription to its catalog.
  ///
  /// Changes are never merged: that something was added and is on now are two facts, and the second alone would be
  /// about nothing the superior knows.
  struct CatalogLine: Sendable {
    var notifier: Line
    var dialog: Dialog?
    var serial: UInt64 = 0

    init(_ superior: Superior) {
      notifier = Line(rhythm: .atOnce, mostItems: superior.itemsPerMessage, remembers: false)
    }

    mutating func add(_ changes: [SharedChange], now: MonotonicTime) {
      guard notifier.count + changes.count <= SuperiorService.mostWaiting else {
        return notifier.end(reason: "noresource")
      }
      for change in changes {
        serial += 1
        notifier.changed(serial, change, now: now)
      }
    }

    /// The notification to send now, and the request it goes out in.
    mutating func next(_ now: MonotonicTime) -> (Line.Notification, SIPRequest)? {
      guard dialog != nil, let notification = notifier.take(now: now), let request = dialog?.request(.notify)
      else { return nil }
      return (notification, request)
    }
  }

  /// Changes that wait for a superior at most: a county that is new. One that is further behind reads its catalog
  /// again.
  static let mostWaiting = 150_000

  func subscribe(
    _ request: SIPRequest, _ superior: Superior, _ source: SIPSource, _ transaction: SIPServerTransaction
  ) {
    guard let callID = request.callID else {
      return transaction.respond(SIPResponse(to: request, status: 400))
    }
    let message = try? MANSCDPMessage(parsing: request.body, codec: signalling.codec)
    let isCatalog = state.withLock { $0[superior.id]?.catalog.notifier.callID == callID }
    switch message.map({ SubscriptionKind($0.cmdType) }) {
    case .catalog??: break
    case .some(.some(let kind)):
      guard let message else { return }
      Task { await subscribe(kind, message, request, superior, source, transaction) }
      return
    // What nobody would ever hear of must not look granted.
    case .some(.none): return transaction.respond(SIPResponse(to: request, status: 489))
    case .none where request.to?.tag == nil: return transaction.respond(SIPResponse(to: request, status: 489))
    case .none where isCatalog: break
    case .none:
      transaction.respond(renew(request, superior))
      return pump(superior.id)
    }
    let answer = state.withLock { entries -> SIPResponse? in
      guard var entry = entries[superior.id] else { return nil }
      let (response, tag) = Self.answer(
        request, request.to?.tag != nil, &entry.catalog.notifier, entry.catalog.dialog)
      if let tag, tag != entry.catalog.dialog?.localTag {
        entry.catalog.dialog = Dialog(called: request, localTag: tag, from: source)
      }
      entries[superior.id] = entry
      return response
    }
    transaction.respond(answer ?? SIPResponse(to: request, status: 481))
    pump(superior.id)
  }

  /// Brings what changed here into the views of superiors, and tells those who want to know.
  func update() async {
    tell(await views.update())
    await spread()
  }

  /// Grants changed: what superiors see changes with them.
  func regrant() async { tell(await views.regrant()) }

  private func tell(_ changes: [DeviceID: [SharedChange]]) {
    let now = SystemClock.monotonic()
    for (id, list) in changes {
      // In place: what waits may be much, and a copy of it for each notification more than all the rest.
      state.withLock { $0[id]?.catalog.add(list, now: now) }
      pump(id)
    }
  }

  /// Sends what is due.
  func pump(_ id: DeviceID) {
    while let next = takeNotice(id) { send(next.notification, next.request, id, next.target) }
    pumpLines(id)
  }

  private func takeNotice(
    _ id: DeviceID
  ) -> (notification: Line.Notification, request: SIPRequest, target: SIPTarget)? {
    let now = SystemClock.monotonic()
    return state.withLock { entries in
      guard entries[id]?.link.phase == .registered,
        let (notification, notify) = entries[id]?.catalog.next(now),
        let entry = entries[id]
      else { return nil }
      var request = notify
      let superior = entry.account.superior
      request.headers.append(.contact, "<\(contact(superior, entry.link.server))>")
      request.headers.append(.event, notification.event)
      request.headers.append(.subscriptionState, notification.state.text)
      if !notification.changes.isEmpty {
        let document = MANSCDPDocument.catalogNotice(
          sn: notification.number, from: superior.ownID, items: notification.changes.map(\.value.catalogItem),
          edition: entry.edition ?? superior.edition)
        request.headers.append(.contentType, MANSCDPDocument.contentType)
        request.body = document.body(superior.encoding, codec: signalling.codec)
      }
      return (notification, request, target(superior, entry.link.server))
    }
  }

  private func send(
    _ notification: Line.Notification, _ request: SIPRequest, _ id: DeviceID, _ target: SIPTarget
  ) {
    signalling.endpoint?.send(request, to: target, timeout: .seconds(10)) { [weak self] event in
      let outcome: Line.Outcome
      switch event {
      case .provisional: return
      case .final(let response, _):
        outcome = response.isSuccess ? .accepted : .refused(status: response.status)
      case .timeout, .transportError: outcome = .silence
      }
      guard let self else { return }
      let told = UInt64(outcome == .accepted ? notification.changes.count : 0)
      state.withLock { entries in
        entries[id]?.catalog.notifier.delivered(notification.number, outcome, now: SystemClock.monotonic())
        entries[id]?.figures.changes += told
      }
      pump(id)
    }
  }
}
