import GBCore

/// The channels of one device, in the order of their codes, with what is worked out from all of them together.
///
/// A change rebuilds this one shelf; the shelves of other devices are not touched.
struct Shelf: Sendable {
  private(set) var channels: [Channel] = []
  private var positions: [DeviceID: Int] = [:]
  /// How many others on this shelf name a code as parent.
  private var parents: [DeviceID: Int] = [:]
  /// Whether each channel can be played.
  private(set) var isPlayable: [Bool] = []
  /// Made by the first search after a change.
  private(set) var text: SearchText?

  subscript(_ channel: DeviceID) -> Channel? { positions[channel].map { channels[$0] } }

  func position(of channel: DeviceID) -> Int? { positions[channel] }

  /// Puts channels in, replacing those of the same code, and takes others out.
  ///
  /// Costs what changes when nothing goes and what is new comes behind what is there, as a catalog that is told part
  /// by part does; otherwise the shelf is put in order anew.
  mutating func update(saved: [Channel], deleted: [DeviceID], rule: PlayableRule) {
    text = nil
    let added = saved.filter { positions[$0.key.channel] == nil }
    let isAscending = zip(added, added.dropFirst()).allSatisfy { $0.key.channel < $1.key.channel }
    let isBehind = added.first.map { new in
      channels.last.map { $0.key.channel < new.key.channel } ?? true
    }
    if deleted.isEmpty, isAscending, isBehind ?? true { return put(saved, rule) }
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
    parents = channels.reduce(into: [:]) { counts, channel in
      if let parent = channel.placement.parent { counts[parent, default: 0] += 1 }
    }
    judge(rule)
  }

  /// Replaces channels where they stand and puts new ones behind.
  private mutating func put(_ saved: [Channel], _ rule: PlayableRule) {
    var touched: Set<DeviceID> = []
    for channel in saved {
      let code = channel.key.channel
      touched.insert(code)
      if let position = positions[code] {
        count(channels[position].placement.parent, -1, &touched)
        channels[position] = channel
      } else {
        positions[code] = channels.count
        channels.append(channel)
        isPlayable.append(false)
        // The device's own item has all others below it.
        if channels.count == 2 { touched.insert(channel.key.device) }
      }
      count(channel.placement.parent, 1, &touched)
    }
    for code in touched {
      guard let position = positions[code] else { continue }
      isPlayable[position] = rule.isPlayable(code, hasChildren: hasChildren(channels[position].key))
    }
  }

  private mutating func count(_ parent: DeviceID?, _ step: Int, _ touched: inout Set<DeviceID>) {
    guard let parent else { return }
    touched.insert(parent)
    let count = (parents[parent] ?? 0) + step
    parents[parent] = count > 0 ? count : nil
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
    key.channel == key.device ? channels.count > 1 : parents[key.channel] != nil
  }
}
