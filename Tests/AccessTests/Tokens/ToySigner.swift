/// A hash and signatures that are good for tests alone: whoever knows the key can sign.
enum ToySigner {
  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    (0..<4).flatMap { lane -> [UInt8] in
      var hash = UInt64(0xcbf2_9ce4_8422_2325) &+ UInt64(lane) &* 0x9e37_79b9_7f4a_7c15
      for byte in bytes {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
        hash ^= hash >> 29
      }
      return (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) }
    }
  }

  static func sign(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] { sha256(key + message + key) }

  static func verify(_ signature: [UInt8], _ message: [UInt8], _ key: [UInt8]) -> Bool {
    sign(message, key) == signature
  }
}
