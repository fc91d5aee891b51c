public import GBCore

/// Where a simulated camera looks, and how it is moving: a value, with the time as a parameter.
///
/// Full speed is 100 degrees of pan and 50 degrees of tilt a second; the zoom doubles in a second at full speed.
public struct CameraHead: Sendable, Hashable {
  /// Degrees, 0…360, going round.
  public private(set) var pan = 0.0
  /// Degrees, −30…90, down positive.
  public private(set) var tilt = 0.0
  /// Times, 1…``longest``.
  public private(set) var zoom = 1.0
  /// 0…1, near to far.
  public private(set) var focus = 0.5
  /// 0…1, closed to open.
  public private(set) var iris = 0.5
  /// Whether pan, tilt or zoom are moving.
  public var isMoving: Bool { panRate != 0 || tiltRate != 0 || zoomRate != 0 }
  /// Whether focus or iris are moving.
  public var isFocusing: Bool { focusRate != 0 || irisRate != 0 }

  /// The longest zoom.
  public static let longest = 32.0

  private var panRate = 0.0
  private var tiltRate = 0.0
  private var zoomRate = 0.0
  private var focusRate = 0.0
  private var irisRate = 0.0
  private var since: Duration = .zero

  public init() {}

  /// Lets the time pass until `now`.
  public mutating func advance(to now: Duration) {
    let passed = now - since
    let seconds = Double(passed.components.seconds) + Double(passed.components.attoseconds) * 1e-18
    guard seconds > 0 else { return }
    since = now
    pan = Self.round(pan + panRate * seconds)
    tilt = min(max(tilt + tiltRate * seconds, -30), 90)
    zoom = min(max(zoom + zoom * zoomRate * seconds, 1), Self.longest)
    focus = min(max(focus + focusRate * seconds, 0), 1)
    iris = min(max(iris + irisRate * seconds, 0), 1)
  }

  /// Starts or ends a movement; what is no movement is ignored.
  public mutating func obey(_ action: PTZAction, now: Duration) {
    advance(to: now)
    switch action {
    case .stop: (panRate, tiltRate, zoomRate) = (0, 0, 0)
    case .move(let pan, let tilt, let zoom, let panSpeed, let tiltSpeed, let zoomSpeed):
      panRate = (pan == .right ? 1 : pan == .left ? -1 : 0) * Double(panSpeed) / 255 * 100
      // Up is negative: the standard counts downwards.
      tiltRate = (tilt == .down ? 1 : tilt == .up ? -1 : 0) * Double(tiltSpeed) / 255 * 50
      zoomRate = (zoom == .zoomIn ? 1 : zoom == .zoomOut ? -1 : 0) * Double(zoomSpeed) / 15
    case .lensStop: (focusRate, irisRate) = (0, 0)
    case .lens(let focus, let iris, let focusSpeed, let irisSpeed):
      focusRate = (focus == .far ? 1 : focus == .near ? -1 : 0) * Double(focusSpeed) / 255
      irisRate = (iris == .open ? 1 : iris == .close ? -1 : 0) * Double(irisSpeed) / 255
    case .preset, .cruise, .scan, .auxiliary: break
    }
  }

  /// Goes to a place; what is nil stays. Out of range means to the limit.
  public mutating func go(to place: PrecisePosition, now: Duration) {
    obey(.stop, now: now)
    if let value = place.pan { pan = Self.round(value) }
    if let value = place.tilt { tilt = min(max(value, -30), 90) }
    if let value = place.zoom { zoom = min(max(value, 1), Self.longest) }
  }

  /// Brings what is in the box to the whole picture, or the whole picture into the box. At zoom 1 the picture is 60
  /// degrees wide.
  public mutating func drag(isIn: Bool, _ box: DragBox, now: Duration) {
    guard box.isSensible else { return }
    obey(.stop, now: now)
    let width = 60 / zoom
    let height = width * Double(box.windowHeight) / Double(box.windowWidth)
    let share = max(
      Double(box.width) / Double(box.windowWidth), Double(box.height) / Double(box.windowHeight))
    let (right, down) = (
      Double(box.centreX) / Double(box.windowWidth) - 0.5,
      Double(box.centreY) / Double(box.windowHeight) - 0.5
    )
    go(
      to: PrecisePosition(
        pan: pan + right * width, tilt: tilt + down * height, zoom: isIn ? zoom / share : zoom * share),
      now: now)
  }

  /// The place now.
  public var place: PrecisePosition { PrecisePosition(pan: pan, tilt: tilt, zoom: zoom) }

  private static func round(_ pan: Double) -> Double {
    let rest = pan.truncatingRemainder(dividingBy: 360)
    return rest < 0 ? rest + 360 : rest
  }
}
