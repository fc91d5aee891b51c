public import MediaTime
public import SIPCore

/// A device's registration as it stands.
public struct Registration: Sendable, Hashable {
  public let device: DeviceID
  /// Where its packets come from: requests to it go there (§1.6).
  public var source: SIPSource
  /// Its Contact as written; often a private address.
  public var contact: NameAddress?
  public var callID: String
  public var version: GBVersion?
  public var userAgent: String?
  /// When it was made or last refreshed.
  public var registered: WallTime
  /// The lifetime granted, in seconds.
  public var expires: Int

  public init(
    device: DeviceID, source: SIPSource, contact: NameAddress? = nil, callID: String = "",
    version: GBVersion? = nil, userAgent: String? = nil, registered: WallTime, expires: Int
  ) {
    (self.device, self.source, self.contact, self.callID) = (device, source, contact, callID)
    (self.version, self.userAgent, self.registered, self.expires) = (version, userAgent, registered, expires)
  }

  /// Whether the device wrote another address than its packets come from.
  public var isBehindNAT: Bool { contact.map { !IPText.areSame($0.uri.host, source.remote.host) } ?? false }

  /// When it ends.
  public var ends: WallTime { registered + .seconds(expires) }

  /// Where to send requests: back over the connection, or to the packets' source.
  public var target: SIPTarget { SIPTarget(source) }
}

/// What a registrar knows of a device that may register.
public struct RegistrarAccount: Sendable, Hashable {
  /// Nil refuses every registration: nobody is accepted blindly.
  public var password: String?
  /// A digest user name accepted besides the code (§2.3).
  public var userAlias: String?
  public var rule: LivenessRule

  public init(password: String?, userAlias: String? = nil, rule: LivenessRule = LivenessRule()) {
    (self.password, self.userAlias, self.rule) = (password, userAlias, rule)
  }
}

/// Why a registration was refused.
public enum RegistrationRefusal: String, Sendable, Hashable {
  /// No usable code in From or To.
  case malformed
  /// Not provisioned: it waits in the quarantine queue.
  case unknownDevice = "unknown-device"
  /// Provisioned without a password.
  case noCredential = "no-credential"
  /// The digest user name is neither its code nor its alias.
  case wrongUser = "wrong-user"
  case wrongPassword = "wrong-password"
  /// Too many failures from this source, or for this code.
  case rateLimited = "rate-limited"

  /// One plain sentence for people.
  public var text: String {
    switch self {
    case .malformed: "The REGISTER names no usable device code in From or To."
    case .unknownDevice: "The device is not provisioned here; approve it in the quarantine queue."
    case .noCredential: "The device is provisioned without a password; set one."
    case .wrongUser: "The device signs in with another user name than its code; set that name as its alias."
    case .wrongPassword: "The device's password is not the one provisioned here."
    case .rateLimited: "Too many failed registrations in the last minute; it may try again after a minute."
    }
  }
}

/// What happened, for the rest of the platform. The answer itself is ``RegistrarOutcome/response``.
public enum RegistrarEvent: Sendable, Hashable {
  /// It was offline or unknown: query DeviceInfo and Catalog.
  case registered(Registration, LivenessChange)
  /// It was online already: nothing to query, streams go on.
  case refreshed(Registration)
  /// It is now heard from another address; the new one is used from here on.
  case moved(Registration, from: SIPSource)
  /// Its state changed otherwise: silence, expiry, unregistration, a heartbeat after silence.
  case changed(LivenessChange)
  /// A device nobody provisioned wants to register.
  case quarantine(QuarantineRequest)
  case refused(DeviceID?, SIPSource, RegistrationRefusal)
  /// It proved who it is and was sent to another server.
  case redirected(DeviceID, SIPSource, RedirectTarget)
}

/// A stranger at the door.
public struct QuarantineRequest: Sendable, Hashable {
  public let device: DeviceID
  public let source: SIPSource
  public let userAgent: String?
  public let version: GBVersion?
}

/// The answer to a REGISTER and what follows from it.
public struct RegistrarOutcome: Sendable {
  public var response: SIPResponse
  public var events: [RegistrarEvent]
}

/// What became of a request from a device.
public enum RegistrarHearing: Sendable, Hashable {
  /// Answer 200. Nothing changed, which is what nearly always happens.
  case accepted
  /// Answer 200 and act on the event.
  case acceptedWith(RegistrarEvent)
  /// Answer 403, so that the device registers (§2.7).
  case refused
}

/// The settings of a registrar.
public struct RegistrarConfiguration: Sendable {
  public var realm: String
  /// The edition in `X-GB-Ver` of every answer.
  public var version = GBVersion.v2022
  /// Seconds granted when a device asks for none.
  public var defaultExpires = 3_600
  /// Seconds granted at least: shorter wishes are raised.
  public var shortestExpires = 20
  /// Seconds granted at most.
  public var longestExpires = 7 * 86_400
  /// Whether a SHA-256 challenge is offered before the MD5 one. Off: old devices are not known to bear it (§2.3).
  public var offersSHA256 = false
  /// Failed digests per minute and source before it is refused.
  public var failuresPerSource = 100
  /// Failed digests per minute and code before sources that failed for it are refused.
  public var failuresPerDevice = 10
  /// Strangers per minute and source that reach the quarantine queue.
  public var strangersPerSource = 60

  /// Servers that devices are sent to instead of being registered here; nil registers all.
  public var redirect: RedirectPlan?

  public init(realm: String) { self.realm = realm }
}
