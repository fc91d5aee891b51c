/// Why a file could not be read.
public enum MP4Error: Error, Sendable, Hashable {
  /// The storage below failed or ended early.
  case unreadable(offset: Int64)
  /// A box contradicts itself or its surroundings.
  case malformed(box: FourCC, offset: Int64)
  /// A named limit of ``MP4Limits`` was passed.
  case tooLarge(box: FourCC, offset: Int64)
  /// No complete `moov` with a track we know.
  case noMovie
}

/// The bounds of the reader. Every length in a file is checked against these and against the bytes present.
public enum MP4Limits {
  /// Bytes of `moov`.
  public static let movie = 64 << 20
  /// Bytes of one `moof`: 16 per sample.
  public static let fragment = 4 << 20
  /// Samples of one fragment.
  public static let samplesPerFragment = 65_536
  /// Samples of one file.
  public static let samplesPerFile = 8 << 20
  /// Boxes at the top level of a file.
  public static let topLevelBoxes = 1 << 20
  /// Tracks of a file.
  public static let tracks = 16
  /// Bytes of our `uuid` box.
  public static let metadata = 64 << 10
}

/// Random access to the bytes of a file.
public struct MP4Source {
  /// Bytes in all.
  public let size: Int64
  /// Exactly `length` bytes from `offset`; never asked beyond ``size``.
  public let read: (_ offset: Int64, _ length: Int) throws(MP4Error) -> [UInt8]

  public init(size: Int64, read: @escaping (_ offset: Int64, _ length: Int) throws(MP4Error) -> [UInt8]) {
    self.size = size
    self.read = read
  }

  /// The bytes in memory.
  public init(_ bytes: [UInt8]) {
    self.init(size: Int64(bytes.count)) { offset, length throws(MP4Error) in
      guard offset >= 0, length >= 0, offset <= Int64(bytes.count) - Int64(length) else {
        throw .unreadable(offset: offset)
      }
      return Array(bytes[Int(offset)..<Int(offset) + length])
    }
  }
}
