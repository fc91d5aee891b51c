/// What a device answers to DeviceStatus (§4.5).
public struct DeviceStatusReply: Sendable, Hashable {
  /// Whether an alarm input is watched.
  public enum Duty: String, Sendable, Hashable, CaseIterable {
    case onDuty = "ONDUTY"
    case offDuty = "OFFDUTY"
    case alarm = "ALARM"
  }
  /// One input of `Alarmstatus`.
  public struct AlarmInput: Sendable, Hashable {
    public var id: DeviceID
    public var duty: Duty

    public init(id: DeviceID, duty: Duty) { (self.id, self.duty) = (id, duty) }
  }

  public var isOnline: Bool
  /// `Status` OK: it works as it should.
  public var isWorking: Bool
  public var reason: String?
  /// The device's clock as it wrote it, Beijing time.
  public var deviceTime: String?
  public var isOK: Bool
  /// Whether it encodes; nil when it does not say.
  public var isEncoding: Bool?
  /// Whether it records; nil when it does not say.
  public var isRecording: Bool?
  public var alarmInputs: [AlarmInput]

  public init(
    isOnline: Bool = true, isWorking: Bool = true, reason: String? = nil, deviceTime: String? = nil,
    isOK: Bool = true, isEncoding: Bool? = nil, isRecording: Bool? = nil, alarmInputs: [AlarmInput] = []
  ) {
    (self.isOnline, self.isWorking, self.reason) = (isOnline, isWorking, reason)
    (self.deviceTime, self.isOK) = (deviceTime, isOK)
    (self.isEncoding, self.isRecording, self.alarmInputs) = (isEncoding, isRecording, alarmInputs)
  }

  /// Nil unless `message` is a DeviceStatus response. The standard writes `Alarmstatus`; `AlarmStatus` is read too.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .deviceStatus else { return nil }
    let element = message.element
    isOnline = !ASCII.equal(element.value("Online") ?? "ONLINE", "OFFLINE")
    isWorking = !ASCII.equal(element.value("Status") ?? "OK", "ERROR")
    reason = element.value("Reason")
    deviceTime = element.value("DeviceTime")
    isOK = message.isOK ?? true
    (isEncoding, isRecording) = (element.flag("Encode"), element.flag("Record"))
    alarmInputs = (element.child("Alarmstatus")?.descendants("Item") ?? []).compactMap { item in
      guard let id = item.value("DeviceID").flatMap({ DeviceID($0) }), let word = item.value("DutyStatus"),
        let duty = Duty.allCases.first(where: { ASCII.equal($0.rawValue, word) })
      else { return nil }
      return AlarmInput(id: id, duty: duty)
    }
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    var fields = [
      XMLElement("Result", isOK ? "OK" : "ERROR"), XMLElement("Online", isOnline ? "ONLINE" : "OFFLINE"),
      XMLElement("Status", isWorking ? "OK" : "ERROR"),
    ]
    if let reason { fields.append(XMLElement("Reason", reason)) }
    if let isEncoding { fields.append(XMLElement("Encode", isEncoding ? "ON" : "OFF")) }
    if let isRecording { fields.append(XMLElement("Record", isRecording ? "ON" : "OFF")) }
    if let deviceTime { fields.append(XMLElement("DeviceTime", deviceTime)) }
    guard !alarmInputs.isEmpty else { return fields }
    let items = alarmInputs.map {
      XMLElement(
        "Item", children: [XMLElement("DeviceID", $0.id.text), XMLElement("DutyStatus", $0.duty.rawValue)])
    }
    return fields + [
      XMLElement("Alarmstatus", attributes: [.init("Num", String(items.count))], children: items)
    ]
  }
}
