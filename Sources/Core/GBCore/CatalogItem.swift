/// One entry of a catalog, with every field of either edition that it carried (§6.1).
public struct CatalogItem: Sendable, Hashable {
  public let id: DeviceID
  /// What it carried, trimmed; empty values and the word `null` are left out.
  public var values: [CatalogField: String] { packed.all }
  private var packed: CatalogValues
  /// The item's XML as it arrived, decoded, so that a cascade can repeat fields nobody knows. Empty when made here.
  public var raw: String { packedRaw.text }
  /// ``raw``, as it is kept.
  public let packedRaw: PackedItem
  /// Whether its tags did not match and the reader had to guess.
  public let isRepaired: Bool
  /// Elements no edition knows, which are written behind the others; what arrives leaves them in ``raw``.
  public var unknown = CatalogUnknowns()

  /// Bytes of an item's XML that are kept.
  public static let longestRaw = 16 * 1024

  public init(id: DeviceID, name: String, values: [CatalogField: String] = [:]) {
    self.id = id
    (packedRaw, isRepaired) = (PackedItem(""), false)
    var values = values
    (values[.deviceID], values[.name]) = (id.text, name)
    packed = CatalogValues(values)
  }

  /// Reads an `Item` element, taking each field from the item or from its `Info`, wherever it stands.
  init(_ element: XMLElement, in document: XMLDocument) throws(CatalogProblem) {
    let raw = document.raw(of: element)
    let kept = raw.utf8.count <= Self.longestRaw ? raw : ""
    var values: [CatalogField: String] = [:]
    for child in element.children {
      if child.isNamed("Info") {
        for inner in child.children { Self.take(inner, into: &values) }
      } else {
        Self.take(child, into: &values)
      }
    }
    guard let text = values[.deviceID] else { throw CatalogProblem("The item has no DeviceID.", raw: raw) }
    guard let id = DeviceID(text) else {
      throw CatalogProblem("The item's DeviceID is not 1 to 32 letters or digits.", raw: raw)
    }
    values[.deviceID] = id.text
    (self.id, packed) = (id, CatalogValues(values))
    (packedRaw, isRepaired) = (PackedItem(kept), element.isDamaged)
  }

  private static func take(_ element: XMLElement, into values: inout [CatalogField: String]) {
    // The first one wins: what follows a second time in a damaged item belongs to somebody else.
    guard let field = CatalogField(element: element.name), values[field] == nil, let value = element.value
    else { return }
    values[field] = value
  }

  public subscript(_ field: CatalogField) -> String? {
    get { packed[field] }
    set { packed[field] = newValue }
  }
}

// MARK: Typed views. Text that is no value of the type reads as absent (§6.1, import rules).

extension CatalogItem {
  /// Its name; empty when the device gave none.
  public var name: String { packed[.name] ?? "" }

  public var status: CatalogStatus { CatalogStatus(word: packed[.status] ?? "") }

  /// The word of a NOTIFY: ON, OFF, VLOST, DEFECT, ADD, DEL, UPDATE.
  public var event: CatalogEvent? { packed[.event].flatMap { CatalogEvent(rawValue: $0.uppercased()) } }

  public var isParental: Bool { packed[.parental] == "1" }

  /// A usable code: its own if it is one, else the county of its DeviceID (§1.5).
  public var civilCode: CivilCode? {
    if let code = packed[.civilCode].flatMap({ CivilCode($0) }) { return code }
    return CivilCode(id.text) ?? CivilCode(of: id)
  }

  public var businessGroup: DeviceID? { packed[.businessGroupID].flatMap { DeviceID($0) } }

  public var position: GeoPosition? {
    guard let longitude = number(.longitude), let latitude = number(.latitude) else { return nil }
    return GeoPosition(longitude: longitude, latitude: latitude)
  }

  /// 1…7.
  public var ptzType: Int? { integer(.ptzType).flatMap { (1...7).contains($0) ? $0 : nil } }

  public func integer(_ field: CatalogField) -> Int? { packed[field].flatMap { Int($0) } }

  public func number(_ field: CatalogField) -> Double? {
    packed[field].flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil }
  }
}

/// What a catalog notification says about an item (§5.3).
public enum CatalogEvent: String, Sendable, Hashable {
  case on = "ON"
  case off = "OFF"
  case videoLost = "VLOST"
  case defect = "DEFECT"
  case add = "ADD"
  case delete = "DEL"
  case update = "UPDATE"
}

// MARK: Writing

extension CatalogItem {
  /// The item as a peer of `edition` wants it: only elements it knows, in schema order, never the password.
  func element(for edition: GBVersion) -> XMLElement {
    var outside: [XMLElement] = []
    var inside: [XMLElement] = []
    for field in CatalogField.allCases where field != .password && field.exists(in: edition) {
      guard let value = packed[field] else { continue }
      // BusinessGroupID stands in Info by the 2016 schema and in Item by the 2022 edition.
      let isInside = field.isInsideInfo || field == .businessGroupID && !edition.is2022
      if isInside {
        inside.append(XMLElement(field.rawValue, value))
      } else {
        outside.append(XMLElement(field.rawValue, value))
      }
    }
    outside += unknown.outside
    inside += unknown.inside
    if !inside.isEmpty { outside.append(XMLElement("Info", children: inside)) }
    return XMLElement("Item", children: outside)
  }
}
