/// What one item of a catalog notification asks of the registry (§5.3).
public enum CatalogItemChange: Sendable, Hashable {
  /// Only its state changes.
  case state(CatalogStatus)
  /// It is new or differs: the item holds all its fields.
  case whole
  case removed
}

extension CatalogItem {
  /// An item that only names what happened: what ON, OFF, VLOST, DEFECT and DEL carry.
  public init(id: DeviceID, event: CatalogEvent) {
    self.init(id: id, name: "", values: [.event: event.rawValue])
    self[.name] = nil
  }

  /// What the item of a notification means. Items without an event, or with one nobody knows, are taken by what
  /// they carry: all fields, or a state alone.
  public var change: CatalogItemChange {
    switch event {
    case .on: .state(.on)
    case .off: .state(.off)
    case .videoLost: .state(.videoLost)
    case .defect: .state(.fault)
    case .delete: .removed
    case .add, .update: .whole
    case nil: self[.name] == nil && self[.parentID] == nil ? .state(status) : .whole
    }
  }
}

extension CatalogReply {
  /// Whether any item says what happened to it: then it is a notification, whatever its root.
  public var hasEvents: Bool { items.contains { $0.event != nil } }
}

extension MANSCDPDocument {
  /// One catalog notification. `SumNum` counts this message alone (§5.3).
  public static func catalogNotice(
    sn: Int, from device: DeviceID, items: [CatalogItem], edition: GBVersion
  ) -> MANSCDPDocument {
    let list = XMLElement(
      "DeviceList", attributes: [XMLAttribute("Num", String(items.count))],
      children: items.map { $0.element(for: edition) })
    return MANSCDPDocument(
      .notify, .catalog, sn: sn, deviceID: device,
      fields: [XMLElement("SumNum", String(items.count)), list])
  }
}
