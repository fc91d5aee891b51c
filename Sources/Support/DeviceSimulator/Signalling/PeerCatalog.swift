import GBCore

/// What a peer says about itself and its channels (§4.5, §6).
struct PeerCatalog {
  private let peer: PeerDescription
  /// Where each channel stands in the description.
  private let positions: [DeviceID: Int]

  init(_ peer: PeerDescription) {
    self.peer = peer
    positions = Dictionary(
      zip(peer.channels.map(\.id), peer.channels.indices), uniquingKeysWith: { first, _ in first })
  }

  /// The channel with that code; nil when it is none of ours.
  func channel(_ id: DeviceID) -> ChannelDescription? { positions[id].map { peer.channels[$0] } }

  /// Whether a request may be about that code: the peer itself, a channel, or an entry of its directory.
  func knows(_ id: DeviceID) -> Bool {
    id == peer.id || positions[id] != nil || peer.directory.contains { $0.id == id }
  }

  var info: DeviceInfoReply {
    DeviceInfoReply(
      name: peer.name, manufacturer: peer.dialect.manufacturer,
      model: peer.kind == .ipc ? peer.dialect.cameraModel : peer.dialect.recorderModel,
      firmware: peer.dialect.firmware, channels: peer.channels.count)
  }

  /// The catalog in parts.
  ///
  /// - Parameters:
  ///   - target: the peer itself for everything; a channel for that channel alone (2022, Annex J).
  ///   - happens: asked once per item about each of its faults.
  ///   - status: what a channel's state is now.
  func parts(
    below target: DeviceID? = nil, _ happens: (FaultKind) -> Bool = { _ in false },
    status: (ChannelDescription) -> CatalogStatus = { $0.isOnline ? .on : .off }
  ) -> [[CatalogItem]] {
    let one = target.flatMap { channel($0) }
    let entries = one == nil ? peer.directory.map(item) : []
    let items =
      entries + (one.map { [$0] } ?? peer.channels).map { Self.garbled(item($0, status($0)), happens) }
    return stride(from: 0, to: items.count, by: peer.catalogItemsPerPart).map {
      Array(items[$0..<min($0 + peer.catalogItemsPerPart, items.count)])
    }
  }

  private static func garbled(_ item: CatalogItem, _ happens: (FaultKind) -> Bool) -> CatalogItem {
    var item = item
    if happens(.statusWord) { item[.status] = item[.status] == "ON" ? "OK" : "0" }
    if happens(.civilCodeMissing) { item[.civilCode] = "" }
    if happens(.parentTwice), let parent = item[.parentID] { item[.parentID] = parent + "/" + parent }
    return item
  }

  private func item(_ channel: ChannelDescription, _ status: CatalogStatus) -> CatalogItem {
    let parents = [channel.parent ?? peer.id] + channel.organisations
    var values: [CatalogField: String] = [
      .manufacturer: peer.dialect.manufacturer, .model: peer.dialect.cameraModel, .owner: "Tributary",
      .civilCode: channel.civilCode ?? county, .address: channel.place, .parental: "0",
      .parentID: parents.map(\.text).joined(separator: "/"), .registerWay: "1", .secrecy: "0",
      .status: status.word, .grassrootsCode: "000000", .pointType: "9",
    ]
    if channel.kind == .camera {
      values[.longitude] = Self.degrees(channel.longitude)
      values[.latitude] = Self.degrees(channel.latitude)
      values[.ptzType] = String(channel.ptzType)
    }
    return CatalogItem(id: channel.id, name: channel.name, values: values)
  }

  /// Only what the kind of entry carries (§6.2).
  private func item(_ entry: DirectoryEntry) -> CatalogItem {
    var values: [CatalogField: String] = [:]
    switch entry.kind {
    case .area: break
    case .businessGroup:
      values[.civilCode] = entry.civilCode ?? county
      values[.parentID] = (entry.parent ?? peer.id).text
    case .virtualOrganisation:
      values[.parentID] = entry.parent?.text
      values[.businessGroupID] = entry.businessGroup?.text
    case .system, .recorder:
      values = [
        .manufacturer: peer.dialect.manufacturer, .model: peer.dialect.recorderModel, .owner: "Tributary",
        .civilCode: entry.civilCode ?? county, .address: entry.name, .registerWay: "1", .secrecy: "0",
        .status: "ON",
      ]
      if entry.kind == .recorder {
        values[.parental] = "1"
        values[.parentID] = (entry.parent ?? peer.id).text
      } else {
        values[.parentID] = entry.parent?.text
      }
    }
    return CatalogItem(id: entry.id, name: entry.name, values: values)
  }

  private var county: String { String(peer.id.text.prefix(6)) }

  /// Six digits after the point.
  private static func degrees(_ value: Double) -> String {
    let millionths = Int((value * 1e6).rounded())
    let fraction = String(millionths % 1_000_000)
    return "\(millionths / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }
}
