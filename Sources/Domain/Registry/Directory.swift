public import GBCore
public import MediaTime

/// All devices and channels in memory: what every question about the registry is answered from.
///
/// A value for one owner (an actor or a lock). Changes are cheap; the search
/// text is put together when the next search needs it.
public struct Directory: Sendable {
  /// Which channels can be played.
  public var playableRule: PlayableRule
  private var byID: [DeviceID: Device] = [:]
  private var byDevice: [DeviceID: [DeviceID: Channel]] = [:]
  /// Codes that others name as parent, per device.
  private var parents: [DeviceID: Set<DeviceID>] = [:]
  var index: SearchIndex?

  public init(devices: [Device] = [], channels: [Channel] = [], playableRule: PlayableRule = PlayableRule()) {
    self.playableRule = playableRule
    for device in devices { byID[device.id] = device }
    for channel in channels { byDevice[channel.key.device, default: [:]][channel.key.channel] = channel }
    for device in byDevice.keys { findParents(of: device) }
  }

  // MARK: Devices

  /// All devices, by code.
  public var devices: [Device] { byID.values.sorted { $0.id < $1.id } }
  public var deviceCount: Int { byID.count }

  public subscript(_ device: DeviceID) -> Device? { byID[device] }

  /// Inserts or replaces a device.
  public mutating func save(_ device: Device) { byID[device.id] = device }

  /// Changes a device in place. Nothing happens to a device that is not known.
  public mutating func update(_ device: DeviceID, _ change: (inout Device) -> Void) {
    guard var record = byID[device] else { return }
    change(&record)
    byID[device] = record
  }

  /// Removes a device with its channels.
  public mutating func remove(_ device: DeviceID) {
    byID[device] = nil
    parents[device] = nil
    if byDevice.removeValue(forKey: device) != nil { index = nil }
  }

  /// How many devices are in each state.
  public var deviceCounts: [DeviceStatus: Int] {
    byID.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  // MARK: Channels

  public var channelCount: Int { byDevice.values.reduce(0) { $0 + $1.count } }

  public subscript(_ key: ChannelKey) -> Channel? { byDevice[key.device]?[key.channel] }

  /// The channels of a device, by code.
  public func channels(of device: DeviceID) -> [Channel] {
    (byDevice[device] ?? [:]).values.sorted { $0.key < $1.key }
  }

  /// All channels, by key.
  public var channels: [Channel] { byDevice.values.flatMap(\.values).sorted { $0.key < $1.key } }

  /// Takes over what a catalog changed.
  public mutating func apply(_ change: CatalogChange) {
    guard !change.isEmpty else { return }
    for channel in change.saved { byDevice[change.device, default: [:]][channel.key.channel] = channel }
    for key in change.deleted { byDevice[change.device]?[key.channel] = nil }
    findParents(of: change.device)
    index = nil
  }

  /// Changes a channel in place: a chosen name, a status.
  public mutating func update(_ key: ChannelKey, _ change: (inout Channel) -> Void) {
    guard var channel = byDevice[key.device]?[key.channel] else { return }
    let name = channel.name
    change(&channel)
    byDevice[key.device]?[key.channel] = channel
    if channel.name != name { index = nil }
  }

  /// Marks the channels that a heartbeat calls faulty, and clears the others that a heartbeat had marked (§3).
  /// - Returns: the channels that changed.
  public mutating func markFaulty(
    _ faulty: [DeviceID], of device: DeviceID, now: WallTime
  ) -> [ChannelKey] {
    var changed: [ChannelKey] = []
    for channel in channels(of: device) {
      let isFaulty = faulty.contains(channel.key.channel)
      guard isFaulty != (channel.status == .fault), isFaulty ? channel.status == .on : true else { continue }
      update(channel.key) {
        $0.status = isFaulty ? .fault : .on
        $0.since = now
      }
      changed.append(channel.key)
    }
    return changed
  }

  // MARK: Judgements

  public func presence(of channel: Channel) -> ChannelPresence {
    ChannelPresence(device: byID[channel.key.device]?.status ?? .unknown, channel: channel.status)
  }

  /// Since when that presence holds: the later of the two changes, or the device's when it alone decides.
  public func presenceSince(of channel: Channel) -> WallTime {
    guard let device = byID[channel.key.device] else { return channel.since }
    switch device.status {
    case .offline, .unknown: return device.since
    case .online, .suspect: return channel.status == .on ? max(device.since, channel.since) : channel.since
    }
  }

  public func isPlayable(_ channel: Channel) -> Bool {
    let key = channel.key
    return playableRule.isPlayable(key.channel, hasChildren: hasChildren(key))
  }

  /// Whether other channels of the device hang below this one. The device's own item has all of them.
  public func hasChildren(_ key: ChannelKey) -> Bool {
    if key.channel == key.device { return (byDevice[key.device]?.count ?? 0) > 1 }
    return parents[key.device]?.contains(key.channel) ?? false
  }

  private mutating func findParents(of device: DeviceID) {
    parents[device] = Set((byDevice[device] ?? [:]).values.compactMap { $0.placement.parent })
  }
}
