/// Small damages to a valid message, for tests that a parser survives them.
public enum ByteMutation {
  /// One random change: a flipped bit, a replaced, removed or repeated run, a cut tail, or an odd value.
  public static func mutate(_ bytes: [UInt8], using random: inout SeededRandom) -> [UInt8] {
    guard !bytes.isEmpty else { return random.bytes(Int.random(in: 0...16, using: &random)) }
    var result = bytes
    let position = Int.random(in: 0..<bytes.count, using: &random)
    let length = min(Int.random(in: 1...8, using: &random), bytes.count - position)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: result[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: result.replaceSubrange(position..<position + length, with: random.bytes(length))
    case 2: result.removeSubrange(position..<position + length)
    case 3: result.insert(contentsOf: bytes[position..<position + length], at: position)
    case 4: result.removeSubrange(position...)
    case 5: result[position] = [0x00, 0x01, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    default: result.insert(contentsOf: random.bytes(length), at: position)
    }
    return result
  }

  /// `bytes` cut after 0, 1, 2 … all bytes.
  public static func truncations(_ bytes: [UInt8]) -> some Sequence<[UInt8]> {
    (0...bytes.count).lazy.map { Array(bytes[..<$0]) }
  }

  /// `bytes` in pieces of random length between 1 and `maximum`, in order.
  public static func pieces(_ bytes: [UInt8], maximum: Int, using random: inout SeededRandom) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var position = 0
    while position < bytes.count {
      let end = min(position + Int.random(in: 1...max(maximum, 1), using: &random), bytes.count)
      result.append(Array(bytes[position..<end]))
      position = end
    }
    return result
  }
}
