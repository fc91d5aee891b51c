public import GBCore
public import MediaTime
public import Registry

/// What we know of a lower level's catalog, as far as comparing it needs: a fingerprint of each item.
///
/// It follows the registry, not the messages, so that it says what is really there. After a restart make it anew from
/// the registry's channels.
public struct ViewReplica: Sendable {
  /// An item's fingerprint, and what it was made of.
  private struct Print: Sendable {
    let raw: PackedItem
    let isOn: Bool
    let print: ItemFingerprint
  }

  public let lower: DeviceID
  public private(set) var digest = CatalogDigest()
  private var prints: [DeviceID: Print] = [:]

  /// - Parameter channels: those of the lower level, as the registry has them.
  public init(_ lower: DeviceID, channels: [Channel]) {
    self.lower = lower
    for channel in channels where channel.key.device == lower { put(channel) }
  }

  public var count: Int { prints.count }

  /// Takes over what the registry took over.
  public mutating func apply(_ change: CatalogChange) {
    guard change.device == lower else { return }
    for channel in change.saved { put(channel) }
    for key in change.deleted { drop(key.channel) }
  }

  /// Takes over the registry's whole state. Cheap where little changed: only what is new is read again.
  public mutating func follow(_ channels: [Channel]) {
    let present = Set(channels.filter { $0.key.device == lower }.map(\.key.channel))
    for code in Array(prints.keys) where !present.contains(code) { drop(code) }
    for channel in channels where channel.key.device == lower { put(channel) }
  }

  private mutating func put(_ channel: Channel) {
    let isOn = channel.status == .on
    if let known = prints[channel.key.channel], known.isOn == isOn, known.raw == channel.packedRaw { return }
    drop(channel.key.channel)
    let print = Print(raw: channel.packedRaw, isOn: isOn, print: ItemFingerprint(channel))
    prints[channel.key.channel] = print
    digest.add(print.print)
  }

  private mutating func drop(_ code: DeviceID) {
    if let print = prints.removeValue(forKey: code) { digest.remove(print.print) }
  }
}

extension CatalogChange {
  /// What the answer to a query for some buckets changes: what is not in it is gone from these buckets, and from
  /// these alone.
  public init(
    _ assembly: CatalogAssembly, buckets: Set<Int>, of device: DeviceID, known: [Channel], seen: WallTime
  ) {
    let inside = known.filter { buckets.contains(CatalogDigest.bucket(of: $0.key.channel)) }
    let items = assembly.items.filter { buckets.contains(CatalogDigest.bucket(of: $0.id)) }
    self.init(
      CatalogAssembly(
        sn: assembly.sn, items: items, problems: assembly.problems, expected: assembly.expected,
        isComplete: assembly.isComplete), of: device, known: inside, seen: seen)
  }
}

extension SharedView {
  /// What the superior must have for the two to agree.
  public func digest(edition: GBVersion) -> CatalogDigest {
    items.reduce(into: CatalogDigest()) { $0.add(ItemFingerprint($1, edition: edition)) }
  }

  /// The items of some buckets, in the order of a catalog: what a superior asks for after comparing.
  public func items(inBuckets buckets: Set<Int>) -> [SharedItem] {
    items.filter { buckets.contains(CatalogDigest.bucket(of: $0.id)) }
  }
}
