/// Limits of every SIP parser in this module. Input beyond them is refused, never truncated silently.
///
/// Where to find what:
///
/// | file | holds |
/// | --- | --- |
/// | `SIPRequest`, `SIPResponse`, `SIPMessage` | the values that everybody else handles |
/// | `SIPHeaders`, `SIPHeaderName` | ordered header fields over one byte arena |
/// | `SIPURI`, `NameAddress`, `Via`, `CSeq`, `SIPParameters` | typed header contents |
/// | `SIPParser`, `SIPStreamFramer` | datagram and byte stream in, messages out |
/// | `Digest…`, `NoncePolicy` | authentication without a hash of its own |
/// | `…Transaction` | the four machines of RFC 3261 §17 |
/// | `Dialog` | what a call or a subscription remembers, RFC 3261 §12 |
/// | `SIPSource`, `SIPTarget` | where a message came from and where the next one goes |
public enum SIPLimits {
  /// Bytes of start line and header fields together.
  public static let headBytes = 64 * 1024
  /// Bytes of a message body on a stream transport.
  public static let bodyBytes = 16 * 1024 * 1024
  /// Header fields in one message.
  public static let headerFields = 256
  /// Parameters read from one header value or URI; the rest is ignored.
  public static let parameters = 64
  /// Bytes thrown away on a stream while looking for the next message before the connection is given up.
  public static let resyncBytes = 64 * 1024
}
