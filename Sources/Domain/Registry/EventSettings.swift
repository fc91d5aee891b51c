public import GBCore

/// Which events a device is asked to report, and what is done about them.
public struct EventSettings: Sendable, Hashable {
  /// What a person decided; kinds that are not listed follow ``usually(_:device:channels:)``.
  public var subscriptions: [SubscriptionKind: Bool]
  /// Whether an alarm input (method 2) is reset after each alarm: it reports the next one only then (§10.2).
  public var resetsAlarms: Bool
  /// Whether the device is armed before it is asked for alarms: some report only then (§14.2 #39).
  public var armsGuard: Bool
  /// Seconds between two reports of a mobile camera's position, at least 1; nil for the usual 5.
  public var positionInterval: Int?

  /// Seconds (§5.4).
  public static let usualPositionInterval = 5

  public init(
    subscriptions: [SubscriptionKind: Bool] = [:], resetsAlarms: Bool = false, armsGuard: Bool = false,
    positionInterval: Int? = nil
  ) {
    (self.subscriptions, self.resetsAlarms, self.armsGuard) = (subscriptions, resetsAlarms, armsGuard)
    self.positionInterval = positionInterval
  }

  /// Whether a subscription of that kind is wanted.
  public func wants(_ kind: SubscriptionKind, device: DeviceID, channels: [Channel]) -> Bool {
    subscriptions[kind] ?? Self.usually(kind, device: device, channels: channels)
  }

  /// What is asked for unless a person decides: alarms of everything, catalogs of what has more than one channel
  /// or is no camera itself, positions of what moves, and nothing about where cameras look.
  public static func usually(_ kind: SubscriptionKind, device: DeviceID, channels: [Channel]) -> Bool {
    switch kind {
    case .alarm: true
    case .catalog: device.kind != .camera || channels.count > 1
    case .position:
      device.typeCode == 138 || channels.contains { $0.key.channel.typeCode == 138 || $0.isMobile }
    case .ptzPosition: false
    }
  }
}

extension Channel {
  /// Whether the catalog calls it something that is carried or drives (`MobileDeviceType`, 2022).
  public var isMobile: Bool { packedRaw.contains(.mobileDeviceType) }
}
