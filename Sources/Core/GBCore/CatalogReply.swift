/// One message of a catalog answer or notification (§4.3, §5.3).
public struct CatalogReply: Sendable {
  public let sn: Int?
  public let deviceID: DeviceID?
  /// The grand total the device announces; nil when it is missing or nonsense.
  public let total: Int?
  public let items: [CatalogItem]
  /// Items that could not be read. The others are not affected.
  public let problems: [CatalogProblem]

  /// Items taken from one message; the standard's limit is 10 000.
  public static let mostItems = 20_000

  /// Nil unless `message` carries a catalog. Vendors mix the roots Response and Notify: both will do.
  public init?(_ message: MANSCDPMessage) {
    guard message.cmdType == .catalog, message.root == .response || message.root == .notify else {
      return nil
    }
    sn = message.sn
    deviceID = message.deviceID
    total = message.element.integer("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    var items: [CatalogItem] = []
    var problems: [CatalogProblem] = []
    for element in Self.itemElements(message.element).prefix(Self.mostItems) {
      do { items.append(try CatalogItem(element, in: message.document)) } catch { problems.append(error) }
    }
    (self.items, self.problems) = (items, problems)
  }

  /// `Item`s below every child list, or directly below the root when the list element is missing.
  private static func itemElements(_ root: XMLElement) -> [XMLElement] {
    var found: [XMLElement] = []
    for child in root.children {
      if child.isNamed("Item") {
        found.append(child)
      } else {
        found.append(contentsOf: child.children.filter { $0.isNamed("Item") })
      }
    }
    return found
  }
}

/// Why one item of a catalog was set aside.
public struct CatalogProblem: Error, Sendable, Hashable {
  /// A short plain sentence.
  public let reason: String
  /// The item as it arrived, decoded, cut at 4 096 characters.
  public let raw: String

  init(_ reason: String, raw: String) {
    self.reason = reason
    self.raw = String(raw.prefix(4_096))
  }
}
