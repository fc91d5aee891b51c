/// What a platform may order a device to do (§4.9): the same value is written here and read by whoever obeys.
public enum DeviceControl: Sendable, Hashable {
  /// Pan, tilt, zoom, lens, presets, cruises, scans and switches (§4.9.1).
  case ptz(PTZCommand, PTZNames = PTZNames())
  /// TeleBoot.
  case reboot
  /// Recording on board. The stream number is known from 2022 on; nil means 0.
  case record(isOn: Bool, stream: Int? = nil)
  case `guard`(isOn: Bool)
  /// Alarms to reset: method and type as the standard numbers them, several joined with `/`; nil means all.
  case resetAlarm(method: String? = nil, type: String? = nil)
  case keyFrame
  case dragZoom(isIn: Bool, DragBox)
  case homePosition(HomePosition)
  case precise(PrecisePosition)
  case upgrade(UpgradeOrder)
  /// Card number from 1; 0 means all.
  case formatCard(Int)
  /// Following somebody or something. Neither sent nor obeyed; known only so that it can be refused.
  case targetTrack

  /// The element that names it; of the key frame, the spelling of 2022.
  public var name: String {
    switch self {
    case .ptz: "PTZCmd"
    case .reboot: "TeleBoot"
    case .record: "RecordCmd"
    case .guard: "GuardCmd"
    case .resetAlarm: "AlarmCmd"
    case .keyFrame: "IFrameCmd"
    case .dragZoom(let isIn, _): isIn ? "DragZoomIn" : "DragZoomOut"
    case .homePosition: "HomePosition"
    case .precise: "PTZPreciseCtrl"
    case .upgrade: "DeviceUpgrade"
    case .formatCard: "FormatSDCard"
    case .targetTrack: "TargetTrack"
    }
  }

  /// Whether a device answers with a document (2022, 9.3.1).
  public var isAnswered: Bool {
    switch self {
    case .record, .guard, .resetAlarm, .homePosition, .upgrade: true
    case .ptz, .reboot, .keyFrame, .dragZoom, .precise, .formatCard, .targetTrack: false
    }
  }

  /// The first edition that has it.
  public var edition: GBVersion {
    switch self {
    case .ptz, .reboot, .record, .guard, .resetAlarm: .v2011
    case .keyFrame, .dragZoom, .homePosition: .v2016
    case .precise, .upgrade, .formatCard, .targetTrack: .v2022
    }
  }

  /// Whether a peer of that edition can understand it.
  public func isKnown(to peer: GBVersion) -> Bool { peer >= edition }

  /// What follows `DeviceID`, in the words of the receiver's edition. What an edition has no word for is left out.
  /// - Parameter priority: 1…255 for `ControlPriority`; nil leaves it out.
  public func fields(for peer: GBVersion, priority: Int? = nil) -> [XMLElement] {
    let info = priority.map { XMLElement("Info", children: [XMLElement("ControlPriority", $0)]) }
    return command(peer) + [info].compactMap(\.self)
  }

  private func command(_ peer: GBVersion) -> [XMLElement] {
    switch self {
    case .ptz(let command, let names): ptz(command, names, peer)
    case .reboot: [XMLElement(name, "Boot")]
    case .record(let isOn, let stream):
      [XMLElement(name, isOn ? "Record" : "StopRecord")]
        + (peer.is2022 ? [stream.map { XMLElement("StreamNumber", $0) }].compactMap(\.self) : [])
    case .guard(let isOn): [XMLElement(name, isOn ? "SetGuard" : "ResetGuard")]
    case .resetAlarm(let method, let type): resetAlarm(method, type)
    case .keyFrame: KeyFrameSpelling(version: peer).names.map { XMLElement($0, "Send") }
    case .dragZoom(_, let box): [XMLElement(name, children: box.elements)]
    case .homePosition(let home): [XMLElement(name, children: home.elements)]
    case .precise(let position): [XMLElement(name, children: position.limited.elements)]
    case .upgrade(let order): [XMLElement(name, children: order.elements)]
    case .formatCard(let card): [XMLElement(name, card)]
    case .targetTrack: [XMLElement(name, "Stop")]
    }
  }

  private func ptz(_ command: PTZCommand, _ names: PTZNames, _ peer: GBVersion) -> [XMLElement] {
    let field = XMLElement(name, command.hex)
    guard peer.is2022, !names.elements.isEmpty else { return [field] }
    return [field, XMLElement("PTZCmdParams", children: names.elements)]
  }

  private func resetAlarm(_ method: String?, _ type: String?) -> [XMLElement] {
    let scope = [("AlarmMethod", method), ("AlarmType", type)].compactMap { name, value in
      value.map { XMLElement(name, $0) }
    }
    let field = XMLElement(name, "ResetAlarm")
    return scope.isEmpty ? [field] : [field, XMLElement("Info", children: scope)]
  }
}

// MARK: Reading

extension DeviceControl {
  /// The order in a control document; nil when there is none that is known. What is wrong in one element makes the
  /// whole order unknown: a camera must not do half of what it was told.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .control, message.cmdType == .deviceControl else { return nil }
    let element = message.element
    // Refused whatever else stands beside it.
    if element.child("TargetTrack") != nil {
      self = .targetTrack
      return
    }
    guard let control = Self.words(element) ?? Self.structures(element) else { return nil }
    self = control
  }

  /// `ControlPriority`, wherever it stands; `Info` may come twice, once as plain text.
  public static func priority(in message: MANSCDPMessage) -> Int? {
    message.element.descendants("ControlPriority", most: 1).first?.wholeNumber
  }

  private static func words(_ element: XMLElement) -> DeviceControl? {
    if let text = element.value("PTZCmd") {
      return PTZCommand.parse(text).map { .ptz($0.command, names(element)) }
    }
    if let word = element.value("TeleBoot") { return ASCII.equal(word, "Boot") ? .reboot : nil }
    if let word = element.value("RecordCmd") {
      return choose(word, "Record", "StopRecord").map {
        .record(isOn: $0, stream: element.wholeNumber("StreamNumber"))
      }
    }
    if let word = element.value("GuardCmd") {
      return choose(word, "SetGuard", "ResetGuard").map { .guard(isOn: $0) }
    }
    if let word = element.value("AlarmCmd") {
      guard ASCII.equal(word, "ResetAlarm") else { return nil }
      return .resetAlarm(method: anywhere("AlarmMethod", element), type: anywhere("AlarmType", element))
    }
    if let word = element.value("IFameCmd") ?? element.value("IFrameCmd") {
      return ASCII.equal(word, "Send") ? .keyFrame : nil
    }
    return element.wholeNumber("FormatSDCard").flatMap { (0...255).contains($0) ? .formatCard($0) : nil }
  }

  private static func structures(_ element: XMLElement) -> DeviceControl? {
    if let box = element.child("DragZoomIn") { return DragBox(box).map { .dragZoom(isIn: true, $0) } }
    if let box = element.child("DragZoomOut") { return DragBox(box).map { .dragZoom(isIn: false, $0) } }
    if let home = element.child("HomePosition") { return HomePosition(home).map { .homePosition($0) } }
    if let place = element.child("PTZPreciseCtrl") { return PrecisePosition(place).map { .precise($0) } }
    if let order = element.child("DeviceUpgrade") { return UpgradeOrder(order).map { .upgrade($0) } }
    return nil
  }

  private static func names(_ element: XMLElement) -> PTZNames {
    element.child("PTZCmdParams").map { PTZNames($0) } ?? PTZNames()
  }

  private static func choose(_ word: String, _ yes: String, _ no: String) -> Bool? {
    ASCII.equal(word, yes) ? true : ASCII.equal(word, no) ? false : nil
  }

  /// Of an alarm's scope: 2016 puts it into one of possibly two `Info`, some write it at the top.
  private static func anywhere(_ name: String, _ element: XMLElement) -> String? {
    element.descendants(name, most: 1).first?.value
  }
}
