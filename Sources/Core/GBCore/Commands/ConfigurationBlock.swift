/// One value in a configuration block.
public indirect enum ConfigurationValue: Sendable, Hashable {
  case integer(Int)
  case decimal(Double)
  case text(String)
  case list([[String: ConfigurationValue]])

  /// The number, when it is a whole one.
  public var integer: Int? {
    switch self {
    case .integer(let number): number
    case .decimal(let number) where number.rounded() == number && abs(number) < 1e15: Int(number)
    case .decimal, .text, .list: nil
    }
  }

  /// The text, when it is one.
  public var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// A configuration block (§13.1) as values under the names of the standard. A block that is one value has it under
/// the block's own name; a block that is passed through has its inside as XML there.
public struct ConfigurationBlock: Sendable, Hashable {
  public let kind: ConfigurationKind
  public var values: [String: ConfigurationValue]

  public init(_ kind: ConfigurationKind, _ values: [String: ConfigurationValue]) {
    (self.kind, self.values) = (kind, values)
  }

  // MARK: Writing

  /// The element that carries it.
  /// - Parameter isAnswer: in an answer to ConfigDownload, where one block has another name.
  public func element(isAnswer: Bool = false) -> XMLElement {
    let name = isAnswer ? kind.elementNames[0] : kind.rawValue
    if let single = kind.layout.first, single.name.isEmpty { return self.single(name, single) }
    var element = XMLElement(name, children: Self.elements(values, kind.layout))
    if case .videoParamAttribute = kind {
      element.attributes = [XMLAttribute("Num", String(element.children.count))]
    }
    return element
  }

  private func single(_ name: String, _ field: ConfigurationField) -> XMLElement {
    let value = values[kind.rawValue]
    guard case .raw = field.form else { return XMLElement(name, value?.integer.map(String.init) ?? "") }
    guard let text = value?.text, let document = try? XMLReader.read("<\(name)>\(text)</\(name)>") else {
      return XMLElement(name)
    }
    return document.root
  }

  private static func elements(_ values: [String: ConfigurationValue], _ layout: [ConfigurationField])
    -> [XMLElement]
  {
    layout.flatMap { field -> [XMLElement] in
      switch (field.form, values[field.name]) {
      case (_, nil), (.raw, _): []
      case (.list(let list), .list(let items)?): Self.list(list, items)
      case (_, .integer(let number)?): [XMLElement(field.name, number)]
      case (_, .decimal(let number)?): [XMLElement(field.name, number, places: 6)]
      case (_, .text(let text)?): [XMLElement(field.name, text)]
      case (_, .list?): []
      }
    }
  }

  private static func list(_ list: ConfigurationList, _ items: [[String: ConfigurationValue]]) -> [XMLElement]
  {
    let elements = items.map { XMLElement(list.item, children: Self.elements($0, list.fields)) }
    let number = String(elements.count)
    var result: [XMLElement] = []
    switch list.count {
    case .element(let name), .both(let name): result.append(XMLElement(name, number))
    case .attribute: break
    }
    guard let wrapper = list.wrapper else { return result + elements }
    return result + [XMLElement(wrapper, attributes: [XMLAttribute("Num", number)], children: elements)]
  }

  // MARK: Reading

  /// The block that stands in `parent`, nil when it is not there. Values outside the standard's range are kept: a
  /// person should see what the device says.
  public init?(_ kind: ConfigurationKind, in parent: XMLElement, of document: XMLDocument) {
    guard let element = kind.elementNames.lazy.compactMap({ parent.child($0) }).first else { return nil }
    self.init(kind, Self.read(kind, element, document))
  }

  /// Every block in a document.
  public static func all(in message: MANSCDPMessage) -> [ConfigurationBlock] {
    ConfigurationKind.allCases.compactMap { Self($0, in: message.element, of: message.document) }
  }

  private static func read(
    _ kind: ConfigurationKind, _ element: XMLElement, _ document: XMLDocument
  ) -> [String: ConfigurationValue] {
    guard let single = kind.layout.first, single.name.isEmpty else { return values(element, kind.layout) }
    guard case .raw = single.form else {
      // Some write the number into an element of its own inside.
      let number = element.wholeNumber ?? element.children.first?.wholeNumber
      return number.map { [kind.rawValue: .integer($0)] } ?? [:]
    }
    return [kind.rawValue: .text(inside(element))]
  }

  /// The children as XML; written anew, so that what was repaired while reading is whole.
  private static func inside(_ element: XMLElement) -> String {
    var text = ""
    for child in element.children { child.write(into: &text) }
    return text
  }

  private static func values(_ element: XMLElement, _ layout: [ConfigurationField]) -> [String:
    ConfigurationValue]
  {
    var result: [String: ConfigurationValue] = [:]
    for field in layout {
      switch field.form {
      case .integer: result[field.name] = element.wholeNumber(field.name).map { .integer($0) }
      case .decimal: result[field.name] = element.number(field.name).map { .decimal($0) }
      case .text: result[field.name] = element.value(field.name).map { .text($0) }
      case .list(let list): result[field.name] = items(element, list)
      case .raw: break
      }
    }
    return result
  }

  private static func items(_ element: XMLElement, _ list: ConfigurationList) -> ConfigurationValue? {
    let parent = list.wrapper.flatMap { element.child($0) } ?? element
    let items = parent.children.filter { $0.isNamed(list.item) }.prefix(4 * list.most)
    return .list(items.map { values($0, list.fields) })
  }

  // MARK: Checking

  /// Why a device of the standard would not take it: one sentence, nil when it may be sent.
  public var fault: String? {
    guard kind.isWritable else { return "\(kind.rawValue) can only be read." }
    if let single = kind.layout.first, single.name.isEmpty {
      let field = ConfigurationField(kind.rawValue, single.form, isRequired: true)
      return Self.fault(values, [field], "")
    }
    return Self.fault(values, kind.layout, "")
  }

  private static func fault(
    _ values: [String: ConfigurationValue], _ layout: [ConfigurationField], _ place: String
  ) -> String? {
    let names = Set(layout.map(\.name))
    if let stranger = values.keys.filter({ !names.contains($0) }).sorted().first {
      return
        "“\(place)\(stranger.prefix(64))” does not belong here; known are \(layout.map(\.name).joined(separator: ", "))."
    }
    for field in layout {
      guard let value = values[field.name] else {
        if field.isRequired { return "“\(place)\(field.name)” is missing." }
        continue
      }
      if let fault = fault(value, field, place + field.name) { return fault }
    }
    return nil
  }

  private static func fault(_ value: ConfigurationValue, _ field: ConfigurationField, _ place: String)
    -> String?
  {
    switch field.form {
    case .integer(let range):
      guard let number = value.integer, range.contains(number) else {
        return "“\(place)” must be a whole number from \(range.lowerBound) to \(range.upperBound)."
      }
      return nil
    case .decimal(let range):
      let number: Double? =
        if case .decimal(let number) = value { number } else { value.integer.map(Double.init) }
      guard let number, range.contains(number) else {
        return "“\(place)” must be a number from \(range.lowerBound) to \(range.upperBound)."
      }
      return nil
    case .text(let most):
      guard let text = value.text, text.utf8.count <= most else {
        return "“\(place)” must be a text of at most \(most) bytes."
      }
      return nil
    case .raw: return rawFault(value, place)
    case .list(let list):
      guard case .list(let items) = value, items.count <= list.most else {
        return "“\(place)” must be a list of at most \(list.most) entries."
      }
      for (index, item) in items.enumerated() {
        if let fault = fault(item, list.fields, "\(place)[\(index)].") { return fault }
      }
      return nil
    }
  }

  private static func rawFault(_ value: ConfigurationValue, _ place: String) -> String? {
    guard let text = value.text, text.utf8.count <= 16_384,
      let document = try? XMLReader.read("<a>\(text)</a>"), document.repairs == 0, !document.isTruncated,
      !document.root.children.isEmpty
    else { return "“\(place)” must be the inside of the block as well-formed XML." }
    return nil
  }

  /// Names of the values that `other` has differently. What only `other` has is not counted.
  public func differences(from other: ConfigurationBlock) -> [String] {
    values.keys.filter { !Self.isSame(values[$0], other.values[$0]) }.sorted()
  }

  private static func isSame(_ left: ConfigurationValue?, _ right: ConfigurationValue?) -> Bool {
    switch (left, right) {
    case (.list(let left)?, .list(let right)?):
      left.count == right.count
        && zip(left, right).allSatisfy { one, two in one.allSatisfy { isSame($0.value, two[$0.key]) } }
    case (let left?, let right?):
      left == right || left.integer.map { $0 == right.integer } ?? false
    case (nil, _): true
    case (_, nil): false
    }
  }
}

extension MANSCDPDocument {
  /// Sets one block (§13.1).
  public static func configuration(sn: Int, target: DeviceID, _ block: ConfigurationBlock) -> MANSCDPDocument
  {
    MANSCDPDocument(.control, .deviceConfig, sn: sn, deviceID: target, fields: [block.element()])
  }
}
