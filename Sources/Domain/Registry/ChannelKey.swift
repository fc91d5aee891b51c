public import GBCore

/// A channel, named by the device that owns it and its own code.
///
/// The pair is needed because real recorders reuse each other's channel codes
/// (and some give every channel the code of the device).
public struct ChannelKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let device: DeviceID
  public let channel: DeviceID

  public init(device: DeviceID, channel: DeviceID) {
    (self.device, self.channel) = (device, channel)
  }

  /// Parses ``description``: `device_channel`.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "_", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 2, let device = DeviceID(parts[0]), let channel = DeviceID(parts[1]) else {
      return nil
    }
    self.init(device: device, channel: channel)
  }

  /// `device_channel`: letters, digits and one underscore, safe in URLs and file names.
  public var description: String { "\(device)_\(channel)" }

  public static func < (left: ChannelKey, right: ChannelKey) -> Bool {
    (left.device, left.channel) < (right.device, right.channel)
  }
}
