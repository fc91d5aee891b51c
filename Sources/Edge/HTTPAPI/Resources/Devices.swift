/// Devices, and those that ask to become one.

extension API {
  /// A device that may register.
  public struct Device: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var status: DeviceStatus
    /// Since when `status` holds.
    public var since: Time?
    public var manufacturer: String?
    public var model: String?
    public var firmware: String?
    /// Edition of GB/T 28181 that the device announced, as `X-GB-Ver` writes it.
    public var gbVersion: String?
    /// `udp` or `tcp`.
    public var transport: String?
    /// `host:port` of the last authenticated request.
    public var address: String?
    public var channels: Int
    public var channelsOnline: Int
    /// The media transport that last worked.
    public var mediaTransport: String?
    public var lastKeepalive: Time?
    public var registrationExpires: Time?
    /// Seconds.
    public var heartbeatInterval: Int?
    /// Missed heartbeats until the device counts as offline.
    public var heartbeatCount: Int?
    /// Forced character set; nil detects it.
    public var charset: String?
    /// What was agreed about the signalling digest; nil: nothing.
    public var signallingDigest: SignallingDigest?
    public var created: Time?

    public init(
      id: String, name: String, status: DeviceStatus, since: Time? = nil,
      manufacturer: String? = nil, model: String? = nil, firmware: String? = nil,
      gbVersion: String? = nil, transport: String? = nil, address: String? = nil,
      channels: Int = 0, channelsOnline: Int = 0, mediaTransport: String? = nil,
      lastKeepalive: Time? = nil, registrationExpires: Time? = nil, heartbeatInterval: Int? = nil,
      heartbeatCount: Int? = nil, charset: String? = nil, signallingDigest: SignallingDigest? = nil,
      created: Time? = nil
    ) {
      self.id = id
      self.name = name
      self.status = status
      self.since = since
      self.manufacturer = manufacturer
      self.model = model
      self.firmware = firmware
      self.gbVersion = gbVersion
      self.transport = transport
      self.address = address
      self.channels = channels
      self.channelsOnline = channelsOnline
      self.mediaTransport = mediaTransport
      self.lastKeepalive = lastKeepalive
      self.registrationExpires = registrationExpires
      self.heartbeatInterval = heartbeatInterval
      self.heartbeatCount = heartbeatCount
      self.charset = charset
      self.signallingDigest = signallingDigest
      self.created = created
    }
  }

  /// A device to be provisioned. The password is write-only.
  public struct NewDevice: Codable, Sendable, Hashable {
    public var id: String
    public var name: String
    public var password: String
    public var charset: String?
    /// Force `udp`, `tcp-passive` or `tcp-active`; nil finds out.
    public var mediaTransport: String?
    public var heartbeatInterval: Int?
    public var heartbeatCount: Int?

    public init(
      id: String, name: String, password: String, charset: String? = nil,
      mediaTransport: String? = nil, heartbeatInterval: Int? = nil, heartbeatCount: Int? = nil
    ) {
      self.id = id
      self.name = name
      self.password = password
      self.charset = charset
      self.mediaTransport = mediaTransport
      self.heartbeatInterval = heartbeatInterval
      self.heartbeatCount = heartbeatCount
    }
  }

  /// What is given is changed.
  public struct DeviceChange: Codable, Sendable, Hashable {
    public var name: String?
    public var password: String?
    public var charset: String?
    public var mediaTransport: String?
    public var heartbeatInterval: Int?
    public var heartbeatCount: Int?
    public var signallingDigest: SignallingDigest?
    /// How its recordings are asked for.
    public var recordings: DeviceRecordings?

    public init(
      name: String? = nil, password: String? = nil, charset: String? = nil,
      mediaTransport: String? = nil, heartbeatInterval: Int? = nil, heartbeatCount: Int? = nil,
      signallingDigest: SignallingDigest? = nil, recordings: DeviceRecordings? = nil
    ) {
      (self.signallingDigest, self.recordings) = (signallingDigest, recordings)
      self.name = name
      self.password = password
      self.charset = charset
      self.mediaTransport = mediaTransport
      self.heartbeatInterval = heartbeatInterval
      self.heartbeatCount = heartbeatCount
    }
  }

  /// The digest that every message to and from a device carries in `Note` (GB/T 28181 §8.3).
  public struct SignallingDigest: Codable, Sendable, Hashable {
    /// `off`, `MD5`, `SHA-1`, `SHA-256` or `SM3`.
    public var algorithm: String
    /// What of From and To is hashed: `header`, as written, or `uri`; nil means `header`.
    public var scope: String?
    /// The secret both ends know. Write-only.
    public var seed: String?

    public init(algorithm: String, scope: String? = nil, seed: String? = nil) {
      self.algorithm = algorithm
      self.scope = scope
      self.seed = seed
    }
  }

  /// What an import did, or would do.
  public struct ImportResult: Codable, Sendable, Hashable {
    public var accepted: Int
    public var rejected: [RejectedLine]
    public var dryRun: Bool

    public init(accepted: Int, rejected: [RejectedLine], dryRun: Bool) {
      self.accepted = accepted
      self.rejected = rejected
      self.dryRun = dryRun
    }
  }

  /// A line that was not taken.
  public struct RejectedLine: Codable, Sendable, Hashable {
    /// Counting from 1.
    public var line: Int
    public var reason: String

    public init(line: Int, reason: String) {
      self.line = line
      self.reason = reason
    }
  }

  /// Which queries were sent to the device.
  public struct Refreshed: Codable, Sendable, Hashable {
    public var queries: [String]

    public init(queries: [String]) {
      self.queries = queries
    }
  }

  /// The last signalling messages with one device, oldest first.
  public struct Ladder: Codable, Sendable, Hashable {
    public var messages: [LadderMessage]

    public init(messages: [LadderMessage]) {
      self.messages = messages
    }
  }

  /// One signalling message. Credentials in it are blanked.
  public struct LadderMessage: Codable, Sendable, Hashable {
    public var time: Time
    public var direction: MessageDirection
    public var summary: String
    public var text: String

    public init(time: Time, direction: MessageDirection, summary: String, text: String) {
      self.time = time
      self.direction = direction
      self.summary = summary
      self.text = text
    }
  }

  /// A device that registered without being provisioned.
  public struct QuarantinedDevice: Codable, Sendable, Hashable {
    public var id: String
    public var address: String
    public var transport: String
    public var userAgent: String?
    public var firstSeen: Time
    public var lastSeen: Time
    public var attempts: Int
    public var reason: String

    public init(
      id: String, address: String, transport: String, userAgent: String? = nil, firstSeen: Time,
      lastSeen: Time, attempts: Int, reason: String
    ) {
      self.id = id
      self.address = address
      self.transport = transport
      self.userAgent = userAgent
      self.firstSeen = firstSeen
      self.lastSeen = lastSeen
      self.attempts = attempts
      self.reason = reason
    }
  }

  /// Provisions a quarantined device.
  public struct Approval: Codable, Sendable, Hashable {
    public var name: String
    public var password: String

    public init(name: String, password: String) {
      self.name = name
      self.password = password
    }
  }
}
