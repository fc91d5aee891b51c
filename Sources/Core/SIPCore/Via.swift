/// One hop of a message's path (RFC 3261 §20.42).
public struct Via: Sendable, Hashable, CustomStringConvertible {
  /// `UDP`, `TCP`, … upper case.
  public var transport: String
  /// `sent-by`, which real devices get wrong: answer to the packet's source instead.
  public var host: String
  public var port: Int?
  public var parameters: SIPParameters

  /// The prefix of a branch made by RFC 3261 rules.
  public static let magicCookie = "z9hG4bK"

  public init(transport: SIPTransportKind, host: String, port: Int?, branch: String, rport: Bool = true) {
    self.transport = transport.rawValue
    self.host = host
    self.port = port
    parameters = SIPParameters()
    if rport { parameters["rport"] = "" }
    parameters["branch"] = branch
  }

  /// Reads the first element of `text`.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(bytes.span, 0..<bytes.count)
  }

  init?(_ span: Span<UInt8>, _ list: Range<Int>) {
    guard let slices = ViaSlices(span, list) else { return nil }
    transport = String(decoding: ASCII.bytes(span, slices.transport).map(ASCII.upper), as: UTF8.self)
    guard let sentBy = SIPHostPort.read(span, slices.sentBy) else { return nil }
    host = sentBy.host
    port = sentBy.port
    parameters = SIPParameters(span, slices.parameters)
  }

  public var branch: String? { parameters["branch"].flatMap { $0.isEmpty ? nil : $0 } }

  /// The port filled in by the receiver, nil when absent or only asked for.
  public var rport: Int? { parameters["rport"].flatMap { Int($0) } }

  /// The address filled in by the receiver; IPv6 without brackets, which both spellings of the wire become.
  public var received: String? { parameters["received"].map { IPText.unbracketed($0) } }

  public var description: String {
    var text = "SIP/2.0/" + transport + " " + SIPHostPort.bracketed(host)
    if let port { text += ":" + String(port) }
    return text + parameters.text
  }
}

/// Where the parts of a Via's first element lie. Found without an allocation, for the receive path.
struct ViaSlices {
  var transport: Range<Int>
  var sentBy: Range<Int>
  /// From the first `;` to the end of the element.
  var parameters: Range<Int>
  /// The end of the element: the offset of a comma, or of the end.
  var end: Int

  init?(_ span: Span<UInt8>, _ list: Range<Int>) {
    end = ASCII.elementEnd(span, list)
    let range = ASCII.trimmed(span, list.lowerBound..<end)
    // SIP / 2.0 / transport: blanks may surround the slashes.
    var index = range.lowerBound
    var slashes = 0
    while index < range.upperBound, slashes < 2 {
      if span[index] == 47 { slashes += 1 }
      index += 1
    }
    guard slashes == 2 else { return nil }
    while index < range.upperBound, ASCII.isBlank(span[index]) { index += 1 }
    let start = index
    while index < range.upperBound, ASCII.isToken(span[index]) { index += 1 }
    transport = start..<index
    let semicolon = (index..<range.upperBound).first { span[$0] == ASCII.semicolon } ?? range.upperBound
    sentBy = ASCII.trimmed(span, index..<semicolon)
    parameters = semicolon..<range.upperBound
    guard !transport.isEmpty, !sentBy.isEmpty else { return nil }
  }

  /// The value of parameter `name` (lower case), an empty range when it has none, nil when it is absent.
  func parameter(_ span: Span<UInt8>, _ name: StaticString) -> Range<Int>? {
    ParameterScan.find(name, span, parameters)
  }
}

/// Looks into a `;name=value` list without decoding it.
enum ParameterScan {
  /// - Parameter list: from the first `;` to the end.
  /// - Returns: the value of `name` (lower case), an empty range when it has none, nil when it is absent.
  static func find(_ name: StaticString, _ span: Span<UInt8>, _ list: Range<Int>) -> Range<Int>? {
    var position = list.lowerBound
    while position < list.upperBound {
      let start = position + 1
      position = ASCII.elementEnd(span, start..<list.upperBound, separator: ASCII.semicolon)
      let split = (start..<position).first { span[$0] == ASCII.equals } ?? position
      if ASCII.matches(span, ASCII.trimmed(span, start..<split), name) {
        return ASCII.trimmed(span, min(split + 1, position)..<position)
      }
    }
    return nil
  }

  /// Whether the address in `span` (From, To) has a tag.
  static func hasTag(_ span: Span<UInt8>) -> Bool {
    let end = ASCII.elementEnd(span, 0..<span.count, separator: ASCII.semicolon)
    guard let tag = find("tag", span, end..<span.count) else { return false }
    return !tag.isEmpty
  }
}
