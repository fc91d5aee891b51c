import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// A body of `multipart/form-data` (RFC 7578), as much of it as pictures need.
enum MultipartBody {
  /// The content of the first part that is a file, or of the first part at all.
  ///
  /// - Parameter contentType: with its `boundary`.
  /// - Returns: nil when this is no multipart body, or one without a whole part.
  static func firstFile(_ body: [UInt8], contentType: String) -> [UInt8]? {
    guard let boundary = boundary(contentType) else { return nil }
    let delimiter = Array("--\(boundary)".utf8)
    var first: [UInt8]?
    var position = body.firstRange(of: delimiter)?.upperBound
    while let start = position, let end = body[start...].firstRange(of: [13, 10] + delimiter)?.lowerBound {
      if let (head, content) = split(body[start..<end]) {
        if head.lowercased().contains("filename") || head.lowercased().contains("image/") { return content }
        first = first ?? content
      }
      position = end + 2 + delimiter.count
    }
    return first
  }

  /// The value of `boundary`, at most 70 characters as the standard has it.
  static func boundary(_ contentType: String) -> String? {
    guard contentType.lowercased().hasPrefix("multipart/") else { return nil }
    for parameter in contentType.split(separator: ";").dropFirst() {
      let pair = parameter.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, pair[0].trimmingCharacters(in: .whitespaces).lowercased() == "boundary" else {
        continue
      }
      let value = pair[1].trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\""])
      return (1...70).contains(value.utf8.count) ? value : nil
    }
    return nil
  }

  private static func split(_ part: ArraySlice<UInt8>) -> (head: String, content: [UInt8])? {
    guard let gap = part.firstRange(of: [13, 10, 13, 10]) else { return nil }
    return (String(decoding: part[..<gap.lowerBound], as: UTF8.self), Array(part[gap.upperBound...]))
  }
}

extension APICall {
  /// A file that a device sends: as the body itself or as the file of a form.
  func upload(limit: Int) async throws -> [UInt8] {
    let type = request.headers[.contentType] ?? ""
    // A form's frame needs a little room of its own.
    let bytes = try await body(limit: limit + 4_096)
    let file = MultipartBody.boundary(type) == nil ? bytes : MultipartBody.firstFile(bytes, contentType: type)
    guard let file else { throw Problem.badRequest("The form has no file.") }
    guard file.count <= limit else { throw Problem.tooLarge("The file has more than \(limit) bytes.") }
    return file
  }
}
