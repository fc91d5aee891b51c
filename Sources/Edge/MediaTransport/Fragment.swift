import CMediaIO
import Glibc
import MPEGCore
import WireBytes

/// One message to viewers, framed once for all of them: a media fragment, an initialisation segment or a text.
///
/// ```text
///   storage:  [WebSocket head][ header ][chunk head][ header ]     payload (by reference)
///              └── webSocket ─────────┘ └── chunked ─────────┘
///                              └ raw ─┘
/// ```
/// The header bytes lie twice in `storage` so that each framing is one run of
/// bytes followed by the payload; a hundred bytes per frame buy one element less
/// in every gathered write.
final class Fragment {
  enum Kind: Equatable {
    case media
    /// What a decoder needs for the fragments behind it.
    case initialization(version: Int)
    case control
    /// Nothing follows.
    case end
  }

  private let storage: SharedBytes
  private let webSocket: Range<Int>
  private let chunked: Range<Int>
  private let raw: Range<Int>
  private let payload: SharedBytes?
  let kind: Kind
  /// The number of the group of pictures this belongs to.
  let group: UInt64

  private static let lineEnd = SharedBytes([13, 10])

  private init(
    _ storage: [UInt8], webSocket: Range<Int>, chunked: Range<Int>, raw: Range<Int>,
    payload: SharedBytes? = nil,
    kind: Kind, group: UInt64 = 0
  ) {
    self.storage = SharedBytes(storage)
    (self.webSocket, self.chunked, self.raw) = (webSocket, chunked, raw)
    self.payload = payload
    self.kind = kind
    self.group = group
  }

  /// A fragment or an initialisation segment: `header`, then `payload`, as one binary message.
  static func binary(header: [UInt8], payload: SharedBytes?, kind: Kind, group: UInt64) -> Fragment {
    let length = header.count + (payload?.count ?? 0)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(2 * header.count + 32)
    WebSocketFrame.appendHead(opcode: .binary, length: length, to: &bytes)
    let body = bytes.count
    bytes += header
    let chunk = bytes.count
    bytes += chunkHead(length)
    bytes += header
    return Fragment(
      bytes, webSocket: 0..<chunk, chunked: chunk..<bytes.count, raw: body..<chunk, payload: payload,
      kind: kind,
      group: group)
  }

  /// A text that only WebSocket viewers get.
  static func text(_ text: String) -> Fragment { frame(.text, Array(text.utf8)) }

  /// One WebSocket frame; other viewers get nothing.
  static func frame(_ opcode: WebSocketFrame.Opcode, _ content: [UInt8], kind: Kind = .control) -> Fragment {
    var bytes: [UInt8] = []
    WebSocketFrame.appendHead(opcode: opcode, length: content.count, to: &bytes)
    bytes += content
    return Fragment(bytes, webSocket: 0..<bytes.count, chunked: 0..<0, raw: 0..<0, kind: kind)
  }

  /// The end of the stream: a close frame, the last chunk, or nothing.
  static func end(code: UInt16) -> Fragment {
    var bytes: [UInt8] = []
    WebSocketFrame.appendHead(opcode: .close, length: 2, to: &bytes)
    bytes += [UInt8(code >> 8), UInt8(code & 0xff)]
    let close = bytes.count
    bytes += Array("0\r\n\r\n".utf8)
    return Fragment(bytes, webSocket: 0..<close, chunked: close..<bytes.count, raw: 0..<0, kind: .end)
  }

  /// Bytes that every viewer gets as they are: the head of the HTTP answer.
  static func verbatim(_ bytes: [UInt8]) -> Fragment {
    Fragment(
      bytes, webSocket: 0..<bytes.count, chunked: 0..<bytes.count, raw: 0..<bytes.count, kind: .control)
  }

  private static func chunkHead(_ length: Int) -> [UInt8] { Array((String(length, radix: 16) + "\r\n").utf8) }

  private func range(_ framing: ViewerFraming) -> Range<Int> {
    switch framing {
    case .webSocket: webSocket
    case .chunkedHTTP: chunked
    case .raw: raw
    }
  }

  /// Whether a chunk must be closed with a line end. Control bytes and the end carry their own.
  private func needsLineEnd(_ framing: ViewerFraming) -> Bool {
    guard framing == .chunkedHTTP else { return false }
    switch kind {
    case .media, .initialization: return true
    case .control, .end: return false
    }
  }

  /// Bytes on the wire.
  func byteCount(_ framing: ViewerFraming) -> Int {
    let body = range(framing).count + (payload?.count ?? 0)
    return needsLineEnd(framing) ? body + 2 : body
  }

  /// Adds everything behind the first `offset` bytes to a gathered write.
  func gather(_ framing: ViewerFraming, from offset: Int, into gather: inout Gather) {
    var skip = offset
    let range = range(framing)
    gather.add(UnsafeRawBufferPointer(rebasing: storage.pointer[range]), skipping: &skip)
    if let payload { gather.add(payload.pointer, skipping: &skip) }
    if needsLineEnd(framing) { gather.add(Self.lineEnd.pointer, skipping: &skip) }
  }
}

/// The parts of one gathered write, in memory that a media thread owns.
struct Gather {
  /// Parts in one write; a fragment needs at most three.
  static let capacity = 384
  /// Bytes after which no further fragment is added: a socket rarely takes more at once.
  static let enough = 512 << 10

  let parts: UnsafeMutablePointer<iovec>
  private(set) var count = 0
  private(set) var bytes = 0

  init(parts: UnsafeMutablePointer<iovec>) { self.parts = parts }

  var isFull: Bool { count + 3 > Self.capacity || bytes >= Self.enough }

  mutating func reset() { (count, bytes) = (0, 0) }

  mutating func add(_ part: UnsafeRawBufferPointer, skipping skip: inout Int) {
    guard skip < part.count else {
      skip -= part.count
      return
    }
    guard let base = part.baseAddress else { return }
    parts[count] = iovec(iov_base: UnsafeMutableRawPointer(mutating: base + skip), iov_len: part.count - skip)
    bytes += part.count - skip
    count += 1
    skip = 0
  }
}
