import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// A recording as a download: whole, resumed, or read piece by piece by a player.
enum ExportResponse {
  static func make(_ transfer: ExportTransfer, for request: Request) -> Response {
    let content = transfer.content
    let tag = content.sha256.map { "\"\(Data($0).base64EncodedString())\"" }
    var headers: HTTPFields = [
      .contentType: content.contentType, .acceptRanges: "bytes", .cacheControl: "no-store",
      .contentDisposition: "attachment; filename=\"\(safe(content.fileName))\"",
    ]
    headers[.eTag] = tag
    if let hash = content.sha256 {
      let text = Data(hash).base64EncodedString()
      set("Digest", "sha-256=\(text)", &headers)
      set("Repr-Digest", "sha-256=:\(text):", &headers)
    }
    switch ByteRange.parse(wanted(request, tag: tag), length: content.length) {
    case .whole:
      return Response(status: .ok, headers: headers, body: body(transfer, 0..<content.length))
    case .part(let range):
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(content.length)"
      return Response(status: .partialContent, headers: headers, body: body(transfer, range))
    case .unsatisfiable:
      var response = Response.problem(
        .rangeNotSatisfiable("The file has \(content.length) bytes."), correlation: Correlation.make())
      response.headers[.contentRange] = "bytes */\(content.length)"
      return response
    }
  }

  /// The range that counts: none when `If-Range` names another version.
  private static func wanted(_ request: Request, tag: String?) -> String? {
    guard let range = request.headers[.range] else { return nil }
    if let condition = request.headers[.ifRange], condition != tag { return nil }
    return range
  }

  private static func body(_ transfer: ExportTransfer, _ range: Range<Int64>) -> ResponseBody {
    ResponseBody(contentLength: Int(range.upperBound - range.lowerBound)) { writer in
      var position = range.lowerBound
      while position < range.upperBound {
        let end = min(position + HTTPLimits.exportChunk, range.upperBound)
        let bytes = try await transfer.content.read(position..<end)
        // A short read would shift everything after it: rather break the transfer off.
        guard bytes.count == Int(end - position) else { throw Problem.internal }
        try await writer.write(ByteBuffer(bytes: bytes))
        transfer.sent(end - position)
        position = end
      }
      try await writer.finish(nil)
    }
  }

  private static func set(_ name: String, _ value: String, _ headers: inout HTTPFields) {
    if let name = HTTPField.Name(name) { headers[name] = value }
  }

  private static func safe(_ name: String) -> String {
    String(
      name.unicodeScalars.prefix(120)
        .map { scalar in
          let plain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
          return plain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "_"
        })
  }
}

/// One export under way; when it is gone, whoever opened the export is told how much went out.
final class ExportTransfer: Sendable {
  let content: ExportContent
  private let afterCare: AfterCare
  private let bytes = Atomic<Int64>(0)

  init(_ content: ExportContent, _ afterCare: AfterCare) {
    (self.content, self.afterCare) = (content, afterCare)
  }

  deinit {
    let (finished, sent) = (content.finished, bytes.load(ordering: .relaxed))
    afterCare.add { await finished(sent) }
  }

  func sent(_ count: Int64) { bytes.add(count, ordering: .relaxed) }
}

/// One byte range of a request (RFC 9110 §14.1.2).
enum ByteRange: Equatable {
  case whole
  case part(Range<Int64>)
  case unsatisfiable

  /// Several ranges, other units and malformed headers count as no header: the whole is a correct answer to them.
  static func parse(_ header: String?, length: Int64) -> ByteRange {
    guard let header, header.lowercased().hasPrefix("bytes=") else { return .whole }
    let text = header.dropFirst(6).trimmingBlanks
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !text.contains(","),
      parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } })
    else { return .whole }
    guard !parts[0].isEmpty else {
      guard let count = Int64(parts[1]) else { return .whole }
      return count > 0 && length > 0 ? .part(max(0, length - count)..<length) : .unsatisfiable
    }
    guard let first = Int64(parts[0]) else { return .unsatisfiable }
    var last = length - 1
    if !parts[1].isEmpty {
      let given = Int64(parts[1]) ?? .max
      guard given >= first else { return .whole }
      last = min(last, given)
    }
    return first < length ? .part(first..<last + 1) : .unsatisfiable
  }
}
