public import GBCore
public import MediaTime

/// One entry of a device's catalog: a camera, an alarm input, a loudspeaker, an organisation, an area.
public struct Channel: Sendable, Hashable, Identifiable {
  public let key: ChannelKey
  public var id: ChannelKey { key }
  /// The name in the catalog.
  public var catalogName: String
  /// A name an operator gave it, shown instead.
  public var chosenName: String?
  /// Where it hangs.
  public var placement: ChannelPlacement
  /// What the catalog last said.
  public var status: ChannelStatus
  /// Since when `status` holds.
  public var since: WallTime
  public var manufacturer: String?
  public var model: String?
  public var address: String?
  public var position: GeoPosition?
  /// `PTZType` of the catalog, 1…7; nil when it says none.
  public var ptzType: Int?
  /// The catalog item as it arrived, decoded, so that nothing a device said is lost.
  public var raw: String { packedRaw.text }
  /// ``raw``, as it is kept.
  public var packedRaw: PackedItem

  public init(
    key: ChannelKey, catalogName: String, chosenName: String? = nil,
    placement: ChannelPlacement = ChannelPlacement(), status: ChannelStatus = .on, since: WallTime,
    manufacturer: String? = nil, model: String? = nil, address: String? = nil, position: GeoPosition? = nil,
    ptzType: Int? = nil, raw: PackedItem = PackedItem("")
  ) {
    (self.key, self.catalogName, self.chosenName, self.placement) = (key, catalogName, chosenName, placement)
    (self.status, self.since, self.manufacturer, self.model) = (status, since, manufacturer, model)
    (self.address, self.position, self.ptzType, packedRaw) = (address, position, ptzType, raw)
  }

  /// The name to show: the operator's, the catalog's, or the code.
  public var name: String {
    if let chosenName, !chosenName.isEmpty { return chosenName }
    return catalogName.isEmpty ? key.channel.text : catalogName
  }

  public var kind: DeviceKind { key.channel.kind }
}

/// The words of a catalog for the state of an item, reduced to what a platform acts on (§6.1, §5.3).
public typealias ChannelStatus = CatalogStatus

/// Where a channel hangs in the trees of §6.4, sorted out by the kind of each code in its ParentID (§6.3).
public struct ChannelPlacement: Sendable, Hashable {
  /// ParentID as it was written, after trimming.
  public var parentText: String
  /// The parent device, system or group inside the same catalog; nil hangs it at the device's root.
  public var parent: DeviceID?
  /// Virtual organisations (216) it belongs to.
  public var organisations: [DeviceID]
  /// Its business group (215).
  public var businessGroup: DeviceID?
  /// A usable administrative code: the catalog's, or derived from the channel's own code.
  public var civilCode: CivilCode?
  /// Whether the catalog says that it has children.
  public var isParental: Bool

  public init(
    parentText: String = "", parent: DeviceID? = nil, organisations: [DeviceID] = [],
    businessGroup: DeviceID? = nil, civilCode: CivilCode? = nil, isParental: Bool = false
  ) {
    (self.parentText, self.parent, self.organisations) = (parentText, parent, organisations)
    (self.businessGroup, self.civilCode, self.isParental) = (businessGroup, civilCode, isParental)
  }
}
