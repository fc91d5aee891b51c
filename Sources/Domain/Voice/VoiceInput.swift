import MPEGCore

/// How a microphone's samples come: mono, 8 000 a second.
public enum VoiceInput: String, Sendable, Hashable, CaseIterable {
  /// Two bytes a sample, little-endian; what a browser sends.
  case pcm16
  case pcma
  case pcmu

  /// The samples in some bytes; half a sample at the end is left out.
  public func samples(_ bytes: some RandomAccessCollection<UInt8>) -> [Int16] {
    switch self {
    case .pcm16:
      var samples: [Int16] = []
      samples.reserveCapacity(bytes.count / 2)
      var iterator = bytes.makeIterator()
      while let low = iterator.next(), let high = iterator.next() {
        samples.append(Int16(bitPattern: UInt16(low) | UInt16(high) << 8))
      }
      return samples
    case .pcma: return bytes.map { G711.aLaw[Int($0)] }
    case .pcmu: return bytes.map { G711.muLaw[Int($0)] }
    }
  }

  /// The bytes of samples as a browser takes them.
  public static func bytes(_ samples: [Int16]) -> [UInt8] {
    samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
  }
}
