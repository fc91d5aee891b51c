/// Bounds of everything a peer can make larger.
public enum HTTPLimits {
  /// Bytes of a request head that the front door waits for; a longer one is judged by the HTTP parser.
  public static let peekedHead = 16 * 1024
  /// Bytes of a request head in all.
  public static let head = 32 * 1024
  /// Header fields of a request.
  public static let headerCount = 100
  /// Bytes of a JSON body.
  public static let jsonBody = 64 * 1024
  /// Bytes of a CSV body: about 100 000 devices.
  public static let importBody = 16 * 1024 * 1024
  /// Bytes of a picture that a camera uploads.
  public static let snapshot = 8 * 1024 * 1024
  /// Items of one page.
  public static let page = 1_000
  /// Channels of one timeline request.
  public static let timelineChannels = 64
  /// Longest interval of a timeline, in seconds: 400 days.
  public static let timelineSeconds: Int64 = 400 * 86_400
  /// Bytes that an export reads at a time.
  public static let exportChunk: Int64 = 256 * 1024
  /// Characters of an identifier or session in a path.
  public static let identifier = 128
}
