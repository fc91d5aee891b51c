/// A vehicle that crosses the picture again and again.
struct StreetCar: Sendable {
  private enum Shape { case car, van, bus }

  /// Pixels of 1280 beyond each edge where a vehicle turns up again.
  private static let margin = 300

  private let shape: Shape
  private let colour: (Int, Int, Int)
  /// Where the wheels stand, in lines of 720.
  private let line: Int
  private let goesRight: Bool
  /// Whole laps in one loop.
  private let laps: Int
  /// 0…1 of a lap.
  private let start: Double

  /// The vehicles of one scene, the far lanes first so that near ones cover them.
  static func traffic(variant: Int) -> [StreetCar] {
    let paints = [
      (188, 42, 46), (232, 232, 230), (40, 66, 120), (58, 60, 64), (212, 172, 52), (70, 116, 84),
      (160, 166, 172),
    ]
    let lanes: [(line: Int, right: Bool, laps: Int)] = [
      (492, false, 9), (530, false, 7), (580, true, 8), (622, true, 6),
    ]
    return lanes.enumerated().flatMap { lane, place in
      (0..<3).map { index in
        let seed = variant * 5 + lane * 3 + index
        let shape: Shape = seed % 7 == 3 ? .bus : seed % 5 == 1 ? .van : .car
        return StreetCar(
          shape: shape, colour: paints[seed % paints.count], line: place.line, goesRight: place.right,
          laps: place.laps, start: (Double(index) + Double(seed % 4) * 0.12) / 3)
      }
    }
  }

  /// - Parameter share: time as part of a loop; may pass 1.
  func draw(into picture: inout Picture, share: Double) {
    let position = share * Double(laps) + start
    let lap = position - position.rounded(.down)
    let way = 1_280 + 2 * Self.margin
    let distance = Int(lap * Double(way))
    let left = goesRight ? distance - Self.margin : 1_280 + Self.margin - distance
    let unit = Double(picture.width) / 1_280
    func box(_ x1: Int, _ y1: Int, _ x2: Int, _ y2: Int, _ colour: Colour) {
      // Mirrored for those that go left, so that the bonnet is always in front.
      let (from, to) = goesRight ? (left + x1, left + x2) : (left - x2, left - x1)
      picture.fill(
        Int(Double(from) * unit), Int(Double(line + y1) * unit), Int(Double(to) * unit),
        Int(Double(line + y2) * unit), colour)
    }
    func wheel(_ x: Int, _ radius: Int) {
      let centre = Int(Double(goesRight ? left + x : left - x) * unit)
      picture.disc(centre, Int(Double(line) * unit), Int(Double(radius) * unit), Colour(28))
      picture.disc(centre, Int(Double(line) * unit), Int(Double(radius) * unit) / 2, Colour(150))
    }
    let paint = Colour(colour.0, colour.1, colour.2)
    let shade = Colour(colour.0 * 2 / 3, colour.1 * 2 / 3, colour.2 * 2 / 3)
    let glass = Colour(62, 84, 102)
    let length: Int
    switch shape {
    case .car:
      length = 130
      box(24, -52, 96, -26, paint)
      box(32, -47, 58, -28, glass)
      box(63, -47, 88, -28, glass)
      box(0, -30, length, -6, paint)
      box(0, -12, length, -4, shade)
    case .van:
      length = 150
      box(0, -66, 112, -8, paint)
      box(112, -50, length, -8, paint)
      box(114, -47, 138, -28, glass)
      box(0, -14, length, -5, shade)
    case .bus:
      length = 250
      box(0, -82, length, -8, paint)
      for column in stride(from: 10, to: 230, by: 36) { box(column, -70, column + 28, -42, glass) }
      box(236, -70, length, -34, glass)
      box(0, -26, length, -20, shade)
    }
    box(length - 6, -24, length, -16, Colour(250, 240, 190))
    box(0, -24, 5, -16, Colour(196, 40, 36))
    wheel(length / 5, 13)
    wheel(length * 4 / 5, 13)
  }
}
