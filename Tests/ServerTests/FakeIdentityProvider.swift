import COpenSSL
import Cryptography
import Foundation
import Glibc

/// A small OpenID Connect provider on a real socket: discovery, keys, and tokens for codes that it gave.
final class FakeIdentityProvider: Sendable {
  /// What the next tokens say, and how wrongly they are made.
  struct Behaviour: Sendable {
    var subject = "42"
    var name = "li"
    var groups = ["desk"]
    var audience = "tributary"
    /// Seconds from now.
    var expires = 300
    var nonce: String?
    var algorithm = "ES256"
    /// Whether the signature is made by the key that the list names.
    var isSigned = true
    /// Whether the list of keys is empty at its first reading.
    var hasNewKey = false
  }

  private struct State {
    var behaviour = Behaviour()
    var codes: [String: [String: String]] = [:]
    var keysRead = 0
    var requests: [String] = []
    var isStopped = false
  }

  // The key of RFC 7515, appendix A.3, known to everybody.
  private static let secret = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
  private static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
  private static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"

  private let state = Locked(State())
  private let listener: Int32
  let port: Int

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let found = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard found else { throw HTTPClient.Failure(description: "no port for the identity provider") }
    (listener, port) = (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    Thread.detachNewThread { [weak self] in
      while true {
        let client = accept(descriptor, nil, nil)
        if client < 0 {
          // A signal or a client that has gone already is no end.
          guard errno == EINTR || errno == ECONNABORTED else { break }
          continue
        }
        self?.serve(client)
        close(client)
      }
      close(descriptor)
    }
  }

  deinit { stop() }

  /// No more answers. Once: afterwards the number of the descriptor may be somebody else's.
  func stop() {
    let isFirst = state.with { state in
      defer { state.isStopped = true }
      return !state.isStopped
    }
    if isFirst { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  var issuer: String { "http://127.0.0.1:\(port)" }
  var requests: [String] { state.with { $0.requests } }
  func behave(_ change: @Sendable (inout Behaviour) -> Void) { state.with { change(&$0.behaviour) } }

  /// What a person does at the provider: agrees. Answers what the browser brings back.
  func agree(_ address: String) throws -> (code: String, state: String) {
    let query = Self.pairs(URLComponents(string: address)?.percentEncodedQuery ?? "")
    let code = UUID().uuidString
    state.with { $0.codes[code] = query }
    return (code, query["state"] ?? "")
  }

  // MARK: The wire

  private func serve(_ client: Int32) {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let head = text[..<end.lowerBound]
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.split(separator: ":")[1].trimmingCharacters(in: .whitespaces)) }
        if text[end.upperBound...].utf8.count >= length ?? 0 {
          answer(client, String(head), String(text[end.upperBound...]))
          return
        }
      }
      let count = recv(client, &chunk, chunk.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes += chunk[..<count]
    }
  }

  private func answer(_ client: Int32, _ head: String, _ body: String) {
    let words = head.split(separator: " ")
    let path = words.count > 1 ? String(words[1]) : ""
    state.with { $0.requests.append("\(words[0]) \(path)") }
    let (status, json): (Int, [String: Any]) =
      switch path {
      case "/.well-known/openid-configuration":
        (
          200,
          [
            "issuer": issuer, "authorization_endpoint": issuer + "/authorize",
            "token_endpoint": issuer + "/token", "jwks_uri": issuer + "/keys",
          ]
        )
      case "/keys": (200, ["keys": keys()])
      case "/token": token(head, Self.pairs(body))
      default: (404, [:])
      }
    let data = (try? JSONSerialization.data(withJSONObject: json)) ?? Data()
    let text =
      "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\nContent-Length: \(data.count)\r\nConnection: close\r\n\r\n"
    let answer = Array(text.utf8) + Array(data)
    _ = send(client, answer, answer.count, Int32(MSG_NOSIGNAL))
  }

  private func keys() -> [[String: String]] {
    let isHidden = state.with { state in
      state.keysRead += 1
      return state.behaviour.hasNewKey && state.keysRead == 1
    }
    let other = ["kty": "oct", "kid": "strange"]
    return isHidden
      ? [other]
      : [other, ["kty": "EC", "crv": "P-256", "use": "sig", "kid": "k1", "x": Self.x, "y": Self.y]]
  }

  /// A code works once, with the word behind its challenge and the client's secret.
  private func token(_ head: String, _ form: [String: String]) -> (Int, [String: Any]) {
    let asked = state.with { state in form["code"].flatMap { state.codes.removeValue(forKey: $0) } }
    let basic = "Basic " + Data("tributary:s3cret".utf8).base64EncodedString()
    guard let asked, form["grant_type"] == "authorization_code", head.contains(basic),
      asked["code_challenge_method"] == "S256", form["redirect_uri"] == asked["redirect_uri"],
      Self.encode(Hash.sha256.digest(Array((form["code_verifier"] ?? "").utf8))) == asked["code_challenge"]
    else { return (400, ["error": "invalid_grant"]) }
    let behaviour = state.with { $0.behaviour }
    let now = Int(Date().timeIntervalSince1970)
    let claims: [String: Any] = [
      "iss": issuer, "sub": behaviour.subject, "aud": behaviour.audience, "iat": now,
      "exp": now + behaviour.expires, "nonce": behaviour.nonce ?? asked["nonce"] ?? "",
      "preferred_username": behaviour.name, "groups": behaviour.groups,
    ]
    return (200, ["id_token": Self.sign(claims, behaviour), "token_type": "Bearer", "access_token": "a"])
  }

  // MARK: Tokens

  private static func sign(_ claims: [String: Any], _ behaviour: Behaviour) -> String {
    func part(_ object: [String: Any]) -> String {
      encode(Array((try? JSONSerialization.data(withJSONObject: object)) ?? Data()))
    }
    let message = part(["alg": behaviour.algorithm, "kid": "k1"]) + "." + part(claims)
    guard behaviour.algorithm != "none" else { return message + "." }
    var signature = signature(Array(message.utf8))
    if !behaviour.isSigned { signature[5] ^= 1 }
    return message + "." + encode(signature)
  }

  /// ES256, as two numbers of 32 bytes.
  private static func signature(_ message: [UInt8]) -> [UInt8] {
    let point = [4] + decode(x) + decode(y)
    // ECPrivateKey of RFC 5915 on prime256v1.
    let key: [UInt8] =
      [0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20] + decode(secret)
      + [
        0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00,
      ]
      + point
    let pointer = key.withUnsafeBufferPointer { bytes -> OpaquePointer? in
      var start = bytes.baseAddress
      return d2i_AutoPrivateKey(nil, &start, bytes.count)
    }
    let context = EVP_MD_CTX_new()
    defer {
      EVP_MD_CTX_free(context)
      EVP_PKEY_free(pointer)
    }
    var der = [UInt8](repeating: 0, count: 128)
    var count = der.count
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, pointer) == 1,
      EVP_DigestSign(context, &der, &count, message, message.count) == 1
    else { return [UInt8](repeating: 0, count: 64) }
    // SEQUENCE { INTEGER, INTEGER }
    var at = 2
    func number() -> [UInt8] {
      let length = Int(der[at + 1])
      let digits = der[at + 2..<at + 2 + length].drop { $0 == 0 }
      at += 2 + length
      return [UInt8](repeating: 0, count: 32 - digits.count) + digits
    }
    return number() + number()
  }

  private static func encode(_ bytes: [UInt8]) -> String {
    Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
      .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
  }

  private static func decode(_ text: String) -> [UInt8] {
    let plain = text.replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
    return Array(
      Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4)) ?? Data())
  }

  private static func pairs(_ text: String) -> [String: String] {
    Dictionary(
      text.split(separator: "&")
        .compactMap { pair in
          let parts = pair.split(separator: "=", maxSplits: 1)
          return parts.count == 2
            ? (String(parts[0]), String(parts[1]).removingPercentEncoding ?? "") : nil
        }
    ) { $1 }
  }
}
