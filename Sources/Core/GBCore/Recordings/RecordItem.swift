public import MediaTime

/// Why a device recorded something (§4.6).
public enum RecordKind: String, Sendable, Hashable, CaseIterable {
  case time, alarm, manual

  /// The digit behind the colon of a history INVITE's `u=` line (§7.2).
  public var digit: Int {
    switch self {
    case .manual: 1
    case .alarm: 2
    case .time: 3
    }
  }

  /// Any case; nil for another word.
  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { ASCII.equal($0.rawValue, name) }) else { return nil }
    self = kind
  }
}

/// One recording on board of a device, as it tells of it (§4.6).
public struct RecordItem: Sendable, Hashable {
  public var deviceID: DeviceID
  public var name: String
  public var filePath: String?
  public var address: String?
  public var start: WallTime
  public var end: WallTime
  /// Whether it is marked secret.
  public var isSecret: Bool
  public var kind: RecordKind?
  /// Who triggered it.
  public var recorder: String?
  /// Bytes.
  public var fileSize: Int64?
  /// The code of what stores it.
  public var location: String?
  /// 0 main, 1 first sub-stream (2022).
  public var streamNumber: Int?

  public init(
    deviceID: DeviceID, name: String = "", filePath: String? = nil, address: String? = nil, start: WallTime,
    end: WallTime, isSecret: Bool = false, kind: RecordKind? = nil, recorder: String? = nil,
    fileSize: Int64? = nil, location: String? = nil, streamNumber: Int? = nil
  ) {
    (self.deviceID, self.name, self.filePath, self.address) = (deviceID, name, filePath, address)
    (self.start, self.end, self.isSecret, self.kind) = (start, end, isSecret, kind)
    (self.recorder, self.fileSize, self.location) = (recorder, fileSize, location)
    self.streamNumber = streamNumber
  }

  /// Reads an `Item`. Nil without a code or without two times that say a length.
  /// - Parameter clock: how the device writes times.
  public init?(_ element: XMLElement, clock: RecordClock = .beijing) {
    guard let id = element.value("DeviceID").flatMap({ DeviceID($0) }),
      let start = element.value("StartTime").flatMap({ clock.parse($0) }),
      let written = element.value("EndTime").flatMap({ clock.parse($0) }),
      let end = clock.end(written, after: start)
    else { return nil }
    self.init(
      deviceID: id, name: element.value("Name") ?? "", filePath: element.value("FilePath"),
      address: element.value("Address"), start: start, end: end, isSecret: element.integer("Secrecy") == 1,
      kind: element.value("Type").flatMap { RecordKind(name: $0) }, recorder: element.value("RecorderID"),
      fileSize: element.value("FileSize").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil },
      location: element.value("RecordLocation"), streamNumber: element.integer("StreamNumber"))
  }

  /// The `Item` for an edition: fields in schema order, what the edition does not know left out.
  public func element(for edition: GBVersion, clock: RecordClock = .beijing) -> XMLElement {
    var children = [XMLElement("DeviceID", deviceID.text), XMLElement("Name", name)]
    if let filePath { children.append(XMLElement("FilePath", filePath)) }
    if let address { children.append(XMLElement("Address", address)) }
    children.append(XMLElement("StartTime", clock.text(start)))
    children.append(XMLElement("EndTime", clock.text(end)))
    children.append(XMLElement("Secrecy", isSecret ? "1" : "0"))
    if let kind { children.append(XMLElement("Type", kind.rawValue)) }
    if let recorder { children.append(XMLElement("RecorderID", recorder)) }
    if let fileSize, edition >= .v2016 { children.append(XMLElement("FileSize", String(fileSize))) }
    if let location, edition >= .v2016 { children.append(XMLElement("RecordLocation", location)) }
    if let streamNumber, edition.is2022 {
      children.append(XMLElement("StreamNumber", String(streamNumber)))
    }
    return XMLElement("Item", children: children)
  }

  /// What makes two tellings one recording (§4.3).
  public var identity: Identity {
    Identity(deviceID: deviceID, start: start, end: end, filePath: filePath ?? "")
  }

  public struct Identity: Sendable, Hashable {
    let deviceID: DeviceID
    let start: WallTime
    let end: WallTime
    let filePath: String
  }
}

/// How a device writes the times of its recordings (§0.2, §14.2 #20).
public struct RecordClock: Sendable, Hashable {
  /// What the device's text is ahead of Beijing time: −8 h where it writes UTC.
  public var offset: Duration

  public init(offset: Duration) { self.offset = offset }

  /// As the standard wants it.
  public static let beijing = RecordClock(offset: .zero)

  public func text(_ moment: WallTime) -> String { GBTime.text(moment + offset) }

  /// Any variant that ``GBTime`` reads, and the hour 24 that some recorders end a day with.
  public func parse(_ text: String) -> WallTime? {
    if let moment = GBTime.parse(text) { return moment - offset }
    var bytes = Array(text.trimmed.utf8)
    guard bytes.count >= 19, bytes[11] == 50, bytes[12] == 52 else { return nil }
    (bytes[11], bytes[12]) = (48, 48)
    return GBTime.parse(String(decoding: bytes, as: UTF8.self)).map { $0 - offset + .seconds(86_400) }
  }

  /// The end that was meant: midnight of the day before the start is the midnight after it.
  func end(_ written: WallTime, after start: WallTime) -> WallTime? {
    guard written <= start else { return written }
    let civil = CivilTime(written + offset, offset: CivilTime.beijing)
    guard civil.hour == 0, civil.minute == 0, civil.second == 0, start - written < .seconds(86_400),
      start != written
    else { return nil }
    return written + .seconds(86_400)
  }
}
