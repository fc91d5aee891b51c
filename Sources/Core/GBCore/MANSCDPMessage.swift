/// The four roots of MANSCDP (§0.2).
public enum MANSCDPRoot: String, Sendable, Hashable, CaseIterable {
  case control = "Control"
  case query = "Query"
  case notify = "Notify"
  case response = "Response"

  init?(name: String) {
    guard let root = Self.allCases.first(where: { ASCII.equal($0.rawValue, name) }) else { return nil }
    self = root
  }
}

/// The command a document carries. Known words compare without case; others are kept as written.
public struct CmdType: Sendable, Hashable, CustomStringConvertible {
  public let name: String

  public init(_ text: String) {
    name = Self.known.first { ASCII.equal($0, text) } ?? text
  }

  private init(known name: String) { self.name = name }

  public var description: String { name }

  public static let keepalive = CmdType(known: "Keepalive")
  public static let catalog = CmdType(known: "Catalog")
  public static let deviceInfo = CmdType(known: "DeviceInfo")
  public static let deviceStatus = CmdType(known: "DeviceStatus")
  public static let recordInfo = CmdType(known: "RecordInfo")
  public static let alarm = CmdType(known: "Alarm")
  public static let configDownload = CmdType(known: "ConfigDownload")
  public static let presetQuery = CmdType(known: "PresetQuery")
  public static let mobilePosition = CmdType(known: "MobilePosition")
  public static let deviceControl = CmdType(known: "DeviceControl")
  public static let deviceConfig = CmdType(known: "DeviceConfig")
  public static let broadcast = CmdType(known: "Broadcast")
  public static let mediaStatus = CmdType(known: "MediaStatus")

  public static let homePositionQuery = CmdType(known: "HomePositionQuery")
  public static let cruiseTrackListQuery = CmdType(known: "CruiseTrackListQuery")
  public static let cruiseTrackQuery = CmdType(known: "CruiseTrackQuery")
  public static let ptzPosition = CmdType(known: "PTZPosition")
  public static let sdCardStatus = CmdType(known: "SDCardStatus")
  public static let uploadSnapShotFinished = CmdType(known: "UploadSnapShotFinished")
  public static let videoUploadNotify = CmdType(known: "VideoUploadNotify")
  public static let deviceUpgradeResult = CmdType(known: "DeviceUpgradeResult")

  private static let known = [
    "Keepalive", "Catalog", "DeviceInfo", "DeviceStatus", "RecordInfo", "Alarm", "ConfigDownload",
    "PresetQuery", "MobilePosition", "DeviceControl", "DeviceConfig", "Broadcast", "MediaStatus",
    "HomePositionQuery", "CruiseTrackListQuery", "CruiseTrackQuery", "PTZPosition", "SDCardStatus",
    "UploadSnapShotFinished", "VideoUploadNotify", "DeviceUpgradeResult",
  ]
}

/// A MANSCDP document as it arrived (§4).
public struct MANSCDPMessage: Sendable {
  public let root: MANSCDPRoot
  public let cmdType: CmdType
  /// `SN`; nil when it is missing or no number (§14.2 #13).
  public let sn: Int?
  /// `DeviceID`; nil when it is missing or no usable code.
  public let deviceID: DeviceID?
  /// The whole document, for what has no property here.
  public let document: XMLDocument

  /// The root element.
  public var element: XMLElement { document.root }

  /// `Result` of a response: true for `OK`, false for `ERROR`, nil when absent (accept: §4.5).
  public var isOK: Bool? {
    element.value("Result").map { !ASCII.equal($0, "ERROR") }
  }

  /// Parses a body. Its bytes are decoded by `codec`, whatever encoding they declare.
  public init(
    parsing body: [UInt8], codec: TextCodec, limits: XMLLimits = XMLLimits()
  ) throws(MANSCDPError) {
    guard body.count <= limits.bytes else { throw .malformed(.tooLong(bytes: body.count)) }
    try self.init(text: codec.decode(body), limits: limits)
  }

  /// Parses decoded text.
  public init(text: String, limits: XMLLimits = XMLLimits()) throws(MANSCDPError) {
    let document: XMLDocument
    do { document = try XMLReader.read(text, limits: limits) } catch { throw .malformed(error) }
    guard let root = MANSCDPRoot(name: document.root.name) else {
      throw .unknownRoot(String(document.root.name.prefix(32)))
    }
    guard let command = document.root.value("CmdType") else { throw .noCmdType }
    self.root = root
    self.document = document
    cmdType = CmdType(command)
    sn = document.root.integer("SN")
    deviceID = document.root.value("DeviceID").flatMap { DeviceID($0) }
  }
}

/// Why a body is no MANSCDP document. Each deserves a 400.
public enum MANSCDPError: Error, Hashable, Sendable {
  case malformed(XMLError)
  /// The root element is none of the four; its name, cut at 32 characters.
  case unknownRoot(String)
  case noCmdType
}
