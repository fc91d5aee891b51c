import LogTree

/// The hashes of the full subtrees of 1, 256, 65 536, … entries, one file for each size, in order: 256 of them are a
/// tile. And where every 256th entry stands. All of it can be made again from the entries.
struct HashTiles {
  static let width: UInt64 = 256
  /// Bits of a level of subtrees between two files.
  static let step = 8
  private static let levels = 5

  private let files: [LogFile]
  private let places: LogFile

  init(folder: String) throws(LogStoreError) {
    var files: [LogFile] = []
    for level in 0..<Self.levels { files.append(try LogFile("\(folder)/tiles.\(level)")) }
    self.files = files
    places = try LogFile("\(folder)/places")
  }

  /// Bytes that follow one another in a file, and the number of the first item.
  struct Run {
    var first: UInt64 = 0
    var bytes: [UInt8] = []
  }

  /// What a batch adds.
  struct Additions {
    /// By file.
    private(set) var hashes = [Run](repeating: Run(), count: HashTiles.levels)
    private(set) var places = Run()

    mutating func add(_ place: LogPlace, _ hash: LogHash) {
      let level = place.level / HashTiles.step
      guard place.level % HashTiles.step == 0, level < HashTiles.levels else { return }
      if hashes[level].bytes.isEmpty { hashes[level].first = place.index }
      hash.append(to: &hashes[level].bytes)
    }

    mutating func add(entry index: UInt64, at offset: Int64) {
      guard index % HashTiles.width == 0 else { return }
      if places.bytes.isEmpty { places.first = index / HashTiles.width }
      for shift in stride(from: 56, through: 0, by: -8) {
        places.bytes.append(UInt8(truncatingIfNeeded: offset >> Int64(shift)))
      }
    }
  }

  func write(_ additions: Additions) throws(LogStoreError) {
    for (file, run) in zip(files, additions.hashes) where !run.bytes.isEmpty {
      try file.write(run.bytes, at: Int64(run.first) * Int64(LogHash.count))
    }
    let run = additions.places
    if !run.bytes.isEmpty { try places.write(run.bytes, at: Int64(run.first) * 8) }
  }

  func sync() throws(LogStoreError) {
    for file in files { try file.sync() }
    try places.sync()
  }

  /// Forgets everything that a log of `size` entries does not have.
  /// - Returns: whether all that it has is there.
  func cut(to size: UInt64) throws(LogStoreError) -> Bool {
    var isWhole = true
    for (level, file) in files.enumerated() {
      isWhole =
        try Self.cut(file, to: Int64(size >> UInt64(level * Self.step)) * Int64(LogHash.count)) && isWhole
    }
    return try Self.cut(places, to: Int64((size + Self.width - 1) / Self.width) * 8) && isWhole
  }

  private static func cut(_ file: LogFile, to wanted: Int64) throws(LogStoreError) -> Bool {
    let length = try file.length()
    if length > wanted { try file.truncate(to: wanted) }
    return length >= wanted
  }

  /// Where the entry that begins the tile `index` belongs to stands.
  func place(ofTile index: UInt64) throws(LogStoreError) -> Int64 {
    let bytes = try places.read(at: Int64(index) * 8, count: 8)
    guard bytes.count == 8 else { throw LogStoreError(.range, "There is no entry \(index * Self.width).") }
    return bytes.reduce(0) { $0 << 8 | Int64($1) }
  }

  /// The hash of a full subtree, put together from the file at or below its size.
  func hash(_ place: LogPlace, hasher: LogHasher) throws(LogStoreError) -> LogHash? {
    let level = min(place.level / Self.step, Self.levels - 1)
    let above = place.level - level * Self.step
    let count = 1 << above
    let bytes = try files[level].read(
      at: Int64(place.index << UInt64(above)) * Int64(LogHash.count), count: count * LogHash.count)
    guard bytes.count == count * LogHash.count else { return nil }
    var hashes = stride(from: 0, to: bytes.count, by: LogHash.count).compactMap {
      LogHash(bytes[$0..<($0 + LogHash.count)])
    }
    while hashes.count > 1 {
      hashes = stride(from: 0, to: hashes.count, by: 2).map { hasher.node(hashes[$0], hashes[$0 + 1]) }
    }
    return hashes.first
  }
}
