public import GBCore
public import MediaTime

/// What a catalog changes in the registry.
public struct CatalogChange: Sendable, Hashable {
  public let device: DeviceID
  /// Channels that are new or differ from what was known.
  public var saved: [Channel]
  /// Channels that are gone. Empty unless the catalog was complete.
  public var deleted: [ChannelKey]
  /// Channels among `saved` whose status changed, and those that are new.
  public var statusChanged: [ChannelKey]
  public var problems: [CatalogProblemRecord]

  public var isEmpty: Bool { saved.isEmpty && deleted.isEmpty }
}

extension CatalogChange {
  /// Compares a catalog with what was known of its device.
  ///
  /// Names that operators chose stay, and `since` stays while the status does. An incomplete
  /// catalog adds and updates but never removes (§4.3).
  public init(_ assembly: CatalogAssembly, of device: DeviceID, known: [Channel], seen: WallTime) {
    self.device = device
    var before: [ChannelKey: Channel] = [:]
    for channel in known where channel.key.device == device { before[channel.key] = channel }
    (saved, statusChanged, deleted) = ([], [], [])
    for item in assembly.items {
      var channel = Channel(item, of: device, seen: seen)
      if let old = before.removeValue(forKey: channel.key) {
        channel.chosenName = old.chosenName
        if channel.status == old.status {
          channel.since = old.since
        } else {
          statusChanged.append(channel.key)
        }
        if channel == old { continue }
      } else {
        statusChanged.append(channel.key)
      }
      saved.append(channel)
    }
    if assembly.isComplete { deleted = before.keys.sorted() }
    problems = assembly.problems.map {
      CatalogProblemRecord(device: device, seen: seen, reason: $0.reason, raw: $0.raw)
    }
  }
}
