/// Answers about where a camera looks and may look (§4.8).

/// A stored position.
public struct Preset: Sendable, Hashable {
  /// 1…255.
  public var number: Int
  /// Nil when the device gave it none.
  public var name: String?

  public init(number: Int, name: String? = nil) { (self.number, self.name) = (number, name) }
}

/// One message of the answer to PresetQuery. Several are allowed; 2016 announces no total.
public struct PresetReply: Sendable, Hashable {
  /// All presets; nil when it is not said.
  public var total: Int?
  public var presets: [Preset]

  public init(total: Int? = nil, presets: [Preset]) { (self.total, self.presets) = (total, presets) }

  /// Nil unless `message` answers PresetQuery. Codes come as `1`, `001` or `Preset1`; what has no number is left out.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .presetQuery else { return nil }
    total = message.element.wholeNumber("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    presets = message.element.descendants("Item", most: 1_024).compactMap { item in
      guard let text = item.value("PresetID"), let number = Self.number(text) else { return nil }
      return Preset(number: number, name: item.value("PresetName"))
    }
  }

  private static func number(_ text: String) -> Int? {
    let digits = text.utf8.drop { !ASCII.isDigit($0) }.prefix { ASCII.isDigit($0) }
    guard let number = Int(String(decoding: digits, as: UTF8.self)), (0...65_535).contains(number) else {
      return nil
    }
    return number
  }

  /// What follows `DeviceID`. A list without presets has the number 0 and no items.
  public func fields(for peer: GBVersion) -> [XMLElement] {
    let items = presets.map {
      XMLElement(
        "Item", children: [XMLElement("PresetID", $0.number), XMLElement("PresetName", $0.name ?? "")])
    }
    let list = XMLElement("PresetList", attributes: [.init("Num", String(items.count))], children: items)
    return (peer.is2022 ? [XMLElement("SumNum", total ?? presets.count)] : []) + [list]
  }
}

/// The answer to HomePositionQuery (2022).
public struct HomePositionReply: Sendable, Hashable {
  public var home: HomePosition

  public init(_ home: HomePosition) { self.home = home }

  /// Nil unless `message` answers HomePositionQuery and says whether there is one.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .homePositionQuery else { return nil }
    guard let home = HomePosition(message.element.child("HomePosition") ?? message.element) else {
      return nil
    }
    self.home = home
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] { [XMLElement("HomePosition", children: home.elements)] }
}

/// One message of the answer to CruiseTrackListQuery (2022).
public struct CruiseListReply: Sendable, Hashable {
  public struct Track: Sendable, Hashable {
    /// From 0.
    public var number: Int
    public var name: String?

    public init(number: Int, name: String? = nil) { (self.number, self.name) = (number, name) }
  }

  public var total: Int?
  public var tracks: [Track]

  public init(total: Int? = nil, tracks: [Track]) { (self.total, self.tracks) = (total, tracks) }

  /// Nil unless `message` answers CruiseTrackListQuery.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .cruiseTrackListQuery else { return nil }
    total = message.element.wholeNumber("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    let items =
      message.element.descendants("CruiseTrack", most: 1_024)
      + message.element.descendants("Item", most: 1_024)
    tracks = items.compactMap { item in
      item.wholeNumber("Number").map { Track(number: $0, name: item.value("Name")) }
    }
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    let items = tracks.map {
      XMLElement(
        "CruiseTrack", children: [XMLElement("Number", $0.number), XMLElement("Name", $0.name ?? "")])
    }
    return [
      XMLElement("SumNum", total ?? tracks.count),
      XMLElement("CruiseTrackList", attributes: [.init("Num", String(items.count))], children: items),
    ]
  }
}

/// One message of the answer to CruiseTrackQuery (2022).
public struct CruiseReply: Sendable, Hashable {
  public struct Point: Sendable, Hashable {
    /// 0…255
    public var preset: Int
    /// Seconds.
    public var stay: Int?
    /// 1…15
    public var speed: Int?

    public init(preset: Int, stay: Int? = nil, speed: Int? = nil) {
      (self.preset, self.stay, self.speed) = (preset, stay, speed)
    }
  }

  /// Of the cruise, from 0.
  public var number: Int
  public var name: String?
  public var total: Int?
  public var points: [Point]

  public init(number: Int, name: String? = nil, total: Int? = nil, points: [Point]) {
    (self.number, self.name, self.total, self.points) = (number, name, total, points)
  }

  /// Nil unless `message` answers CruiseTrackQuery.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .cruiseTrackQuery else { return nil }
    let element = message.element
    (number, name) = (element.wholeNumber("Number") ?? 0, element.value("Name"))
    total = element.wholeNumber("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    let items = element.descendants("CruisePoint", most: 1_024) + element.descendants("Item", most: 1_024)
    points = items.compactMap { item in
      item.wholeNumber("PresetIndex").map {
        Point(preset: $0, stay: item.wholeNumber("StayTime"), speed: item.wholeNumber("Speed"))
      }
    }
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    let items = points.map { point in
      XMLElement(
        "CruisePoint",
        children: [
          XMLElement("PresetIndex", point.preset), XMLElement("StayTime", point.stay ?? 0),
          XMLElement("Speed", point.speed ?? 1),
        ])
    }
    return [
      XMLElement("Number", number), XMLElement("Name", name ?? ""),
      XMLElement("SumNum", total ?? points.count),
      XMLElement("CruisePointList", attributes: [.init("Num", String(items.count))], children: items),
    ]
  }
}

/// Where a camera looks (2022): the answer to PTZPosition, and the body of its notification.
public struct PTZPosition: Sendable, Hashable {
  /// Degrees.
  public var pan: Double?
  /// Degrees, down is positive.
  public var tilt: Double?
  /// Times.
  public var zoom: Double?
  /// Degrees.
  public var horizontalFieldAngle: Double?
  /// Degrees.
  public var verticalFieldAngle: Double?
  /// Metres.
  public var maxViewDistance: Double?

  public init(
    pan: Double? = nil, tilt: Double? = nil, zoom: Double? = nil, horizontalFieldAngle: Double? = nil,
    verticalFieldAngle: Double? = nil, maxViewDistance: Double? = nil
  ) {
    (self.pan, self.tilt, self.zoom) = (pan, tilt, zoom)
    (self.horizontalFieldAngle, self.verticalFieldAngle) = (horizontalFieldAngle, verticalFieldAngle)
    self.maxViewDistance = maxViewDistance
  }

  /// Nil unless `message` carries one.
  public init?(_ message: MANSCDPMessage) {
    guard message.cmdType == .ptzPosition, message.root == .response || message.root == .notify else {
      return nil
    }
    func read(_ name: String) -> Double? { message.element.descendants(name, most: 1).first?.number }
    self.init(
      pan: read("Pan"), tilt: read("Tilt"), zoom: read("Zoom"),
      horizontalFieldAngle: read("HorizontalFieldAngle"), verticalFieldAngle: read("VerticalFieldAngle"),
      maxViewDistance: read("MaxViewDistance"))
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    [
      ("Pan", pan), ("Tilt", tilt), ("Zoom", zoom), ("HorizontalFieldAngle", horizontalFieldAngle),
      ("VerticalFieldAngle", verticalFieldAngle), ("MaxViewDistance", maxViewDistance),
    ]
    .compactMap { name, value in value.map { XMLElement(name, $0, places: 2) } }
  }
}
