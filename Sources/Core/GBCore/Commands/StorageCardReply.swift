/// One message of the answer to SDCardStatus (2022, §4.8).
public struct StorageCardReply: Sendable, Hashable {
  /// A storage card in a device.
  public struct Card: Sendable, Hashable {
    /// From 1.
    public var number: Int
    public var name: String?
    /// `ok`, `formatting`, `unformatted`, `idle`, `error`, or what the device wrote.
    public var status: String
    /// Per cent, while it is being formatted.
    public var formatProgress: Int?
    /// Megabytes.
    public var capacity: Int?
    /// Megabytes.
    public var free: Int?

    public init(
      number: Int, name: String? = nil, status: String, formatProgress: Int? = nil, capacity: Int? = nil,
      free: Int? = nil
    ) {
      (self.number, self.name, self.status) = (number, name, status)
      (self.formatProgress, self.capacity, self.free) = (formatProgress, capacity, free)
    }
  }

  public var total: Int?
  public var cards: [Card]

  public init(total: Int? = nil, cards: [Card]) { (self.total, self.cards) = (total, cards) }

  /// Nil unless `message` answers SDCardStatus.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .sdCardStatus else { return nil }
    total = message.element.wholeNumber("SumNum").flatMap { $0 >= 0 ? $0 : nil }
    cards = message.element.descendants("Item", most: 64).compactMap { item in
      guard let number = item.wholeNumber("ID") else { return nil }
      return Card(
        number: number, name: item.value("HddName"), status: (item.value("Status") ?? "ok").lowercased(),
        formatProgress: item.wholeNumber("FormatProgress").map { min(max($0, 0), 100) },
        capacity: item.wholeNumber("Capacity"), free: item.wholeNumber("FreeSpace"))
    }
  }

  /// What follows `DeviceID`. A device without cards has no list.
  public var fields: [XMLElement] {
    let sum = XMLElement("SumNum", total ?? cards.count)
    guard !cards.isEmpty else { return [sum] }
    let items = cards.map { card in
      let numbers = [
        ("FormatProgress", card.formatProgress), ("Capacity", card.capacity), ("FreeSpace", card.free),
      ]
      return XMLElement(
        "Item",
        children: [
          XMLElement("ID", card.number), XMLElement("HddName", card.name ?? ""),
          XMLElement("Status", card.status),
        ] + numbers.compactMap { name, value in value.map { XMLElement(name, $0) } })
    }
    return [
      sum, XMLElement("SDCardStatusInfo", attributes: [.init("Num", String(items.count))], children: items),
    ]
  }
}
