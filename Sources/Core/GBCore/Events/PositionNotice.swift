public import MediaTime

/// Where one mobile camera is, or was a moment ago (§5.4).
public struct PositionReport: Sendable, Hashable {
  /// Nil when the report does not say whose position it is.
  public var device: DeviceID?
  /// The device's own clock.
  public var time: WallTime?
  public var position: GeoPosition
  /// Kilometres per hour.
  public var speed: Double?
  /// Degrees clockwise from north, 0 ≤ x < 360.
  public var direction: Double?
  /// Metres above the sea.
  public var altitude: Double?
  /// Metres above the ground (2022).
  public var height: Double?

  public init(
    device: DeviceID?, time: WallTime?, position: GeoPosition, speed: Double? = nil, direction: Double? = nil,
    altitude: Double? = nil, height: Double? = nil
  ) {
    (self.device, self.time, self.position) = (device, time, position)
    (self.speed, self.direction, self.altitude, self.height) = (speed, direction, altitude, height)
  }

  /// Nil when the element has no usable coordinates.
  fileprivate init?(_ element: XMLElement, timeName: String) {
    guard
      let position = PositionText.position(
        longitude: element.value("Longitude"), latitude: element.value("Latitude"))
    else { return nil }
    func number(_ name: String, _ range: ClosedRange<Double>) -> Double? {
      element.value(name).flatMap { Double($0) }.flatMap { range.contains($0) ? $0 : nil }
    }
    let direction = number("Direction", 0...360).map { $0 == 360 ? 0 : $0 }
    self.init(
      device: (element.value("DeviceID") ?? element.value("TargetID")).flatMap { DeviceID($0) },
      time: (element.value(timeName) ?? element.value("Time")).flatMap { GBTime.parse($0) },
      position: position, speed: number("Speed", 0...2_000), direction: direction,
      altitude: number("Altitude", -500...20_000), height: number("Height", -500...20_000))
  }

  fileprivate func values(timeName: String, edition: GBVersion) -> [XMLElement] {
    var fields: [XMLElement] = []
    if let time { fields.append(XMLElement(timeName, GBTime.text(time))) }
    fields.append(XMLElement("Longitude", position.longitude, places: 6))
    fields.append(XMLElement("Latitude", position.latitude, places: 6))
    if let speed { fields.append(XMLElement("Speed", speed, places: 2)) }
    if let direction { fields.append(XMLElement("Direction", direction, places: 2)) }
    if let altitude { fields.append(XMLElement("Altitude", altitude, places: 2)) }
    if let height, edition.is2022 { fields.append(XMLElement("Height", height, places: 2)) }
    return fields
  }
}

/// A position notification: flat as the 2016 edition has it, or a list as the 2022 edition does (§5.4).
public struct PositionNotice: Sendable, Hashable {
  public var sn: Int?
  /// `DeviceID` of the document; the flat form's schema has none.
  public var deviceID: DeviceID?
  /// Reports with usable coordinates; others are left out.
  public var reports: [PositionReport]

  /// Reports taken from one document.
  public static let mostReports = 10_000

  public init(sn: Int? = nil, deviceID: DeviceID?, reports: [PositionReport]) {
    (self.sn, self.deviceID, self.reports) = (sn, deviceID, reports)
  }

  /// Nil unless `message` carries positions. The roots Notify and Response are both seen.
  public init?(_ message: MANSCDPMessage) {
    guard message.cmdType == .mobilePosition, message.root == .notify || message.root == .response else {
      return nil
    }
    let root = message.element
    let items = root.children.flatMap { child in
      child.isNamed("Item") ? [child] : child.children.filter { $0.isNamed("Item") }
    }
    var reports = items.prefix(Self.mostReports).compactMap { PositionReport($0, timeName: "CaptureTime") }
    if items.isEmpty, let flat = PositionReport(root, timeName: "Time") { reports = [flat] }
    self.init(sn: message.sn, deviceID: message.deviceID, reports: reports)
  }

  /// The documents that say this to a peer of `edition`: the flat form holds one report each.
  public func documents(from device: DeviceID, sn: Int, now: WallTime, edition: GBVersion)
    -> [MANSCDPDocument]
  {
    guard edition.is2022 else {
      return reports.enumerated().map { offset, report in
        MANSCDPDocument(
          .notify, .mobilePosition, sn: sn + offset, deviceID: report.device ?? device,
          fields: report.values(timeName: "Time", edition: edition))
      }
    }
    let items = reports.map { report in
      XMLElement(
        "Item",
        children: [XMLElement("DeviceID", (report.device ?? device).text)]
          + report.values(timeName: "CaptureTime", edition: edition))
    }
    let list = XMLElement(
      "DeviceList", attributes: [XMLAttribute("Num", String(items.count))], children: items)
    return [
      MANSCDPDocument(
        .notify, .mobilePosition, sn: sn, deviceID: device,
        fields: [XMLElement("Time", GBTime.text(now)), XMLElement("SumNum", String(items.count)), list])
    ]
  }
}

/// Coordinates and measures as text.
enum PositionText {
  /// Reads two coordinates. Some devices write degrees times a power of ten without a point (§5.4): the power
  /// that leads into the region the standard is used in wins, else the smallest that leads onto the globe.
  static func position(longitude: String?, latitude: String?) -> GeoPosition? {
    guard let longitude = longitude.flatMap({ Double($0) }), let latitude = latitude.flatMap({ Double($0) }),
      longitude.isFinite, latitude.isFinite
    else { return nil }
    if let plain = GeoPosition(longitude: longitude, latitude: latitude) { return plain }
    var fallback: GeoPosition?
    var scale = 1.0
    for _ in 1...9 {
      scale *= 10
      guard let scaled = GeoPosition(longitude: longitude / scale, latitude: latitude / scale) else {
        continue
      }
      if (73...136).contains(scaled.longitude), (3...54).contains(scaled.latitude) { return scaled }
      fallback = fallback ?? scaled
    }
    return fallback
  }
}
