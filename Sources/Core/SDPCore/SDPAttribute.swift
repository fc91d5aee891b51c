/// One `a=` line: `a=recvonly` has no value, `a=setup:passive` has one.
public struct SDPAttribute: Sendable, Hashable {
  /// As written; compared without regard to case.
  public var name: String
  public var value: String?

  public init(_ name: String, _ value: String? = nil) {
    self.name = name
    self.value = value
  }

  /// Reads what follows `a=`.
  init(line: String) {
    let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    name = SDPText.trimmed(parts.first.map(String.init) ?? "")
    value = parts.count > 1 ? SDPText.trimmed(String(parts[1])) : nil
  }

  public var text: String { value.map { name + ":" + $0 } ?? name }

  func isNamed(_ other: String) -> Bool { SDPText.equalIgnoringCase(name, other) }
}

/// Which way media flows, seen from the writer (RFC 4566 §6).
public enum MediaDirection: String, Sendable, Hashable {
  case receiveOnly = "recvonly"
  case sendOnly = "sendonly"
  case sendReceive = "sendrecv"
  case inactive
}

/// Who opens the TCP connection, seen from the writer (RFC 4145).
public enum TCPSetup: String, Sendable, Hashable {
  case active
  case passive
  case activeOrPassive = "actpass"
  case hold = "holdconn"
}

/// `a=rtpmap:96 PS/90000`.
public struct RTPMap: Sendable, Hashable {
  /// 0…127.
  public var payloadType: Int
  /// As written: `PS`, `H264`, `HIKVISION`.
  public var encoding: String
  /// Hz.
  public var clockRate: Int
  /// What follows the second slash: the channel count of audio.
  public var parameters: String?

  public init(payloadType: Int, encoding: String, clockRate: Int, parameters: String? = nil) {
    self.payloadType = payloadType
    self.encoding = encoding
    self.clockRate = clockRate
    self.parameters = parameters
  }

  init?(value: String) {
    let parts = value.split(whereSeparator: { $0 == " " || $0 == "\t" })
    guard parts.count >= 2, let type = Int(parts[0]), (0...127).contains(type) else { return nil }
    let codec = parts[1].split(separator: "/", omittingEmptySubsequences: false)
    guard let encoding = codec.first, !encoding.isEmpty else { return nil }
    payloadType = type
    self.encoding = String(encoding)
    clockRate = codec.count > 1 ? Int(codec[1]).flatMap { $0 > 0 ? $0 : nil } ?? 90_000 : 90_000
    parameters = codec.count > 2 ? String(codec[2]) : nil
  }

  public var attribute: SDPAttribute {
    SDPAttribute("rtpmap", "\(payloadType) \(encoding)/\(clockRate)" + (parameters.map { "/" + $0 } ?? ""))
  }
}

/// Small text operations without Foundation.
enum SDPText {
  static func trimmed(_ text: String) -> String {
    guard let first = text.utf8.first, let last = text.utf8.last, first <= 32 || last <= 32 else {
      return text
    }
    let bytes = Array(text.utf8)
    var low = 0
    var high = bytes.count
    while low < high, bytes[low] <= 32 { low += 1 }
    while high > low, bytes[high - 1] <= 32 { high -= 1 }
    return String(decoding: bytes[low..<high], as: UTF8.self)
  }

  static func equalIgnoringCase(_ left: String, _ right: String) -> Bool {
    guard left.utf8.count == right.utf8.count else { return false }
    return zip(left.utf8, right.utf8).allSatisfy { fold($0) == fold($1) }
  }

  private static func fold(_ byte: UInt8) -> UInt8 { byte &- 65 < 26 ? byte | 32 : byte }

  /// Controls part words like blanks: that is what they become when the words are written again.
  static func words(_ text: String) -> [String] {
    text.split(whereSeparator: { ($0.asciiValue ?? 33) <= 32 }).map(String.init)
  }

  /// `text` without line ends, so that a value cannot begin another line.
  static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 32 }) else { return text }
    return String(decoding: text.utf8.map { $0 < 32 ? 32 : $0 }, as: UTF8.self)
  }
}
