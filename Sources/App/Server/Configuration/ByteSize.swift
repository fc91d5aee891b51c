/// A number of bytes as people write it: `1073741824`, `500MiB`, `2TB`.
struct ByteSize: Equatable {
  var bytes: Int64

  init(bytes: Int64) { self.bytes = bytes }

  private static let units: [(name: String, bytes: Int64)] = [
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40),
    ("kB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
  ]

  /// - Returns: nil for anything but a whole number and a unit, or a size beyond 8 EiB.
  init?(_ text: String) {
    let unit = Self.units.first { text.hasSuffix($0.name) }
    let digits = text.dropLast(unit?.name.count ?? 0).trimmed
    guard let count = Int64(digits), count >= 0 else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: unit?.bytes ?? 1)
    guard !overflow else { return nil }
    self.bytes = bytes
  }
}
