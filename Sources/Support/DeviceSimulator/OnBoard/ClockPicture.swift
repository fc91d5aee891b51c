import MediaTime
import WireBytes

/// Coded pictures of a clock, made without an encoder: key frames of uncompressed blocks (I_PCM, ISO 14496-10
/// §7.3.5), and pictures that repeat the one before.
public enum ClockPicture {
  public static let width = 320
  public static let height = 176
  private static let columns = width / 16
  private static let rows = height / 16

  /// What a key frame takes, about.
  static let keyFrameBytes = columns * rows * 386 + 64

  /// Where the row of fields is: 32 of them, ten pixels wide, the highest bit first, light is 1.
  public static let fieldWidth = 10
  public static let fieldRow = height - 8

  /// The second that a decoded picture shows, from its luma plane.
  ///
  /// - Parameter luma: `width` × `height` bytes, line by line.
  /// - Returns: nil when a field is neither light nor dark.
  public static func second(inLuma luma: [UInt8]) -> Int64? {
    guard luma.count >= width * height else { return nil }
    var value: Int64 = 0
    for field in 0..<32 {
      let level = luma[fieldRow * width + field * fieldWidth + fieldWidth / 2]
      guard level < 80 || level > 160 else { return nil }
      value = value << 1 | (level > 160 ? 1 : 0)
    }
    return value
  }

  /// The key frame of a second: parameter sets and one slice, each behind its length.
  static func keyFrame(of second: Int64, zone: Duration) -> SharedBytes {
    var output: [UInt8] = []
    for set in [sequenceSet, pictureSet] { append(set, to: &output) }
    append(slice(draw(second, zone: zone), identifier: Int(second & 1)), to: &output)
    return SharedBytes(output)
  }

  /// A picture that repeats the one before it; the `number`-th after the key frame, from 1.
  static func repetition(_ number: Int) -> SharedBytes {
    var bits = BitWriter()
    bits.unsigned(0)
    bits.unsigned(5)
    bits.unsigned(0)
    bits.put(UInt32(number % 16), 4)
    // No other reference, none reordered, none kept for long; quality as it is, no deblocking.
    bits.put(0, 3)
    bits.unsigned(0)
    bits.unsigned(1)
    bits.unsigned(UInt32(columns * rows))
    bits.end()
    var output: [UInt8] = []
    append([0x41] + escaped(bits.bytes), to: &output)
    return SharedBytes(output)
  }

  // MARK: Drawing

  private static func draw(_ second: Int64, zone: Duration) -> Picture {
    var picture = Picture(width: width, height: height)
    // Another colour every minute: a seek is seen from afar.
    let hue = Int(second / 60 % 6)
    picture.fill(0, 0, width, height, Colour(30 + hue * 12, 50, 110 - hue * 12))
    let text = StreetScene.clockText(WallTime(seconds: second), zone: zone)
    let parts = text.split(separator: " ")
    let white = Colour(240)
    picture.write(String(parts.first ?? ""), 34, 30, scale: 4, white)
    picture.write(String((parts.last ?? "").prefix(8)), 34, 80, scale: 5, white)
    picture.fill(0, height - 16, width, height, Colour(0))
    for field in 0..<32 where second >> (31 - field) & 1 == 1 {
      picture.fill(field * fieldWidth, height - 16, (field + 1) * fieldWidth, height, Colour(255))
    }
    return picture
  }

  // MARK: Coding

  private static let sequenceSet: [UInt8] = {
    var bits = BitWriter()
    bits.put(66, 8)
    bits.put(0xC0, 8)
    bits.put(30, 8)
    bits.unsigned(0)
    // Frame numbers of four bits, order as decoded, one reference, no gaps.
    bits.unsigned(0)
    bits.unsigned(2)
    bits.unsigned(1)
    bits.put(0, 1)
    bits.unsigned(UInt32(columns - 1))
    bits.unsigned(UInt32(rows - 1))
    // Whole frames, 8 × 8 inference, no cropping, no description of use.
    bits.put(0b1100, 4)
    bits.end()
    return [0x67] + escaped(bits.bytes)
  }()

  private static let pictureSet: [UInt8] = {
    var bits = BitWriter()
    bits.unsigned(0)
    bits.unsigned(0)
    bits.put(0, 2)
    bits.unsigned(0)
    bits.unsigned(0)
    bits.unsigned(0)
    bits.put(0, 3)
    bits.unsigned(0)
    bits.unsigned(0)
    bits.unsigned(0)
    // The slice says how it is deblocked.
    bits.put(0b100, 3)
    bits.end()
    return [0x68] + escaped(bits.bytes)
  }()

  private static func slice(_ picture: Picture, identifier: Int) -> [UInt8] {
    var bits = BitWriter()
    bits.unsigned(0)
    bits.unsigned(7)
    bits.unsigned(0)
    bits.put(0, 4)
    bits.unsigned(UInt32(identifier))
    bits.put(0, 2)
    bits.unsigned(0)
    bits.unsigned(1)
    for row in 0..<rows {
      for column in 0..<columns {
        bits.unsigned(25)
        bits.align()
        bits.append(samples(picture.bytes, column: column, row: row))
      }
    }
    bits.end()
    return [0x65] + escaped(bits.bytes)
  }

  /// One block: 16 × 16 luma, then 8 × 8 of each colour.
  private static func samples(_ bytes: [UInt8], column: Int, row: Int) -> [UInt8] {
    var block: [UInt8] = []
    block.reserveCapacity(384)
    for line in 0..<16 {
      let start = (row * 16 + line) * width + column * 16
      block += bytes[start..<start + 16]
    }
    for plane in 0..<2 {
      let base = width * height + plane * width * height / 4
      for line in 0..<8 {
        let start = base + (row * 8 + line) * width / 2 + column * 8
        block += bytes[start..<start + 8]
      }
    }
    return block
  }

  /// No three bytes that look like the beginning of a unit (§7.4.1).
  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + 64)
    var zeros = 0
    for byte in bytes {
      if zeros >= 2, byte <= 3 {
        output.append(3)
        zeros = 0
      }
      output.append(byte)
      zeros = byte == 0 ? zeros + 1 : 0
    }
    return output
  }

  private static func append(_ unit: [UInt8], to output: inout [UInt8]) {
    for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: unit.count >> shift)) }
    output += unit
  }
}

/// Bits, the highest first.
private struct BitWriter {
  private(set) var bytes: [UInt8] = []
  private var current: UInt8 = 0
  private var used = 0

  mutating func put(_ value: UInt32, _ count: Int) {
    for bit in stride(from: count - 1, through: 0, by: -1) {
      current = current << 1 | UInt8(truncatingIfNeeded: value >> UInt32(bit) & 1)
      used += 1
      if used == 8 {
        bytes.append(current)
        (current, used) = (0, 0)
      }
    }
  }

  /// An Exp-Golomb code.
  mutating func unsigned(_ value: UInt32) {
    let length = 32 - (value + 1).leadingZeroBitCount
    put(0, length - 1)
    put(value + 1, length)
  }

  mutating func align() { if used > 0 { put(0, 8 - used) } }

  mutating func append(_ whole: [UInt8]) { bytes += whole }

  /// The bit that ends a unit.
  mutating func end() {
    put(1, 1)
    align()
  }
}
