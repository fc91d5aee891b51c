/// What a code stands for, by digits 11–13 (§1.2) or by its length.
public enum DeviceKind: String, Sendable, Hashable, CaseIterable {
  /// 131, 132: something with a picture of its own.
  case camera
  /// 215: business group.
  case group
  /// 216: virtual organisation.
  case organisation
  /// 2, 4, 6 or 8 digits: administrative area.
  case area
  /// 111–130 front-end main devices, 138 mobile units and 200–214 platform equipment.
  case device
  /// 117, 134, 135, 140: alarm controllers, inputs and outputs.
  case alarm
  /// 136, 137: microphones and loudspeakers.
  case audio
  case other
}

extension DeviceID {
  /// Whether the code is a platform's: types 200 to 214 (§1.2).
  public var isPlatform: Bool { typeCode.map { (200...214).contains($0) } ?? false }

  /// What the code stands for. Codes that follow no rule are `.other`.
  public var kind: DeviceKind {
    guard let type = typeCode else { return CivilCode(text) == nil ? .other : .area }
    return switch type {
    case 131, 132: .camera
    case 117, 134, 135, 140: .alarm
    case 136, 137: .audio
    case 111...130, 138, 200...214: .device
    case 215: .group
    case 216: .organisation
    default: .other
    }
  }
}
