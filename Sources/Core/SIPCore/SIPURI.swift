/// A SIP or SIPS URI (RFC 3261 §19.1): `sip:34020000001320000001@3402000000`.
///
/// GB/T 28181 routes on the user part alone; the host of a real device may be
/// a domain, its own address, ours, or nonsense (reference §1.6). A URI of
/// another scheme is kept opaque: no user, everything after the colon in ``host``.
public struct SIPURI: Sendable, Hashable, CustomStringConvertible {
  /// Lower case.
  public var scheme: String
  public var user: String?
  public var password: String?
  /// Without brackets when it is an IPv6 address.
  public var host: String
  public var port: Int?
  public var parameters: SIPParameters
  /// What follows `?`, uninterpreted.
  public var headers: String?

  public init(user: String?, host: String, port: Int? = nil) {
    scheme = "sip"
    self.user = user
    self.host = host
    self.port = port
    parameters = SIPParameters()
  }

  /// - Returns: nil when `text` has no scheme or no host, or has a blank or control character in it.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(bytes.span, 0..<bytes.count)
  }

  init?(_ span: Span<UInt8>, _ whole: Range<Int>) {
    let range = ASCII.trimmed(span, whole)
    for index in range where span[index] <= 32 { return nil }
    guard let colon = range.first(where: { span[$0] == ASCII.colon }), colon > range.lowerBound,
      (range.lowerBound..<colon).allSatisfy({ ASCII.isToken(span[$0]) })
    else { return nil }
    scheme = ASCII.lowercased(ASCII.text(span, range.lowerBound..<colon))
    parameters = SIPParameters()
    host = ""
    let rest = colon + 1..<range.upperBound
    guard scheme == "sip" || scheme == "sips" else {
      host = ASCII.text(span, rest)
      guard !host.isEmpty else { return nil }
      return
    }
    guard let hostStart = readUser(span, rest) else { return nil }
    guard let end = SIPHostPort.read(span, hostStart..<range.upperBound) else { return nil }
    host = end.host
    port = end.port
    readTail(span, end.next..<range.upperBound)
  }

  /// The user part of the URI in `whole`, nil when it has none or is none.
  static func user(_ span: Span<UInt8>, _ whole: Range<Int>) -> String? {
    let range = ASCII.trimmed(span, whole)
    for index in range where span[index] <= 32 { return nil }
    guard let colon = range.first(where: { span[$0] == ASCII.colon }),
      ASCII.matches(span, range.lowerBound..<colon, "sip")
        || ASCII.matches(span, range.lowerBound..<colon, "sips"),
      let at = range.last(where: { span[$0] == ASCII.at }), at > colon,
      SIPHostPort.hasHost(span, at + 1..<range.upperBound)
    else { return nil }
    let end = (colon + 1..<at).first { span[$0] == ASCII.colon } ?? at
    return ASCII.text(span, colon + 1..<end)
  }

  /// Reads `user:password@` and returns where the host begins. The last `@` before parameters separates.
  private mutating func readUser(_ span: Span<UInt8>, _ range: Range<Int>) -> Int? {
    guard let at = range.last(where: { span[$0] == ASCII.at }) else { return range.lowerBound }
    let info = range.lowerBound..<at
    let split = info.first { span[$0] == ASCII.colon } ?? at
    user = ASCII.text(span, info.lowerBound..<split)
    if split < at { password = ASCII.text(span, split + 1..<at) }
    return at + 1
  }

  private mutating func readTail(_ span: Span<UInt8>, _ range: Range<Int>) {
    let question = range.first { span[$0] == ASCII.question } ?? range.upperBound
    parameters = SIPParameters(span, range.lowerBound..<question)
    if question < range.upperBound { headers = ASCII.text(span, question + 1..<range.upperBound) }
  }

  public var description: String {
    var text = ""
    text.reserveCapacity(64)
    write(to: &text)
    return text
  }

  func write(to text: inout String) {
    text += scheme
    text += ":"
    guard scheme == "sip" || scheme == "sips" else {
      text += host
      return
    }
    if let user {
      text += user
      if let password { text += ":" + password }
      text += "@"
    }
    text += SIPHostPort.bracketed(host)
    if let port {
      text += ":"
      text += String(port)
    }
    parameters.write(to: &text)
    if let headers { text += "?" + headers }
  }
}
