import COpenSSL

/// Unpredictable bytes from libcrypto's generator, seeded by the kernel.
public enum SecureRandom {
  public static func bytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard count > 0 else { return bytes }
    // Going on with predictable tokens would be worse than stopping.
    precondition(
      RAND_bytes(&bytes, Int32(clamping: count)) == 1, "the system's random generator does not work")
    return bytes
  }
}
