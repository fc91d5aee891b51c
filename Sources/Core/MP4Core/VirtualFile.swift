/// A file that does not exist as such: bytes in memory followed by ranges of other files.
public struct VirtualFile: Sendable {
  public enum Content: Sendable {
    case memory(ArraySlice<UInt8>)
    /// Bytes from `offset` of the file that the builder was given as `index`.
    case file(index: Int, offset: Int64)
  }

  public struct Piece: Sendable {
    /// Position in the virtual file.
    public var start: Int64
    public var length: Int64
    public var content: Content
  }

  /// Ascending, without holes.
  public private(set) var pieces: [Piece] = []
  public private(set) var byteCount: Int64 = 0

  public init() {}

  mutating func append(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    pieces.append(Piece(start: byteCount, length: Int64(bytes.count), content: .memory(bytes[...])))
    byteCount += Int64(bytes.count)
  }

  /// Adds a range of a file; one that continues the piece before is merged with it.
  mutating func append(file index: Int, offset: Int64, length: Int64) {
    guard length > 0 else { return }
    if let last = pieces.last, case .file(index, let begin) = last.content, begin + last.length == offset {
      pieces[pieces.count - 1].length += length
    } else {
      pieces.append(Piece(start: byteCount, length: length, content: .file(index: index, offset: offset)))
    }
    byteCount += length
  }

  /// The pieces that make up `range`, cut to it; what lies outside the file is left out.
  public func pieces(in range: Range<Int64>) -> [Piece] {
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty else { return [] }
    var low = 0
    var high = pieces.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if pieces[middle].start <= range.lowerBound { low = middle } else { high = middle }
    }
    var result: [Piece] = []
    for piece in pieces[low...] {
      guard piece.start < range.upperBound else { break }
      let start = max(piece.start, range.lowerBound)
      let length = min(piece.start + piece.length, range.upperBound) - start
      let skip = start - piece.start
      switch piece.content {
      case .memory(let bytes):
        let first = bytes.startIndex + Int(skip)
        result.append(
          Piece(start: start, length: length, content: .memory(bytes[first..<first + Int(length)])))
      case .file(let index, let offset):
        result.append(
          Piece(start: start, length: length, content: .file(index: index, offset: offset + skip)))
      }
    }
    return result
  }
}
