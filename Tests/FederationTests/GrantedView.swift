import Foundation
import GBCore
import Registry

@testable import Federation

/// What a superior may see, worked out in the most plodding way: every question is asked anew for every thing.
/// Shares no code with the keeper.
struct GrantedView {
  let network: TestNetwork
  let barred: Set<DeviceID>
  var groups = true

  private func channel(_ device: DeviceID, _ code: DeviceID) -> Channel? {
    network.devices[device] == nil ? nil : network.channels[ChannelKey(device: device, channel: code)]
  }

  private func isSystem(_ code: DeviceID) -> Bool { (200...214).contains(code.typeCode ?? 0) }

  private func isGroup(_ key: ChannelKey) -> Bool {
    key.channel != key.device && [DeviceKind.group, .organisation].contains(key.channel.kind)
  }

  /// Where a thing says to hang: a code of the same catalog, or nil.
  private func claim(_ key: ChannelKey) -> DeviceID? {
    guard key.channel != key.device, let placement = channel(key.device, key.channel)?.placement else {
      return nil
    }
    func valid(_ code: DeviceID?, _ fits: (DeviceID) -> Bool) -> DeviceID? {
      guard let code, code != key.channel, code != key.device, channel(key.device, code) != nil, fits(code)
      else { return nil }
      return code
    }
    switch key.channel.kind {
    case .area: return nil
    case .organisation:
      return placement.organisations.compactMap { valid($0) { $0.kind == .organisation } }.first
        ?? valid(placement.businessGroup) { $0.kind == .group }
    case .group: return valid(placement.parent, isSystem)
    case .camera, .device, .alarm, .audio, .other:
      if isSystem(key.channel) { return valid(placement.parent, isSystem) }
      return valid(placement.parent) { ![.area, .group, .organisation].contains($0.kind) }
    }
  }

  /// The claim after loops are cut at their smallest code.
  private func parentCode(_ key: ChannelKey) -> DeviceID? {
    var chain = [key.channel]
    while let next = claim(ChannelKey(device: key.device, channel: chain[chain.count - 1])) {
      if let begin = chain.firstIndex(of: next) {
        return chain[begin...].min() == key.channel ? nil : claim(key)
      }
      chain.append(next)
    }
    return claim(key)
  }

  /// The thing above; nil for this platform.
  private func parent(_ key: ChannelKey) -> ChannelKey? {
    if key.channel == key.device { return nil }
    if let code = parentCode(key) { return ChannelKey(device: key.device, channel: code) }
    if isGroup(key), !isSystem(key.device) { return nil }
    return ChannelKey(device: key.device, channel: key.device)
  }

  private func chain(_ key: ChannelKey) -> [ChannelKey] {
    var chain = [key]
    while let next = parent(chain[chain.count - 1]) { chain.append(next) }
    return chain
  }

  private func isBarred(_ key: ChannelKey) -> Bool {
    barred.contains(key.device)
      || (chain(key) + [ChannelKey(device: key.device, channel: key.device)]).contains { above in
        if barred.contains(above.channel) { return true }
        let raw = network.channels[above]?.raw ?? ""
        guard let begin = raw.range(of: "<RoutePath>"), let end = raw.range(of: "</RoutePath>") else {
          return false
        }
        return raw[begin.upperBound..<end.lowerBound].split(separator: "-")
          .contains { word in barred.contains { $0.text == word } }
      }
  }

  private func isOn(_ key: ChannelKey) -> Bool {
    chain(key).allSatisfy { above in
      let isOwnOn = network.channels[above].map { $0.status == .on } ?? true
      guard above.channel == above.device else { return isOwnOn }
      return isOwnOn && [.online, .suspect].contains(network.devices[above.device]?.status)
    }
  }

  private func memberships(_ key: ChannelKey) -> [ChannelKey] {
    guard groups, key.channel != key.device, !isGroup(key), !isSystem(key.channel) else { return [] }
    var found: [ChannelKey] = []
    for code in channel(key.device, key.channel)?.placement.organisations ?? [] {
      let other = ChannelKey(device: key.device, channel: code)
      if channel(key.device, code) != nil, !isBarred(other), !found.contains(other) { found.append(other) }
    }
    return found
  }

  private func group(_ key: ChannelKey) -> ChannelKey? {
    guard groups, key.channel != key.device, let placement = channel(key.device, key.channel)?.placement,
      !isSystem(key.channel), key.channel.kind != .group
    else { return nil }
    if key.channel.kind == .organisation {
      return chain(key).first { $0.channel.kind == .group && isGroup($0) }
    }
    guard let code = placement.businessGroup, code.kind == .group, channel(key.device, code) != nil else {
      return nil
    }
    let other = ChannelKey(device: key.device, channel: code)
    return isBarred(other) ? nil : other
  }

  private var everything: [ChannelKey] {
    let roots = network.devices.keys.map { ChannelKey(device: $0, channel: $0) }
    let entries = network.channels.keys.filter {
      network.devices[$0.device] != nil && $0.channel != $0.device
    }
    return roots + entries
  }

  private func isArea(_ key: ChannelKey) -> Bool { key.channel != key.device && key.channel.kind == .area }

  private func civil(_ key: ChannelKey) -> CivilCode? {
    isArea(key)
      ? CivilCode(key.channel.text)
      : network.channels[key]?.placement.civilCode ?? CivilCode(of: key.device)
  }

  /// The whole view in the terms of its sources.
  func items(_ card: PlatformCard) -> Set<SeenItem> {
    let granted = everything.filter {
      network.granted.contains($0) && !isBarred($0) && (groups || !isGroup($0))
    }
    var shown = Set(granted.filter { !isArea($0) })
    var work = Array(shown)
    while let key = work.popLast() {
      for above in [parent(key)].compactMap({ $0 }) + memberships(key) + [group(key)].compactMap({ $0 })
      where shown.insert(above).inserted { work.append(above) }
    }
    var items: Set<SeenItem> = [
      SeenItem(source: .own, name: card.name, isOn: true, parents: [], group: nil, isParental: nil)
    ]
    for key in shown { items.insert(item(key, shown)) }
    var areas: Set<CivilCode> = []
    for key in granted {
      var next = civil(key)
      while let area = next {
        areas.insert(area)
        next = area.parent
      }
    }
    let namers = everything.filter { isArea($0) && !isBarred($0) }.sorted()
    for area in areas {
      guard let namer = namers.first(where: { $0.channel.text == area.text }) else { continue }
      let name = network.channels[namer]?.name ?? ""
      items.insert(
        SeenItem(source: .area(area), name: name, isOn: nil, parents: [], group: nil, isParental: nil))
    }
    return items
  }

  private func item(_ key: ChannelKey, _ shown: Set<ChannelKey>) -> SeenItem {
    let above = parent(key)
    var parents: [SharedSource]
    if isGroup(key), key.channel.kind == .organisation {
      parents = [above].compactMap { $0 }.filter { isGroup($0) && $0.channel.kind == .organisation }.map {
        .item($0)
      }
    } else {
      parents = [above.map { .item($0) } ?? .own]
    }
    parents += memberships(key).map { .item($0) }
    let isParental = shown.contains { $0 != key && parent($0) == key }
    return SeenItem(
      source: .item(key), name: network.channels[key]?.name ?? network.devices[key.device]?.name ?? "",
      isOn: isGroup(key) ? nil : isOn(key), parents: parents, group: group(key).map { .item($0) },
      isParental: isGroup(key) ? nil : isParental)
  }
}
