import SIPCore

/// Parses text as a datagram.
func parse(_ text: String) throws(SIPParseError) -> SIPMessage {
  let bytes = Array(text.utf8)
  return try SIPParser.parse(bytes.span)
}

func parse(_ bytes: [UInt8]) throws(SIPParseError) -> SIPMessage { try SIPParser.parse(bytes.span) }

func request(_ text: String) throws -> SIPRequest {
  guard case .request(let request) = try parse(text) else { throw Unexpected() }
  return request
}

func response(_ text: String) throws -> SIPResponse {
  guard case .response(let response) = try parse(text) else { throw Unexpected() }
  return response
}

struct Unexpected: Error {}

/// A header block with CRLF lines and the empty line.
func lines(_ lines: String...) -> String { lines.joined(separator: "\r\n") + "\r\n\r\n" }

/// Vigna's SplitMix64: the same bytes for the same seed on every machine.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// `bytes` with a few random bytes changed, removed, inserted or repeated.
func mutated(_ bytes: [UInt8], _ random: inout SplitMix) -> [UInt8] {
  var result = bytes
  for _ in 0..<Int.random(in: 1...6, using: &random) where !result.isEmpty {
    let index = Int.random(in: 0..<result.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: result[index] = UInt8.random(in: .min ... .max, using: &random)
    case 1: result.remove(at: index)
    case 2:
      result.insert(
        [13, 10, 32, 9, 0, 34, 44, 58, 59, 60, 62, 92].randomElement(using: &random) ?? 0, at: index)
    case 3: result.removeSubrange(index..<min(result.count, index + Int.random(in: 0...20, using: &random)))
    default:
      let end = min(result.count, index + Int.random(in: 0...40, using: &random))
      result.insert(contentsOf: Array(result[index..<end]), at: index)
    }
  }
  return result
}

enum Sample {
  static let register = lines(
    "REGISTER sip:34020000002000000001@3402000000 SIP/2.0",
    "Via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bK1a01",
    "From: <sip:34020000001320000001@3402000000>;tag=11ab",
    "To: <sip:34020000001320000001@3402000000>", "Call-ID: 7701@192.0.2.20", "CSeq: 1 REGISTER",
    "Contact: <sip:34020000001320000001@192.0.2.20:5060>", "Max-Forwards: 70", "Expires: 3600",
    "X-GB-Ver: 3.0", "User-Agent: Demo IPC", "Content-Length: 0")

  static let keepaliveBody =
    "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n"
    + "<CmdType>Keepalive</CmdType>\r\n<SN>43</SN>\r\n"
    + "<DeviceID>34020000001320000001</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n"

  static let keepalive =
    lines(
      "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0",
      "Via: SIP/2.0/UDP 192.0.2.20:5060;rport;branch=z9hG4bK7b02",
      "From: <sip:34020000001320000001@3402000000>;tag=22cd",
      "To: <sip:34020000002000000001@3402000000>", "Call-ID: 88@192.0.2.20", "CSeq: 20 MESSAGE",
      "Content-Type: Application/MANSCDP+xml", "Max-Forwards: 70", "User-Agent: IP Camera",
      "Content-Length: \(keepaliveBody.utf8.count)") + keepaliveBody

  static let ok = lines(
    "SIP/2.0 200 OK", "Via: SIP/2.0/UDP 192.0.2.10:5060;rport=5060;received=192.0.2.10;branch=z9hG4bK9",
    "From: <sip:34020000002000000001@3402000000>;tag=live91",
    "To: <sip:34020000001320000001@3402000000>;tag=dev7", "Call-ID: 5d0c9e@192.0.2.10", "CSeq: 1 INVITE",
    "Contact: <sip:34020000001320000001@192.0.2.20:5060>", "Content-Length: 0")

  static let all = [register, keepalive, ok]
}
