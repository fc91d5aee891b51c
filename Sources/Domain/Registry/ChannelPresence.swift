public import GBCore

/// Whether a channel can be looked at, from its device's state and its own (product: F1 "channel online").
public enum ChannelPresence: String, Sendable, Hashable, CaseIterable {
  case online
  /// Its device misses heartbeats.
  case suspect
  case offline
  /// Its device answers but has no picture from it.
  case videoLost = "video-lost"
  case fault
  /// Its device was never seen.
  case unknown

  public init(device: DeviceStatus, channel: ChannelStatus) {
    switch (device, channel) {
    case (.unknown, _): self = .unknown
    case (.offline, _), (_, .off): self = .offline
    case (_, .videoLost): self = .videoLost
    case (_, .fault): self = .fault
    case (.suspect, .on): self = .suspect
    case (.online, .on): self = .online
    }
  }
}
