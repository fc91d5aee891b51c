/// An order for a running replay: the body of an INFO (§8.1).
public struct PlaybackRequest: Sendable, Hashable {
  public enum Method: String, Sendable, Hashable, CaseIterable {
    case play = "PLAY"
    case pause = "PAUSE"
    case teardown = "TEARDOWN"
  }

  public var method: Method
  /// Counts the orders of one dialog, apart from SIP's own.
  public var cseq: Int
  public var range: PlaybackRange?
  /// Negative runs backwards.
  public var scale: Double?

  public init(_ method: Method, cseq: Int, range: PlaybackRange? = nil, scale: Double? = nil) {
    (self.method, self.cseq, self.range, self.scale) = (method, cseq, range, scale)
  }

  public static let contentType = "Application/MANSRTSP"

  /// The body: CRLF lines and an empty one. A pause says since when; PLAY carries Range or Scale, not both,
  /// except to run backwards from somewhere.
  public var body: [UInt8] {
    var text = "\(method.rawValue) RTSP/1.0\r\nCSeq: \(cseq)\r\n"
    if method == .pause { text += "PauseTime: now\r\n" }
    if let scale { text += "Scale: \(Decimals.text(scale, keepsDecimal: true))\r\n" }
    if let range { text += "Range: \(range.text)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// Reads a body with `RTSP/1.0` or `MANSRTSP/1.0`, any line ends, and what follows it. Nil for another method.
  public init?(parsing body: [UInt8]) {
    guard let message = PlaybackLines(body) else { return nil }
    let words = message.first.split(separator: " ")
    guard words.count >= 2, let version = words.last, PlaybackLines.isVersion(version),
      let method = Method.allCases.first(where: { ASCII.equal($0.rawValue, String(words[0])) })
    else { return nil }
    self.method = method
    cseq = message.integer("CSeq") ?? 0
    range = message.value("Range").flatMap { PlaybackRange($0) }
    scale = message.value("Scale").flatMap { Decimals.signed($0) }.flatMap { $0 == 0 ? nil : $0 }
  }
}

/// What the device says to a ``PlaybackRequest``: the body of the answer to INFO, when it has one (§8.2).
public struct PlaybackResponse: Sendable, Hashable {
  public var status: Int
  public var cseq: Int
  public var range: PlaybackRange?
  public var scale: Double?
  /// The first packet of the new position.
  public var rtpSequence: UInt16?
  public var rtpTime: UInt32?

  public init(
    status: Int = 200, cseq: Int, range: PlaybackRange? = nil, scale: Double? = nil,
    rtpSequence: UInt16? = nil, rtpTime: UInt32? = nil
  ) {
    (self.status, self.cseq, self.range, self.scale) = (status, cseq, range, scale)
    (self.rtpSequence, self.rtpTime) = (rtpSequence, rtpTime)
  }

  public var isSuccess: Bool { (200..<300).contains(status) }

  public var body: [UInt8] {
    var text = "RTSP/1.0 \(status) \(Self.reason(status))\r\nCSeq: \(cseq)\r\n"
    if let scale { text += "Scale: \(Decimals.text(scale, keepsDecimal: true))\r\n" }
    if let range { text += "Range: \(range.text)\r\n" }
    if let rtpSequence, let rtpTime { text += "RTP-Info: seq=\(rtpSequence);rtptime=\(rtpTime)\r\n" }
    return Array((text + "\r\n").utf8)
  }

  /// Nil when there is no status line.
  public init?(parsing body: [UInt8]) {
    guard let message = PlaybackLines(body) else { return nil }
    let words = message.first.split(separator: " ")
    guard words.count >= 2, PlaybackLines.isVersion(words[0]), let status = Int(words[1]),
      (100..<700).contains(status)
    else { return nil }
    self.status = status
    cseq = message.integer("CSeq") ?? 0
    range = message.value("Range").flatMap { PlaybackRange($0) }
    scale = message.value("Scale").flatMap { Decimals.signed($0) }.flatMap { $0 == 0 ? nil : $0 }
    for field in (message.value("RTP-Info") ?? "").split(whereSeparator: { $0 == ";" || $0 == "," }) {
      let parts = field.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let number = parts[1].trimmed
      switch parts[0].trimmed.lowercased() {
      case "seq": rtpSequence = UInt16(number)
      case "rtptime": rtpTime = UInt32(number)
      default: break
      }
    }
  }

  private static func reason(_ status: Int) -> String {
    switch status {
    case 200: "OK"
    case 451: "Parameter Not Understood"
    case 457: "Invalid Range"
    case 501: "Not Implemented"
    case ..<500: "Not Done"
    default: "Failed"
    }
  }
}

/// First line and headers of a MANSRTSP text.
private struct PlaybackLines {
  /// Bytes looked at.
  static let longest = 4_096

  let first: String
  private let headers: [(name: String, value: String)]

  init?(_ body: [UInt8]) {
    let text = String(decoding: body.prefix(Self.longest), as: UTF8.self)
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(\.trimmed)
    guard let start = lines.firstIndex(where: { !$0.isEmpty }) else { return nil }
    first = lines[start]
    headers = lines[(start + 1)...].prefix { !$0.isEmpty }.prefix(64).compactMap { line in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (line[..<colon].trimmed, line[line.index(after: colon)...].trimmed)
    }
  }

  func value(_ name: String) -> String? { headers.first { ASCII.equal($0.name, name) }?.value }

  func integer(_ name: String) -> Int? { value(name).flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil } }

  static func isVersion(_ word: some StringProtocol) -> Bool {
    let word = word.uppercased()
    return word.hasPrefix("RTSP/") || word.hasPrefix("MANSRTSP/")
  }
}
