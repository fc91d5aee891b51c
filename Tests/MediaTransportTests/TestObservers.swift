import Glibc
import MPEGCore
import MediaTransport
import Streaming
import Synchronization

/// Everything that the plane reported.
final class EventLog: Sendable {
  private let log = Mutex<[MediaEvent]>([])

  var handler: @Sendable (MediaEvent) -> Void { { [self] event in log.withLock { $0.append(event) } } }
  var events: [MediaEvent] { log.withLock { $0 } }

  func contains(_ predicate: (MediaEvent) -> Bool) -> Bool { events.contains(where: predicate) }
}

/// Keeps all it gets.
final class CollectingSink: StreamSink {
  struct Record {
    var formats: [[TrackFormat]] = []
    var units: [AccessUnit] = []
    var end: StreamEnd?
  }

  private let state = Mutex(Record())

  var record: Record { state.withLock { $0 } }
  var pictures: [AccessUnit] { record.units.filter(\.codec.isVideo) }

  func formatsChanged(_ formats: [TrackFormat]) { state.withLock { $0.formats.append(formats) } }
  func receive(_ units: [AccessUnit]) { state.withLock { $0.units += units } }
  func ended(_ reason: StreamEnd) { state.withLock { $0.end = reason } }
}

/// The far end of a viewer's socket.
final class TestViewer: @unchecked Sendable {
  // Proof for @unchecked: used by one test at a time; nothing runs in the background.
  /// The end to give to the plane, which owns it then.
  let given: Int32
  private var own: Int32
  private(set) var bytes: [UInt8] = []
  private(set) var isClosed = false

  struct Message: Equatable {
    var opcode: UInt8
    var content: [UInt8]
    var text: String { String(decoding: content, as: UTF8.self) }
  }

  init(bufferBytes: Int32? = nil) {
    var pair: [Int32] = [-1, -1]
    socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
    (given, own) = (pair[0], pair[1])
    _ = fcntl(own, F_SETFL, O_NONBLOCK)
    if var size = bufferBytes {
      setsockopt(own, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  deinit { hangUp() }

  func hangUp() {
    if own >= 0 { close(own) }
    own = -1
  }

  func send(_ content: [UInt8]) { _ = Glibc.send(own, content, content.count, Int32(MSG_NOSIGNAL)) }

  /// A client's frame: masked.
  func sendFrame(_ opcode: UInt8, _ content: [UInt8]) {
    let mask: [UInt8] = [1, 2, 3, 4]
    send(
      [0x80 | opcode, 0x80 | UInt8(content.count)] + mask + content.enumerated().map { $1 ^ mask[$0 & 3] })
  }

  /// Reads what is there.
  @discardableResult
  func read() -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while own >= 0 {
      let count = Glibc.read(own, &buffer, buffer.count)
      if count == 0 { isClosed = true }
      guard count > 0 else { return total }
      bytes += buffer[..<count]
      total += count
    }
    return total
  }

  private var parsed: [Message] = []
  private var parsedBytes = 0

  /// The complete WebSocket messages so far, behind `skip` bytes of answer head.
  func messages(skipping skip: Int = 0) -> [Message] {
    read()
    if parsedBytes == 0 { parsedBytes = skip }
    while let (message, end) = message(at: parsedBytes) {
      parsed.append(message)
      parsedBytes = end
    }
    return parsed
  }

  private func message(at position: Int) -> (Message, end: Int)? {
    if bytes.count - position < 2 { return nil }
    var length = Int(bytes[position + 1] & 0x7f)
    var head = 2
    if length >= 126 {
      head = length == 126 ? 4 : 10
      guard bytes.count - position >= head else { return nil }
      length = bytes[position + 2..<position + head].reduce(0) { $0 << 8 | Int($1) }
    }
    let end = position + head + length
    guard bytes.count >= end else { return nil }
    return (Message(opcode: bytes[position] & 0x0f, content: Array(bytes[position + head..<end])), end)
  }

  /// The body of a chunked answer behind `skip` bytes of head, and whether the last chunk came.
  func body(skipping skip: Int = 0) -> (bytes: [UInt8], isComplete: Bool) {
    read()
    var result: [UInt8] = []
    var position = skip
    while let end = bytes[min(position, bytes.count)...].firstIndex(of: 13), end + 1 < bytes.count {
      guard let length = Int(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16) else { break }
      if length == 0 { return (result, true) }
      guard bytes.count >= end + 2 + length + 2 else { break }
      result += bytes[end + 2..<end + 2 + length]
      position = end + 2 + length + 2
    }
    return (result, false)
  }
}

extension TestViewer.Message {
  /// Whether a fragment's only sample is a picture that decoding can start at (the flags of `trun`).
  var isKeyPicture: Bool {
    opcode == 2 && content.count > 112 && content[4..<8].elementsEqual(Array("moof".utf8))
      && content[47] == 1 && content[96] == 2
  }
  var isPicture: Bool {
    opcode == 2 && content.count > 112 && content[4..<8].elementsEqual(Array("moof".utf8)) && content[47] == 1
  }
}
