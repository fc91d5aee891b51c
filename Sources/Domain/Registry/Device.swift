public import GBCore
public import MediaTime

/// A device, recorder or lower platform that may register with us.
///
/// Its password is not here: it lives in the store and is handed only to the
/// code that checks a digest.
public struct Device: Sendable, Hashable, Identifiable {
  public let id: DeviceID
  /// What people call it; the device's own name when nobody chose one.
  public var name: String
  /// Whether the store holds a password for it. Without one it cannot register.
  public var hasCredential: Bool
  /// How it came in.
  public var origin: Origin
  /// When the record was made.
  public var added: WallTime
  public var settings: DeviceSettings
  public var dossier: DeviceDossier
  /// Where it was last heard, nil before its first registration.
  public var contact: DeviceContact?
  public var status: DeviceStatus
  /// Since when `status` holds, back-dated for silence.
  public var since: WallTime

  public enum Origin: String, Sendable, Hashable {
    /// Entered by a person, a program or a CSV file beforehand.
    case provisioned
    /// Asked for admission by registering, and was approved.
    case approved
  }

  public init(
    id: DeviceID, name: String, added: WallTime, hasCredential: Bool = false, origin: Origin = .provisioned,
    settings: DeviceSettings = DeviceSettings(), dossier: DeviceDossier = DeviceDossier(),
    contact: DeviceContact? = nil, status: DeviceStatus = .unknown, since: WallTime? = nil
  ) {
    (self.id, self.name, self.hasCredential, self.origin, self.added) = (
      id, name, hasCredential, origin, added
    )
    (self.settings, self.dossier, self.contact) = (settings, dossier, contact)
    (self.status, self.since) = (status, since ?? added)
  }
}

/// Whether a device can be reached, in the words of the API.
public enum DeviceStatus: String, Sendable, Hashable, CaseIterable {
  case online
  /// One heartbeat or more is missing, but not enough of them to call it offline.
  case suspect
  case offline
  /// Never seen since its record was made.
  case unknown

  public init(_ state: LivenessState) {
    switch state {
    case .online: self = .online
    case .suspect: self = .suspect
    case .offline: self = .offline
    }
  }
}

/// What the device says about itself in DeviceInfo and REGISTER.
public struct DeviceDossier: Sendable, Hashable {
  public var manufacturer: String?
  public var model: String?
  public var firmware: String?
  /// Video inputs it declares.
  public var declaredChannels: Int?
  /// `User-Agent` of its last REGISTER.
  public var userAgent: String?
  /// The edition it speaks; nil when it never said, which means 2016.
  public var version: GBVersion?

  public init(
    manufacturer: String? = nil, model: String? = nil, firmware: String? = nil, declaredChannels: Int? = nil,
    userAgent: String? = nil, version: GBVersion? = nil
  ) {
    (self.manufacturer, self.model, self.firmware) = (manufacturer, model, firmware)
    (self.declaredChannels, self.userAgent, self.version) = (declaredChannels, userAgent, version)
  }
}

/// Where and how the device was last heard.
public struct DeviceContact: Sendable, Hashable {
  public var transport: SignallingTransport
  /// The address its packets come from, which is where requests go (§1.6).
  public var address: PeerAddress
  /// Its own idea of its address, for diagnosis only.
  public var contactHeader: String?
  public var registered: WallTime
  /// When the registration ends unless it is refreshed.
  public var expires: WallTime
  /// Its last Keepalive; written to disk now and then, exact in memory.
  public var lastKeepalive: WallTime?

  public init(
    transport: SignallingTransport, address: PeerAddress, contactHeader: String? = nil, registered: WallTime,
    expires: WallTime, lastKeepalive: WallTime? = nil
  ) {
    (self.transport, self.address, self.contactHeader) = (transport, address, contactHeader)
    (self.registered, self.expires, self.lastKeepalive) = (registered, expires, lastKeepalive)
  }
}
