import GBCore

/// What a good device answers to the rarer queries.
enum DeviceDocuments {
  static func usual(_ command: String, sn: Int, target: DeviceID, edition: Edition) -> [MANSCDPDocument] {
    let fields: [XMLElement]?
    switch command {
    case "PresetQuery": fields = presets([("1", "Gate"), ("2", "Yard")], edition)
    case "RecordInfo": fields = [XMLElement("Name", "Camera"), XMLElement("SumNum", "0")]
    case "ConfigDownload":
      fields = [
        XMLElement("Result", "OK"),
        XMLElement(
          "BasicParam",
          children: [
            XMLElement("Name", "Camera"), XMLElement("Expiration", "3600"),
            XMLElement("HeartBeatInterval", "60"), XMLElement("HeartBeatCount", "3"),
          ]),
      ]
    case "HomePositionQuery":
      fields = [
        XMLElement(
          "HomePosition",
          children: [
            XMLElement("Enabled", "1"), XMLElement("ResetTime", "60"), XMLElement("PresetIndex", "1"),
          ])
      ]
    case "CruiseTrackListQuery":
      fields = [
        XMLElement("SumNum", "1"),
        XMLElement(
          "CruiseTrackList", attributes: [XMLAttribute("Num", "1")],
          children: [
            XMLElement("CruiseTrack", children: [XMLElement("Number", "0"), XMLElement("Name", "Round")])
          ]),
      ]
    case "PTZPosition":
      fields = [XMLElement("Pan", "12.50"), XMLElement("Tilt", "-3.00"), XMLElement("Zoom", "2.00")]
    case "SDCardStatus":
      fields = [
        XMLElement("SumNum", "1"),
        XMLElement(
          "SDCardStatusInfo", attributes: [XMLAttribute("Num", "1")],
          children: [
            XMLElement(
              "Item",
              children: [
                XMLElement("ID", "1"), XMLElement("HddName", "SD1"), XMLElement("Status", "ok"),
                XMLElement("FormatProgress", "0"), XMLElement("Capacity", "64000"),
                XMLElement("FreeSpace", "32000"),
              ])
          ]),
      ]
    default: fields = [XMLElement("Result", "ERROR")]
    }
    return [MANSCDPDocument(.response, CmdType(command), sn: sn, deviceID: target, fields: fields ?? [])]
  }

  static func presets(_ list: [(id: String, name: String)], _ edition: Edition) -> [XMLElement] {
    let items = list.map { preset in
      XMLElement(
        "Item", children: [XMLElement("PresetID", preset.id), XMLElement("PresetName", preset.name)])
    }
    let sum = edition == .edition2022 ? [XMLElement("SumNum", String(list.count))] : []
    return sum + [
      XMLElement("PresetList", attributes: [XMLAttribute("Num", String(list.count))], children: items)
    ]
  }

  /// Recordings of a channel (§4.6), an hour each from the start of a day.
  static func recordings(
    sn: Int, channel: DeviceID, total: Int, items: [(start: String, end: String)]
  ) -> MANSCDPDocument {
    let list = items.map { item in
      XMLElement(
        "Item",
        children: [
          XMLElement("DeviceID", channel.text), XMLElement("Name", "Camera"),
          XMLElement("FilePath", "\(item.start)_\(item.end)"), XMLElement("StartTime", item.start),
          XMLElement("EndTime", item.end), XMLElement("Secrecy", "0"), XMLElement("Type", "time"),
        ])
    }
    var fields = [XMLElement("Name", "Camera"), XMLElement("SumNum", String(total))]
    if !list.isEmpty {
      fields.append(
        XMLElement("RecordList", attributes: [XMLAttribute("Num", String(list.count))], children: list))
    }
    return MANSCDPDocument(.response, .recordInfo, sn: sn, deviceID: channel, fields: fields)
  }
}
