import MediaTime

/// A street in daylight: sky, houses, trees, a road with cars, a running clock and the place's name. No people.
///
/// Everything that moves is a function of the frame's number, and every car
/// makes whole laps in ``loopSeconds``: a recording of that length repeats
/// without a jump. Only the road and the clock are drawn anew for a frame.
struct StreetScene: Sendable {
  /// Seconds after which the traffic repeats.
  static let loopSeconds = 60
  /// Names that scenes bear, in turn.
  static let places = [
    "NORTH GATE", "MARKET STREET", "RIVER BRIDGE", "STATION SQUARE", "HARBOUR ROAD", "MUSEUM CORNER",
    "EAST AVENUE", "PARK LANE",
  ]

  let width: Int
  let height: Int
  let place: String
  private let frameRate: Int
  private let background: Picture
  private let cars: [StreetCar]
  private var picture: Picture
  /// What a moving camera sees of it.
  private var seen: Picture
  private let clockScale: Int

  /// - Parameter variant: 0…; differs in houses, cars and name.
  init(variant: Int, width: Int, height: Int, frameRate: Int) {
    (self.width, self.height, self.frameRate) = (width & ~1, height & ~1, max(frameRate, 1))
    place = Self.places[variant % Self.places.count]
    background = StreetBackdrop(variant: variant, width: self.width, height: self.height, place: place).draw()
    cars = StreetCar.traffic(variant: variant)
    picture = background
    seen = background
    clockScale = max(1, self.width / 213)
  }

  /// Draws frame `number`. `clock` is what the clock shows, `window` what a moving camera sees: nil is everything.
  ///
  /// - Returns: the planes as `yuv420p`; valid until the next frame is drawn.
  mutating func frame(_ number: Int, clock: String, window: SceneWindow? = nil) -> [UInt8] {
    let unit = Double(height) / 720
    picture.restore(lines: Int(400 * unit) & ~1..<Int(660 * unit) & ~1, from: background)
    let share = Double(number) / Double(frameRate * Self.loopSeconds)
    for car in cars { car.draw(into: &picture, share: share) }
    guard let window else {
      drawClock(clock, into: &picture)
      return picture.bytes
    }
    seen.show(window, of: picture)
    drawClock(clock, into: &seen)
    return seen.bytes
  }

  /// The clock is the camera's own: it stands still while the camera moves.
  private func drawClock(_ text: String, into picture: inout Picture) {
    let margin = clockScale * 3
    let size = DotFont.width(of: text, scale: clockScale)
    let bottom = margin + DotFont.height * clockScale + margin
    picture.fill(margin, margin, margin * 3 + size, bottom + margin, Colour(24))
    picture.write(text, margin * 2, margin * 2, scale: clockScale, Colour(245, 245, 235))
  }

  /// The clock of a live scene: date, time and tenths in the given zone.
  static func clockText(_ moment: WallTime, zone: Duration) -> String {
    let time = CivilTime(moment, offset: zone)
    return time.iso8601().replacing("T", with: " ") + ".\(time.millisecond / 100)"
  }

  /// The clock of a loop: the seconds of the minute, which stay right while a loop of a minute repeats in step.
  static func loopClockText(frame: Int, frameRate: Int) -> String {
    let tenths = frame * 10 / max(frameRate, 1)
    let seconds = tenths / 10 % 60
    return "SECOND \(seconds < 10 ? "0" : "")\(seconds).\(tenths % 10)"
  }
}
