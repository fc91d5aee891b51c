import Glibc

/// The searchable text of a device's channels in one run of bytes, scanned at memory speed.
///
/// 100 000 channels are some 10 MB: a scan takes a few milliseconds and needs no
/// structure to keep up to date.
struct SearchText: Sendable {
  private let text: [UInt8]
  /// Where the text of each channel begins; one more at the end.
  private let starts: [Int]

  init(_ channels: [Channel]) {
    var text: [UInt8] = []
    var starts: [Int] = []
    text.reserveCapacity(channels.count * 96)
    starts.reserveCapacity(channels.count + 1)
    for channel in channels {
      starts.append(text.count)
      for part in [channel.name, channel.catalogName, channel.key.description, channel.address ?? ""] {
        text.append(contentsOf: part.lowercased().utf8)
        // Nothing that people type contains it, so no match runs over the border.
        text.append(0)
      }
    }
    starts.append(text.count)
    (self.text, self.starts) = (text, starts)
  }

  /// The positions of the channels whose text contains `needle`, which is in lower case, ascending.
  func positions(containing needle: [UInt8]) -> [Int] {
    guard let first = needle.first, first != 0 else { return Array(0..<starts.count - 1) }
    var found: [Int] = []
    var channel = 0
    var from = 0
    unsafe text.withUnsafeBufferPointer { text in
      guard let base = text.baseAddress else { return }
      while from + needle.count <= text.count,
        let hit = unsafe memchr(base + from, Int32(first), text.count - needle.count + 1 - from)
      {
        let offset = unsafe UnsafeRawPointer(hit) - UnsafeRawPointer(base)
        from = offset + 1
        guard unsafe memcmp(base + offset, needle, needle.count) == 0 else { continue }
        while channel + 1 < starts.count, starts[channel + 1] <= offset { channel += 1 }
        found.append(channel)
        // One hit per channel is enough.
        from = starts[channel + 1]
      }
    }
    return found
  }
}
