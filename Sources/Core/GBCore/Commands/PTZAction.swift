/// What eight bytes of ``PTZCommand`` mean (§4.9.1): for whoever obeys them.
public enum PTZAction: Sendable, Hashable {
  /// Ends every movement, cruise and scan.
  case stop
  /// Until ``stop``. Speeds: 0…255, of the zoom 0…15.
  case move(
    pan: PTZCommand.Pan?, tilt: PTZCommand.Tilt?, zoom: PTZCommand.Zoom?, panSpeed: UInt8, tiltSpeed: UInt8,
    zoomSpeed: UInt8)
  /// Ends focus and iris.
  case lensStop
  /// Until ``lensStop``. Speeds: 0…255.
  case lens(focus: PTZCommand.Focus?, iris: PTZCommand.Iris?, focusSpeed: UInt8, irisSpeed: UInt8)
  /// Presets 1…255.
  case preset(PTZCommand.PresetAction, UInt8)
  case cruise(UInt8, PTZCommand.CruiseAction)
  case scan(UInt8, PTZCommand.ScanAction)
  /// 1 is the wiper.
  case auxiliary(UInt8, isOn: Bool)
}

extension PTZCommand {
  /// What it means; nil for codes that the standard does not give. Opposite directions together mean neither.
  public var action: PTZAction? {
    switch code {
    case 0: .stop
    case 0x01...0x3F: movement
    case 0x40...0x4F: lensAction
    case 0x81...0x83: PresetAction(rawValue: code).flatMap { data2 == 0 ? nil : .preset($0, data2) }
    case 0x84...0x88: cruiseAction.map { .cruise(data1, $0) }
    case 0x89, 0x8A: scanAction.map { .scan(data1, $0) }
    case 0x8C: .auxiliary(data1, isOn: true)
    case 0x8D: .auxiliary(data1, isOn: false)
    default: nil
    }
  }

  private var movement: PTZAction {
    .move(
      pan: Pan(rawValue: code & 3), tilt: Tilt(rawValue: code & 0xC), zoom: Zoom(rawValue: code & 0x30),
      panSpeed: data1, tiltSpeed: data2, zoomSpeed: data3)
  }

  private var lensAction: PTZAction {
    let (focus, iris) = (Focus(rawValue: code & 3), Iris(rawValue: code & 0xC))
    return focus == nil && iris == nil
      ? .lensStop : .lens(focus: focus, iris: iris, focusSpeed: data1, irisSpeed: data2)
  }

  private var value: Int { Int(data3) << 8 | Int(data2) }

  private var cruiseAction: CruiseAction? {
    switch code {
    case 0x84: data2 == 0 ? nil : .add(preset: data2)
    case 0x85: data2 == 0 ? .deleteAll : .delete(preset: data2)
    case 0x86: .speed(value)
    case 0x87: .stay(value)
    default: .start
    }
  }

  private var scanAction: ScanAction? {
    guard code == 0x89 else { return .speed(value) }
    return switch data2 {
    case 0: .start
    case 1: .setLeft
    case 2: .setRight
    default: nil
    }
  }
}
