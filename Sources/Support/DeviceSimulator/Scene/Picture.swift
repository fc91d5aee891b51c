import Glibc

/// A colour as the encoder takes it: BT.601, limited range.
struct Colour: Sendable, Hashable {
  let y: UInt8
  let u: UInt8
  let v: UInt8

  /// - Parameters: red, green and blue, 0…255.
  init(_ red: Int, _ green: Int, _ blue: Int) {
    y = UInt8(clamping: 16 + (66 * red + 129 * green + 25 * blue + 128) >> 8)
    u = UInt8(clamping: 128 + (-38 * red - 74 * green + 112 * blue + 128) >> 8)
    v = UInt8(clamping: 128 + (112 * red - 94 * green - 18 * blue + 128) >> 8)
  }

  /// A grey.
  init(_ level: Int) { self.init(level, level, level) }
}

/// A picture in planar YUV 4:2:0 that shapes are drawn into. Sizes are even.
struct Picture: Sendable {
  let width: Int
  let height: Int
  /// The Y plane, then U, then V, without padding: what an encoder reads as `yuv420p`.
  private(set) var bytes: [UInt8]

  init(width: Int, height: Int) {
    (self.width, self.height) = (width & ~1, height & ~1)
    bytes = [UInt8](repeating: 128, count: self.width * self.height * 3 / 2)
  }

  /// The bytes, to be written.
  mutating func withMutableBytes(_ body: (UnsafeMutableRawBufferPointer) -> Void) {
    bytes.withUnsafeMutableBytes { body($0) }
  }

  /// The bytes, to be read.
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) { bytes.withUnsafeBytes { body($0) } }

  /// Fills a rectangle, clipped to the picture. Chroma covers whole pairs of pixels.
  mutating func fill(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int, _ colour: Colour) {
    let (left, right) = (max(left, 0), min(right, width))
    let (top, bottom) = (max(top, 0), min(bottom, height))
    guard left < right, top < bottom else { return }
    let (width, height) = (width, height)
    bytes.withUnsafeMutableBytes { plane in
      guard let luma = plane.baseAddress else { return }
      for line in top..<bottom { memset(luma + line * width + left, Int32(colour.y), right - left) }
      let chroma = luma + width * height
      let (first, count) = (left / 2, (right + 1) / 2 - left / 2)
      for line in top / 2..<(bottom + 1) / 2 {
        memset(chroma + line * width / 2 + first, Int32(colour.u), count)
        memset(chroma + width * height / 4 + line * width / 2 + first, Int32(colour.v), count)
      }
    }
  }

  /// Fills a circle, line by line.
  mutating func disc(_ centreX: Int, _ centreY: Int, _ radius: Int, _ colour: Colour) {
    for offset in -radius...radius {
      let half = Int(Double(radius * radius - offset * offset).squareRoot())
      fill(centreX - half, centreY + offset, centreX + half, centreY + offset + 1, colour)
    }
  }

  /// Fills lines with a colour that changes evenly from top to bottom.
  mutating func gradient(_ top: Int, _ bottom: Int, from: (Int, Int, Int), to: (Int, Int, Int)) {
    for line in stride(from: top, to: bottom, by: 2) {
      let share = Double(line - top) / Double(max(bottom - top, 1))
      func mix(_ one: Int, _ other: Int) -> Int { one + Int(Double(other - one) * share) }
      fill(0, line, width, line + 2, Colour(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2)))
    }
  }

  /// Copies whole lines from a picture of the same size.
  mutating func restore(lines: Range<Int>, from other: Picture) {
    let (width, height) = (width, height)
    bytes.withUnsafeMutableBytes { target in
      other.bytes.withUnsafeBytes { source in
        func copy(_ start: Int, _ count: Int) {
          guard let to = target.baseAddress, let from = source.baseAddress else { return }
          memcpy(to + start, from + start, count)
        }
        copy(lines.lowerBound * width, lines.count * width)
        let half = lines.lowerBound / 2..<(lines.upperBound + 1) / 2
        copy(width * height + half.lowerBound * width / 2, half.count * width / 2)
        copy(width * height * 5 / 4 + half.lowerBound * width / 2, half.count * width / 2)
      }
    }
  }

  /// Writes text with the built-in font; `scale` is the size of one dot in pixels.
  mutating func write(_ text: String, _ left: Int, _ top: Int, scale: Int, _ colour: Colour) {
    var x = left
    for character in text {
      for (line, dots) in DotFont.glyph(character).enumerated() {
        for column in 0..<DotFont.width where dots >> (DotFont.width - 1 - column) & 1 == 1 {
          let (dotX, dotY) = (x + column * scale, top + line * scale)
          fill(dotX, dotY, dotX + scale, dotY + scale, colour)
        }
      }
      x += (DotFont.width + 1) * scale
    }
  }
}
