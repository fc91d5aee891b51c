/// The streams of one media thread by SSRC: open addressing, looked at once per packet.
struct SSRCTable {
  private var keys: [UInt32] = Array(repeating: 0, count: 16)
  private var values: [MediaStream?] = Array(repeating: nil, count: 16)
  private(set) var count = 0

  private func start(_ ssrc: UInt32) -> Int {
    Int(truncatingIfNeeded: (UInt64(ssrc) &* 0x9E37_79B9_7F4A_7C15) >> 40) & (keys.count - 1)
  }

  subscript(ssrc: UInt32) -> MediaStream? {
    var index = start(ssrc)
    while let stream = values[index] {
      if keys[index] == ssrc { return stream }
      index = (index + 1) & (keys.count - 1)
    }
    return nil
  }

  mutating func insert(_ stream: MediaStream, at ssrc: UInt32) {
    if (count + 1) * 2 > keys.count { rebuild(capacity: keys.count * 2) { _ in true } }
    var index = start(ssrc)
    while values[index] != nil, keys[index] != ssrc { index = (index + 1) & (keys.count - 1) }
    if values[index] == nil { count += 1 }
    keys[index] = ssrc
    values[index] = stream
  }

  /// Removes every entry of `stream`.
  mutating func remove(_ stream: MediaStream) {
    rebuild(capacity: keys.count) { $0 !== stream }
  }

  private mutating func rebuild(capacity: Int, keeping keep: (MediaStream) -> Bool) {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: capacity)
    values = Array(repeating: nil, count: capacity)
    count = 0
    for (ssrc, stream) in zip(oldKeys, oldValues) {
      guard let stream, keep(stream) else { continue }
      insert(stream, at: ssrc)
    }
  }
}
