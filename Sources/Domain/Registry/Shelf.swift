import GBCore

/// The channels of one device, in the order of their codes, with what is worked out from all of them together.
///
/// A change rebuilds this one shelf; the shelves of other devices are not touched.
struct Shelf: Sendable {
  private(set) var channels: [Channel] = []
  private var positions: [DeviceID: Int] = [:]
  /// Codes that others on this shelf name as parent.
  private var parents: Set<DeviceID> = []
  /// Whether each channel can be played.
  private(set) var isPlayable: [Bool] = []
  /// Made by the first search after a change.
  private(set) var text: SearchText?

  subscript(_ channel: DeviceID) -> Channel? { positions[channel].map { channels[$0] } }

  func position(of channel: DeviceID) -> Int? { positions[channel] }

  /// Puts channels in, replacing those of the same code, and takes others out.
  mutating func update(saved: [Channel], deleted: [DeviceID], rule: PlayableRule) {
    for channel in saved {
      if let position = positions[channel.key.channel] {
        channels[position] = channel
      } else {
        positions[channel.key.channel] = channels.count
        channels.append(channel)
      }
    }
    if !deleted.isEmpty {
      let gone = Set(deleted)
      channels.removeAll { gone.contains($0.key.channel) }
    }
    channels.sort { $0.key.channel < $1.key.channel }
    positions = [:]
    for (position, channel) in channels.enumerated() { positions[channel.key.channel] = position }
    parents = Set(channels.compactMap { $0.placement.parent })
    judge(rule)
    text = nil
  }

  /// Changes one channel where it stands. Its code must stay.
  mutating func update(_ channel: DeviceID, _ change: (inout Channel) -> Void) {
    guard let position = positions[channel] else { return }
    let name = channels[position].name
    change(&channels[position])
    if channels[position].name != name { text = nil }
  }

  mutating func judge(_ rule: PlayableRule) {
    isPlayable = channels.map { rule.isPlayable($0.key.channel, hasChildren: hasChildren($0.key)) }
  }

  mutating func prepareText() {
    if text == nil { text = SearchText(channels) }
  }

  /// Whether other channels hang below this one. The device's own item has all of them.
  func hasChildren(_ key: ChannelKey) -> Bool {
    key.channel == key.device ? channels.count > 1 : parents.contains(key.channel)
  }
}
