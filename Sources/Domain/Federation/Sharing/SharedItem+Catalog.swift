public import GBCore

extension SharedItem {
  /// The element that carries a route between two Tributary levels. Others pass it over.
  public static let routeElement = "RoutePath"
  /// For mandatory elements that nobody filled in.
  static let unknown = "Unknown"

  /// The item as it is written, for queries and notifications alike (one way of writing, §11.2).
  ///
  /// Every value the standard demands is there; which of them a peer of an older edition sees is decided where the
  /// document is made. The password of the source never is among them.
  public func catalogItem(_ event: CatalogEvent? = nil) -> CatalogItem {
    let known = CatalogItem(rereading: raw)
    var values: [CatalogField: String]
    switch kind {
    case .area where source != .own: values = [:]
    case .group where source != .own: values = groupValues
    case .organisation where source != .own: values = organisationValues
    case .group, .organisation, .area, .camera, .device, .alarm, .audio, .other:
      values = deviceValues(over: known?.values ?? [:])
    }
    values[.event] = event?.rawValue
    var item = CatalogItem(id: id, name: name, values: values)
    if kind != .area, let known { item.unknown = known.unknown }
    item.unknown.outside.removeAll { $0.isNamed(Self.routeElement) }
    if let route { item.unknown.outside.append(XMLElement(Self.routeElement, route.description)) }
    return item
  }

  private var parentText: String? {
    parents.isEmpty ? nil : parents.map(\.text).joined(separator: "/")
  }

  private var groupValues: [CatalogField: String] {
    var values: [CatalogField: String] = [:]
    (values[.civilCode], values[.parentID]) = (civilCode?.text, parentText)
    return values
  }

  private var organisationValues: [CatalogField: String] {
    var values: [CatalogField: String] = [:]
    (values[.parentID], values[.businessGroupID]) = (parentText, businessGroup?.text)
    return values
  }

  private func deviceValues(over known: [CatalogField: String]) -> [CatalogField: String] {
    var values = known
    values[.password] = nil
    values[.manufacturer] = manufacturer ?? Self.unknown
    values[.model] = model ?? Self.unknown
    values[.address] = address ?? Self.unknown
    (values[.civilCode], values[.parentID]) = (civilCode?.text, parentText)
    values[.businessGroupID] = businessGroup?.text
    values[.parental] = isParental.map { $0 ? "1" : "0" }
    values[.status] = isOn.map { $0 ? "ON" : "OFF" }
    (values[.longitude], values[.latitude]) = (nil, nil)
    if let position {
      values[.longitude] = Self.degrees(position.longitude, known[.longitude])
      values[.latitude] = Self.degrees(position.latitude, known[.latitude])
    }
    func fill(_ field: CatalogField, _ value: String) { if values[field] == nil { values[field] = value } }
    fill(.owner, Self.unknown)
    fill(.registerWay, "1")
    fill(.secrecy, "0")
    if kind == .camera {
      fill(.grassrootsCode, "000000")
      fill(.pointType, "9")
    }
    return values
  }

  /// The number as the source wrote it while it means the same.
  private static func degrees(_ value: Double, _ written: String?) -> String {
    if let written, Double(written) == value { return written }
    let micro = Int((abs(value) * 1e6).rounded())
    let fraction = String(micro % 1_000_000)
    return (value < 0 ? "-" : "") + String(micro / 1_000_000) + "."
      + String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
  }
}

/// One change of a shared catalog, in the words of a notification (§5.3).
public enum SharedChange: Sendable, Hashable {
  case add(SharedItem)
  case update(SharedItem)
  case state(DeviceID, isOn: Bool)
  case remove(DeviceID)

  public var id: DeviceID {
    switch self {
    case .add(let item), .update(let item): item.id
    case .state(let id, _), .remove(let id): id
    }
  }

  /// The item of the notification.
  public var catalogItem: CatalogItem {
    switch self {
    case .add(let item): item.catalogItem(.add)
    case .update(let item): item.catalogItem(.update)
    case .state(let id, let isOn): CatalogItem(id: id, event: isOn ? .on : .off)
    case .remove(let id): CatalogItem(id: id, event: .delete)
    }
  }
}
