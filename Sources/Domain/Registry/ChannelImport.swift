public import GBCore
public import MediaTime

extension Channel {
  /// A channel from an item of a device's catalog, by the import rules of §6.1 and §6.3.
  public init(_ item: CatalogItem, of device: DeviceID, seen: WallTime) {
    self.init(
      key: ChannelKey(device: device, channel: item.id), catalogName: item.name,
      placement: ChannelPlacement(item, of: device), status: item.status, since: seen,
      manufacturer: item[.manufacturer], model: item[.model], address: item[.address],
      position: item.position,
      ptzType: item.ptzType, raw: item.packedRaw)
  }
}

extension ChannelPlacement {
  /// Codes of a ParentID that are looked at; real ones have two or three.
  public static let mostParents = 16
  /// The shortest code taken for a parent: below it are area codes, words and rubbish.
  public static let shortestParent = 10

  /// Sorts the codes of ParentID by their kind: 216 is membership, 215 a group, the rest a parent.
  public init(_ item: CatalogItem, of device: DeviceID) {
    let text = item[.parentID] ?? ""
    self.init(
      // Most hang at the device: its text is there already.
      parentText: text == device.text ? device.text : text, businessGroup: item.businessGroup,
      civilCode: item.civilCode,
      isParental: item.isParental)
    for token in text.split(separator: "/").prefix(Self.mostParents) {
      guard let code = DeviceID(token), code != item.id, code.text.utf8.count >= Self.shortestParent
      else { continue }
      switch code.kind {
      case .organisation:
        if !organisations.contains(code) { organisations.append(code) }
      case .group:
        businessGroup = businessGroup ?? code
      // An area code as parent is seen in the field; the civil tree has it from CivilCode.
      case .area: continue
      case .camera, .device, .alarm, .audio, .other:
        // The device itself is the root, which is where a channel without parent hangs anyway.
        if parent == nil, code != device { parent = code }
      }
    }
    // Groups and organisations nest in each other (§6.2): there the membership is the parent.
    if item.id.kind == .organisation || item.id.kind == .group { parent = organisations.first ?? parent }
  }
}

/// Which channels have a picture that can be asked for (§1.2).
public struct PlayableRule: Sendable, Hashable {
  /// Type codes that always are.
  public var types: Set<Int>
  /// Type codes that are when nothing hangs below them.
  public var typesWithoutChildren: Set<Int>

  public init(
    types: Set<Int> = [131, 132],
    typesWithoutChildren: Set<Int> = Set(111...130).subtracting([117]).union([138])
  ) {
    (self.types, self.typesWithoutChildren) = (types, typesWithoutChildren)
  }

  /// A code that does not follow the 20-digit rule says nothing about its type: it may be tried, unless it is an area.
  public func isPlayable(_ channel: DeviceID, hasChildren: Bool) -> Bool {
    guard let type = channel.typeCode else { return channel.kind != .area }
    return types.contains(type) || typesWithoutChildren.contains(type) && !hasChildren
  }
}
