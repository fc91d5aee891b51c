import GBCore
import HTTPAPI

/// One order to a camera, checked.
enum CameraOrder: Sendable, Hashable {
  /// Goes on until it is stopped; nil when it asks for no movement at all, which is a stop.
  case motion(CameraGrips.Motion, PTZCommand, hold: Duration)
  case stop
  /// Done at once, or by the camera alone.
  case once(DeviceControl)

  /// How long a movement lasts without renewal, unless it says otherwise, and what it may say.
  static let hold: Duration = .seconds(2)
  private static let holds = 100...5_000

  /// - Throws: `Problem` when a value is missing or breaks its rule.
  init(_ request: API.PTZRequest) throws {
    switch request.action {
    case .move: self = try Self.move(request)
    case .lens: self = try Self.lens(request)
    case .stop, .cruiseStop, .scanStop: self = .stop
    case .dragZoomIn, .dragZoomOut: self = try Self.drag(request)
    case .precise: self = try Self.precise(request)
    case .auxiliary:
      let number = try Self.number(request.number, 0...255, "number")
      guard let isOn = request.on else { throw Problem.invalid("“on” is missing.") }
      self = .once(.ptz(.auxiliary(number, isOn: isOn)))
    case .presetCall, .presetSet, .presetDelete: self = try Self.preset(request)
    case .cruiseStart, .cruiseAdd, .cruiseRemove, .cruiseClear, .cruiseSpeed, .cruiseStay:
      self = try Self.cruise(request)
    case .scanStart, .scanLeft, .scanRight, .scanSpeed: self = try Self.scan(request)
    }
  }

  // MARK: Movements

  private static func move(_ request: API.PTZRequest) throws -> CameraOrder {
    let (pan, tilt) = (try share(request.pan, "pan"), try share(request.tilt, "tilt"))
    let zoom = try share(request.zoom, "zoom")
    let command = PTZCommand.move(
      pan: pan == 0 ? nil : pan < 0 ? .left : .right, tilt: tilt == 0 ? nil : tilt < 0 ? .down : .up,
      zoom: zoom == 0 ? nil : zoom < 0 ? .zoomOut : .zoomIn, panSpeed: speed(pan), tiltSpeed: speed(tilt),
      zoomSpeed: zoom == 0 ? 0 : UInt8(max(1, (abs(zoom) * 15).rounded())))
    guard command.code != 0 else { return .stop }
    return .motion(.view, command, hold: try hold(request))
  }

  private static func lens(_ request: API.PTZRequest) throws -> CameraOrder {
    let (focus, iris) = (try share(request.focus, "focus"), try share(request.iris, "iris"))
    let command = PTZCommand.lens(
      focus: focus == 0 ? nil : focus < 0 ? .near : .far, iris: iris == 0 ? nil : iris < 0 ? .close : .open,
      focusSpeed: speed(focus), irisSpeed: speed(iris))
    guard command != .lens() else { return .stop }
    return .motion(.lens, command, hold: try hold(request))
  }

  private static func share(_ value: Double?, _ name: String) throws -> Double {
    guard let value else { return 0 }
    guard value.isFinite, abs(value) <= 1 else { throw Problem.invalid("“\(name)” must be from −1 to 1.") }
    return value
  }

  /// 0 for standing still; otherwise 32…255, since some devices take less for no movement (§4.9.1).
  private static func speed(_ share: Double) -> UInt8 {
    share == 0 ? 0 : UInt8((32 + abs(share) * 223).rounded())
  }

  private static func hold(_ request: API.PTZRequest) throws -> Duration {
    guard let milliseconds = request.hold else { return Self.hold }
    guard holds.contains(milliseconds) else {
      throw Problem.invalid("“hold” must be from \(holds.lowerBound) to \(holds.upperBound) milliseconds.")
    }
    return .milliseconds(milliseconds)
  }

  // MARK: Single orders

  private static func drag(_ request: API.PTZRequest) throws -> CameraOrder {
    let box = request.box.map {
      DragBox(
        windowWidth: $0.windowWidth, windowHeight: $0.windowHeight, centreX: $0.centreX, centreY: $0.centreY,
        width: $0.width, height: $0.height)
    }
    guard let box, box.isSensible else {
      throw Problem.invalid("“box” must be a rectangle with an area inside its window.")
    }
    return .once(.dragZoom(isIn: request.action == .dragZoomIn, box))
  }

  private static func precise(_ request: API.PTZRequest) throws -> CameraOrder {
    let position = PrecisePosition(pan: request.pan, tilt: request.tilt, zoom: request.zoom)
    let values = [position.pan, position.tilt, position.zoom].compactMap(\.self)
    guard !values.isEmpty, values.allSatisfy(\.isFinite) else {
      throw Problem.invalid("A position needs “pan”, “tilt” or “zoom”.")
    }
    return .once(.precise(position.limited))
  }

  private static func preset(_ request: API.PTZRequest) throws -> CameraOrder {
    let number = try number(request.number, 1...255, "number")
    let name = try name(request.name)
    switch request.action {
    case .presetSet: return .once(.ptz(.preset(.set, number), PTZNames(preset: name)))
    case .presetDelete: return .once(.ptz(.preset(.delete, number)))
    default: return .once(.ptz(.preset(.call, number)))
    }
  }

  private static func cruise(_ request: API.PTZRequest) throws -> CameraOrder {
    let group = try number(request.group, 0...255, "group")
    let names = PTZNames(cruise: try name(request.name))
    let action: PTZCommand.CruiseAction =
      switch request.action {
      case .cruiseAdd: .add(preset: try number(request.number, 1...255, "number"))
      case .cruiseRemove: .delete(preset: try number(request.number, 1...255, "number"))
      case .cruiseClear: .deleteAll
      case .cruiseSpeed: .speed(try value(request, 1...4_095))
      case .cruiseStay: .stay(try value(request, 0...4_095))
      default: .start
      }
    return .once(.ptz(.cruise(group, action), names))
  }

  private static func scan(_ request: API.PTZRequest) throws -> CameraOrder {
    let group = try number(request.group, 0...255, "group")
    let action: PTZCommand.ScanAction =
      switch request.action {
      case .scanLeft: .setLeft
      case .scanRight: .setRight
      case .scanSpeed: .speed(try value(request, 1...4_095))
      default: .start
      }
    return .once(.ptz(.scan(group, action)))
  }

  private static func number(_ value: Int?, _ range: ClosedRange<Int>, _ name: String) throws -> UInt8 {
    guard let value, range.contains(value) else {
      throw Problem.invalid("“\(name)” must be from \(range.lowerBound) to \(range.upperBound).")
    }
    return UInt8(value)
  }

  private static func value(_ request: API.PTZRequest, _ range: ClosedRange<Int>) throws -> Int {
    guard let value = request.value, range.contains(value) else {
      throw Problem.invalid("“value” must be from \(range.lowerBound) to \(range.upperBound).")
    }
    return value
  }

  /// Names go to devices in at most 32 bytes of their encoding (§13.2); a Chinese character has two there.
  static func name(_ text: String?) throws -> String? {
    guard let text = text?.trimmed, !text.isEmpty else { return nil }
    guard text.unicodeScalars.reduce(0, { $0 + ($1.isASCII ? 1 : 2) }) <= 32 else {
      throw Problem.invalid("A name has at most 32 letters or 16 Chinese characters.")
    }
    return text
  }
}
