public import GBCore

/// One of the three ways to arrange the same channels (§6.4).
public enum TreeView: String, Sendable, Hashable, CaseIterable {
  /// Devices and what hangs below them.
  case device
  /// Province, city, county, grass-roots unit.
  case civil
  /// Business groups and virtual organisations.
  case business
}

/// A node of a tree. Trees are flat lists in the order of display: a parent comes before its children.
public struct TreeNode: Sendable, Hashable, Identifiable {
  /// Unique in its tree. A camera in two organisations has two nodes.
  public let id: String
  /// Nil at the top.
  public let parent: String?
  public let name: String
  public let kind: DeviceKind
  /// The channel it shows; nil for devices and areas.
  public let channel: ChannelKey?
  /// The device it shows, in the device view.
  public let device: DeviceID?
}

extension Directory {
  /// The nodes of a view. Loops in what devices say are cut, and what hangs nowhere hangs at the top.
  public func tree(_ view: TreeView) -> [TreeNode] {
    switch view {
    case .device: deviceTree
    case .civil: civilTree
    case .business: businessTree
    }
  }

  // MARK: By device

  private var deviceTree: [TreeNode] {
    var forest = Forest()
    for device in devices {
      let root = device.id.text
      forest.add(
        TreeNode(id: root, parent: nil, name: device.name, kind: .device, channel: nil, device: device.id))
      let channels = self.channels(of: device.id)
      let own = ChannelKey(device: device.id, channel: device.id)
      for channel in channels where !(channel.key == own && hasChildren(own)) {
        let parent = channel.placement.parent ?? channel.placement.businessGroup
        let key = parent.map { ChannelKey(device: device.id, channel: $0) }
        let isKnown = key.map { self[$0] != nil && $0 != own && $0 != channel.key } ?? false
        forest.add(channel.node(below: isKnown ? key?.description : root), fallback: root)
      }
    }
    return forest.ordered()
  }

  // MARK: By area

  private var civilTree: [TreeNode] {
    var names: [CivilCode: String] = [:]
    var placed: [(Channel, CivilCode?)] = []
    for channel in channels {
      switch channel.kind {
      case .area: if let code = CivilCode(channel.key.channel.text) { names[code] = channel.name }
      case .group, .organisation: continue
      case .camera, .device, .alarm, .audio, .other:
        if channel.key.channel == channel.key.device, hasChildren(channel.key) { continue }
        placed.append((channel, channel.placement.civilCode ?? CivilCode(of: channel.key.device)))
      }
    }
    var areas = Set(names.keys)
    for (_, code) in placed {
      var next = code
      while let area = next, areas.insert(area).inserted { next = area.parent }
    }
    for code in names.keys {
      var next = code.parent
      while let area = next, areas.insert(area).inserted { next = area.parent }
    }
    var forest = Forest()
    for area in areas.sorted() {
      let name = names[area] ?? Province.name(of: area) ?? area.text
      forest.add(
        TreeNode(id: area.text, parent: area.parent?.text, name: name, kind: .area, channel: nil, device: nil)
      )
    }
    for (channel, code) in placed { forest.add(channel.node(below: code?.text)) }
    return forest.ordered()
  }

  // MARK: By business group

  private var businessTree: [TreeNode] {
    var forest = Forest()
    for channel in channels {
      let device = channel.key.device
      let placement = channel.placement
      func node(_ code: DeviceID) -> String? {
        let key = ChannelKey(device: device, channel: code)
        return key != channel.key && self[key] != nil ? key.description : nil
      }
      let group = placement.businessGroup.flatMap(node)
      switch channel.kind {
      case .group: forest.add(channel.node(below: nil))
      case .organisation:
        forest.add(channel.node(below: placement.organisations.compactMap(node).first ?? group))
      case .area: continue
      case .camera, .device, .alarm, .audio, .other:
        let homes = placement.organisations.compactMap(node)
        for home in homes.isEmpty ? [group].compactMap({ $0 }) : homes {
          forest.add(channel.node(below: home, id: "\(home)/\(channel.key)"))
        }
      }
    }
    return forest.ordered()
  }
}

extension Channel {
  fileprivate func node(below parent: String?, id: String? = nil) -> TreeNode {
    TreeNode(id: id ?? key.description, parent: parent, name: name, kind: kind, channel: key, device: nil)
  }
}
