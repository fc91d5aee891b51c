/// What a device answers to DeviceInfo (§4.5). Everything is optional: devices leave out what they like.
public struct DeviceInfoReply: Sendable, Hashable {
  public var name: String?
  public var manufacturer: String?
  public var model: String?
  public var firmware: String?
  /// Video inputs, 0 or more.
  public var channels: Int?
  /// `Result`; a missing one counts as OK.
  public var isOK: Bool

  public init(
    name: String? = nil, manufacturer: String? = nil, model: String? = nil, firmware: String? = nil,
    channels: Int? = nil, isOK: Bool = true
  ) {
    (self.name, self.manufacturer, self.model, self.firmware) = (name, manufacturer, model, firmware)
    (self.channels, self.isOK) = (channels, isOK)
  }

  /// Nil unless `message` is a DeviceInfo response.
  public init?(_ message: MANSCDPMessage) {
    guard message.root == .response, message.cmdType == .deviceInfo else { return nil }
    let element = message.element
    name = element.value("DeviceName")
    manufacturer = element.value("Manufacturer")
    model = element.value("Model")
    firmware = element.value("Firmware")
    // `MaxCamera` is what 2011-era devices write.
    channels = (element.integer("Channel") ?? element.integer("MaxCamera")).flatMap { $0 >= 0 ? $0 : nil }
    isOK = message.isOK ?? true
  }
}
