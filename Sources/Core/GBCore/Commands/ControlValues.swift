/// A rectangle drawn in a picture, for DragZoomIn and DragZoomOut (§4.9). Pixels, origin top left.
public struct DragBox: Sendable, Hashable {
  /// Of the window in which it was drawn.
  public var windowWidth: Int
  public var windowHeight: Int
  public var centreX: Int
  public var centreY: Int
  public var width: Int
  public var height: Int

  public init(
    windowWidth: Int, windowHeight: Int, centreX: Int, centreY: Int, width: Int, height: Int
  ) {
    (self.windowWidth, self.windowHeight) = (windowWidth, windowHeight)
    (self.centreX, self.centreY, self.width, self.height) = (centreX, centreY, width, height)
  }

  /// Whether it lies in its window and has an area. Sides up to 65 535.
  public var isSensible: Bool {
    (1...65_535).contains(windowWidth) && (1...65_535).contains(windowHeight)
      && (0...windowWidth).contains(centreX) && (0...windowHeight).contains(centreY)
      && (1...windowWidth).contains(width) && (1...windowHeight).contains(height)
  }

  init?(_ element: XMLElement) {
    guard let windowWidth = element.wholeNumber("Length"), let windowHeight = element.wholeNumber("Width"),
      let centreX = element.wholeNumber("MidPointX"), let centreY = element.wholeNumber("MidPointY"),
      let width = element.wholeNumber("LengthX"), let height = element.wholeNumber("LengthY")
    else { return nil }
    self.init(
      windowWidth: windowWidth, windowHeight: windowHeight, centreX: centreX, centreY: centreY, width: width,
      height: height)
  }

  var elements: [XMLElement] {
    [
      XMLElement("Length", windowWidth), XMLElement("Width", windowHeight), XMLElement("MidPointX", centreX),
      XMLElement("MidPointY", centreY), XMLElement("LengthX", width), XMLElement("LengthY", height),
    ]
  }
}

/// The preset to which a camera returns by itself (§4.8, §4.9).
public struct HomePosition: Sendable, Hashable {
  public var isEnabled: Bool
  /// Seconds without an order after which it returns, 0 or more.
  public var resetTime: Int?
  /// 0…255
  public var preset: Int?

  public init(isEnabled: Bool, resetTime: Int? = nil, preset: Int? = nil) {
    (self.isEnabled, self.resetTime, self.preset) = (isEnabled, resetTime, preset)
  }

  init?(_ element: XMLElement) {
    guard let isEnabled = element.flag("Enabled") else { return nil }
    self.init(
      isEnabled: isEnabled, resetTime: element.wholeNumber("ResetTime"),
      preset: element.wholeNumber("PresetIndex"))
  }

  var elements: [XMLElement] {
    [XMLElement("Enabled", isEnabled ? 1 : 0)]
      + [resetTime.map { XMLElement("ResetTime", $0) }].compactMap(\.self)
      + [preset.map { XMLElement("PresetIndex", $0) }].compactMap(\.self)
  }
}

/// A position to go to (2022, §4.9 PTZPreciseCtrl). What is nil stays as it is.
public struct PrecisePosition: Sendable, Hashable {
  /// Degrees, 0…360.
  public var pan: Double?
  /// Degrees, −30…90: 0 is horizontal, down is positive.
  public var tilt: Double?
  /// Times, above 0; past the optical limit it is digital.
  public var zoom: Double?

  public init(pan: Double? = nil, tilt: Double? = nil, zoom: Double? = nil) {
    (self.pan, self.tilt, self.zoom) = (pan, tilt, zoom)
  }

  /// The nearest position that the standard knows: out of range means to the limit.
  public var limited: PrecisePosition {
    PrecisePosition(
      pan: pan.map { min(max($0, 0), 360) }, tilt: tilt.map { min(max($0, -30), 90) },
      zoom: zoom.map { max($0, 1) })
  }

  init?(_ element: XMLElement) {
    self.init(pan: element.number("Pan"), tilt: element.number("Tilt"), zoom: element.number("Zoom"))
    guard pan != nil || tilt != nil || zoom != nil else { return nil }
  }

  var elements: [XMLElement] {
    [("Pan", pan), ("Tilt", tilt), ("Zoom", zoom)].compactMap { name, value in
      value.map { XMLElement(name, $0, places: 2) }
    }
  }
}

/// An order to fetch and install other firmware (2022, §13.4).
public struct UpgradeOrder: Sendable, Hashable {
  /// The version it will have.
  public var firmware: String
  /// Where the device fetches it.
  public var url: String
  public var manufacturer: String
  /// Comes back with the result. 32…128 letters, digits and hyphens.
  public var session: String

  public init(firmware: String, url: String, manufacturer: String, session: String) {
    (self.firmware, self.url) = (firmware, url)
    (self.manufacturer, self.session) = (manufacturer, session)
  }

  init?(_ element: XMLElement) {
    guard let url = element.value("FileURL") else { return nil }
    self.init(
      firmware: element.value("Firmware") ?? "", url: url, manufacturer: element.value("Manufacturer") ?? "",
      session: element.value("SessionID") ?? "")
  }

  var elements: [XMLElement] {
    [
      XMLElement("Firmware", firmware), XMLElement("FileURL", url), XMLElement("Manufacturer", manufacturer),
      XMLElement("SessionID", session),
    ]
  }
}

/// Names that go with a PTZ command (2022, §4.9 PTZCmdParams).
public struct PTZNames: Sendable, Hashable {
  /// Of the preset that is set.
  public var preset: String?
  /// Of the cruise that is changed; at most 32 bytes.
  public var cruise: String?

  public init(preset: String? = nil, cruise: String? = nil) { (self.preset, self.cruise) = (preset, cruise) }

  init(_ element: XMLElement) {
    self.init(preset: element.value("PresetName"), cruise: element.value("CruiseTrackName"))
  }

  var elements: [XMLElement] {
    [("PresetName", preset), ("CruiseTrackName", cruise)].compactMap { name, value in
      value.map { XMLElement(name, $0) }
    }
  }
}
