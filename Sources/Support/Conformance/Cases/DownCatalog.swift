import GBCore
import SIPCore

/// D7–D9: what the server makes of catalogs.
enum DownCatalog {
  static let cases: [ConformCase] = [
    ConformCase(
      "D7", "A catalog of 10 000 items, out of order and doubled", "万级目录：乱序与重复",
      clause: "GB/T 28181 9.5, Annex N (2016) / M (2022)", role: .lowerPlatform,
      sends: "10 000 items in 100 parts over TCP, two parts exchanged and one sent twice",
      expects: "every item once, no part refused", alone: true, body: large),
    ConformCase(
      "D8", "Areas, business groups and devices in two groups", "行政区划、业务分组与多父节点",
      clause: "GB/T 28181 Annex O (2016) / J (2022)", role: .lowerPlatform,
      sends: "a catalog with an area, a group 215, two organisations 216 and a camera in both",
      expects: "every item is listed and the camera can be played", body: tree),
    ConformCase(
      "D9", "Catalog changes by NOTIFY", "目录变更通知", clause: "GB/T 28181 9.11, Annex P / N",
      sends: "NOTIFY with OFF, ON, ADD, UPDATE and DEL in the server's subscription",
      expects: "a SUBSCRIBE after the registration; each NOTIFY answered by 200 and applied", body: notify),
  ]

  private static func large(_ s: Script) async throws {
    let device = try await s.device(type: "200", overTCP: true)
    let head = String(device.id.text.prefix(10)) + "132" + String(s.edition == .edition2022 ? 2 : 1)
    let items = (0..<10_000).compactMap { number in
      DeviceID(head + s.padded(number, 6)).map { TestDevice.item($0, "Camera \(number)", of: device.id) }
    }
    // Made before the question comes: its answer must not wait for a county's worth of text.
    var parts = device.catalogParts(items, sn: 1, size: 100)
    parts.swapAt(3, 40)
    parts.insert(parts[10], at: 60)
    device.answerQueries { [parts] message in
      guard message.cmdType == .catalog else { return nil }
      return parts.map { part in
        var part = part
        part.sn = message.sn ?? 0
        return part
      }
    }
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "10000", within: .seconds(60),
      "the catalog of 10 000 items did not arrive whole")
  }

  private static func tree(_ s: Script) async throws {
    let device = try await s.device(type: "200")
    let prefix = String(device.id.text.prefix(10))
    let serial = String(device.id.text.suffix(7))
    let group = try s.require(DeviceID(prefix + "215" + serial), "no code")
    let east = try s.require(DeviceID(prefix + "216" + serial), "no code")
    let west = try s.require(DeviceID(prefix + "216" + "9" + serial.dropFirst()), "no code")
    let area = try s.require(DeviceID(String(prefix.prefix(6))), "no code")
    let camera = device.channel.channel
    let items = [
      CatalogItem(id: area, name: "Example district"),
      CatalogItem(
        id: group, name: "Traffic", values: [.civilCode: area.text, .parentID: device.id.text]),
      CatalogItem(id: east, name: "East", values: [.businessGroupID: group.text, .parentID: group.text]),
      CatalogItem(id: west, name: "West", values: [.businessGroupID: group.text, .parentID: group.text]),
      TestDevice.item(
        camera, "Camera in two groups", of: device.id, [.parentID: "\(device.id)/\(east)/\(west)"]),
    ]
    device.setCatalog(items)
    try await device.registered()
    try await s.eventually(
      .channelName(device.channel), is: "Camera in two groups", within: .seconds(10),
      "a camera with several parents is not listed")
    try await s.eventually(
      .channelName(TestChannel(device: device.id, channel: west)), is: "West", within: .seconds(5),
      "a virtual organisation (216) is not listed")
    let (call, picture) = try await DownLive.play(s, device)
    await call.sender.close()
    try await s.actions.close(picture)
  }

  private static func notify(_ s: Script) async throws {
    let device = try await s.device(channels: 2)
    try await device.registered()
    try await s.eventually(
      .channelCount(device.id), is: "2", within: .seconds(10), "the catalog was not read")
    let subscribe = try await device.subscribed(to: "Catalog")
    let item = device.channels[1]
    let before = try await s.actions.ask(.channelStatus(item))
    try await device.notifyCatalog(subscribe, [(item.channel, "OFF", [:])])
    try await s.eventually("a channel reported as OFF does not count as offline", within: .seconds(4)) {
      try await s.actions.ask(.channelStatus(item)) != before
    }
    try await device.notifyCatalog(subscribe, [(item.channel, "ON", [:])])
    try await s.eventually(
      .channelStatus(item), is: before, within: .seconds(4), "a channel reported as ON is not online again")
    let added = try s.require(DeviceID(String(item.channel.text.dropLast(2)) + "77"), "no code")
    let values = TestDevice.item(added, "Added", of: device.id).values
    try await device.notifyCatalog(subscribe, [(added, "ADD", values)])
    try await s.eventually(
      .channelCount(device.id), is: "3", within: .seconds(4), "a channel reported as ADD is not listed")
    let renamed = values.merging([.name: "Renamed"]) { $1 }
    try await device.notifyCatalog(subscribe, [(added, "UPDATE", renamed)])
    try await s.eventually(
      .channelName(TestChannel(device: device.id, channel: added)), is: "Renamed", within: .seconds(4),
      "an UPDATE did not change the name")
    try await device.notifyCatalog(subscribe, [(added, "DEL", [:])])
    try await s.eventually(
      .channelCount(device.id), is: "2", within: .seconds(4), "a channel reported as DEL is still listed")
  }
}

extension TestDevice {
  /// The server's subscription to something; it was answered when it came.
  func subscribed(to command: String, within: Duration = .seconds(12)) async throws -> IncomingRequest {
    try await expect("a SUBSCRIBE to \(command)", within: within) {
      $0.method == .subscribe && $0.document?.cmdType == CmdType(command)
    }
  }

  /// A NOTIFY in a subscription of the server; the case fails unless it is answered by 200.
  func notify(_ subscribe: IncomingRequest, _ document: MANSCDPDocument, state: String = "active;expires=600")
    async throws
  {
    var request = request(.notify, callID: subscribe.callID)
    let tag = try await peer.answeredTag(of: subscribe)
    if var from = subscribe.request.to {
      from.tag = tag
      request.headers.set(.from, from.description)
    }
    if let to = subscribe.request.headers[.from] { request.headers.set(.to, to) }
    if let contact = subscribe.request.contact { request.requestURI = contact.uri.description }
    request.headers.append(.contact, contact)
    request.headers.append(.event, subscribe.request.headers[.event] ?? "presence")
    request.headers.append(.subscriptionState, state)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    request.body = document.body(edition.version.declaredEncoding, codec: script.settings.codec)
    try await script.expectOK(try await send(request), "a NOTIFY of \(document.cmdType)")
  }

  func notifyCatalog(
    _ subscribe: IncomingRequest, _ changes: [(id: DeviceID, event: String, values: [CatalogField: String])]
  ) async throws {
    let items = changes.map { change -> XMLElement in
      let event = XMLElement("Event", change.event)
      // ON, OFF and DEL say nothing but the code.
      guard !change.values.isEmpty else {
        return XMLElement("Item", children: [XMLElement("DeviceID", change.id.text), event])
      }
      let item = CatalogItem(id: change.id, name: change.values[.name] ?? "", values: change.values)
      let whole = MANSCDPDocument.catalog(
        sn: 1, from: id, total: 1, items: [item], edition: edition.version)
      var element = whole.fields.last?.children.first ?? XMLElement("Item")
      element.children.insert(event, at: min(1, element.children.count))
      return element
    }
    let fields = [
      XMLElement("SumNum", String(items.count)),
      XMLElement(
        "DeviceList", attributes: [XMLAttribute("Num", String(items.count))], children: items),
    ]
    try await notify(
      subscribe, MANSCDPDocument(.notify, .catalog, sn: nextSerial(), deviceID: id, fields: fields))
  }
}

extension ConformPeer {
  /// The To tag that the tester gave when it answered.
  func answeredTag(of incoming: IncomingRequest) async throws -> String? {
    try await onLoop { [self] in answeredTags[incoming.callID] }
  }
}
