import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// The console's files, answered from memory with validators.
final class ConsoleFiles: Sendable {
  private struct File: Sendable {
    let type: String
    let tag: String
    let body: ByteBuffer
  }

  private let asset: @Sendable (String) -> ConsoleAsset?
  /// Only files that exist are kept, so the table is as bounded as the console.
  private let files = Mutex<[String: File]>([:])

  init(_ asset: @escaping @Sendable (String) -> ConsoleAsset?) { self.asset = asset }

  func response(_ path: String, for request: Request) -> Response? {
    guard !path.hasPrefix("/api/"), !path.hasPrefix("/media/"), path.utf8.count <= 256, let file = file(path)
    else {
      return nil
    }
    // “no-cache” means: ask every time. The answer is nearly always 304.
    let headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
    if let known = request.headers[.ifNoneMatch], known.contains(file.tag) {
      return Response(status: .notModified, headers: headers)
    }
    return Response(
      status: .ok, headers: headers + [.contentType: file.type], body: ResponseBody(byteBuffer: file.body))
  }

  private func file(_ path: String) -> File? {
    if let known = files.withLock({ $0[path] }) { return known }
    guard let asset = asset(path) else { return nil }
    let file = File(type: asset.contentType, tag: asset.etag, body: ByteBuffer(bytes: asset.bytes))
    files.withLock { $0[path] = file }
    return file
  }
}

extension HTTPFields {
  fileprivate static func + (left: HTTPFields, right: HTTPFields) -> HTTPFields {
    var all = left
    all.append(contentsOf: right)
    return all
  }
}

/// What every answer tells the browser about its place.
enum SecurityHeaders {
  private static let fields: [(HTTPField.Name, String)] = [
    ("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), payment=()"),
  ]
  .compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }

  /// Everything comes from here; pictures may also come from the page itself (MediaSource, snapshots).
  static let policy =
    "default-src 'self'; media-src 'self' blob:; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    + "form-action 'self'; frame-ancestors 'none'"

  static func add(to response: inout Response) {
    for (name, value) in fields { response.headers[name] = value }
  }
}
