/// A device's word about a stream that it sends (§8.4).
public struct MediaStatusNotice: Sendable, Hashable {
  /// The only type the standard knows: a history stream has come to its end.
  public static let fileEnded = 121

  public var channel: DeviceID?
  public var type: Int?

  public init(channel: DeviceID?, type: Int? = Self.fileEnded) { (self.channel, self.type) = (channel, type) }

  /// Nil unless it is such a notice.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .notify, message.cmdType == .mediaStatus else { return nil }
    self.init(channel: message.deviceID, type: message.element.integer("NotifyType"))
  }

  /// A notice without a readable type can mean nothing else.
  public var saysEnded: Bool { type == nil || type == Self.fileEnded }
}
