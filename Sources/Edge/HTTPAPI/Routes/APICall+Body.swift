import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Reading bodies and writing answers.
extension APICall {
  /// The body as JSON of the given type.
  func json<Value: Decodable & Sendable>(_ type: Value.Type) async throws -> Value {
    let bytes = try await body(limit: HTTPLimits.jsonBody, types: ["application/json"])
    return try JSON.decode(type, from: bytes)
  }

  /// The body as JSON, or `empty` when there is none.
  func json<Value: Decodable & Sendable>(_ type: Value.Type, ifEmpty empty: Value) async throws -> Value {
    if request.headers[.contentLength] == "0" { return empty }
    if request.headers[.contentLength] == nil, request.headers[.transferEncoding] == nil { return empty }
    return try await json(type)
  }

  /// The body, at most `limit` bytes, arriving within the body time.
  func body(limit: Int, types: [String]) async throws -> [UInt8] {
    let type = (request.headers[.contentType] ?? "").lowercased().prefix { $0 != ";" }
    guard types.contains(String(type).trimmingBlanks) else {
      throw Problem.unsupportedType("Send the body as \(types.joined(separator: " or ")).")
    }
    return try await body(limit: limit)
  }

  /// The body, whatever its type.
  func body(limit: Int) async throws -> [UInt8] {
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limit {
      throw Problem.tooLarge("The body has more than \(limit) bytes.")
    }
    let body = request.body
    return try await Deadline.run(bodyTimeout, late: Self.slowBody) {
      var bytes: [UInt8] = []
      for try await part in body {
        guard bytes.count + part.readableBytes <= limit else {
          throw Problem.tooLarge("The body has more than \(limit) bytes.")
        }
        bytes.append(contentsOf: part.readableBytesView)
      }
      return bytes
    }
  }

  private static let slowBody = Problem(
    slug: "slow-request", status: 408, title: "Request took too long",
    detail: "The body did not arrive in time.")
}

/// Gives an operation a time limit.
enum Deadline {
  static func run<Value: Sendable>(
    _ limit: Duration, late: Problem, _ operation: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await operation() }
      group.addTask {
        try await Task.sleep(for: limit)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else { throw late }
      return value
    }
  }
}

extension Response {
  /// A JSON answer that is not kept by any cache.
  static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) throws -> Response {
    bytes(try JSON.encode(value), type: "application/json", status: status)
  }

  static func bytes(_ bytes: [UInt8], type: String, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// 204.
  static var noContent: Response { Response(status: .noContent, headers: [.cacheControl: "no-store"]) }

  static func problem(_ problem: Problem, correlation: String) -> Response {
    let document = ProblemDocument(problem, correlation: correlation)
    var response = bytes(
      document.json, type: ProblemDocument.contentType, status: .init(code: problem.status))
    if problem.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
    if let seconds = problem.retryAfter { response.headers[.retryAfter] = String(seconds) }
    return response
  }
}
