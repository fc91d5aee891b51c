import Access
import HTTPTypes
import Hummingbird

/// What devices bring and fetch by HTTP: pictures they took, and firmware.
enum TransferRoutes {
  static func table(_ operations: any PlatformOperations, _ afterCare: AfterCare) -> [Route] {
    snapshots(operations) + uploads(operations) + firmware(operations, afterCare)
  }

  private static func snapshots(_ operations: any PlatformOperations) -> [Route] {
    [
      Route(.post, "/api/v1/channels/{id}/snapshots", .needs(.watchLive), .asks(.live)) { call in
        let request = try await call.json(API.SnapshotRequest.self, ifEmpty: API.SnapshotRequest())
        let session = try await operations.takeSnapshots(
          channel: try call.id(), request, by: try call.caller())
        return try .json(session, status: .accepted)
      },
      Route(.get, "/api/v1/channels/{id}/snapshots", .needs(.watchLive), .shown) { call in
        try .json(try await operations.snapshots(channel: try call.id()))
      },
      Route(.get, "/api/v1/channels/{id}/snapshots/{file}", .needs(.watchLive), .asks(.live)) { call in
        let file = try await operations.snapshotFile(
          channel: try call.id(), name: try call.text("file"), by: try call.caller())
        return .bytes(file.bytes, type: file.contentType)
      },
    ]
  }

  /// The session in the path is the credential. Which method a device takes is not fixed (§13.3), and some add a name.
  private static func uploads(_ operations: any PlatformOperations) -> [Route] {
    var routes: [Route] = []
    for path in ["/upload/snapshots/{session}", "/upload/snapshots/{session}/{file}"] {
      routes += [
        Route(.put, path, .open) { try await upload($0, operations) },
        Route(.post, path, .open) { try await upload($0, operations) },
      ]
    }
    return routes
  }

  private static func upload(_ call: APICall, _ operations: any PlatformOperations) async throws -> Response {
    let session = try call.id("session")
    // Strangers do not get to send us megabytes.
    try await operations.expectsSnapshot(session: session)
    let body = try await call.upload(limit: HTTPLimits.snapshot)
    try await operations.storeSnapshot(session: session, bytes: body, source: call.source)
    return Response(status: .ok, headers: [.cacheControl: "no-store"])
  }

  private static func firmware(_ operations: any PlatformOperations, _ afterCare: AfterCare) -> [Route] {
    [
      Route(.get, "/api/v1/firmware", .needs(.configure)) { _ in
        try .json(API.Page(items: try await operations.firmware()))
      },
      Route(.put, "/api/v1/firmware/{name}", .needs(.manageFirmware)) { call in
        let body = call.request.body
        var parts = body.makeAsyncIterator()
        let writer = try await operations.placeFirmware(try fileName(call), by: try call.caller())
        do {
          while let part = try await parts.next() { try await writer.write(Array(part.readableBytesView)) }
          return try .json(try await writer.finish(), status: .created)
        } catch {
          await writer.abandon()
          throw error
        }
      },
      Route(.delete, "/api/v1/firmware/{name}", .needs(.manageFirmware)) { call in
        try await operations.removeFirmware(try fileName(call), by: try call.caller())
        return .noContent
      },
      Route(.get, "/api/v1/devices/{id}/upgrades", .needs(.configure)) { call in
        try .json(API.Page(items: try await operations.upgrades(device: try call.id())))
      },
      // The session in the path is the credential.
      Route(.get, "/firmware/{session}/{file}", .open) { call in
        let content = try await operations.fetchFirmware(session: try call.id("session"), source: call.source)
        return ExportResponse.make(ExportTransfer(content, afterCare), for: call.request)
      },
    ]
  }

  /// Letters, digits, dots, hyphens and underscores, not beginning with a dot.
  private static func fileName(_ call: APICall) throws -> String {
    let name = try call.text("name")
    let isPlain = name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        || [45, 46, 95].contains($0)
    }
    guard isPlain, (1...100).contains(name.utf8.count), name.first != "." else {
      throw Problem.invalid(
        "A file name has letters, digits, “.”, “-” and “_”, and does not begin with a dot.")
    }
    return name
  }
}

/// Takes a file of firmware piece by piece.
public protocol FirmwareWriter: Sendable {
  /// - Throws: `Problem` when it becomes too long or the disk too full.
  func write(_ bytes: [UInt8]) async throws
  /// The file is whole; it takes the place of an earlier one of that name.
  func finish() async throws -> API.FirmwareFile
  /// The file did not come whole; nothing stays of it.
  func abandon() async
}
