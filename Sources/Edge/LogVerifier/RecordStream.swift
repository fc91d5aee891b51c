/// The records of a file of entries as raw pieces; what they mean is for others to say.
///
/// Two bytes of length, the entry, four bytes of check; then the same for what stands beside it (docs/ref/access-log.md).
struct RecordStream {
  struct Piece: Sendable {
    var offset: Int64
    var entry: [UInt8]
    var entryCheck: [UInt8]
    var beside: [UInt8]
    var besideCheck: [UInt8]
  }

  private let file: FileBytes
  private(set) var offset: Int64
  private var buffer: [UInt8] = []
  private var place = 0
  private var isAtEnd = false

  init(_ file: FileBytes, offset: Int64) { (self.file, self.offset) = (file, offset) }

  /// Bytes that are left behind the last whole record. Known when ``next()`` gave nil.
  var rest: Int { buffer.count - place }

  /// Nil at the end, or when what is left is no whole record.
  mutating func next() -> Piece? {
    let start = place
    guard let (entry, entryCheck) = part(), let (beside, besideCheck) = part() else {
      place = start
      return nil
    }
    defer { offset += Int64(place - start) }
    return Piece(
      offset: offset, entry: entry, entryCheck: entryCheck, beside: beside, besideCheck: besideCheck)
  }

  private mutating func part() -> (bytes: [UInt8], check: [UInt8])? {
    guard fill(2) else { return nil }
    let count = Int(buffer[place]) * 256 + Int(buffer[place + 1])
    guard fill(2 + count + 4) else { return nil }
    let middle = place + 2 + count
    defer { place = middle + 4 }
    return (Array(buffer[(place + 2)..<middle]), Array(buffer[middle..<(middle + 4)]))
  }

  /// Whether so many bytes are there. Bytes of the record that has begun are kept.
  private mutating func fill(_ count: Int) -> Bool {
    while buffer.count - place < count, !isAtEnd {
      let more = file.next(1 << 20)
      isAtEnd = more.isEmpty
      buffer += more
    }
    return buffer.count - place >= count
  }

  /// Forgets what was read, between two records.
  mutating func trim() {
    guard place > 1 << 20 else { return }
    buffer.removeFirst(place)
    place = 0
  }
}
