/// A session description.
public struct SessionDescription: Sendable, Hashable {
  public var origin: OriginLine?
  /// `Play`, `Playback`, `Download`, `Talk`; arbitrary in the answers of devices.
  public var name: String
  /// The `u=` line of history sessions: `<channel>:<type>`.
  public var uri: String?
  public var connection: ConnectionLine?
  public var time: SessionTime?
  /// Attributes before the first `m=`.
  public var attributes: [SDPAttribute]
  public var media: [MediaDescription]
  /// The `y=` line.
  public var ssrc: StreamSSRC?
  /// The `f=` line as it came.
  public var formatText: String?

  public init(name: String, origin: OriginLine? = nil, connection: ConnectionLine? = nil) {
    self.name = name
    self.origin = origin
    self.connection = connection
    time = .live
    attributes = []
    media = []
  }

  /// The parsed `f=` line; nil when absent or without a codec.
  public var format: MediaFormatLine? {
    get { formatText.flatMap { MediaFormatLine($0) } }
    set { formatText = newValue?.description }
  }

  /// The first video section, else the first section.
  public var primaryMedia: MediaDescription? { media.first { $0.kind == "video" } ?? media.first }

  /// Where the media of `section` is sent or received: its own `c=`, else the session's, else the `o=`.
  public func address(of section: MediaDescription) -> String? {
    (section.connection ?? connection ?? origin?.connection)?.address
  }

  /// The value of an attribute in `section` or, when it has none, in the session.
  public func attribute(_ name: String, in section: MediaDescription) -> String? {
    section.attribute(name) ?? attributes.first { $0.isNamed(name) }.map { $0.value ?? "" }
  }

  /// The TCP role the writer takes, from `section` or from the session.
  public func setup(of section: MediaDescription) -> TCPSetup? {
    attribute("setup", in: section).flatMap { TCPSetup(rawValue: $0.lowercased()) }
  }

  /// The bytes to send: CRLF lines in the order `v o s u c t m a… y f`, attributes before `y=`.
  public func serialised() -> [UInt8] { Array(text.utf8) }

  /// The text of ``serialised()``.
  public var text: String {
    var lines = ["v=0"]
    if let origin { lines.append("o=" + origin.text) }
    lines.append("s=" + (name.isEmpty ? "-" : name))
    if let uri { lines.append("u=" + uri) }
    if let connection { lines.append("c=" + connection.text) }
    lines.append("t=" + (time ?? .live).text)
    lines += attributes.map { "a=" + $0.text }
    for section in media {
      lines.append("m=" + section.line)
      if let connection = section.connection { lines.append("c=" + connection.text) }
      lines += section.attributes.map { "a=" + $0.text }
    }
    if let ssrc { lines.append("y=" + ssrc.description) }
    if let formatText { lines.append("f=" + formatText) }
    return lines.map { SDPText.oneLine($0) + "\r\n" }.joined()
  }
}
