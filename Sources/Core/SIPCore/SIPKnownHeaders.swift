extension SIPHeaderName {
  /// The header names that have a number.
  enum Known: UInt8, Sendable {
    case other
    case via
    case from
    case to
    case callID
    case cseq
    case contact
    case maxForwards
    case contentLength
    case contentType
    case contentEncoding
    case subject
    case expires
    case event
    case subscriptionState
    case authorization
    case wwwAuthenticate
    case proxyAuthorization
    case proxyAuthenticate
    case authenticationInfo
    case date
    case userAgent
    case server
    case allow
    case supported
    case require
    case unsupported
    case accept
    case route
    case recordRoute
    case minExpires
    case retryAfter
    case reason
    case warning
    case gbVersion
    case note
    case monitorUserIdentity
    case routePath
    case preferredPath
    case securityInfo
    case allowEvents
    case referTo

    /// The spelling to emit.
    var spelling: StaticString {
      switch self {
      case .other: ""
      case .via: "Via"
      case .from: "From"
      case .to: "To"
      case .callID: "Call-ID"
      case .cseq: "CSeq"
      case .contact: "Contact"
      case .maxForwards: "Max-Forwards"
      case .contentLength: "Content-Length"
      case .contentType: "Content-Type"
      case .contentEncoding: "Content-Encoding"
      case .subject: "Subject"
      case .expires: "Expires"
      case .event: "Event"
      case .subscriptionState: "Subscription-State"
      case .authorization: "Authorization"
      case .wwwAuthenticate: "WWW-Authenticate"
      case .proxyAuthorization: "Proxy-Authorization"
      case .proxyAuthenticate: "Proxy-Authenticate"
      case .authenticationInfo: "Authentication-Info"
      case .date: "Date"
      case .userAgent: "User-Agent"
      case .server: "Server"
      case .allow: "Allow"
      case .supported: "Supported"
      case .require: "Require"
      case .unsupported: "Unsupported"
      case .accept: "Accept"
      case .route: "Route"
      case .recordRoute: "Record-Route"
      case .minExpires: "Min-Expires"
      case .retryAfter: "Retry-After"
      case .reason: "Reason"
      case .warning: "Warning"
      case .gbVersion: "X-GB-Ver"
      case .note: "Note"
      case .monitorUserIdentity: "Monitor-User-Identity"
      case .routePath: "X-RoutePath"
      case .preferredPath: "X-PreferredPath"
      case .securityInfo: "Security-Info"
      case .allowEvents: "Allow-Events"
      case .referTo: "Refer-To"
      }
    }

    /// The number of the name in `range`, which may be a compact form (RFC 3261 §7.3.3).
    init(_ span: Span<UInt8>, _ range: Range<Int>) {
      self = range.count == 1 ? Self.compact(span[range.lowerBound]) : Self.long(span, range)
    }

    private static func compact(_ letter: UInt8) -> Known {
      switch ASCII.lower(letter) {
      case UInt8(ascii: "v"): .via
      case UInt8(ascii: "f"): .from
      case UInt8(ascii: "t"): .to
      case UInt8(ascii: "i"): .callID
      case UInt8(ascii: "m"): .contact
      case UInt8(ascii: "l"): .contentLength
      case UInt8(ascii: "c"): .contentType
      case UInt8(ascii: "e"): .contentEncoding
      case UInt8(ascii: "s"): .subject
      case UInt8(ascii: "o"): .event
      case UInt8(ascii: "k"): .supported
      case UInt8(ascii: "u"): .allowEvents
      case UInt8(ascii: "r"): .referTo
      default: .other
      }
    }

    private static func long(_ span: Span<UInt8>, _ range: Range<Int>) -> Known {
      switch range.count {
      case 2: pick(span, range, .to)
      case 3: pick(span, range, .via)
      case 4: pick(span, range, .from, .cseq, .date, .note)
      case 5: pick(span, range, .event, .allow, .route)
      case 6: pick(span, range, .server, .accept, .reason)
      case 7: pick(span, range, .callID, .contact, .subject, .expires, .require, .warning)
      case 8: pick(span, range, .gbVersion, .referTo)
      case 9: pick(span, range, .supported)
      case 10: pick(span, range, .userAgent)
      case 11: pick(span, range, .unsupported, .minExpires, .retryAfter, .routePath)
      case 12: pick(span, range, .maxForwards, .contentType, .recordRoute, .allowEvents)
      case 13: pick(span, range, .authorization, .securityInfo)
      case 14: pick(span, range, .contentLength)
      case 15: pick(span, range, .preferredPath)
      case 16: pick(span, range, .contentEncoding, .wwwAuthenticate)
      case 18: pick(span, range, .subscriptionState, .proxyAuthenticate)
      case 19: pick(span, range, .proxyAuthorization, .authenticationInfo)
      case 21: pick(span, range, .monitorUserIdentity)
      default: .other
      }
    }

    /// The candidate that is spelled in `range`. Defaults instead of a variadic: an array would be allocated.
    private static func pick(
      _ span: Span<UInt8>, _ range: Range<Int>, _ first: Known, _ second: Known = .other,
      _ third: Known = .other, _ fourth: Known = .other, _ fifth: Known = .other, _ sixth: Known = .other
    ) -> Known {
      if first.isSpelled(span, range) { return first }
      if second.isSpelled(span, range) { return second }
      if third.isSpelled(span, range) { return third }
      if fourth.isSpelled(span, range) { return fourth }
      if fifth.isSpelled(span, range) { return fifth }
      return sixth.isSpelled(span, range) ? sixth : .other
    }

    private func isSpelled(_ span: Span<UInt8>, _ range: Range<Int>) -> Bool {
      spelling.withUTF8Buffer { expected in
        guard expected.count == range.count else { return false }
        for index in 0..<range.count
        where unsafe SIPHeaderName.fold(span[range.lowerBound + index]) != ASCII.lower(expected[index]) {
          return false
        }
        return true
      }
    }
  }
}
