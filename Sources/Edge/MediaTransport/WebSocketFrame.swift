/// The frames of RFC 6455 that a sender of media needs.
enum WebSocketFrame {
  enum Opcode: UInt8 {
    case continuation = 0
    case text = 1
    case binary = 2
    case close = 8
    case ping = 9
    case pong = 10
  }

  /// Appends the head of an unfragmented, unmasked frame (§5.2).
  static func appendHead(opcode: Opcode, length: Int, to bytes: inout [UInt8]) {
    bytes.append(0x80 | opcode.rawValue)
    if length < 126 {
      bytes.append(UInt8(length))
    } else if length <= 0xffff {
      bytes += [126, UInt8(length >> 8), UInt8(length & 0xff)]
    } else {
      bytes.append(127)
      for shift in stride(from: 56, through: 0, by: -8) {
        bytes.append(UInt8(truncatingIfNeeded: length >> shift))
      }
    }
  }
}

/// Reads what a viewer sends: pings, a close, and data that nobody asked for. Total and bounded.
///
/// ```text
///   head ──2 bytes──► extended length ──► mask ──► content ──► head
///     └── unmasked, reserved bits, long control frame, too much data ──► violation (final)
/// ```
struct WebSocketInput {
  /// Data bytes accepted in one message; viewers have nothing to say.
  static let maximumMessage = 4_096
  /// Bytes accepted over the life of a connection: a ping a second for months.
  static let maximumTotal: UInt64 = 1 << 30

  enum Message: Equatable {
    case ping([UInt8])
    case close(code: UInt16)
    /// Not RFC 6455, or more than a viewer may say. The connection must be closed with this code.
    case violation(code: UInt16)
  }

  private enum State {
    case head
    case length(count: Int)
    case mask
    case content
    case failed
  }

  private var state = State.head
  private var field: [UInt8] = []
  private var opcode: UInt8 = 0
  private var remaining = 0
  private var mask: [UInt8] = [0, 0, 0, 0]
  private var position = 0
  private var control: [UInt8] = []
  private var messageBytes = 0
  private var total: UInt64 = 0

  init() {}

  /// Takes the next bytes and reports what is complete.
  mutating func feed(_ bytes: Span<UInt8>) -> [Message] {
    var messages: [Message] = []
    total += UInt64(bytes.count)
    if total > Self.maximumTotal { fail(1009, &messages) }
    for index in bytes.indices { step(bytes[index], &messages) }
    return messages
  }

  private var isControl: Bool { opcode >= 8 }

  private mutating func fail(_ code: UInt16, _ messages: inout [Message]) {
    if case .failed = state { return }
    state = .failed
    messages.append(.violation(code: code))
  }

  private mutating func step(_ byte: UInt8, _ messages: inout [Message]) {
    switch state {
    case .head:
      field.append(byte)
      if field.count == 2 { takeHead(&messages) }
    case .length(let count):
      field.append(byte)
      guard field.count == count else { return }
      let length = field.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      field = []
      begin(length, &messages)
    case .mask:
      field.append(byte)
      guard field.count == 4 else { return }
      mask = field
      field = []
      if remaining == 0 { finish(&messages) } else { state = .content }
    case .content:
      if isControl { control.append(byte ^ mask[position & 3]) }
      position += 1
      remaining -= 1
      if remaining == 0 { finish(&messages) }
    case .failed:
      return
    }
  }

  private mutating func takeHead(_ messages: inout [Message]) {
    let (first, second) = (field[0], field[1])
    field = []
    opcode = first & 0x0f
    let length = Int(second & 0x7f)
    let isKnown = WebSocketFrame.Opcode(rawValue: opcode) != nil
    guard first & 0x70 == 0, second & 0x80 != 0, isKnown, !isControl || (length < 126 && first & 0x80 != 0)
    else {
      return fail(1002, &messages)
    }
    if opcode == 1 || opcode == 2 { messageBytes = 0 }
    switch length {
    case 126: state = .length(count: 2)
    case 127: state = .length(count: 8)
    default: begin(UInt64(length), &messages)
    }
  }

  private mutating func begin(_ length: UInt64, _ messages: inout [Message]) {
    if !isControl {
      guard length <= UInt64(Self.maximumMessage - messageBytes) else { return fail(1009, &messages) }
      messageBytes += Int(length)
    }
    remaining = Int(length)
    position = 0
    control = []
    state = .mask
  }

  private mutating func finish(_ messages: inout [Message]) {
    state = .head
    switch WebSocketFrame.Opcode(rawValue: opcode) {
    case .ping: messages.append(.ping(control))
    case .close:
      let code = control.count >= 2 ? UInt16(control[0]) << 8 | UInt16(control[1]) : 1000
      messages.append(.close(code: code))
    case .pong, .text, .binary, .continuation, nil: break
    }
  }
}
