import Access
import HTTPTypes
import Hummingbird

/// Recordings on board of devices: lists and downloads.
enum DeviceRecordRoutes {
  static func table(_ operations: any PlatformOperations, _ afterCare: AfterCare) -> [Route] {
    [
      Route(.get, "/api/v1/channels/{id}/records", .needs(.viewTimeline), .shown) { call in
        let (from, to) = try call.interval()
        let sources = try call.sources(default: [.device])
        return try .json(
          try await operations.records(channel: try call.id(), from: from, to: to, sources: sources))
      },
      Route(.post, "/api/v1/channels/{id}/downloads", .needs(.exportRecordings), .inside(.download)) { call in
        let download = try await call.json(API.NewDownload.self)
        try APICall.check(download.from.wall, download.to.wall)
        guard (1...16).contains(download.speed ?? 1) else {
          throw Problem.invalid("“speed” must be from 1 to 16.")
        }
        let begun = try await operations.beginDownload(
          channel: try call.id(), download, by: try call.caller())
        return try .json(begun, status: .created)
      },
      Route(.get, "/api/v1/downloads", .needs(.exportRecordings)) { call in
        try .json(API.Page(items: try await operations.downloads(for: try call.caller())))
      },
      Route(.get, "/api/v1/downloads/{download}", .needs(.exportRecordings)) { call in
        try .json(try await operations.download(try call.id("download"), for: try call.caller()))
      },
      Route(.delete, "/api/v1/downloads/{download}", .needs(.exportRecordings)) { call in
        try await operations.removeDownload(try call.id("download"), by: try call.caller())
        return .noContent
      },
      Route(.get, "/api/v1/downloads/{download}/file.mp4", .needs(.exportRecordings), .inside(.download)) {
        call in
        let content = try await operations.downloadedFile(try call.id("download"), by: try call.caller())
        return ExportResponse.make(ExportTransfer(content, afterCare), for: call.request)
      },
    ]
  }
}

/// Whose recordings are meant.
public enum RecordSource: String, Sendable, Hashable, CaseIterable {
  case own, device
}

extension APICall {
  /// The sources in the query, `own,device` for both.
  func sources(default known: Set<RecordSource>) throws(Problem) -> Set<RecordSource> {
    guard let text = try query("source") else { return known }
    var sources: Set<RecordSource> = []
    for part in text.split(separator: ",") {
      guard let source = RecordSource(rawValue: String(part)) else {
        throw .badRequest("“source” must be own, device, or own,device.")
      }
      sources.insert(source)
    }
    return sources
  }
}
