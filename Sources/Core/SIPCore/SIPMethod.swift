/// A request method: an upper-cased token (RFC 3261 §7.1).
///
/// Devices write `Message` and `register`; equality is by the upper-cased form.
public struct SIPMethod: Sendable, Hashable, CustomStringConvertible {
  /// Upper case.
  public let name: String

  private init(canonical: String) { name = canonical }

  /// - Returns: nil unless `text` is 1…64 token characters.
  public init?(_ text: some StringProtocol) {
    let bytes = Array(text.utf8)
    self.init(bytes.span, 0..<bytes.count)
  }

  init?(_ span: Span<UInt8>, _ range: Range<Int>) {
    guard (1...64).contains(range.count) else { return nil }
    var canonical: [UInt8] = []
    canonical.reserveCapacity(range.count)
    for index in range {
      guard ASCII.isToken(span[index]) else { return nil }
      canonical.append(ASCII.upper(span[index]))
    }
    name = String(decoding: canonical, as: UTF8.self)
  }

  public var description: String { name }

  public static let register = SIPMethod(canonical: "REGISTER")
  public static let message = SIPMethod(canonical: "MESSAGE")
  public static let invite = SIPMethod(canonical: "INVITE")
  public static let ack = SIPMethod(canonical: "ACK")
  public static let cancel = SIPMethod(canonical: "CANCEL")
  public static let bye = SIPMethod(canonical: "BYE")
  public static let info = SIPMethod(canonical: "INFO")
  public static let options = SIPMethod(canonical: "OPTIONS")
  public static let subscribe = SIPMethod(canonical: "SUBSCRIBE")
  public static let notify = SIPMethod(canonical: "NOTIFY")

  /// The methods of GB/T 28181 §4.3 with registration and events: the value of `Allow`.
  public static let allowed = "INVITE, ACK, INFO, CANCEL, BYE, OPTIONS, MESSAGE, REGISTER, SUBSCRIBE, NOTIFY"
}
