import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One request to an identity provider: a connection of its own, limits on everything, no redirections.
struct ProviderHTTP: Sendable {
  struct Answer: Sendable {
    var status: Int
    var body: [UInt8]
  }

  /// Bytes of an answer at most.
  static let longestAnswer = 1 << 20
  let timeout: Duration

  /// - Parameter form: what is posted; nil for GET.
  func send(_ address: ProviderAddress, form: [(String, String)]? = nil, authorization: String? = nil)
    async throws -> Answer
  {
    try await withThrowingTaskGroup(of: Answer.self) { group in
      group.addTask { try await exchange(address, form, authorization) }
      group.addTask {
        try await Task.sleep(for: timeout)
        throw OpenIDFailure("\(address.host) did not answer in time")
      }
      defer { group.cancelAll() }
      guard let answer = try await group.next() else { throw CancellationError() }
      return answer
    }
  }

  private func exchange(_ address: ProviderAddress, _ form: [(String, String)]?, _ authorization: String?)
    async throws -> Answer
  {
    typealias Wire = NIOAsyncChannel<HTTPClientResponsePart, HTTPPart<HTTPRequestHead, IOData>>
    let security =
      address.isSecure ? try NIOSSLContext(configuration: TLSConfiguration.makeClientConfiguration()) : nil
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.seconds(5))
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let security {
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: security, serverHostname: address.isNumeric ? nil : address.host))
          }
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          return try Wire(wrappingChannelSynchronously: channel)
        }
      }
    let body = form.map { Array(Self.encoded($0).utf8) }
    var parts: [HTTPPart<HTTPRequestHead, IOData>] = [
      .head(Self.head(address, body?.count, authorization))
    ]
    if let body { parts.append(.body(.byteBuffer(ByteBuffer(bytes: body)))) }
    parts.append(.end(nil))
    return try await channel.executeThenClose { [parts] inbound, outbound in
      // In one piece: a GET is whole with its head, and a provider may have answered and hung up before the rest.
      try await outbound.write(contentsOf: parts)
      var answer = Answer(status: 0, body: [])
      for try await part in inbound {
        switch part {
        case .head(let head): answer.status = Int(head.status.code)
        case .body(let piece):
          guard answer.body.count + piece.readableBytes <= Self.longestAnswer else {
            throw OpenIDFailure("\(address.host) answered too much")
          }
          answer.body += piece.readableBytesView
        case .end: return answer
        }
      }
      throw OpenIDFailure("\(address.host) broke off its answer")
    }
  }

  private static func head(_ address: ProviderAddress, _ length: Int?, _ authorization: String?)
    -> HTTPRequestHead
  {
    var headers: HTTPHeaders = [
      "Host": address.authority, "Accept": "application/json", "Connection": "close",
      "User-Agent": "Tributary",
    ]
    if let length {
      headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
      headers.add(name: "Content-Length", value: String(length))
    }
    if let authorization { headers.add(name: "Authorization", value: authorization) }
    return HTTPRequestHead(
      version: .http1_1, method: length == nil ? .GET : .POST, uri: address.target, headers: headers)
  }

  /// `application/x-www-form-urlencoded`.
  static func encoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
  }

  static func escaped(_ text: String) -> String {
    let plain = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    return text.addingPercentEncoding(withAllowedCharacters: plain) ?? ""
  }
}

/// Where an identity provider is: https, or http on this machine for trying.
struct ProviderAddress: Sendable, Hashable {
  let isSecure: Bool
  let host: String
  let port: Int
  /// Path and query.
  let target: String

  init?(_ text: String) {
    guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
      parts.scheme == "https"
        || (parts.scheme == "http" && ["127.0.0.1", "::1", "[::1]", "localhost"].contains(host))
    else { return nil }
    isSecure = parts.scheme == "https"
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = parts.port ?? (isSecure ? 443 : 80)
    let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
    target = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
  }

  var authority: String {
    let name = host.contains(":") ? "[\(host)]" : host
    return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
  }

  /// A server name in TLS is never an address.
  var isNumeric: Bool { host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." } }
}
