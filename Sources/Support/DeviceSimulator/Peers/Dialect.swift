/// A brand's habits, as far as they show on the wire.
///
/// No firmware is imitated: each value is a habit that the open field has reported of that brand's devices.
public struct Dialect: Sendable, Hashable {
  /// How scenarios call it.
  public var name: String
  /// What DeviceInfo and the catalog say.
  public var manufacturer: String
  public var recorderModel: String
  public var cameraModel: String
  public var firmware: String
  /// The `User-Agent` of requests and responses.
  public var userAgent: String

  public init(
    name: String, manufacturer: String, recorderModel: String, cameraModel: String, firmware: String,
    userAgent: String
  ) {
    (self.name, self.manufacturer, self.recorderModel) = (name, manufacturer, recorderModel)
    (self.cameraModel, self.firmware, self.userAgent) = (cameraModel, firmware, userAgent)
  }

  /// A device that follows the standard.
  public static let generic = Dialect(
    name: "generic", manufacturer: "Tributary", recorderModel: "Simulated recorder",
    cameraModel: "Simulated camera", firmware: "1.0", userAgent: "Tributary-Simulator")
}
