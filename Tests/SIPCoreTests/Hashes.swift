import SIPCore

/// MD5 (RFC 1321) and SHA-256 (FIPS 180-4) for the digest vectors: test code only, the product uses
/// libcrypto.
@Sendable
func testHash(_ algorithm: DigestAlgorithm, _ bytes: [UInt8]) -> [UInt8] {
  switch algorithm {
  case .md5: md5(bytes)
  case .sha256: sha256(bytes)
  }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func padded(_ bytes: [UInt8], bigEndian: Bool) -> [UInt8] {
  var result = bytes + [0x80]
  while result.count % 64 != 56 { result.append(0) }
  let bits = UInt64(bytes.count) * 8
  for index in 0..<8 {
    result.append(UInt8(truncatingIfNeeded: bits >> (8 * UInt64(bigEndian ? 7 - index : index))))
  }
  return result
}

/// The first 32 fraction bits of the square or cube roots of the first primes: how FIPS 180-4 defines its
/// constants.
private func primeFractions(_ count: Int, cube: Bool) -> [UInt32] {
  let primes = (2...400).filter { number in !(2..<number).contains { number % $0 == 0 } }.prefix(count)
  return primes.map { prime in
    // The largest r with r^n ≤ prime · 2^(32n), found bit by bit; its low 32 bits are the fraction.
    var low: UInt64 = 0
    for bit in stride(from: 35, through: 0, by: -1) {
      let candidate = low | 1 << UInt64(bit)
      if power(candidate, cube ? 3 : 2, isAtMost: UInt64(prime), shift: cube ? 96 : 64) { low = candidate }
    }
    return UInt32(truncatingIfNeeded: low)
  }
}

/// Whether `base^exponent ≤ prime · 2^shift`. The base is under 2³⁶, so that its cube fits 128 bits.
private func power(_ base: UInt64, _ exponent: Int, isAtMost prime: UInt64, shift: Int) -> Bool {
  var value = UInt128(base)
  for _ in 1..<exponent { value *= UInt128(base) }
  return value <= UInt128(prime) << UInt128(shift)
}

private let constants = primeFractions(64, cube: true)
private let initial = primeFractions(8, cube: false)

private func sha256(_ bytes: [UInt8]) -> [UInt8] {
  var state = initial
  let data = padded(bytes, bigEndian: true)
  for block in stride(from: 0, to: data.count, by: 64) {
    var words = (0..<16).map { index in
      (0..<4).reduce(UInt32(0)) { $0 << 8 | UInt32(data[block + index * 4 + $1]) }
    }
    for index in 16..<64 {
      let a = words[index - 15]
      let b = words[index - 2]
      let low = rotated(a, 25) ^ rotated(a, 14) ^ (a >> 3)
      let high = rotated(b, 15) ^ rotated(b, 13) ^ (b >> 10)
      words.append(words[index - 16] &+ low &+ words[index - 7] &+ high)
    }
    var v = state
    for index in 0..<64 {
      let e = v[4]
      let a = v[0]
      let sum1 = rotated(e, 26) ^ rotated(e, 21) ^ rotated(e, 7)
      let first = v[7] &+ sum1 &+ ((e & v[5]) ^ (~e & v[6])) &+ constants[index] &+ words[index]
      let sum0 = rotated(a, 30) ^ rotated(a, 19) ^ rotated(a, 10)
      let second = sum0 &+ ((a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]))
      v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
    }
    for index in 0..<8 { state[index] = state[index] &+ v[index] }
  }
  return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * $0)) } }
}

/// Rotates left.
private func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }

/// ⌊2³² · |sin i|⌋ for i = 1…64 (RFC 1321 §3.4).
private let sines: [UInt32] = [
  0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
  0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
  0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
  0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
  0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
  0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
  0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
  0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
]

private func md5(_ bytes: [UInt8]) -> [UInt8] {
  let shifts: [[UInt32]] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]]
  var state: [UInt32] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476]
  let data = padded(bytes, bigEndian: false)
  for block in stride(from: 0, to: data.count, by: 64) {
    let words = (0..<16).map { index in
      (0..<4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32(data[block + index * 4 + $1]) }
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    for index in 0..<64 {
      let (mix, word) =
        switch index / 16 {
        case 0: ((b & c) | (~b & d), index)
        case 1: ((d & b) | (~d & c), (5 * index + 1) % 16)
        case 2: (b ^ c ^ d, (3 * index + 5) % 16)
        default: (c ^ (b | ~d), 7 * index % 16)
        }
      let sum = a &+ mix &+ sines[index] &+ words[word]
      (a, d, c, b) = (d, c, b, b &+ rotated(sum, shifts[index / 16][index % 4]))
    }
    state = [state[0] &+ a, state[1] &+ b, state[2] &+ c, state[3] &+ d]
  }
  return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
}
