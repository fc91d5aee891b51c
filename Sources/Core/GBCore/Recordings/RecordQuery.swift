public import MediaTime

/// Which recordings are asked for (§4.6).
public struct RecordQuery: Sendable, Hashable {
  public var channel: DeviceID
  public var start: WallTime
  public var end: WallTime
  public var filePath: String?
  public var address: String?
  public var isSecret: Bool
  /// Nil asks for all.
  public var kind: RecordKind?
  public var recorder: String?
  /// Whether both the centre and the front end are searched.
  public var searchesEverywhere: Bool
  /// 2022 only.
  public var streamNumber: Int?
  /// Codes of §10 joined by `/`; 2022 only.
  public var alarmMethod: String?
  public var alarmType: String?

  public init(
    channel: DeviceID, start: WallTime, end: WallTime, filePath: String? = nil, address: String? = nil,
    isSecret: Bool = false, kind: RecordKind? = nil, recorder: String? = nil,
    searchesEverywhere: Bool = false,
    streamNumber: Int? = nil, alarmMethod: String? = nil, alarmType: String? = nil
  ) {
    (self.channel, self.start, self.end) = (channel, start, end)
    (self.filePath, self.address, self.isSecret, self.kind) = (filePath, address, isSecret, kind)
    (self.recorder, self.searchesEverywhere, self.streamNumber) = (recorder, searchesEverywhere, streamNumber)
    (self.alarmMethod, self.alarmType) = (alarmMethod, alarmType)
  }

  /// The fields after `DeviceID`. `Secrecy` and `Type` always: some models ignore a query without them.
  public func fields(for edition: GBVersion, clock: RecordClock = .beijing) -> [XMLElement] {
    var fields = [XMLElement("StartTime", clock.text(start)), XMLElement("EndTime", clock.text(end))]
    if let filePath { fields.append(XMLElement("FilePath", filePath)) }
    if let address { fields.append(XMLElement("Address", address)) }
    fields.append(XMLElement("Secrecy", isSecret ? "1" : "0"))
    fields.append(XMLElement("Type", kind?.rawValue ?? "all"))
    if let recorder { fields.append(XMLElement("RecorderID", recorder)) }
    fields.append(XMLElement("IndistinctQuery", searchesEverywhere ? "1" : "0"))
    guard edition.is2022 else { return fields }
    if let streamNumber { fields.append(XMLElement("StreamNumber", String(streamNumber))) }
    if let alarmMethod { fields.append(XMLElement("AlarmMethod", alarmMethod)) }
    if let alarmType { fields.append(XMLElement("AlarmType", alarmType)) }
    return fields
  }

  /// Reads a query. Nil unless it asks a channel for an interval.
  public init?(_ message: MANSCDPMessage, clock: RecordClock = .beijing) {
    let element = message.element
    guard message.root == .query, message.cmdType == .recordInfo, let channel = message.deviceID,
      let start = element.value("StartTime").flatMap({ clock.parse($0) }),
      let end = element.value("EndTime").flatMap({ clock.parse($0) }), start < end
    else { return nil }
    self.init(
      channel: channel, start: start, end: end, filePath: element.value("FilePath"),
      address: element.value("Address"), isSecret: element.integer("Secrecy") == 1,
      kind: element.value("Type").flatMap { RecordKind(name: $0) }, recorder: element.value("RecorderID"),
      searchesEverywhere: element.integer("IndistinctQuery") == 1,
      streamNumber: element.integer("StreamNumber"), alarmMethod: element.value("AlarmMethod"),
      alarmType: element.value("AlarmType"))
  }

  /// The query cut into days of Beijing time: some devices answer at most 24 hours at once.
  public var days: [RecordQuery] {
    var result: [RecordQuery] = []
    var from = start
    while from < end, result.count < Self.mostDays {
      let civil = CivilTime(from, offset: CivilTime.beijing)
      let midnight = CivilTime(year: civil.year, month: civil.month, day: civil.day)
        .wallTime(offset: CivilTime.beijing)
      var day = self
      day.start = from
      day.end = min(end, midnight + .seconds(86_400))
      result.append(day)
      from = day.end
    }
    return result
  }

  /// The longest interval that is cut into days.
  public static let mostDays = 366
}

/// One message of the answer to a ``RecordQuery`` (§4.3, §4.6).
public struct RecordReply: Sendable {
  public let sn: Int?
  public let deviceID: DeviceID?
  public let name: String?
  /// The grand total the device announces; nil when it is missing or nonsense.
  public let total: Int?
  public let items: [RecordItem]
  /// Items without a code or without two usable times.
  public let unreadable: Int

  /// Items taken from one message; the standard's limit is 10 000.
  public static let mostItems = 20_000

  /// Nil unless `message` answers such a query.
  public init?(_ message: MANSCDPMessage, clock: RecordClock = .beijing) {
    guard message.cmdType == .recordInfo, message.root == .response else { return nil }
    sn = message.sn
    deviceID = message.deviceID
    name = message.element.value("Name")
    total = message.element.integer("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    var items: [RecordItem] = []
    var unreadable = 0
    for element in Self.itemElements(message.element).prefix(Self.mostItems) {
      if let item = RecordItem(element, clock: clock) { items.append(item) } else { unreadable += 1 }
    }
    (self.items, self.unreadable) = (items, unreadable)
  }

  /// `Item`s of every list, or directly below the root where the list is missing.
  private static func itemElements(_ root: XMLElement) -> [XMLElement] {
    root.children.flatMap { child in
      child.isNamed("Item") ? [child] : child.children.filter { $0.isNamed("Item") }
    }
  }
}

extension MANSCDPDocument {
  /// Asks for recordings on board.
  public static func recordInfo(
    sn: Int, _ query: RecordQuery, edition: GBVersion, clock: RecordClock = .beijing
  ) -> MANSCDPDocument {
    MANSCDPDocument(
      .query, .recordInfo, sn: sn, deviceID: query.channel, fields: query.fields(for: edition, clock: clock))
  }

  /// One part of the answer; an empty answer has no list (§4.3).
  public static func records(
    sn: Int, of channel: DeviceID, name: String, total: Int, items: [RecordItem], edition: GBVersion,
    clock: RecordClock = .beijing
  ) -> MANSCDPDocument {
    var fields = [XMLElement("Name", name), XMLElement("SumNum", String(total))]
    if !items.isEmpty {
      fields.append(
        XMLElement(
          "RecordList", attributes: [XMLAttribute("Num", String(items.count))],
          children: items.map { $0.element(for: edition, clock: clock) }))
    }
    return MANSCDPDocument(.response, .recordInfo, sn: sn, deviceID: channel, fields: fields)
  }
}
