public import GBCore
public import MPEGCore

/// One channel of a simulated peer.
public struct ChannelDescription: Sendable, Hashable {
  /// What hangs at the channel: digits 11–13 of its code say the same (§1.2).
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    case camera
    case alarmInput = "alarm-input"
    case alarmOutput = "alarm-output"
    case microphone
    case loudspeaker
  }

  public var id: DeviceID
  public var name: String
  public var kind: Kind
  /// The install address.
  public var place: String
  /// 1…7 (§6.1): 1 is a dome, 3 a fixed camera.
  public var ptzType: Int
  /// Which of the peer's scenes it shows.
  public var scene: Int
  /// Another coding than the peer's other cameras.
  public var codec: MediaCodec?
  /// Whether its picture is drawn for itself, so that pan, tilt and zoom move it. Costs an encoder while it is watched.
  public var isMovable: Bool
  /// The area it stands in; nil is the county of its peer.
  public var civilCode: String?
  /// The recorder or system that it belongs to; nil is the peer itself.
  public var parent: DeviceID?
  /// Virtual organisations that it is a member of.
  public var organisations: [DeviceID]
  /// Degrees, WGS-84.
  public var longitude: Double
  public var latitude: Double
  /// What the catalog says about its status.
  public var isOnline: Bool

  public init(id: DeviceID, name: String, kind: Kind = .camera, place: String = "", scene: Int = 0) {
    (self.id, self.name, self.kind, self.place, self.scene) = (id, name, kind, place, scene)
    (ptzType, isMovable, organisations, isOnline) = (3, false, [], true)
    (longitude, latitude) = (118.376, 31.326)
  }
}

/// An entry of a lower platform's catalog that is no channel (§6.2).
public struct DirectoryEntry: Sendable, Hashable {
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// An administrative area: its code has 2, 4, 6 or 8 digits.
    case area
    /// A platform (type 200).
    case system
    /// Type 215.
    case businessGroup = "business-group"
    /// Type 216.
    case virtualOrganisation = "virtual-organisation"
    /// A device that channels hang at (types 111–130).
    case recorder
  }

  public var kind: Kind
  public var id: DeviceID
  public var name: String
  /// The system of a group or recorder, the organisation around an organisation.
  public var parent: DeviceID?
  /// The group of an organisation.
  public var businessGroup: DeviceID?
  /// The area that a group or recorder belongs to.
  public var civilCode: String?

  public init(
    _ kind: Kind, id: DeviceID, name: String, parent: DeviceID? = nil, businessGroup: DeviceID? = nil,
    civilCode: String? = nil
  ) {
    (self.kind, self.id, self.name, self.parent) = (kind, id, name, parent)
    (self.businessGroup, self.civilCode) = (businessGroup, civilCode)
  }
}
