import SIPCore

/// MD5 (RFC 1321), here because Core has no hashes of its own and these tests check real digests.
enum TestHash {
  /// SHA-256 is asked for only inside nonces, where any keyed function will do: MD5 twice.
  static let function: DigestFunction = { algorithm, bytes in
    algorithm == .md5 ? md5(bytes) : md5(bytes) + md5(bytes + [0])
  }

  private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

  static func md5(_ message: [UInt8]) -> [UInt8] {
    var padded = message + [0x80]
    while padded.count % 64 != 56 { padded.append(0) }
    let bits = UInt64(message.count) * 8
    for shift in 0..<8 { padded.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(shift)))) }
    var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476]
    for block in stride(from: 0, to: padded.count, by: 64) {
      round(Array(padded[block..<block + 64]), &state)
    }
    var digest: [UInt8] = []
    for word in state {
      for shift: UInt32 in [0, 8, 16, 24] { digest.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return digest
  }

  private static func round(_ block: [UInt8], _ state: inout [UInt32]) {
    var words: [UInt32] = []
    for start in stride(from: 0, to: 64, by: 4) {
      var word: UInt32 = 0
      for offset in (0..<4).reversed() { word = word << 8 | UInt32(block[start + offset]) }
      words.append(word)
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for step in 0..<64 {
      let (mix, word): (UInt32, Int) =
        switch step / 16 {
        case 0: (b & c | ~b & d, step)
        case 1: (d & b | ~d & c, (5 * step + 1) % 16)
        case 2: (b ^ c ^ d, (3 * step + 5) % 16)
        default: (c ^ (b | ~d), 7 * step % 16)
        }
      let sum = a &+ mix &+ constant(step) &+ words[word]
      let shift = shifts[step / 16 * 4 + step % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
  }

  /// ⌊2³² · |sin(step + 1)|⌋, by the Taylor series so that no mathematics library is needed.
  private static func constant(_ step: Int) -> UInt32 {
    let angle = Double(step + 1).remainder(dividingBy: 2 * .pi)
    var (term, sum) = (angle, angle)
    for order in 1..<20 {
      term *= -angle * angle / Double(2 * order * (2 * order + 1))
      sum += term
    }
    return UInt32(abs(sum) * 4_294_967_296)
  }
}
