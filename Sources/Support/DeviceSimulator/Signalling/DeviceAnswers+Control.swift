import GBCore
import NIOCore

/// DeviceControl (§4.9): a device that obeys.
extension SimulatedDevice {
  func control(_ order: DeviceOrder) {
    guard let control = DeviceControl(order.message) else {
      // What an edition does not know it leaves unanswered; what it should have known it refuses.
      if order.message.element.child("RecordCmd") != nil { reply(order, isOK: false) }
      return
    }
    // Nothing is followed. Silence would look like obedience (decision 0010).
    if control == .targetTrack { return reply(order, isOK: false) }
    guard control.isKnown(to: peer.edition) else { return }
    obey(control, order.target)
    if control.isAnswered { reply(order, isOK: true) }
    switch control {
    case .reboot: restart()
    case .upgrade(let work): upgrade(work)
    default: break
    }
  }

  private func obey(_ control: DeviceControl, _ target: DeviceID) {
    switch control {
    case .ptz(let command, let names):
      if let action = command.action { camera(target) { $0.obey(action, names: names, now: elapsed) } }
    case .dragZoom(let isIn, let box): camera(target) { $0.head.drag(isIn: isIn, box, now: elapsed) }
    case .precise(let place): camera(target) { $0.head.go(to: place, now: elapsed) }
    case .homePosition(let home): camera(target) { $0.home = home }
    case .record(let isOn, _): toggle(\.recording, target, isOn)
    case .guard(let isOn): toggle(\.guarded, target, isOn)
    case .resetAlarm: memory.alarmResets += 1
    case .keyFrame: memory.keyFrames += 1
    case .reboot: memory.restarts += 1
    case .formatCard(let card): format(card)
    case .upgrade, .targetTrack: break
    }
  }

  private func camera(_ target: DeviceID, _ change: (inout CameraState) -> Void) {
    change(&memory.cameras[target, default: CameraState()])
    show(target)
  }

  /// Lets the picture of a movable camera follow.
  private func show(_ target: DeviceID) {
    guard let channel = catalog.channel(target), channel.isMovable, let head = memory.cameras[target]?.head,
      let view = engine.view(of: peer.scene(of: channel))
    else { return }
    let begun = begun
    view.follow { moment in
      var head = head
      head.advance(to: .nanoseconds((moment - begun).nanoseconds))
      return SceneWindow(pan: head.pan, tilt: head.tilt, zoom: head.zoom)
    }
  }

  private func toggle(_ set: WritableKeyPath<DeviceState, Set<DeviceID>>, _ target: DeviceID, _ isOn: Bool) {
    if isOn { memory[keyPath: set].insert(target) } else { memory[keyPath: set].remove(target) }
  }

  /// Takes half a second, with progress in between.
  private func format(_ number: Int) {
    for index in memory.cards.indices where number == 0 || memory.cards[index].number == number {
      (memory.cards[index].status, memory.cards[index].formatProgress) = ("formatting", 50)
    }
    _ = schedule(.milliseconds(500)) { [self] in
      for index in memory.cards.indices where memory.cards[index].status == "formatting" {
        let capacity = memory.cards[index].capacity
        memory.cards[index].status = "ok"
        (memory.cards[index].formatProgress, memory.cards[index].free) = (nil, capacity)
      }
    }
  }

  /// Fetches, installs, restarts, registers and tells how it went (§13.4).
  private func upgrade(_ work: UpgradeOrder) {
    SmallHTTP.request(.get, work.url, on: loop) { [self] answer in
      guard let answer, answer.status == 200 else { return upgraded(work, .downloadTimeout) }
      guard !answer.body.isEmpty, !answer.body.starts(with: Array("corrupt".utf8)) else {
        return upgraded(work, .corruptPackage)
      }
      memory.restarts += 1
      restart { [self] in
        memory.firmware = work.firmware
        upgraded(work, nil)
      }
    }
  }

  private func upgraded(_ work: UpgradeOrder, _ failure: UpgradeResult.Failure?) {
    let result = UpgradeResult(
      session: work.session, isOK: failure == nil, firmware: memory.firmware ?? peer.dialect.firmware,
      failure: failure)
    message(
      MANSCDPDocument(
        .notify, .deviceUpgradeResult, sn: nextSerial(), deviceID: peer.id, fields: result.fields)
    ) { _ in }
  }
}
