/// The headers that both kinds of message have, read on demand. Nil: absent or unreadable.
public protocol SIPHeaderFields {
  var headers: SIPHeaders { get set }
  var body: [UInt8] { get set }
}

extension SIPRequest: SIPHeaderFields {}
extension SIPResponse: SIPHeaderFields {}

extension SIPHeaderFields {
  /// The topmost Via.
  public var via: Via? { headers.withValue(of: .via) { Via($0, 0..<$0.count) } ?? nil }

  public var from: NameAddress? { address(.from) }
  public var to: NameAddress? { address(.to) }
  /// The first Contact; nil also for `*`.
  public var contact: NameAddress? { address(.contact) }

  /// The user part of From, what ``from`` would say, without reading the rest of it.
  public var fromUser: String? { user(.from) }
  /// The user part of To, what ``to`` would say, without reading the rest of it.
  public var toUser: String? { user(.to) }

  public var callID: String? { headers[.callID].flatMap { $0.isEmpty ? nil : $0 } }

  public var cseq: CSeq? { headers.withValue(of: .cseq) { CSeq($0, 0..<$0.count) } ?? nil }

  /// The `Expires` header in seconds, clamped to 32 bits; nil when absent or no number.
  public var expires: Int? { number(.expires) }
  public var contentLength: Int? { number(.contentLength) }
  public var maxForwards: Int? { number(.maxForwards) }
  public var minExpires: Int? { number(.minExpires) }

  /// Seconds of the registration: the Contact's `expires` parameter wins over the header (reference §2.1).
  public var registrationExpires: Int? { registrationExpires(with: contact) }

  /// Seconds of the registration, for who has read the Contact already.
  public func registrationExpires(with contact: NameAddress?) -> Int? {
    if let text = contact?.parameters["expires"], let value = Int(text), value >= 0 {
      return min(value, maximum)
    }
    return expires
  }

  /// `Content-Type` in lower case without parameters, such as `application/manscdp+xml`.
  public var contentType: String? {
    headers.withValue(of: .contentType) { span in
      let end = ASCII.elementEnd(span, 0..<span.count, separator: ASCII.semicolon)
      return ASCII.lowercased(ASCII.text(span, ASCII.trimmed(span, 0..<end)))
    }
  }

  public var userAgent: String? { headers[.userAgent] ?? headers[.server] }

  private var maximum: Int { Int(UInt32.max) }

  private func address(_ name: SIPHeaderName) -> NameAddress? {
    headers.withValue(of: name) { NameAddress($0, 0..<$0.count) } ?? nil
  }

  private func user(_ name: SIPHeaderName) -> String? {
    headers.withValue(of: name) { span in
      SIPURI.user(span, NameAddress.parts(span, 0..<span.count).uri)
    } ?? nil
  }

  private func number(_ name: SIPHeaderName) -> Int? {
    headers.withValue(of: name) { span in
      ASCII.decimal(span, ASCII.trimmed(span, 0..<span.count)).map { min($0, maximum) }
    } ?? nil
  }
}
