/// The elements of a catalog item that no edition knows, so that a cascade can repeat them (§6.1, import rules).
public struct CatalogUnknowns: Sendable, Hashable {
  /// Directly in the item.
  public var outside: [XMLElement]
  /// In its `Info`.
  public var inside: [XMLElement]

  public init(outside: [XMLElement] = [], inside: [XMLElement] = []) {
    (self.outside, self.inside) = (outside, inside)
  }

  /// The first element of that name directly in the item.
  public func value(_ name: String) -> String? { outside.first { $0.isNamed(name) }?.value }

  fileprivate init(_ item: XMLElement) {
    (outside, inside) = ([], [])
    for child in item.children {
      if child.isNamed("Info") {
        inside += child.children.compactMap(Self.unknown)
      } else if let element = Self.unknown(child) {
        outside.append(element)
      }
    }
  }

  /// The element without its place in the document; nil when an edition knows it, or its name could not be written.
  private static func unknown(_ element: XMLElement) -> XMLElement? {
    CatalogField(element: element.name) == nil ? clean(element, depth: 0) : nil
  }

  private static func clean(_ element: XMLElement, depth: Int) -> XMLElement? {
    guard depth < XMLLimits().depth, isName(element.name), element.attributes.allSatisfy({ isName($0.name) })
    else { return nil }
    return XMLElement(
      element.name, element.text, attributes: element.attributes,
      children: element.children.compactMap { clean($0, depth: depth + 1) })
  }

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, ASCII.isNameStart(first) else { return false }
    return name.utf8.allSatisfy { ASCII.isNameStart($0) || ASCII.isDigit($0) || $0 == 45 || $0 == 46 }
  }
}

extension CatalogItem {
  /// Reads an item again from the XML that was kept of it, this time with ``unknown``. An item whose tags had to be
  /// guessed keeps none: what seems unknown there may be half of something else.
  ///
  /// - Returns: nil when nothing was kept, or the text is no item.
  public init?(rereading raw: PackedItem) {
    guard !raw.isEmpty, let document = try? XMLReader.read(raw.text),
      let item = try? CatalogItem(document.root, in: document)
    else { return nil }
    self = item
    if !isRepaired { unknown = CatalogUnknowns(document.root) }
  }
}
