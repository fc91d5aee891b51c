import Alarms
import GBCore
import Logging
import MediaTime
import Registry
import SIPCore
import SIPTransport
import Synchronization

/// Asks devices to report: one ``Subscription`` machine for each device and kind, and the dialogs they run in.
///
/// Nothing is stored: after a restart of either side everything is asked for again. Questions to many devices go out
/// a limited number at a time. What is reported goes to ``EventIntake``, whichever way it came.
final class SubscriptionService: Sendable {
  struct Key: Hashable, Sendable {
    let device: DeviceID
    let kind: SubscriptionKind
  }

  struct Entry: Sendable {
    var machine: Subscription
    /// The dialog that stands.
    var dialog: Dialog?
    /// The Call-ID of the dialog that stands or is being asked for.
    var callID: String?
    /// `Event`, and the number of the query in the body.
    var event = ""
    /// Whether a NOTIFY ever came in the right dialog: else the device breaks tags (§14.2 #40).
    var keepsDialog = false
    /// Whether the catalog must be read once this subscription stands: what changed before is not reported.
    var needsCatalog = true
    var reports = 0
    var lastReport: WallTime?
  }

  /// Something to be sent when it is its turn.
  private struct Work: Sendable {
    let key: Key
    let attempt: Int
    let expires: Int
    let isRefresh: Bool
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var byCallID: [String: Key] = [:]
    var queue: [Work] = []
    var inFlight = 0
    var numbers = 0
    /// The earliest moment at which a machine has something to do.
    var soonest: MonotonicTime?
    /// The Call-ID of each device's registration, and whether it changed the time before: one that changes always
    /// says nothing about restarts.
    var registrations: [DeviceID: (callID: String, changes: Bool)] = [:]
  }

  /// SUBSCRIBEs without an answer at the same time.
  static let atOnce = 256

  private let signalling: Signalling
  private let directory: DeviceDirectory
  private let intake: EventIntake
  private let logger: Logger
  private let state = Mutex(State())

  init(signalling: Signalling, directory: DeviceDirectory, intake: EventIntake, logger: Logger) {
    (self.signalling, self.directory, self.intake, self.logger) = (signalling, directory, intake, logger)
  }

  /// How many subscriptions are in each state.
  var counts: [Subscription.State: Int] {
    state.withLock { $0.entries.values.reduce(into: [:]) { $0[$1.machine.state, default: 0] += 1 } }
  }

  func entry(_ device: DeviceID, _ kind: SubscriptionKind) -> Entry? {
    state.withLock { $0.entries[Key(device: device, kind: kind)] }
  }

  // MARK: Devices

  /// A device registered or refreshed its registration.
  func registered(_ registration: Registration, isNew: Bool) {
    let device = registration.device
    let isRestart = state.withLock { state in
      let known = state.registrations[device]
      let changes = known.map { $0.callID != registration.callID } ?? false
      state.registrations[device] = (registration.callID, changes)
      return changes && known?.changes == false
    }
    // A new registration is followed by a question for the catalog anyway.
    if isNew || isRestart { present(device, anew: true, isAskedForCatalog: isNew) }
  }

  /// A device is online or offline.
  func presence(_ device: DeviceID, isOnline: Bool) {
    if isOnline { return present(device, anew: false, isAskedForCatalog: false) }
    state.withLock { state in
      for kind in SubscriptionKind.allCases {
        let key = Key(device: device, kind: kind)
        guard var entry = state.entries[key] else { continue }
        entry.machine.gone()
        Self.drop(&entry, &state)
        state.entries[key] = entry
      }
    }
  }

  /// What is wanted of a device may have changed.
  func settingsChanged(_ device: DeviceID) {
    let wishes = wishes(of: device)
    perform(
      state.withLock { state in
        wishes.compactMap { kind, isWanted in
          let key = Key(device: device, kind: kind)
          var entry = state.entries[key] ?? Entry(machine: Subscription(kind))
          let action = entry.machine.setWanted(isWanted, now: SystemClock.monotonic())
          state.entries[key] = entry
          return action == .nothing ? nil : (key, action)
        }
      })
  }

  /// The device was removed.
  func forget(_ device: DeviceID) {
    state.withLock { state in
      state.registrations[device] = nil
      for kind in SubscriptionKind.allCases {
        guard var entry = state.entries.removeValue(forKey: Key(device: device, kind: kind)) else { continue }
        Self.drop(&entry, &state)
      }
    }
  }

  /// Does what is due. Call about once a second.
  func tick() {
    let now = SystemClock.monotonic()
    let actions = state.withLock { state -> [(Key, Subscription.Action)] in
      guard let soonest = state.soonest, soonest <= now else { return [] }
      state.soonest = nil
      var actions: [(Key, Subscription.Action)] = []
      for key in state.entries.keys {
        guard let deadline = state.entries[key]?.machine.deadline else { continue }
        if deadline <= now, let action = state.entries[key]?.machine.tick(now: now), action != .nothing {
          actions.append((key, action))
        }
        Self.note(state.entries[key]?.machine.deadline, &state)
      }
      return actions
    }
    perform(actions)
  }

  private func present(_ device: DeviceID, anew: Bool, isAskedForCatalog: Bool) {
    let wishes = wishes(of: device)
    let now = SystemClock.monotonic()
    perform(
      state.withLock { state in
        wishes.compactMap { kind, isWanted in
          let key = Key(device: device, kind: kind)
          var entry = state.entries[key] ?? Entry(machine: Subscription(kind))
          _ = entry.machine.setWanted(isWanted, now: now)
          // Heartbeats that were late do not end anything that stands.
          let isDue = anew || entry.machine.state == .asleep
          let action = isDue ? entry.machine.present(now: now) : .nothing
          entry.needsCatalog = !isAskedForCatalog
          state.entries[key] = entry
          return action == .nothing ? nil : (key, action)
        }
      })
  }

  private func wishes(of device: DeviceID) -> [(SubscriptionKind, Bool)] {
    guard let settings = directory.device(device)?.settings.events else { return [] }
    let channels = directory.read { $0.channels(of: device) }
    return SubscriptionKind.allCases.map { ($0, settings.wants($0, device: device, channels: channels)) }
  }

  // MARK: Sending

  private func perform(_ actions: [(Key, Subscription.Action)]) {
    guard !actions.isEmpty else { return }
    for (key, action) in actions {
      switch action {
      case .nothing: continue
      case .ask(let attempt, let expires):
        enqueue(Work(key: key, attempt: attempt, expires: expires, isRefresh: false))
      case .refresh(let attempt, let expires):
        enqueue(Work(key: key, attempt: attempt, expires: expires, isRefresh: true))
      case .cancel: cancel(key)
      }
    }
    pump()
  }

  private func enqueue(_ work: Work) { state.withLock { $0.queue.append(work) } }

  /// Sends what may be sent now.
  private func pump() {
    let ready = state.withLock { state -> [Work] in
      let ready = Array(state.queue.prefix(max(Self.atOnce - state.inFlight, 0)))
      state.queue.removeFirst(ready.count)
      state.inFlight += ready.count
      return ready
    }
    for work in ready { send(work) }
  }

  private func send(_ work: Work) {
    let key = work.key
    guard let endpoint = signalling.endpoint, let registration = signalling.registration(of: key.device),
      let request = request(for: work, at: registration, endpoint)
    else { return finished(work, .silence, nil) }
    let habits = directory.habits(of: key.device)
    if key.kind == .alarm, !work.isRefresh, habits.armsGuard == true {
      let fields = DeviceControl.guard(isOn: true).fields(for: edition(key.device, registration))
      Task { [signalling] in
        try? await signalling.tell(
          .control, .deviceControl, device: key.device, target: key.device, fields: fields)
      }
    }
    endpoint.send(request, to: registration.target, timeout: .seconds(10)) { [weak self] event in
      switch event {
      case .provisional: break
      case .final(let response, let source):
        let answer: Subscription.Answer =
          response.isSuccess
          ? .granted(expires: response.expires)
          : .refused(status: response.status, minimum: response.minExpires)
        let dialog =
          response.isSuccess && !work.isRefresh
          ? Dialog(calling: request, answeredBy: response, from: source) : nil
        self?.finished(work, answer, dialog)
      case .timeout, .transportError: self?.finished(work, .silence, nil)
      }
    }
  }

  /// The SUBSCRIBE, or nil when it is not wanted any more.
  private func request(for work: Work, at registration: Registration, _ endpoint: SIPEndpoint) -> SIPRequest?
  {
    let key = work.key
    let edition = edition(key.device, registration)
    var request = state.withLock { state -> SIPRequest? in
      guard var entry = state.entries[key], entry.machine.awaits(work.attempt) else { return nil }
      defer { state.entries[key] = entry }
      state.numbers += 1
      if work.isRefresh { return entry.dialog?.request(.subscribe) }
      let request = signalling.outOfDialog(.subscribe, to: key.device, at: registration)
      Self.drop(&entry, &state)
      entry.event = key.kind.event(id: state.numbers)
      entry.callID = request.callID
      entry.keepsDialog = false
      if let callID = request.callID { state.byCallID[callID] = key }
      return request
    }
    guard
      let (event, number) = state.withLock({ state in state.entries[key].map { ($0.event, state.numbers) } })
    else { return nil }
    let address = endpoint.localAddress(towards: registration.source.remote.host)
    request?.headers.append(
      .contact,
      NameAddress(uri: SIPURI(user: signalling.platform.text, host: address, port: endpoint.port)).description
    )
    request?.headers.append(.event, event)
    request?.headers.append(.expires, String(work.expires))
    request?.headers.append(.contentType, MANSCDPDocument.contentType)
    let document = MANSCDPDocument.subscribe(
      key.kind, sn: number, target: key.device, edition: edition,
      interval: directory.device(key.device)?.settings.events.positionInterval
        ?? EventSettings.usualPositionInterval)
    request?.body = document.body(
      directory.habits(of: key.device).encoding ?? edition.declaredEncoding, codec: signalling.codec)
    return request
  }

  private func edition(_ device: DeviceID, _ registration: Registration) -> GBVersion {
    directory.edition(of: device, said: registration.version)
  }

  private func finished(_ work: Work, _ answer: Subscription.Answer, _ dialog: Dialog?) {
    let key = work.key
    let (action, needsCatalog) = state.withLock { state -> (Subscription.Action, Bool) in
      state.inFlight -= 1
      guard var entry = state.entries[key], entry.machine.awaits(work.attempt) else {
        return (.nothing, false)
      }
      let action = entry.machine.answered(work.attempt, answer, now: SystemClock.monotonic())
      var needsCatalog = false
      if let dialog, entry.machine.state == .active {
        entry.dialog = dialog
        needsCatalog = key.kind == .catalog && entry.needsCatalog
        entry.needsCatalog = true
      }
      state.entries[key] = entry
      Self.note(entry.machine.deadline, &state)
      return (action, needsCatalog)
    }
    if case .refused(let status, _) = answer {
      logger.info(
        "a device does not grant a subscription",
        metadata: ["device.id": "\(key.device)", "kind": "\(key.kind.rawValue)", "status": "\(status)"])
    }
    if needsCatalog { signalling.interrogate(key.device) }
    perform([(key, action)])
    pump()
  }

  private func cancel(_ key: Key) {
    guard let endpoint = signalling.endpoint, let registration = signalling.registration(of: key.device)
    else {
      return
    }
    let request = state.withLock { state -> SIPRequest? in
      guard var entry = state.entries[key] else { return nil }
      var request = entry.dialog?.request(.subscribe)
      request?.headers.append(.event, entry.event)
      Self.drop(&entry, &state)
      state.entries[key] = entry
      return request
    }
    guard var request else { return }
    request.headers.append(.expires, "0")
    request.headers.append(
      .contact,
      NameAddress(
        uri: SIPURI(
          user: signalling.platform.text,
          host: endpoint.localAddress(towards: registration.source.remote.host), port: endpoint.port)
      ).description)
    endpoint.send(request, to: registration.target, timeout: .seconds(10)) { _ in }
  }

  /// The dialog of an entry is over.
  private static func drop(_ entry: inout Entry, _ state: inout State) {
    if let callID = entry.callID { state.byCallID[callID] = nil }
    (entry.dialog, entry.callID) = (nil, nil)
  }

  private static func note(_ deadline: MonotonicTime?, _ state: inout State) {
    guard let deadline else { return }
    state.soonest = min(state.soonest ?? deadline, deadline)
  }

  // MARK: Notifications

  /// A NOTIFY, or anything else about subscriptions. False when it is none of ours: then it is refused.
  func event(_ request: SIPRequest, _ source: SIPSource, _ transaction: SIPServerTransaction) -> Bool {
    guard request.method == .notify, let device = signalling.heard(request, from: source) else {
      return false
    }
    let named = request.callID.flatMap { callID in state.withLock { $0.byCallID[callID] } }
    if let named, named.device != device { return false }
    if request.body.isEmpty {
      // Without a body only the dialog says what it is about; a device that breaks dialogs says nothing.
      guard named != nil || breaksDialogs(device) else { return false }
      if let named { note(request, named, isReport: false) }
      transaction.respond(SIPResponse(to: request, status: 200))
      return true
    }
    guard request.body.count > Signalling.parsedAtOnce else {
      take(request, device, named, transaction)
      return true
    }
    Task.detached { [self] in take(request, device, named, transaction) }
    return true
  }

  private func take(
    _ request: SIPRequest, _ device: DeviceID, _ named: Key?, _ transaction: SIPServerTransaction
  ) {
    guard let message = try? MANSCDPMessage(parsing: request.body, codec: signalling.codec) else {
      signalling.malformedBody(of: device)
      signalling.listeners.catalog(device, .lost)
      return transaction.respond(SIPResponse(to: request, status: 400))
    }
    // By what the body is: the Event header of devices cannot be relied on (§5.1).
    guard let kind = SubscriptionKind(message.cmdType) else {
      return transaction.respond(SIPResponse(to: request, status: 489))
    }
    let key = Key(device: device, kind: kind)
    let isKnown = note(request, key, isReport: true)
    guard isKnown != .unwanted else { return transaction.respond(SIPResponse(to: request, status: 481)) }
    // One of an older dialog is believed once more, and its notifier is told to forget that dialog.
    let good = isKnown == .current ? 200 : 481
    let isTaken = intake.take(message, from: device, by: .notify) { isStored in
      transaction.respond(SIPResponse(to: request, status: isStored ? good : 500))
    }
    if !isTaken { transaction.respond(SIPResponse(to: request, status: good)) }
  }

  /// Whether something stands or is being asked for whose dialog the device has not kept so far.
  private func breaksDialogs(_ device: DeviceID) -> Bool {
    state.withLock { state in
      SubscriptionKind.allCases.contains { kind in
        state.entries[Key(device: device, kind: kind)].map { $0.machine.isOpen && !$0.keepsDialog } ?? false
      }
    }
  }

  private enum Standing { case current, old, unwanted }

  @discardableResult
  private func note(_ request: SIPRequest, _ key: Key, isReport: Bool) -> Standing {
    let notified = NotifiedState(request.headers[.subscriptionState])
    return state.withLock { state in
      guard var entry = state.entries[key], entry.machine.isOpen else { return .unwanted }
      let isInDialog = request.callID == entry.callID
      let isCurrent = isInDialog || !entry.keepsDialog
      if isInDialog { entry.keepsDialog = true }
      if isReport {
        entry.reports += 1
        entry.lastReport = SystemClock.wall()
      }
      entry.machine.notified(notified, isCurrent: isCurrent, now: SystemClock.monotonic())
      if !entry.machine.isOpen { Self.drop(&entry, &state) }
      state.entries[key] = entry
      Self.note(entry.machine.deadline, &state)
      return isCurrent ? .current : .old
    }
  }
}
