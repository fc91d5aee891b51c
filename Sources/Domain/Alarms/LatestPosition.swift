public import GBCore
public import MediaTime
public import Registry

/// Where a mobile camera is. Only the latest report is kept: a row of them would be the path of whoever carries it.
public struct LatestPosition: Sendable, Hashable {
  public let channel: ChannelKey
  public var report: PositionReport
  /// When it came in.
  public var received: WallTime

  public init(channel: ChannelKey, report: PositionReport, received: WallTime) {
    (self.channel, self.report, self.received) = (channel, report, received)
  }

  /// Whether `other` of the same channel is newer, by the device's clock when both have one, else by arrival.
  public func isOlder(than other: LatestPosition) -> Bool {
    if let mine = report.time, let its = other.report.time, mine != its { return mine < its }
    return received <= other.received
  }
}

/// Where the latest positions survive a restart.
public protocol PositionStore: Sendable {
  /// Replaces the position of each channel.
  func write(_ positions: [LatestPosition]) async throws
  func positions() async throws -> [LatestPosition]
}

extension PositionNotice {
  /// Whose positions these are, of the channels of `device` (§5.4): the report's own code, the document's, or
  /// every channel of a device that has nothing but mobile cameras on one carrier.
  public func attributed(to device: DeviceID, channels: [ChannelKey]) -> [(ChannelKey, PositionReport)] {
    let known = Set(channels)
    return reports.flatMap { report -> [(ChannelKey, PositionReport)] in
      for code in [report.device, deviceID].compactMap({ $0 }) {
        let key = ChannelKey(device: device, channel: code)
        if known.contains(key) { return [(key, report)] }
      }
      let isOwn = report.device == nil || report.device == device
      return isOwn ? channels.map { ($0, report) } : []
    }
  }
}
