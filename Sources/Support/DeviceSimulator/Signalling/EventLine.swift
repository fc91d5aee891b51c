import GBCore
import MediaTime
import NIOCore
import SIPCore

/// One subscription that a simulated device has granted, whatever it reports. On the signalling event loop.
protocol EventReporting: AnyObject {
  /// Answers a SUBSCRIBE.
  func subscribe(
    _ request: SIPRequest, isInDialog: Bool, now: MonotonicTime
  ) -> (verdict: EventVerdict, dialog: Dialog?)
  /// Sends what is due.
  func pump()
  /// The power is cut: everything is forgotten.
  func forget()
}

/// What to answer to a SUBSCRIBE.
enum EventVerdict {
  case granted(expires: Int)
  case refused(status: Int, minimum: Int?)
}

/// A ``Notifier`` with its dialog, its timer and the words of its documents.
final class EventLine<Key: Hashable & Sendable, Value: Hashable & Sendable>: EventReporting {
  typealias Line = Notifier<Key, Value>

  private unowned let device: SimulatedDevice
  private let fresh: () -> Line
  private let initial: () -> [(Key, Value)]
  private let document: ([Line.Change]) -> MANSCDPDocument?
  private var notifier: Line
  private var dialog: Dialog?
  private var timer: Scheduled<Void>?

  /// - Parameters:
  ///   - fresh: a notifier that nobody has subscribed to.
  ///   - initial: what is told first.
  ///   - document: the body for some changes.
  init(
    _ device: SimulatedDevice, fresh: @escaping () -> Line, initial: @escaping () -> [(Key, Value)] = { [] },
    document: @escaping ([Line.Change]) -> MANSCDPDocument?
  ) {
    (self.device, self.fresh, self.initial, self.document) = (device, fresh, initial, document)
    notifier = fresh()
  }

  var isGranted: Bool { notifier.isGranted }

  func changed(_ key: Key, _ value: Value) {
    notifier.changed(key, value, now: Self.now)
    pump()
  }

  func subscribe(
    _ request: SIPRequest, isInDialog: Bool, now: MonotonicTime
  ) -> (verdict: EventVerdict, dialog: Dialog?) {
    guard let callID = request.callID, let link = device.link else {
      return (.refused(status: 400, minimum: nil), nil)
    }
    let verdict = notifier.subscribe(
      callID: callID, isInDialog: isInDialog, event: request.headers[.event] ?? "presence",
      expires: request.expires, now: now, initial: initial())
    switch verdict {
    case .granted(let expires):
      if !isInDialog { dialog = Dialog(called: request, localTag: device.token(), from: device.source(link)) }
      return (.granted(expires: expires), dialog)
    case .ended: return (.granted(expires: 0), dialog)
    case .unknown: return (.refused(status: 481, minimum: nil), nil)
    case .tooBrief(let minimum): return (.refused(status: 423, minimum: minimum), nil)
    }
  }

  func pump() {
    while let notification = notifier.take(now: Self.now) { send(notification) }
    timer?.cancel()
    guard let deadline = notifier.deadline(now: Self.now) else { return }
    let wait = max((deadline - Self.now).nanoseconds, 1_000_000)
    timer = device.schedule(.nanoseconds(wait)) { [weak self] in self?.pump() }
  }

  func forget() {
    timer?.cancel()
    (notifier, dialog) = (fresh(), nil)
  }

  private func send(_ notification: Line.Notification) {
    guard var request = dialog?.request(.notify), let link = device.link else { return }
    if device.peer.events.breaksTags {
      request.headers.set(.callID, device.token() + "@sim")
      if var from = request.from {
        from.tag = device.token()
        request.headers.set(.from, from.description)
      }
    }
    request.headers.append(.contact, "<\(device.contact(link))>")
    request.headers.append(.event, notification.event)
    request.headers.append(.subscriptionState, notification.state.text)
    if let document = document(notification.changes) {
      request.headers.append(.contentType, MANSCDPDocument.contentType)
      request.body = device.body(of: document)
    }
    let branch = device.stamp(&request, link: link)
    device.requests.send(request, branch: branch, over: link) { [weak self] response in
      guard let self else { return }
      let outcome: Line.Outcome =
        switch response?.status {
        case nil: .silence
        case .some(200..<300): .accepted
        case .some(let status): .refused(status: status)
        }
      notifier.delivered(notification.number, outcome, now: Self.now)
      pump()
    }
  }

  private static var now: MonotonicTime {
    MonotonicTime(nanoseconds: Int64(clamping: NIODeadline.now().uptimeNanoseconds))
  }
}
