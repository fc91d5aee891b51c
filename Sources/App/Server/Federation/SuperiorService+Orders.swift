import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import Registry
import SIPCore
import Synchronization

/// What superiors order (§11.5): carried out with the priority of the grant, so that somebody here with a higher one
/// keeps the camera, and stopped when the superior is gone or its grant is.
extension SuperiorService {
  /// How long a movement lasts without a further order. A platform of the standard sends one order when a key is
  /// pressed and the stop when it is released, and renews nothing.
  static let upwardHold: Duration = .seconds(15)

  func obey(_ document: UpwardDocument) async {
    let superior = document.superior
    guard let channel = await views.channel(superior.id, document.code) else {
      guard document.code == superior.ownID || document.code == signalling.platform else {
        return refuse(404, document)
      }
      // Nobody above orders this platform itself about.
      document.accept()
      return decline(document)
    }
    document.accept()
    let act = UpwardAct(control: document.message)
    let asked = UpwardRequest(
      superior: superior, code: document.code, channel: channel, act: act, message: document.request)
    switch house.gate.judge(asked) {
    case .failure: return decline(document)
    case .success(let permit):
      do {
        try await house.gate.journal.willDo(
          act, permit, source: document.request.receivedFrom?.host ?? superior.id.text)
        let isAnswered = try await carryOut(document, act, permit)
        state.withLock { $0[superior.id]?.figures.orders += 1 }
        note(document, act, permit)
        if isAnswered { conclude(document, isOK: true) }
      } catch {
        logger.notice(
          "an order of a superior was not carried out",
          metadata: [
            "superior.id": "\(superior.id)", "channel.id": "\(channel)", "act": "\(act.rawValue)",
            "error": "\((error as? Problem)?.detail ?? "\(error)")",
          ])
        decline(document)
      }
    }
  }

  private func note(_ document: UpwardDocument, _ act: UpwardAct, _ permit: UpwardPermit) {
    logger.info(
      "an order of a superior was carried out",
      metadata: [
        "superior.id": "\(document.superior.id)", "channel.id": "\(permit.channel)", "act": "\(act.rawValue)",
        "user": "\(permit.viewer)", "priority": "\(permit.priority)",
      ])
  }

  /// - Returns: whether the standard has an answer to it.
  /// - Throws: `Problem`.
  private func carryOut(_ document: UpwardDocument, _ act: UpwardAct, _ permit: UpwardPermit) async throws
    -> Bool
  {
    if act == .configure {
      try await configure(document, permit.channel)
      return true
    }
    guard let control = DeviceControl(document.message) else {
      throw Problem.invalid("This is no order that is known.")
    }
    let key = permit.channel
    switch control {
    case .keyFrame: directory.requestKeyFrame(key)
    case .ptz, .dragZoom, .precise:
      _ = try await house.control.perform(
        CameraOrder(control), on: key, by: holder(document, permit))
    case .reboot, .record, .guard, .resetAlarm, .homePosition:
      try await house.questions.order(
        control, device: key.device, target: key.channel, priority: permit.priority)
    case .upgrade, .formatCard, .targetTrack: throw Problem.invalid("Nobody above may order this.")
    }
    return control.isAnswered
  }

  private func holder(_ document: UpwardDocument, _ permit: UpwardPermit) -> CameraGrips.Holder {
    let asked = DeviceControl.priority(in: document.message).map { max(1, $0) } ?? permit.priority
    return CameraGrips.Holder(
      name: permit.viewer, priority: min(asked, permit.priority), credential: house.gate.credential(permit))
  }

  private func configure(_ document: UpwardDocument, _ key: ChannelKey) async throws {
    let blocks = ConfigurationBlock.all(in: document.message)
    // Pictures would be brought to an address that somebody above wrote, and told to us.
    guard !blocks.isEmpty, !blocks.contains(where: { $0.kind == .snapShotConfig }) else {
      throw Problem.invalid("Nobody above may set this.")
    }
    for block in blocks {
      if let fault = block.fault { throw Problem.invalid(fault) }
    }
    for block in blocks {
      _ = try await house.questions.configure(block, device: key.device, target: key.channel)
    }
  }
}

extension CameraOrder {
  /// An order that came in the words of the standard.
  init(_ control: DeviceControl) {
    guard case .ptz(let command, _) = control else {
      self = .once(control)
      return
    }
    switch command.action {
    case .stop: self = .stop
    case .move: self = .motion(.view, command, hold: SuperiorService.upwardHold)
    case .lens: self = .motion(.lens, command, hold: SuperiorService.upwardHold)
    // The stop of the lens is one of its own, and ends what the grip keeps of it.
    case .lensStop, .preset, .cruise, .scan, .auxiliary, nil: self = .once(control)
    }
  }
}
