import GBCore

/// DeviceConfig and ConfigDownload (§13): what was set reads back.
extension SimulatedDevice {
  func configure(_ order: DeviceOrder) {
    let blocks = ConfigurationBlock.all(in: order.message)
    // What its edition does not know it leaves unanswered.
    guard blocks.allSatisfy({ $0.kind.edition <= peer.edition }) else { return }
    guard !blocks.isEmpty, blocks.allSatisfy({ $0.fault == nil }) else { return reply(order, isOK: false) }
    for block in blocks { memory.configuration[order.target, default: [:]][block.kind] = block }
    reply(order, isOK: true)
    if let snapshots = blocks.first(where: { $0.kind == .snapShotConfig }) {
      takePictures(snapshots, order.target)
    }
  }

  /// One answer for each block that was asked for, as some recorders do.
  func answerConfiguration(_ order: DeviceOrder) {
    let words = (order.message.element.value("ConfigType") ?? "").split(separator: "/")
    let kinds = words.compactMap { ConfigurationKind(name: String($0)) }
    guard kinds.allSatisfy({ $0.edition <= peer.edition }) else { return }
    guard !kinds.isEmpty, kinds.count == words.count else { return reply(order, isOK: false) }
    for kind in kinds {
      let block = memory.configuration[order.target]?[kind] ?? Self.factory(kind, peer)
      message(
        MANSCDPDocument(
          .response, .configDownload, sn: order.sn, deviceID: order.target,
          fields: [XMLElement("Result", "OK"), block.element(isAnswer: true)])
      ) { _ in }
    }
  }

  /// What a block is before anybody set it.
  private static func factory(_ kind: ConfigurationKind, _ peer: PeerDescription) -> ConfigurationBlock {
    ConfigurationBlock(kind, factoryValues(kind, peer))
  }

  private static func factoryValues(
    _ kind: ConfigurationKind, _ peer: PeerDescription
  ) -> [String: ConfigurationValue] {
    switch kind {
    case .basicParam:
      [
        "Name": .text(peer.name), "Expiration": .integer(peer.expires),
        "HeartBeatInterval": .integer(peer.keepaliveInterval),
        "HeartBeatCount": .integer(peer.keepaliveCount),
      ]
    case .videoParamOpt: ["DownloadSpeed": .text("1/2/4"), "Resolution": .text("5/6")]
    case .svacEncodeConfig:
      [kind.rawValue: .text("<AudioParam><AudioRecognitionFlag>0</AudioRecognitionFlag></AudioParam>")]
    case .svacDecodeConfig: [kind.rawValue: .text("<SVCParam><SVCSTMMode>0</SVCSTMMode></SVCParam>")]
    case .videoParamAttribute:
      [
        "Item": .list([
          [
            "StreamNumber": .integer(0), "VideoFormat": .text("2"), "Resolution": .text("6"),
            "FrameRate": .text("25"),
            "BitRateType": .text("1"), "VideoBitRate": .text("4096"),
          ]
        ])
      ]
    case .videoRecordPlan:
      ["RecordEnable": .integer(0), "RecordSchedule": .list([]), "StreamNumber": .integer(0)]
    case .videoAlarmRecord:
      [
        "RecordEnable": .integer(1), "RecordTime": .integer(30), "PreRecordTime": .integer(5),
        "StreamNumber": .integer(0),
      ]
    case .pictureMask: ["On": .integer(0), "RegionList": .list([])]
    case .frameMirror: [kind.rawValue: .integer(0)]
    case .alarmReport: ["MotionDetection": .integer(1), "FieldDetection": .integer(0)]
    case .osdConfig:
      [
        "Length": .integer(1_920), "Width": .integer(1_080), "TimeX": .integer(20), "TimeY": .integer(20),
        "TimeEnable": .integer(1), "TimeType": .integer(0), "TextEnable": .integer(0), "Item": .list([]),
      ]
    case .snapShotConfig: ["SnapNum": .integer(1), "Interval": .integer(1)]
    }
  }

  // MARK: Pictures

  /// Takes the pictures, uploads them one after the other, and tells which arrived (§13.3).
  private func takePictures(_ block: ConfigurationBlock, _ target: DeviceID) {
    guard let url = block.values["UploadURL"]?.text, let session = block.values["SessionID"]?.text else {
      return
    }
    let number = block.values["SnapNum"]?.integer ?? 1
    upload(1, of: number, url, session, target, done: [])
  }

  private func upload(
    _ index: Int, of number: Int, _ url: String, _ session: String, _ target: DeviceID, done: [String]
  ) {
    guard index <= number else {
      let notice = SnapshotsFinished(session: session, files: done)
      return message(
        MANSCDPDocument(
          .notify, .uploadSnapShotFinished, sn: nextSerial(), deviceID: target, fields: notice.fields)
      ) { _ in }
    }
    // Device, kind, a time and the number in the series: 41 digits.
    let serial = String(nextSerial() + 10_000_000_000_000_000)
    let name = target.text + "02" + serial + (index < 10 ? "0" : "") + String(index)
    SmallHTTP.request(.put(SampleJPEG.bytes), url, on: loop) { [self] answer in
      let isStored = (answer?.status ?? 0) / 100 == 2
      if isStored { memory.uploads += 1 }
      upload(index + 1, of: number, url, session, target, done: isStored ? done + [name] : done)
    }
  }
}
