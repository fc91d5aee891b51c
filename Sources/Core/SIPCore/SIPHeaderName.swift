/// The name of a header field. Equal names compare equal in any case, with `_` for `-`, and in compact form.
///
/// The names this platform uses are known by number, so that looking one up compares bytes, not strings.
public struct SIPHeaderName: Sendable, Hashable, CustomStringConvertible {
  let known: Known
  /// The spelling to emit.
  public let text: String

  init(_ known: Known) {
    self.known = known
    text = known.spelling.description
  }

  /// - Returns: nil unless `text` is 1…64 token characters.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    guard (1...64).contains(bytes.count), bytes.allSatisfy(ASCII.isToken) else { return nil }
    let known = Known(bytes.span, 0..<bytes.count)
    self.known = known
    self.text = known == .other ? String(text) : known.spelling.description
  }

  public var description: String { text }

  public static func == (left: SIPHeaderName, right: SIPHeaderName) -> Bool {
    guard left.known == right.known else { return false }
    guard left.known == .other else { return true }
    return left.text.utf8.count == right.text.utf8.count
      && zip(left.text.utf8, right.text.utf8).allSatisfy { fold($0) == fold($1) }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(known)
    if known == .other { for byte in text.utf8 { hasher.combine(Self.fold(byte)) } }
  }

  /// Lower case, and the hyphen for the underscore that the 2016 text misprints (`WWW_Authenticate`).
  static func fold(_ byte: UInt8) -> UInt8 { byte == 95 ? 45 : ASCII.lower(byte) }
}

extension SIPHeaderName: ExpressibleByStringLiteral {
  /// A character that no header name may have becomes `-`.
  public init(stringLiteral value: String) {
    let legal = value.utf8.map { ASCII.isToken($0) ? $0 : 45 }
    let known = Known(legal.span, 0..<legal.count)
    self.known = known
    text = known == .other ? String(decoding: legal, as: UTF8.self) : known.spelling.description
  }
}

extension SIPHeaderName {
  public static let via = SIPHeaderName(.via)
  public static let from = SIPHeaderName(.from)
  public static let to = SIPHeaderName(.to)
  public static let callID = SIPHeaderName(.callID)
  public static let cseq = SIPHeaderName(.cseq)
  public static let contact = SIPHeaderName(.contact)
  public static let maxForwards = SIPHeaderName(.maxForwards)
  public static let contentLength = SIPHeaderName(.contentLength)
  public static let contentType = SIPHeaderName(.contentType)
  public static let contentEncoding = SIPHeaderName(.contentEncoding)
  public static let subject = SIPHeaderName(.subject)
  public static let expires = SIPHeaderName(.expires)
  public static let event = SIPHeaderName(.event)
  public static let subscriptionState = SIPHeaderName(.subscriptionState)
  public static let authorization = SIPHeaderName(.authorization)
  public static let wwwAuthenticate = SIPHeaderName(.wwwAuthenticate)
  public static let proxyAuthorization = SIPHeaderName(.proxyAuthorization)
  public static let proxyAuthenticate = SIPHeaderName(.proxyAuthenticate)
  public static let authenticationInfo = SIPHeaderName(.authenticationInfo)
  public static let date = SIPHeaderName(.date)
  public static let userAgent = SIPHeaderName(.userAgent)
  public static let server = SIPHeaderName(.server)
  public static let allow = SIPHeaderName(.allow)
  public static let supported = SIPHeaderName(.supported)
  public static let require = SIPHeaderName(.require)
  public static let unsupported = SIPHeaderName(.unsupported)
  public static let accept = SIPHeaderName(.accept)
  public static let route = SIPHeaderName(.route)
  public static let recordRoute = SIPHeaderName(.recordRoute)
  public static let minExpires = SIPHeaderName(.minExpires)
  public static let retryAfter = SIPHeaderName(.retryAfter)
  public static let reason = SIPHeaderName(.reason)
  public static let warning = SIPHeaderName(.warning)
  public static let gbVersion = SIPHeaderName(.gbVersion)
  public static let note = SIPHeaderName(.note)
  public static let monitorUserIdentity = SIPHeaderName(.monitorUserIdentity)
  public static let routePath = SIPHeaderName(.routePath)
  public static let preferredPath = SIPHeaderName(.preferredPath)
  public static let securityInfo = SIPHeaderName(.securityInfo)
  public static let allowEvents = SIPHeaderName(.allowEvents)
  public static let referTo = SIPHeaderName(.referTo)
}
