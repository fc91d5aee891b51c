import GBCore

/// Catalog, DeviceInfo, DeviceStatus and the small queries (§4.4, §4.5, §4.8).
extension SimulatedDevice {
  func answerQuery(_ order: DeviceOrder) {
    switch order.message.cmdType {
    case .catalog:
      answerCatalog(order)
    case .deviceInfo:
      var info = catalog.info
      if let firmware = memory.firmware { info.firmware = firmware }
      message(.deviceInfo(sn: order.sn, from: order.target, info)) { _ in }
    case .deviceStatus:
      message(.deviceStatus(sn: order.sn, from: order.target, status(of: order.target))) { _ in }
    case .presetQuery:
      respond(order, presets(of: order.target).fields(for: peer.edition))
    case .homePositionQuery, .cruiseTrackListQuery, .cruiseTrackQuery, .ptzPosition, .sdCardStatus:
      // What an older device does not know it leaves unanswered.
      if peer.edition.is2022 { respond(order, newer(order)) }
    default:
      reply(order, isOK: false)
    }
  }

  private func respond(_ order: DeviceOrder, _ fields: [XMLElement]) {
    message(
      MANSCDPDocument(
        .response, order.message.cmdType, sn: order.sn, deviceID: order.target, fields: fields)
    ) { _ in }
  }

  /// The queries of 2022 (§4.8).
  private func newer(_ order: DeviceOrder) -> [XMLElement] {
    var camera = memory.cameras[order.target] ?? CameraState()
    switch order.message.cmdType {
    case .homePositionQuery: return HomePositionReply(camera.home).fields
    case .cruiseTrackListQuery:
      let tracks = camera.cruises.sorted { $0.key < $1.key }
      return CruiseListReply(
        total: tracks.count, tracks: tracks.map { .init(number: $0.key, name: $0.value.name) }
      ).fields
    case .cruiseTrackQuery:
      let number = order.message.element.wholeNumber("Number") ?? 0
      let cruise = camera.cruises[number] ?? CameraState.Cruise()
      return CruiseReply(
        number: number, name: cruise.name, total: cruise.presets.count,
        points: cruise.presets.map { .init(preset: $0, stay: cruise.stay, speed: cruise.speed) }
      ).fields
    case .ptzPosition:
      camera.head.advance(to: elapsed)
      return PTZPosition(
        pan: camera.head.pan, tilt: camera.head.tilt, zoom: camera.head.zoom,
        horizontalFieldAngle: 60 / camera.head.zoom, verticalFieldAngle: 34 / camera.head.zoom,
        maxViewDistance: 100 * camera.head.zoom
      ).fields
    default: return StorageCardReply(total: memory.cards.count, cards: memory.cards).fields
    }
  }

  private func presets(of target: DeviceID) -> PresetReply {
    let spots = (memory.cameras[target]?.spots ?? [:]).sorted { $0.key < $1.key }
    return PresetReply(total: spots.count, presets: spots.map { Preset(number: $0.key, name: $0.value.name) })
  }

  private func status(of target: DeviceID) -> DeviceStatusReply {
    let inputs = peer.channels.filter { $0.kind == .alarmInput }.map { input in
      DeviceStatusReply.AlarmInput(
        id: input.id,
        duty: memory.guarded.contains(input.id) || memory.guarded.contains(peer.id) ? .onDuty : .offDuty)
    }
    return DeviceStatusReply(
      deviceTime: GBTime.text(time), isEncoding: true, isRecording: memory.recording.contains(target),
      alarmInputs: inputs)
  }

  private func answerCatalog(_ order: DeviceOrder) {
    guard fault(.noCatalog) == nil else { return }
    let parts = catalog.parts(below: order.target) {
      fault($0) != nil
    } status: {
      self.status(of: $0)
    }
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0 else {
      let empty = MANSCDPDocument.catalog(
        sn: order.sn, from: order.target, total: 0, items: [], edition: peer.edition)
      return message(empty) { _ in }
    }
    sendCatalog(parts[...], total: total, order: order, losses: 0)
  }

  /// Sends one part after the other, each after the answer to the one before (§4.3); ends after three losses in a row.
  private func sendCatalog(
    _ parts: ArraySlice<[CatalogItem]>, total: Int, order: DeviceOrder, losses: Int
  ) {
    guard let part = parts.first, losses < 3 else { return }
    let document = MANSCDPDocument.catalog(
      sn: order.sn, from: order.target, total: total, items: part, edition: peer.edition)
    message(document) { [self] response in
      sendCatalog(
        parts.dropFirst(), total: total, order: order, losses: response == nil ? losses + 1 : 0)
    }
  }
}
