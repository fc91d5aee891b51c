public import GBCore
public import Registry

/// Where an item of a shared catalog comes from.
public enum SharedSource: Sendable, Hashable {
  /// This platform itself.
  case own
  /// An area, which is the same whoever names it.
  case area(CivilCode)
  /// A device, or an entry of a device's or a lower platform's catalog.
  case item(ChannelKey)
}

/// One item of the catalog that a superior sees. Its codes are those of the superior's side.
public struct SharedItem: Sendable, Hashable, Identifiable {
  public let id: DeviceID
  public let source: SharedSource
  public var name: String
  /// Nil where the standard has no state: areas, groups, organisations.
  public var isOn: Bool?
  /// The parent first, then the organisations it belongs to: ParentID.
  public var parents: [DeviceID]
  public var businessGroup: DeviceID?
  public var civilCode: CivilCode?
  /// Whether other items of this catalog hang below it; nil where that is not said.
  public var isParental: Bool?
  public var manufacturer: String?
  public var model: String?
  public var address: String?
  public var position: GeoPosition?
  /// The platforms it came through, this one first, when that is more than its neighbour can see.
  public var route: RoutePath?
  /// What its source said of it, for everything that has no property here.
  public var raw: PackedItem

  public let kind: DeviceKind
  /// What stands in a catalog in the order of §11.2: the platform, areas, groups, organisations, systems, the rest.
  let rank: Int

  init(id: DeviceID, source: SharedSource, name: String) {
    (self.id, self.source, self.name) = (id, source, name)
    (parents, raw) = ([], PackedItem(""))
    kind = id.kind
    rank = source == .own ? 0 : Self.rank(of: id, kind)
  }

  /// Whether only the state differs.
  func differsInStateOnly(from other: SharedItem) -> Bool {
    var same = self
    same.isOn = other.isOn
    return same == other
  }

  private static func rank(of id: DeviceID, _ kind: DeviceKind) -> Int {
    switch kind {
    case .area: 1
    case .group: 2
    case .organisation: 3
    case .device: id.isPlatform ? 4 : 5
    case .camera, .alarm, .audio, .other: 6
    }
  }
}

/// The place of an item in an order in which parents come first.
struct ItemPlace: Comparable {
  let level: Int
  let rank: Int
  let id: DeviceID
  /// Where the thing stands that is put in order.
  let index: Int

  static func < (left: ItemPlace, right: ItemPlace) -> Bool {
    if left.level != right.level { return left.level < right.level }
    return left.rank == right.rank ? left.id < right.id : left.rank < right.rank
  }
}

/// What this platform says of itself in the first item.
public struct PlatformCard: Sendable, Hashable {
  /// Its own code, as it stands in routes.
  public let id: DeviceID
  public var name: String
  public var manufacturer: String
  public var model: String
  public var owner: String
  public var address: String
  public var civilCode: CivilCode?

  public init(
    id: DeviceID, name: String, manufacturer: String = "Tributary", model: String = "Tributary",
    owner: String? = nil, address: String? = nil, civilCode: CivilCode? = nil
  ) {
    (self.id, self.name, self.manufacturer, self.model) = (id, name, manufacturer, model)
    (self.owner, self.address) = (owner ?? name, address ?? name)
    self.civilCode = civilCode ?? CivilCode(of: id)
  }
}
