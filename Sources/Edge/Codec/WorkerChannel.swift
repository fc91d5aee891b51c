import Glibc

/// Whole messages over a connected socket or pipe, blocking.
///
/// One thread may read while another writes.
struct WorkerChannel: Sendable {
  let input: Int32
  let output: Int32

  /// The next message; nil at the end of the stream or at bytes that are no message.
  func read() -> WorkerMessage? {
    guard let head = bytes(4) else { return nil }
    let length = Int(head[0]) << 24 | Int(head[1]) << 16 | Int(head[2]) << 8 | Int(head[3])
    guard length > 0, length <= WorkerMessage.maximumLength, let body = bytes(length) else { return nil }
    return WorkerMessage(body)
  }

  /// Sends a message; false when the other side is gone.
  func write(_ message: WorkerMessage) -> Bool { write(message.encoded()) }

  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        guard let base = buffer.baseAddress else { return 0 }
        // A socket first: `send` can be told not to raise SIGPIPE. A pipe answers ENOTSOCK.
        let count = send(output, base + sent, buffer.count - sent, Int32(MSG_NOSIGNAL))
        return count < 0 && errno == ENOTSOCK ? Glibc.write(output, base + sent, buffer.count - sent) : count
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private func bytes(_ count: Int) -> [UInt8]? {
    var filled = 0
    // Grown as bytes arrive: a length field alone must not cost memory.
    var result: [UInt8] = []
    while filled < count {
      let step = min(count - filled, 1 << 16)
      result.append(contentsOf: repeatElement(0, count: step))
      let got = result.withUnsafeMutableBytes { buffer in
        buffer.baseAddress.map { Glibc.read(input, $0 + filled, step) } ?? 0
      }
      if got < 0, errno == EINTR {
        result.removeLast(step)
        continue
      }
      guard got > 0 else { return nil }
      filled += got
      result.removeLast(step - got)
    }
    return result
  }
}
