import Foundation
import LoadGenerator
import Synchronization

/// When each picture of a stream was at a viewer, told apart by its bytes: levels repack a picture and do not change
/// it, so that the same picture can be found at each of them.
final class FrameTimes: Sendable {
  private struct State {
    var seen: [UInt64: Int64] = [:]
    var isOver = false
  }

  private let state = Mutex(State())

  /// Watches on a thread of its own.
  init(_ http: LocalHTTP, _ path: String) {
    Thread.detachNewThread { [self] in
      var boxes = BoxSplitter()
      try? http.follow(path) { bytes in
        let now = loadClock()
        let pictures = boxes.feed(bytes)
        return state.withLock { state in
          for picture in pictures where state.seen[picture] == nil { state.seen[picture] = now }
          return !state.isOver
        }
      }
    }
  }

  /// Forgets what was seen so far.
  func begin() { state.withLock { $0.seen = [:] } }

  /// Ends watching.
  ///
  /// - Returns: ``loadClock()`` of each picture, by its content.
  func end() -> [UInt64: Int64] {
    state.withLock { state in
      state.isOver = true
      return state.seen
    }
  }
}

/// Finds the media of fragments in a stream of MP4 boxes.
struct BoxSplitter {
  private var buffer: [UInt8] = []

  /// - Returns: a hash of each `mdat` that is complete now.
  mutating func feed(_ bytes: ArraySlice<UInt8>) -> [UInt64] {
    buffer.append(contentsOf: bytes)
    var found: [UInt64] = []
    var position = 0
    while buffer.count - position >= 8 {
      let size = buffer[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      guard size >= 8, buffer.count - position >= size else { break }
      if buffer[position + 4..<position + 8].elementsEqual("mdat".utf8) {
        found.append(Self.hash(buffer[position + 8..<position + size]))
      }
      position += size
    }
    buffer.removeFirst(position)
    return found
  }

  /// FNV-1a.
  private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
