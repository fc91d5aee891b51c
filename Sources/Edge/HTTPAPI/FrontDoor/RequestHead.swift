/// The head of an HTTP/1 request, read without consuming it.
///
/// Only media requests are judged by this parser; everything it does not
/// understand completely goes to the HTTP stack, which answers for it.
struct RequestHead: Sendable {
  /// Bytes including the empty line.
  let length: Int
  let path: String
  /// Minor version: 0 for HTTP/1.0.
  let minorVersion: Int
  /// Names in lower case.
  let headers: [(name: String, value: String)]

  /// Index after the empty line that ends the head; nil when it is not there yet.
  static func end(_ bytes: borrowing Span<UInt8>) -> Int? {
    var index = 0
    while index < bytes.count {
      defer { index += 1 }
      guard bytes[index] == 10 else { continue }
      if index + 1 < bytes.count, bytes[index + 1] == 10 { return index + 2 }
      if index + 2 < bytes.count, bytes[index + 1] == 13, bytes[index + 2] == 10 { return index + 3 }
    }
    return nil
  }

  /// Whether a head could be a media request, judged by its first bytes.
  static func mayBeMedia(_ bytes: borrowing Span<UInt8>) -> Bool {
    let prefix: StaticString = "GET /media/"
    return prefix.withUTF8Buffer { prefix in
      guard bytes.count >= prefix.count else { return false }
      for index in 0..<prefix.count where bytes[index] != prefix[index] { return false }
      return true
    }
  }

  /// Parses the head in the first `length` bytes; nil for anything out of the ordinary.
  init?(_ bytes: borrowing Span<UInt8>, length: Int) {
    guard length <= bytes.count else { return nil }
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for index in 0..<length {
      switch bytes[index] {
      case 10:
        if line.last == 13 { line.removeLast() }
        guard lines.count <= HTTPLimits.headerCount else { return nil }
        lines.append(line)
        line = []
      case 0: return nil
      default: line.append(bytes[index])
      }
    }
    guard let request = lines.first else { return nil }
    let parts = request.split(separator: 32, omittingEmptySubsequences: false)
    guard parts.count == 3, parts[2].starts(with: "HTTP/1.".utf8), parts[2].count == 8,
      let minor = parts[2].last, minor == 48 || minor == 49
    else { return nil }
    var headers: [(name: String, value: String)] = []
    for line in lines.dropFirst() where !line.isEmpty {
      guard let colon = line.firstIndex(of: 58), colon > 0, line[0] != 32, line[0] != 9 else { return nil }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = String(decoding: line[(colon + 1)...], as: UTF8.self)
      headers.append((name, value.trimmingBlanks))
    }
    let target = parts[1]
    self.path = String(decoding: target.prefix { $0 != 63 && $0 != 35 }, as: UTF8.self)
    self.minorVersion = Int(minor) - 48
    self.headers = headers
    self.length = length
  }

  /// All values of a header as one comma-separated list, in lower case.
  private func tokens(_ name: String) -> [String] {
    headers.filter { $0.name == name }
      .flatMap { $0.value.lowercased().split(separator: ",") }
      .map { String($0).trimmingBlanks }
  }

  private func value(_ name: String) -> String? { headers.first { $0.name == name }?.value }

  /// The media request that this head is; nil when it is for the HTTP stack to answer.
  func mediaRequest(source: String, sha1: ([UInt8]) -> [UInt8]) -> MediaRequest? {
    guard let (session, file) = MediaPath.split(path) else { return nil }
    switch file {
    case "live.mp4":
      let chunked = minorVersion == 1
      return MediaRequest(
        session: session, kind: .fragmentedMP4, framing: chunked ? .chunked : .raw,
        preamble: ResponseHead.stream(chunked: chunked), source: source, headers: headers)
    case "ws", "voice":
      guard minorVersion == 1, tokens("upgrade").contains("websocket"),
        tokens("connection").contains("upgrade"),
        value("sec-websocket-version") == "13", let key = value("sec-websocket-key"), Self.isKey(key)
      else { return nil }
      return MediaRequest(
        session: session, kind: file == "ws" ? .webSocket : .voice, framing: .webSocket,
        preamble: ResponseHead.webSocket(accept: ResponseHead.accept(key: key, sha1: sha1)), source: source,
        headers: headers)
    default:
      return nil
    }
  }

  /// 16 bytes in Base64 (RFC 6455 §4.1).
  private static func isKey(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 24 && bytes.suffix(2).elementsEqual("==".utf8)
      && bytes.prefix(22).allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 43
          || byte == 47
      }
  }
}

/// `/media/{session}/{file}`.
enum MediaPath {
  /// Nil unless the path has exactly this form and the session is an identifier.
  static func split(_ path: String) -> (session: String, file: String)? {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0].isEmpty, parts[1] == "media", isIdentifier(parts[2]), !parts[3].isEmpty
    else {
      return nil
    }
    return (String(parts[2]), String(parts[3]))
  }

  /// 1…128 letters, digits, `-` and `_`.
  static func isIdentifier(_ text: some StringProtocol) -> Bool {
    (1...HTTPLimits.identifier).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 45
          || byte == 95
      }
  }
}

extension StringProtocol {
  /// Without blanks and tabs at both ends.
  var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    return String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
