import Access
import GBCore
import Registry

extension Directory {
  /// The longest way up that is followed: devices write loops.
  private static let deepest = 16

  /// What decisions must know of a channel: the names under which grants can mean it, as the trees of the interface
  /// write them.
  func facts(of key: ChannelKey, labels: Set<String> = []) -> ChannelFacts {
    let device = key.device
    var facts = ChannelFacts(key: key.description, ancestors: [device.text, key.description], labels: labels)
    var area: CivilCode? = self[key]?.placement.civilCode ?? CivilCode(of: device)
    while let code = area {
      facts.ancestors.insert(code.text)
      area = code.parent
    }
    var waiting = [key.channel]
    var met: Set<DeviceID> = [key.channel]
    while let code = waiting.popLast(), met.count <= Self.deepest,
      let placement = self[ChannelKey(device: device, channel: code)]?.placement
    {
      let groups = placement.organisations + (placement.businessGroup.map { [$0] } ?? [])
      for group in groups { facts.groups.insert(ChannelKey(device: device, channel: group).description) }
      let parents = groups + (placement.parent.map { [$0] } ?? [])
      for parent in parents where met.insert(parent).inserted {
        facts.ancestors.insert(ChannelKey(device: device, channel: parent).description)
        waiting.append(parent)
      }
    }
    return facts
  }

  /// A device itself, for what is done with all of it.
  func facts(of device: DeviceID) -> ChannelFacts {
    var facts = ChannelFacts(key: device.text, ancestors: [device.text])
    var area = CivilCode(of: device)
    while let code = area {
      facts.ancestors.insert(code.text)
      area = code.parent
    }
    return facts
  }
}
