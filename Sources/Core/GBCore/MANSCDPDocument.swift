/// A MANSCDP document to be sent. `CmdType`, `SN` and `DeviceID` come first, in this order (§0.2); only a call to a
/// loudspeaker has two other codes in the place of the last (§12.1).
public struct MANSCDPDocument: Sendable, Hashable {
  /// The value of `Content-Type` for every body of this kind.
  public static let contentType = "Application/MANSCDP+xml"

  public var root: MANSCDPRoot
  public var cmdType: CmdType
  /// 1…2 147 483 647; a response repeats the one of its request.
  public var sn: Int
  /// The target of a query or control, the source of a notification or response. Some answers carry an area code.
  public var deviceID: DeviceID
  /// What follows, in schema order.
  public var fields: [XMLElement]

  public init(
    _ root: MANSCDPRoot, _ cmdType: CmdType, sn: Int, deviceID: DeviceID, fields: [XMLElement] = []
  ) {
    (self.root, self.cmdType, self.sn, self.deviceID, self.fields) = (root, cmdType, sn, deviceID, fields)
  }

  /// The whole text with its prolog.
  public func text(declaring encoding: TextEncodingName) -> String {
    var output = "<?xml version=\"1.0\" encoding=\"\(encoding.rawValue)\"?>\n"
    var head = [XMLElement("CmdType", cmdType.name), XMLElement("SN", String(sn))]
    if namesDevice { head.append(XMLElement("DeviceID", deviceID.text)) }
    XMLElement(root.rawValue, children: head + fields).write(into: &output)
    return output
  }

  /// The body for a peer that reads `encoding`.
  public func body(_ encoding: TextEncodingName, codec: TextCodec) -> [UInt8] {
    codec.encode(text(declaring: encoding), encoding)
  }
}

// MARK: What a platform asks

extension MANSCDPDocument {
  /// A query without arguments: Catalog, DeviceInfo, DeviceStatus, PresetQuery …
  public static func query(_ cmdType: CmdType, sn: Int, of target: DeviceID) -> MANSCDPDocument {
    MANSCDPDocument(.query, cmdType, sn: sn, deviceID: target)
  }

  /// Asks for a key frame (§4.9).
  public static func keyFrame(sn: Int, channel: DeviceID, spelling: KeyFrameSpelling) -> MANSCDPDocument {
    let fields = spelling.names.map { XMLElement($0, "Send") }
    return MANSCDPDocument(.control, .deviceControl, sn: sn, deviceID: channel, fields: fields)
  }

  /// Moves a camera (§4.9.1).
  public static func ptz(sn: Int, channel: DeviceID, command: PTZCommand) -> MANSCDPDocument {
    let fields = [
      XMLElement("PTZCmd", command.hex), XMLElement("Info", children: [XMLElement("ControlPriority", "5")]),
    ]
    return MANSCDPDocument(.control, .deviceControl, sn: sn, deviceID: channel, fields: fields)
  }
}

/// The element that asks for a key frame: the 2016 edition misspelt it, the 2022 edition mended it.
public enum KeyFrameSpelling: Sendable, Hashable {
  case edition2016, edition2022
  /// Both, for devices that ignored the one of their edition (§14.2 #43).
  case both

  public init(version: GBVersion) { self = version.is2022 ? .edition2022 : .edition2016 }

  var names: [String] {
    switch self {
    case .edition2016: ["IFameCmd"]
    case .edition2022: ["IFrameCmd"]
    case .both: ["IFameCmd", "IFrameCmd"]
    }
  }
}

// MARK: What a device says

extension MANSCDPDocument {
  /// A heartbeat (§3).
  public static func keepalive(
    sn: Int, from device: DeviceID, isOK: Bool = true, faulty: [DeviceID] = []
  ) -> MANSCDPDocument {
    var fields = [XMLElement("Status", isOK ? "OK" : "ERROR")]
    if !faulty.isEmpty {
      fields.append(XMLElement("Info", children: faulty.map { XMLElement("DeviceID", $0.text) }))
    }
    return MANSCDPDocument(.notify, .keepalive, sn: sn, deviceID: device, fields: fields)
  }

  /// One part of a catalog answer; an empty catalog has no list (§4.3).
  public static func catalog(
    sn: Int, from device: DeviceID, total: Int, items: [CatalogItem], edition: GBVersion
  ) -> MANSCDPDocument {
    var fields = [XMLElement("SumNum", String(total))]
    if !items.isEmpty {
      let list = XMLElement(
        "DeviceList", attributes: [XMLAttribute("Num", String(items.count))],
        children: items.map { $0.element(for: edition) })
      fields.append(list)
    }
    return MANSCDPDocument(.response, .catalog, sn: sn, deviceID: device, fields: fields)
  }

  /// The answer to DeviceInfo (§4.5).
  public static func deviceInfo(sn: Int, from device: DeviceID, _ info: DeviceInfoReply) -> MANSCDPDocument {
    var fields: [XMLElement] = []
    if let name = info.name { fields.append(XMLElement("DeviceName", name)) }
    fields.append(XMLElement("Result", info.isOK ? "OK" : "ERROR"))
    if let manufacturer = info.manufacturer { fields.append(XMLElement("Manufacturer", manufacturer)) }
    if let model = info.model { fields.append(XMLElement("Model", model)) }
    if let firmware = info.firmware { fields.append(XMLElement("Firmware", firmware)) }
    if let channels = info.channels { fields.append(XMLElement("Channel", String(channels))) }
    return MANSCDPDocument(.response, .deviceInfo, sn: sn, deviceID: device, fields: fields)
  }

  /// The answer to DeviceStatus (§4.5).
  public static func deviceStatus(sn: Int, from device: DeviceID, _ status: DeviceStatusReply)
    -> MANSCDPDocument
  {
    return MANSCDPDocument(.response, .deviceStatus, sn: sn, deviceID: device, fields: status.fields)
  }

  /// The bare answer that carries only a result.
  public static func result(
    _ cmdType: CmdType, sn: Int, from device: DeviceID, isOK: Bool
  ) -> MANSCDPDocument {
    MANSCDPDocument(
      .response, cmdType, sn: sn, deviceID: device, fields: [XMLElement("Result", isOK ? "OK" : "ERROR")])
  }

  /// Tells that a history stream has ended: `NotifyType` 121 (§8.4).
  public static func mediaEnded(sn: Int, channel: DeviceID) -> MANSCDPDocument {
    MANSCDPDocument(
      .notify, .mediaStatus, sn: sn, deviceID: channel, fields: [XMLElement("NotifyType", "121")])
  }
}
