public import MediaTime

/// Who a disk of recordings is, wherever it is mounted: what its marker file says.
public struct DiskID: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Sixteen lower-case hexadecimal digits.
  public let text: String

  /// - Returns: nil for anything but sixteen lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 16,
      text.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
    else { return nil }
    self.text = String(text)
  }

  /// - Parameter bits: from a random source; 0 is taken for 1, because 0 is ``former``.
  public init(bits: UInt64) {
    let digits = String(max(bits, 1), radix: 16)
    text = String(repeating: "0", count: 16 - digits.count) + digits
  }

  private init(verbatim text: String) { self.text = text }

  /// The one recordings directory of an index from before disks were told apart, until a disk claims it.
  public static let former = DiskID(verbatim: "0000000000000000")

  public var description: String { text }

  public static func < (left: DiskID, right: DiskID) -> Bool { left.text < right.text }
}

/// A disk that the index knows, there or not.
public struct KnownDisk: Sendable, Hashable {
  public var id: DiskID
  /// Where it was mounted last; empty when it never was.
  public var directory: String
  /// When it was attached there.
  public var attached: WallTime
  /// Files of the index that lie on it, those marked for deletion left out.
  public var segments: Int
  public var bytes: Int64

  public init(id: DiskID, directory: String, attached: WallTime, segments: Int = 0, bytes: Int64 = 0) {
    (self.id, self.directory, self.attached) = (id, directory, attached)
    (self.segments, self.bytes) = (segments, bytes)
  }
}
