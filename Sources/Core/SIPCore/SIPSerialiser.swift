import WireBytes

extension SIPRequest {
  /// The bytes to send. `Content-Length` is computed; the one in ``headers`` is ignored.
  public func serialised() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headers.arena.count + headers.fields.count * 8 + body.count + 160)
    bytes.append(contentsOf: method.name.utf8)
    bytes.append(ASCII.space)
    bytes.append(contentsOf: requestURI.utf8.lazy.map { $0 <= 32 ? 95 : $0 })
    bytes.append(contentsOf: " SIP/2.0\r\n".utf8)
    headers.write(into: &bytes, body: body)
    return bytes
  }
}

extension SIPResponse {
  /// The bytes to send. `Content-Length` is computed; the one in ``headers`` is ignored.
  public func serialised() -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headers.arena.count + headers.fields.count * 8 + body.count + 160)
    bytes.append(contentsOf: "SIP/2.0 ".utf8)
    bytes.append(contentsOf: String(min(max(status, 100), 699)).utf8)
    bytes.append(ASCII.space)
    bytes.append(contentsOf: reason.utf8.lazy.map { $0 < 32 ? ASCII.space : $0 })
    bytes.append(13)
    bytes.append(10)
    headers.write(into: &bytes, body: body)
    return bytes
  }
}

extension SIPMessage {
  public func serialised() -> [UInt8] {
    switch self {
    case .request(let request): request.serialised()
    case .response(let response): response.serialised()
    }
  }
}

extension SIPHeaders {
  func write(into bytes: inout [UInt8], body: [UInt8]) {
    for field in fields where field.known != .contentLength {
      if field.known == .other {
        bytes.append(contentsOf: arena[field.name.range])
      } else {
        field.known.spelling.withUTF8Buffer { unsafe bytes.append(contentsOf: $0) }
      }
      bytes.append(ASCII.colon)
      bytes.append(ASCII.space)
      bytes.append(contentsOf: arena[field.value.range])
      bytes.append(13)
      bytes.append(10)
    }
    bytes.append(contentsOf: "Content-Length: ".utf8)
    bytes.append(contentsOf: String(body.count).utf8)
    bytes.append(contentsOf: "\r\n\r\n".utf8)
    bytes.append(contentsOf: body)
  }
}
