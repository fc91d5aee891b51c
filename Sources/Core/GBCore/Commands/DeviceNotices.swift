/// What devices tell without being asked (2022, §4.10 and §13).

/// UploadSnapShotFinished: the pictures of a session are uploaded (§13.3).
public struct SnapshotsFinished: Sendable, Hashable {
  public var session: String
  /// Names of the files; fewer than asked for means that some failed.
  public var files: [String]

  public init(session: String, files: [String]) { (self.session, self.files) = (session, files) }

  /// Nil unless `message` is that notice. Names are taken from anywhere in the document, at most 64.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .uploadSnapShotFinished,
      let session = message.element.value("SessionID")
    else { return nil }
    self.init(
      session: session,
      files: message.element.descendants("SnapShotFileID", most: 64).compactMap(\.value))
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    [
      XMLElement("SessionID", session),
      XMLElement("SnapShotList", children: files.map { XMLElement("SnapShotFileID", $0) }),
    ]
  }
}

/// DeviceUpgradeResult: how an upgrade ended (§13.4).
public struct UpgradeResult: Sendable, Hashable {
  /// Why it failed.
  public enum Failure: String, Sendable, Hashable, CaseIterable {
    case downloadTimeout = "01"
    case corruptPackage = "02"
    case systemError = "03"
    case other = "99"
  }

  public var session: String
  public var isOK: Bool
  /// The version it runs now.
  public var firmware: String?
  /// Nil after success.
  public var failure: Failure?

  public init(session: String, isOK: Bool, firmware: String? = nil, failure: Failure? = nil) {
    (self.session, self.isOK, self.firmware, self.failure) = (session, isOK, firmware, failure)
  }

  /// Nil unless `message` is that notice. Reasons come as `1` or `01`; unknown ones count as other.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .deviceUpgradeResult,
      let session = message.element.value("SessionID")
    else { return nil }
    let element = message.element
    isOK = ASCII.equal(element.value("UpgradeResult") ?? element.value("Result") ?? "", "OK")
    self.session = session
    firmware = element.value("Firmware")
    let reason = element.wholeNumber("UpgradeFailedReason")
    failure = isOK ? nil : Failure.allCases.first { Int($0.rawValue) == reason } ?? .other
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    var fields = [XMLElement("SessionID", session), XMLElement("UpgradeResult", isOK ? "OK" : "ERROR")]
    if let firmware { fields.append(XMLElement("Firmware", firmware)) }
    if !isOK { fields.append(XMLElement("UpgradeFailedReason", (failure ?? .other).rawValue)) }
    return fields
  }
}

/// VideoUploadNotify: a mobile recorder wants to be watched (§4.10).
public struct VideoUploadNotice: Sendable, Hashable {
  /// As the device wrote it, Beijing time.
  public var time: String?
  /// Degrees.
  public var longitude: Double?
  /// Degrees.
  public var latitude: Double?

  public init(time: String?, longitude: Double? = nil, latitude: Double? = nil) {
    (self.time, self.longitude, self.latitude) = (time, longitude, latitude)
  }

  /// Nil unless `message` is that notice.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .videoUploadNotify else { return nil }
    self.init(
      time: message.element.value("Time"), longitude: message.element.number("Longitude"),
      latitude: message.element.number("Latitude"))
  }

  /// What follows `DeviceID`.
  public var fields: [XMLElement] {
    [XMLElement("Time", time ?? "")]
      + [("Longitude", longitude), ("Latitude", latitude)].compactMap { name, value in
        value.map { XMLElement(name, $0, places: 6) }
      }
  }
}
