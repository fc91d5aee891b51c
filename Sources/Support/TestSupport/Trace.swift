/// Messages as they stand in a trace, written down as text.
public enum Trace {
  /// The bytes of a SIP message whose lines are those of `text`.
  ///
  /// Lines end with CRLF. The empty line after the header is added where `text` has none, and a `Content-Length: *`
  /// becomes the true length of the body; any other length stays as the trace has it.
  public static func message(_ text: String) -> [UInt8] {
    let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    let head = parts[0].split(separator: "\n", omittingEmptySubsequences: true).joined(separator: "\r\n")
    let body = Array((parts.count > 1 ? String(parts[1]) : "").replacing("\n", with: "\r\n").utf8)
    return message(head: head, body: body)
  }

  /// The bytes of a SIP message with a body that is no text, such as one in GBK.
  ///
  /// - Parameter head: start line and fields, with either line end; `Content-Length: *` becomes the body's length.
  public static func message(head: String, body: [UInt8]) -> [UInt8] {
    let lines = head.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: true)
    let fields = lines.joined(separator: "\r\n").replacing(
      "Content-Length: *", with: "Content-Length: \(body.count)")
    return Array((fields + "\r\n\r\n").utf8) + body
  }
}
