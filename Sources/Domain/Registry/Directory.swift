public import GBCore
public import MediaTime

/// All devices and channels in memory: what every question about the registry is answered from.
///
/// A value for one owner (an actor or a lock). A change touches the channels of
/// one device; their search text is put together when the next search needs it.
public struct Directory: Sendable {
  private var byID: [DeviceID: Device] = [:]
  private var shelves: [DeviceID: Shelf] = [:]
  /// Devices that have channels, by code.
  private var order: [DeviceID] = []

  /// Which channels can be played.
  public var playableRule: PlayableRule {
    didSet { for device in order { shelves[device]?.judge(playableRule) } }
  }

  public init(devices: [Device] = [], channels: [Channel] = [], playableRule: PlayableRule = PlayableRule()) {
    self.playableRule = playableRule
    for device in devices { byID[device.id] = device }
    for (device, owned) in Dictionary(grouping: channels, by: \.key.device) {
      shelves[device] = Shelf()
      shelves[device]?.update(saved: owned, deleted: [], rule: playableRule)
    }
    order = shelves.keys.sorted()
  }

  // MARK: Devices

  /// All devices, by code.
  public var devices: [Device] { byID.values.sorted { $0.id < $1.id } }
  public var deviceCount: Int { byID.count }

  public subscript(_ device: DeviceID) -> Device? { byID[device] }

  /// The settings of a device, without a copy of the rest of its record: asked for at every registration.
  public func settings(of device: DeviceID) -> DeviceSettings? {
    byID.index(forKey: device).map { byID.values[$0].settings }
  }

  /// Inserts or replaces a device.
  public mutating func save(_ device: Device) { byID[device.id] = device }

  /// Changes a device in place. Nothing happens to a device that is not known.
  public mutating func update(_ device: DeviceID, _ change: (inout Device) -> Void) {
    guard let index = byID.index(forKey: device) else { return }
    change(&byID.values[index])
  }

  /// Removes a device with its channels.
  public mutating func remove(_ device: DeviceID) {
    byID[device] = nil
    if shelves.removeValue(forKey: device) != nil { order.removeAll { $0 == device } }
  }

  /// How many devices are in each state.
  public var deviceCounts: [DeviceStatus: Int] {
    byID.values.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  // MARK: Channels

  public var channelCount: Int { shelves.values.reduce(0) { $0 + $1.channels.count } }

  public subscript(_ key: ChannelKey) -> Channel? { shelves[key.device]?[key.channel] }

  /// The channels of a device, by code.
  public func channels(of device: DeviceID) -> [Channel] { shelves[device]?.channels ?? [] }

  /// All channels, by key.
  public var channels: [Channel] { order.flatMap { shelves[$0]?.channels ?? [] } }

  /// Takes over what a catalog changed.
  public mutating func apply(_ change: CatalogChange) {
    guard !change.isEmpty else { return }
    if shelves[change.device] == nil {
      shelves[change.device] = Shelf()
      order.append(change.device)
      order.sort()
    }
    shelves[change.device]?.update(
      saved: change.saved, deleted: change.deleted.map(\.channel), rule: playableRule)
  }

  /// Changes a channel in place: a chosen name, a status. Its key must stay.
  public mutating func update(_ key: ChannelKey, _ change: (inout Channel) -> Void) {
    shelves[key.device]?.update(key.channel, change)
  }

  /// Marks the channels that a heartbeat calls faulty, and clears the others that a heartbeat had marked (§3).
  /// - Returns: the channels that changed.
  public mutating func markFaulty(
    _ faulty: [DeviceID], of device: DeviceID, now: WallTime
  ) -> [ChannelKey] {
    var changed: [ChannelKey] = []
    for channel in channels(of: device) {
      let isFaulty = faulty.contains(channel.key.channel)
      guard isFaulty ? channel.status == .on : channel.status == .fault else { continue }
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
    guard let shelf = shelves[channel.key.device], let position = shelf.position(of: channel.key.channel)
    else { return false }
    return shelf.isPlayable[position]
  }

  /// Whether other channels of the device hang below this one. The device's own item has all of them.
  public func hasChildren(_ key: ChannelKey) -> Bool { shelves[key.device]?.hasChildren(key) ?? false }

  // MARK: Walking

  /// Calls `visit` for every channel whose text contains `needle`, in the order of keys. `device` nil means all.
  mutating func forEach(
    containing needle: [UInt8], of device: DeviceID?,
    _ visit: (_ channel: Channel, _ presence: ChannelPresence, _ isPlayable: Bool) -> Void
  ) {
    for owner in order where device == nil || owner == device {
      let status = byID[owner]?.status ?? .unknown
      // Looked at first: touching the shelf for writing would copy the table that a caller still holds.
      if !needle.isEmpty, shelves[owner]?.text == nil { shelves[owner]?.prepareText() }
      guard let shelf = shelves[owner] else { continue }
      func meet(_ position: Int) {
        let channel = shelf.channels[position]
        visit(channel, ChannelPresence(device: status, channel: channel.status), shelf.isPlayable[position])
      }
      if needle.isEmpty {
        for position in shelf.channels.indices { meet(position) }
      } else {
        for position in shelf.text?.positions(containing: needle) ?? [] { meet(position) }
      }
    }
  }
}
