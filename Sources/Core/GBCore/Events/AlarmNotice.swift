public import MediaTime

/// An alarm as a device reports it, by MESSAGE or by NOTIFY (§10.1).
public struct AlarmNotice: Sendable, Hashable {
  /// What raises it: an alarm input, a camera, a recorder, or a control room of ten digits.
  public var source: DeviceID
  /// 1 (most urgent) … 4; 4 when the device gave none.
  public var priority: Int
  public var method: AlarmMethod
  /// `AlarmType`; nil when absent. Its meaning depends on the method.
  public var type: Int?
  /// The word a device wrote where a number belongs, when it means no known type.
  public var typeName: String?
  /// `EventType` of an intrusion: 1 enter, 2 leave.
  public var event: Int?
  /// The device's own clock; nil when it was missing or unreadable.
  public var time: WallTime?
  public var text: String?
  public var position: GeoPosition?

  /// Characters of a text that are kept.
  public static let longestText = 512
  static let lowestPriority = 4

  public init(
    source: DeviceID, priority: Int = 4, method: AlarmMethod, type: Int? = nil, typeName: String? = nil,
    event: Int? = nil, time: WallTime?, text: String? = nil, position: GeoPosition? = nil
  ) {
    (self.source, self.method, self.type, self.typeName) = (source, method, type, typeName)
    (self.event, self.time, self.text, self.position) = (event, time, text, position)
    self.priority = min(max(priority, 1), Self.lowestPriority)
  }

  /// Reads a notification of either edition, or of 2011, where `AlarmType` stands outside `Info`.
  ///
  /// Nil unless `message` is an alarm notification that names its source.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .alarm, let source = message.deviceID else {
      return nil
    }
    let element = message.element
    let info = element.children.filter { $0.isNamed("Info") }
    func value(_ name: String) -> String? {
      element.value(name) ?? info.lazy.compactMap { $0.value(name) }.first
    }
    let method = value("AlarmMethod").flatMap { AlarmMethod($0) } ?? .other
    let word = value("AlarmType")
    let type = word.flatMap { Int($0) ?? AlarmKind.type(method, word: $0) }
    let parameters =
      info.lazy.compactMap { $0.child("AlarmTypeParam") }.first ?? element.child("AlarmTypeParam")
    self.init(
      source: source, priority: value("AlarmPriority").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 4,
      method: method, type: type.flatMap { (1...9_999).contains($0) ? $0 : nil },
      typeName: type == nil ? word.map { String($0.prefix(64)) } : nil,
      event: parameters?.integer("EventType") ?? value("EventType").flatMap { Int($0) },
      time: value("AlarmTime").flatMap { GBTime.parse($0) },
      text: value("AlarmDescription").map { String($0.prefix(Self.longestText)) },
      position: PositionText.position(longitude: value("Longitude"), latitude: value("Latitude")))
  }

  /// What follows `DeviceID`, in schema order.
  public var fields: [XMLElement] {
    var fields = [
      XMLElement("AlarmPriority", String(priority)), XMLElement("AlarmMethod", String(method.rawValue)),
    ]
    if let time { fields.append(XMLElement("AlarmTime", GBTime.text(time))) }
    if let text { fields.append(XMLElement("AlarmDescription", text)) }
    if let position {
      fields.append(XMLElement("Longitude", position.longitude, places: 6))
      fields.append(XMLElement("Latitude", position.latitude, places: 6))
    }
    if let word = type.map(String.init) ?? typeName {
      var info = [XMLElement("AlarmType", word)]
      if let event {
        info.append(XMLElement("AlarmTypeParam", children: [XMLElement("EventType", String(event))]))
      }
      fields.append(XMLElement("Info", children: info))
    }
    return fields
  }

  /// The word of the API for what happened, such as `tamper`; nil where the standard has none.
  public var kind: String? { AlarmKind.word(method, type: type) }
}

extension MANSCDPDocument {
  /// An alarm; both editions write it alike.
  public static func alarm(sn: Int, _ notice: AlarmNotice) -> MANSCDPDocument {
    MANSCDPDocument(.notify, .alarm, sn: sn, deviceID: notice.source, fields: notice.fields)
  }
}

/// Which alarms are asked for, or wanted by a subscription (§5.2). What is not set is not filtered.
public struct AlarmFilter: Sendable, Hashable {
  /// 1…4, the most and the least urgent that is wanted; nil wants all.
  public var priorities: ClosedRange<Int>?
  /// Empty wants all.
  public var methods: Set<AlarmMethod>
  /// Empty wants all.
  public var types: Set<Int>
  public var from: WallTime?
  public var to: WallTime?

  public init(
    priorities: ClosedRange<Int>? = nil, methods: Set<AlarmMethod> = [], types: Set<Int> = [],
    from: WallTime? = nil, to: WallTime? = nil
  ) {
    (self.priorities, self.methods, self.types) = (priorities, methods, types)
    (self.from, self.to) = (from, to)
  }

  /// Reads the body of a SUBSCRIBE: `1/2`, `12` and single digits alike.
  ///
  /// Nil unless `message` asks for alarms.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .query, message.cmdType == .alarm else { return nil }
    let element = message.element
    let first = element.integer("StartAlarmPriority") ?? 0
    let last = element.integer("EndAlarmPriority") ?? 0
    var priorities: ClosedRange<Int>?
    if first > 0 || last > 0 {
      let bounds = (max(first, 1), last > 0 ? last : AlarmNotice.lowestPriority)
      priorities = min(bounds.0, bounds.1)...max(bounds.0, bounds.1)
    }
    let info = element.child("Info")
    let types = element.value("AlarmType") ?? info?.value("AlarmType") ?? ""
    self.init(
      priorities: priorities, methods: Self.methods(element.value("AlarmMethod") ?? "0"),
      types: Set(types.split(separator: "/").compactMap { Int($0) }.filter { $0 > 0 }),
      from: (element.value("StartAlarmTime") ?? element.value("StartTime")).flatMap { GBTime.parse($0) },
      to: (element.value("EndAlarmTime") ?? element.value("EndTime")).flatMap { GBTime.parse($0) })
  }

  /// A combination of digits in the spelling of either edition; anything that contains 0 means all.
  private static func methods(_ text: String) -> Set<AlarmMethod> {
    let digits = text.utf8.filter { (48...57).contains($0) }.map { Int($0) - 48 }
    return digits.contains(0) ? [] : Set(digits.compactMap { AlarmMethod(rawValue: $0) })
  }

  /// What follows `DeviceID`: methods as `1/2` for 2022 and as `12` before (§5.2).
  public func fields(for edition: GBVersion) -> [XMLElement] {
    let digits = methods.sorted().map { String($0.rawValue) }
    var fields = [
      XMLElement("StartAlarmPriority", String(priorities?.lowerBound ?? 0)),
      XMLElement("EndAlarmPriority", String(priorities?.upperBound ?? 0)),
      XMLElement(
        "AlarmMethod", digits.isEmpty ? "0" : digits.joined(separator: edition.is2022 ? "/" : "")),
    ]
    if !types.isEmpty {
      fields.append(XMLElement("AlarmType", types.sorted().map(String.init).joined(separator: "/")))
    }
    if let from { fields.append(XMLElement("StartAlarmTime", GBTime.text(from))) }
    if let to { fields.append(XMLElement("EndAlarmTime", GBTime.text(to))) }
    return fields
  }

  public func wants(_ notice: AlarmNotice) -> Bool {
    if let priorities, !priorities.contains(notice.priority) { return false }
    if !methods.isEmpty, !methods.contains(notice.method) { return false }
    if !types.isEmpty, !types.contains(notice.type ?? 0) { return false }
    guard let time = notice.time else { return true }
    return from.map { time >= $0 } ?? true && to.map { time <= $0 } ?? true
  }
}
