/// What does not move: drawn once per scene. Coordinates are those of 1280 × 720 and scaled.
struct StreetBackdrop {
  let variant: Int
  let width: Int
  let height: Int
  let place: String

  func draw() -> Picture {
    var picture = Picture(width: width, height: height)
    picture.gradient(0, y(400), from: (126, 176, 226), to: (222, 234, 244))
    clouds(&picture)
    skyline(&picture)
    houses(&picture)
    street(&picture)
    trees(&picture)
    let scale = max(1, width / 320)
    let size = DotFont.width(of: place, scale: scale)
    let (left, top) = (width - size - scale * 6, height - (DotFont.height + 5) * scale)
    picture.fill(left - scale * 3, top - scale * 2, width - scale * 3, height - scale * 3, Colour(24))
    picture.write(place, left, top, scale: scale, Colour(245, 245, 235))
    return picture
  }

  private func x(_ value: Int) -> Int { value * width / 1_280 }
  private func y(_ value: Int) -> Int { value * height / 720 }

  private func box(
    _ picture: inout Picture, _ left: Int, _ top: Int, _ right: Int, _ bottom: Int, _ colour: Colour
  ) {
    picture.fill(x(left), y(top), x(right), y(bottom), colour)
  }

  /// Numbers that look random and are always the same.
  private func noise(_ seed: Int) -> Int {
    var value = UInt64(truncatingIfNeeded: seed &* 2_654_435_761 &+ variant &* 40_503 &+ 12_345)
    value ^= value >> 13
    value = value &* 0x9E37_79B9_7F4A_7C15
    return Int(value >> 40)
  }

  private func clouds(_ picture: inout Picture) {
    for index in 0..<5 {
      let (left, top) = (index * 270 + noise(index) % 120, 90 + noise(index + 9) % 70)
      for puff in 0..<4 {
        let radius = 18 + noise(index * 7 + puff) % 16
        picture.disc(x(left + puff * 30), y(top + puff % 2 * 8), y(radius), Colour(240, 244, 248))
      }
    }
  }

  private func skyline(_ picture: inout Picture) {
    var left = 0
    var index = 0
    while left < 1_280 {
      let size = 50 + noise(index + 100) % 60
      box(&picture, left, 210 + noise(index + 200) % 90, left + size, 400, Colour(168, 182, 198))
      left += size
      index += 1
    }
  }

  private func houses(_ picture: inout Picture) {
    let walls = [
      (196, 150, 120), (214, 196, 164), (158, 168, 158), (188, 118, 104), (206, 206, 200), (172, 152, 178),
    ]
    var left = -20
    var index = 0
    while left < 1_280 {
      let size = 150 + noise(index + 300) % 90
      let top = 200 + noise(index + 400) % 80
      let (red, green, blue) = walls[(index + variant) % walls.count]
      box(&picture, left, top, left + size, 410, Colour(red, green, blue))
      box(&picture, left, top, left + size, top + 10, Colour(red * 2 / 3, green * 2 / 3, blue * 2 / 3))
      box(&picture, left + size - 3, top, left + size, 410, Colour(red * 3 / 4, green * 3 / 4, blue * 3 / 4))
      windows(&picture, left: left, right: left + size, top: top + 26, seed: index)
      shop(&picture, left: left, right: left + size, seed: index)
      left += size
      index += 1
    }
  }

  private func windows(_ picture: inout Picture, left: Int, right: Int, top: Int, seed: Int) {
    for line in stride(from: top, to: 330, by: 40) {
      for column in stride(from: left + 16, to: right - 28, by: 36) {
        let shade = noise(seed * 97 + line * 3 + column) % 3
        let glass =
          shade == 0 ? Colour(92, 118, 142) : shade == 1 ? Colour(70, 92, 112) : Colour(140, 164, 182)
        box(&picture, column - 2, line - 2, column + 22, line + 28, Colour(232, 228, 218))
        box(&picture, column, line, column + 20, line + 26, glass)
        box(&picture, column + 9, line, column + 11, line + 26, Colour(232, 228, 218))
      }
    }
  }

  private func shop(_ picture: inout Picture, left: Int, right: Int, seed: Int) {
    let awnings = [(178, 62, 54), (54, 112, 92), (58, 92, 150), (190, 140, 50)]
    let (red, green, blue) = awnings[noise(seed + 600) % awnings.count]
    box(&picture, left + 12, 352, right - 12, 410, Colour(64, 72, 78))
    for (index, stripe) in stride(from: left + 8, to: right - 8, by: 16).enumerated() {
      let colour = index % 2 == 0 ? Colour(red, green, blue) : Colour(236, 232, 224)
      box(&picture, stripe, 340, min(stripe + 16, right - 8), 358, colour)
    }
    box(&picture, right - 50, 362, right - 26, 410, Colour(116, 84, 60))
  }

  private func street(_ picture: inout Picture) {
    box(&picture, 0, 400, 1_280, 436, Colour(176, 172, 166))
    box(&picture, 0, 432, 1_280, 440, Colour(206, 204, 198))
    box(&picture, 0, 440, 1_280, 640, Colour(86, 88, 92))
    for left in stride(from: 20, to: 1_280, by: 120) {
      box(&picture, left, 536, left + 64, 543, Colour(226, 224, 214))
    }
    box(&picture, 0, 448, 1_280, 451, Colour(206, 204, 196))
    box(&picture, 0, 629, 1_280, 632, Colour(206, 204, 196))
    let crossing = 860 + noise(700) % 120
    for stripe in stride(from: 456, to: 626, by: 26) {
      box(&picture, crossing, stripe, crossing + 74, stripe + 14, Colour(222, 220, 212))
    }
    box(&picture, 0, 640, 1_280, 648, Colour(206, 204, 198))
    box(&picture, 0, 648, 1_280, 720, Colour(182, 178, 172))
    for left in stride(from: 0, to: 1_280, by: 64) {
      box(&picture, left, 648, left + 2, 720, Colour(164, 160, 154))
    }
    box(&picture, 0, 682, 1_280, 684, Colour(164, 160, 154))
  }

  private func trees(_ picture: inout Picture) {
    for index in 0..<5 {
      let left = 110 + index * 255 + noise(index + 800) % 60
      box(&picture, left - 5, 330, left + 5, 414, Colour(98, 76, 58))
      for leaf in 0..<7 {
        let (offsetX, offsetY) = (noise(index * 31 + leaf) % 56 - 28, noise(index * 17 + leaf + 50) % 56 - 28)
        let green = 108 + noise(leaf + index) % 40
        picture.disc(x(left + offsetX), y(308 + offsetY), y(26), Colour(60, green, 58))
      }
    }
    for index in 0..<4 {
      let left = 40 + index * 330
      box(&picture, left, 250, left + 5, 416, Colour(72, 76, 80))
      box(&picture, left - 2, 246, left + 44, 252, Colour(72, 76, 80))
      box(&picture, left + 30, 252, left + 46, 258, Colour(236, 230, 196))
    }
  }
}
