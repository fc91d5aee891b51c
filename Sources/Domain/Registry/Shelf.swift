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
  /// Costs what changes and what stands behind the first place where something comes or goes. A catalog that is told
  /// part by part, in the order of its codes, costs its length, whatever few codes lie behind it.
  mutating func update(saved: [Channel], deleted: [DeviceID], rule: PlayableRule) {
    text = nil
    var touched: Set<DeviceID> = []
    if let own = channels.first ?? saved.first { touched.insert(own.key.device) }
    remove(deleted, &touched)
    put(saved, &touched)
    for code in touched {
      guard let position = positions[code] else { continue }
      isPlayable[position] = rule.isPlayable(code, hasChildren: hasChildren(channels[position].key))
    }
  }

  private mutating func remove(_ deleted: [DeviceID], _ touched: inout Set<DeviceID>) {
    var first = channels.count
    for code in deleted {
      guard let position = positions.removeValue(forKey: code) else { continue }
      count(channels[position].placement.parent, -1, &touched)
      first = min(first, position)
    }
    guard first < channels.count else { return }
    var kept = first
    for position in first..<channels.count where positions[channels[position].key.channel] != nil {
      channels.swapAt(kept, position)
      isPlayable.swapAt(kept, position)
      kept += 1
    }
    channels.removeLast(channels.count - kept)
    isPlayable.removeLast(isPlayable.count - kept)
    number(from: first)
  }

  /// Replaces channels where they stand and puts new ones in their places.
  private mutating func put(_ saved: [Channel], _ touched: inout Set<DeviceID>) {
    var added: [DeviceID: Channel] = [:]
    for channel in saved {
      let code = channel.key.channel
      touched.insert(code)
      if let position = positions[code] {
        count(channels[position].placement.parent, -1, &touched)
        channels[position] = channel
      } else {
        if let twice = added.updateValue(channel, forKey: code) {
          count(twice.placement.parent, -1, &touched)
        }
      }
      count(channel.placement.parent, 1, &touched)
    }
    guard !added.isEmpty else { return }
    insert(added.values.sorted { $0.key.channel < $1.key.channel })
  }

  /// Merges from behind: what stands before the first new one is not looked at.
  private mutating func insert(_ added: [Channel]) {
    var (old, new) = (channels.count - 1, added.count - 1)
    channels.append(contentsOf: added)
    isPlayable.append(contentsOf: repeatElement(false, count: added.count))
    var place = channels.count - 1
    while new >= 0 {
      if old >= 0, added[new].key.channel < channels[old].key.channel {
        channels.swapAt(place, old)
        isPlayable.swapAt(place, old)
        old -= 1
      } else {
        channels[place] = added[new]
        isPlayable[place] = false
        new -= 1
      }
      place -= 1
    }
    number(from: place + 1)
  }

  private mutating func number(from first: Int) {
    for position in first..<channels.count { positions[channels[position].key.channel] = position }
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
