/// G.711 to 16-bit linear samples (ITU-T G.711 §3), by table.
enum G711Expansion {
  static let aLaw: [Int16] = (0...255).map { expandA(UInt8($0)) }
  static let muLaw: [Int16] = (0...255).map { expandMu(UInt8($0)) }

  private static func expandA(_ code: UInt8) -> Int16 {
    let value = code ^ 0x55
    let segment = Int(value & 0x70) >> 4
    let step = Int(value & 0x0F) << 4
    let magnitude = segment == 0 ? step + 8 : (step + 0x108) << (segment - 1)
    return Int16(value & 0x80 != 0 ? magnitude : -magnitude)
  }

  private static func expandMu(_ code: UInt8) -> Int16 {
    let value = ~code
    let magnitude = ((Int(value & 0x0F) << 3) + 0x84) << (Int(value & 0x70) >> 4)
    return Int16(value & 0x80 != 0 ? 0x84 - magnitude : magnitude - 0x84)
  }
}
