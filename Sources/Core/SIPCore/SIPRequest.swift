/// A request (RFC 3261 §7.1).
public struct SIPRequest: Sendable, Equatable {
  public var method: SIPMethod
  /// The Request-URI as it is on the wire.
  public var requestURI: String
  public var headers: SIPHeaders
  public var body: [UInt8]
  /// Where the packet came from. Not part of the message: the transport fills
  /// it in, and every response made from this request carries it in its Via
  /// (`received`, `rport`: RFC 3261 §18.2.1, RFC 3581).
  public var receivedFrom: SIPHostPort?

  public init(method: SIPMethod, requestURI: String, headers: SIPHeaders = SIPHeaders(), body: [UInt8] = []) {
    self.method = method
    self.requestURI = requestURI
    self.headers = headers
    self.body = body
  }

  /// A request with the headers every request needs; the transport adds Via, Max-Forwards and Content-Length.
  ///
  /// Outside a dialog `to` has no tag and `from` a new one (RFC 3261 §8.1.1).
  public init(
    method: SIPMethod, uri: SIPURI, from: NameAddress, to: NameAddress, callID: String, cseq: UInt32
  ) {
    self.init(method: method, requestURI: uri.description)
    headers.append(.from, from.description)
    headers.append(.to, to.description)
    headers.append(.callID, callID)
    headers.append(.cseq, CSeq(number: cseq, method: method).description)
  }

  /// The parsed Request-URI, nil when it is no URI.
  public var uri: SIPURI? { SIPURI(requestURI) }
}

/// A response (RFC 3261 §7.2).
public struct SIPResponse: Sendable, Equatable {
  /// 100…699.
  public var status: Int
  public var reason: String
  public var headers: SIPHeaders
  public var body: [UInt8]

  /// - Parameter reason: nil for the usual phrase of `status`.
  public init(status: Int, reason: String? = nil, headers: SIPHeaders = SIPHeaders(), body: [UInt8] = []) {
    self.status = status
    self.reason = reason ?? SIPReason.phrase(status)
    self.headers = headers
    self.body = body
  }

  public var isProvisional: Bool { status < 200 }
  public var isSuccess: Bool { (200..<300).contains(status) }
}

/// One SIP message.
public enum SIPMessage: Sendable, Equatable {
  case request(SIPRequest)
  case response(SIPResponse)

  public var headers: SIPHeaders {
    switch self {
    case .request(let request): request.headers
    case .response(let response): response.headers
    }
  }

  public var body: [UInt8] {
    switch self {
    case .request(let request): request.body
    case .response(let response): response.body
    }
  }
}

/// Reason phrases (RFC 3261 §21).
enum SIPReason {
  static func phrase(_ status: Int) -> String {
    switch status {
    case 100: "Trying"
    case 180: "Ringing"
    case 183: "Session Progress"
    case 200: "OK"
    case 202: "Accepted"
    case 302: "Moved Temporarily"
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 410: "Gone"
    case 413: "Request Entity Too Large"
    case 415: "Unsupported Media Type"
    case 420: "Bad Extension"
    case 423: "Interval Too Brief"
    case 480: "Temporarily Unavailable"
    case 481: "Call/Transaction Does Not Exist"
    case 482: "Loop Detected"
    case 483: "Too Many Hops"
    case 486: "Busy Here"
    case 487: "Request Terminated"
    case 488: "Not Acceptable Here"
    case 489: "Bad Event"
    case 500: "Server Internal Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    case 504: "Server Time-out"
    case 505: "Version Not Supported"
    case 603: "Decline"
    default: fallback(status)
    }
  }

  private static func fallback(_ status: Int) -> String {
    switch status {
    case ..<200: "Progress"
    case ..<300: "OK"
    case ..<400: "Redirection"
    case ..<500: "Request Failure"
    case ..<600: "Server Failure"
    default: "Global Failure"
    }
  }
}
