/// The elements of a catalog item (§6.1), in the order in which they are written.
public enum CatalogField: String, Sendable, Hashable, CaseIterable {
  case deviceID = "DeviceID"
  case event = "Event"
  case name = "Name"
  case manufacturer = "Manufacturer"
  case model = "Model"
  case owner = "Owner"
  case civilCode = "CivilCode"
  case block = "Block"
  case address = "Address"
  case parental = "Parental"
  case parentID = "ParentID"
  case safetyWay = "SafetyWay"
  case registerWay = "RegisterWay"
  case certNum = "CertNum"
  case certifiable = "Certifiable"
  case errCode = "ErrCode"
  case endTime = "EndTime"
  case securityLevelCode = "SecurityLevelCode"
  case secrecy = "Secrecy"
  case ipAddress = "IPAddress"
  case port = "Port"
  case password = "Password"
  case status = "Status"
  case longitude = "Longitude"
  case latitude = "Latitude"
  case businessGroupID = "BusinessGroupID"
  // Below `Info`.
  case ptzType = "PTZType"
  case positionType = "PositionType"
  case photoelectricImagingType = "PhotoelectricImagingType"
  case capturePositionType = "CapturePositionType"
  case roomType = "RoomType"
  case useType = "UseType"
  case supplyLightType = "SupplyLightType"
  case directionType = "DirectionType"
  case resolution = "Resolution"
  case streamNumberList = "StreamNumberList"
  case downloadSpeed = "DownloadSpeed"
  case svcSpaceSupportMode = "SVCSpaceSupportMode"
  case svcTimeSupportMode = "SVCTimeSupportMode"
  case ssvcRatioSupportList = "SSVCRatioSupportList"
  case mobileDeviceType = "MobileDeviceType"
  case horizontalFieldAngle = "HorizontalFieldAngle"
  case verticalFieldAngle = "VerticalFieldAngle"
  case maxViewDistance = "MaxViewDistance"
  case grassrootsCode = "GrassrootsCode"
  case pointType = "PointType"
  case pointCommonName = "PointCommonName"
  case mac = "MAC"
  case functionType = "FunctionType"
  case encodeType = "EncodeType"
  case installTime = "InstallTime"
  case managementUnit = "ManagementUnit"
  case contactInfo = "ContactInfo"
  case recordSaveDays = "RecordSaveDays"
  case industrialClassification = "IndustrialClassification"

  /// Whether the element stands inside `Info`. On the way in both places are accepted for every field.
  public var isInsideInfo: Bool { Self.insideInfo.contains(self) }

  /// Whether a peer of that edition knows the element. 2011 is written like 2016.
  public func exists(in edition: GBVersion) -> Bool {
    edition.is2022 ? !Self.removedIn2022.contains(self) : !Self.addedIn2022.contains(self)
  }

  /// The field of that element name, in any case.
  init?(element name: String) {
    guard let field = Self.byName[name.lowercased()] else { return nil }
    self = field
  }

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.rawValue.lowercased(), $0) })

  private static let insideInfo: Set<CatalogField> = Set(
    allCases.drop { $0 != .ptzType })

  private static let removedIn2022: Set<CatalogField> = [
    .owner, .safetyWay, .certNum, .certifiable, .errCode, .endTime, .positionType, .useType,
  ]

  private static let addedIn2022: Set<CatalogField> = [
    .securityLevelCode, .photoelectricImagingType, .capturePositionType, .streamNumberList,
    .ssvcRatioSupportList,
    .mobileDeviceType, .horizontalFieldAngle, .verticalFieldAngle, .maxViewDistance, .grassrootsCode,
    .pointType,
    .pointCommonName, .mac, .functionType, .encodeType, .installTime, .managementUnit, .contactInfo,
    .recordSaveDays, .industrialClassification,
  ]
}
