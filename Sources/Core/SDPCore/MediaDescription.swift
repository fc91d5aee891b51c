/// How the media of one `m=` line travels.
public enum MediaTransportProtocol: Sendable, Hashable {
  /// `RTP/AVP`.
  case udp
  /// `TCP/RTP/AVP`: RFC 4571 frames over TCP.
  case tcp
  /// Anything else, as written.
  case other(String)

  init(_ text: String) {
    if SDPText.equalIgnoringCase(text, "RTP/AVP") || SDPText.equalIgnoringCase(text, "UDP/RTP/AVP") {
      self = .udp
    } else if SDPText.equalIgnoringCase(text, "TCP/RTP/AVP") || SDPText.equalIgnoringCase(text, "RTP/AVP/TCP")
    {
      self = .tcp
    } else {
      self = .other(text)
    }
  }

  public var text: String {
    switch self {
    case .udp: "RTP/AVP"
    case .tcp: "TCP/RTP/AVP"
    case .other(let text): text
    }
  }
}

/// One `m=` line and the lines that belong to it.
public struct MediaDescription: Sendable, Hashable {
  /// `video` or `audio`, lower case.
  public var kind: String
  /// 0…65535; 0 refuses the medium.
  public var port: Int
  public var transport: MediaTransportProtocol
  public var payloadTypes: [Int]
  /// The address of this medium's own `c=` line.
  public var connection: ConnectionLine?
  public var attributes: [SDPAttribute]

  public init(
    kind: String, port: Int, transport: MediaTransportProtocol, payloadTypes: [Int],
    attributes: [SDPAttribute] = []
  ) {
    self.kind = kind
    self.port = port
    self.transport = transport
    self.payloadTypes = payloadTypes
    self.attributes = attributes
  }

  /// Reads what follows `m=`. Missing or unreadable parts become 0, RTP/AVP and no payload type.
  init(line: String) {
    let words = SDPText.words(line)
    kind = (words.first ?? "").lowercased()
    let number = words.count > 1 ? words[1].split(separator: "/").first.flatMap { Int($0) } : nil
    port = number.flatMap { (0...65_535).contains($0) ? $0 : nil } ?? 0
    transport = words.count > 2 ? MediaTransportProtocol(words[2]) : .udp
    payloadTypes = words.dropFirst(3).prefix(64).compactMap { Int($0) }.filter { (0...127).contains($0) }
    attributes = []
  }

  var line: String {
    let types = payloadTypes.map { " " + String($0) }.joined()
    return "\(kind) \(port) \(transport.text)\(types)"
  }

  /// The value of the first attribute of that name; empty when it has none, nil when it is absent.
  public func attribute(_ name: String) -> String? {
    attributes.first { $0.isNamed(name) }.map { $0.value ?? "" }
  }

  public var setup: TCPSetup? { attribute("setup").flatMap { TCPSetup(rawValue: $0.lowercased()) } }

  /// The last direction wins: some devices write two.
  public var direction: MediaDirection? {
    attributes.last { MediaDirection(rawValue: $0.name.lowercased()) != nil }
      .flatMap { MediaDirection(rawValue: $0.name.lowercased()) }
  }

  public var maps: [RTPMap] {
    attributes.filter { $0.isNamed("rtpmap") }.compactMap { RTPMap(value: $0.value ?? "") }
  }

  /// The multiple of real time of a download.
  public var downloadSpeed: Int? { attribute("downloadspeed").flatMap { Int($0) } }

  /// Bytes of a download; nil also for the 0 and −1 that devices send for "unknown".
  public var fileSize: Int64? { attribute("filesize").flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil } }

  /// 0 main, 1 first sub-stream (2022).
  public var streamNumber: Int? { attribute("streamnumber").flatMap { Int($0) } }
}
