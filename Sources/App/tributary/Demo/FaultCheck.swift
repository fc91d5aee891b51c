import Foundation
import GBCore
import HTTPAPI
import Registry

/// Whether the doctor says of each faulty device what is wrong with it.
struct FaultCheck: Sendable {
  let http: LocalHTTP

  /// Examines all of them at once, in the background.
  func begin() -> Task<String, any Error> {
    Task {
      try await withThrowingTaskGroup(of: String.self) { group in
        for device in DemoFleet.faulty { group.addTask { try await examine(device) } }
        var found: [String] = []
        for try await finding in group { found.append(finding) }
        return found.sorted().joined(separator: ", ")
      }
    }
  }

  private func examine(_ device: DemoFleet.Faulty) async throws -> String {
    let path =
      device.needsCall
      ? "channels/\(ChannelKey(device: device.id, channel: device.camera))" : "devices/\(device.id)"
    var last: [String] = []
    let expected = device.findings.sorted().joined(separator: " or ")
    return try await awaited(seconds: 40, "\(device.name): expected \(expected), found \(last)") {
      let codes = try await apart { () -> [String] in
        let answer = try http.request("GET", "/api/v1/\(path)/doctor", limit: 90)
        guard answer.status == 200 else { return ["\(answer.status)"] }
        return try answer.json(API.MediaDiagnosis.self).findings.map(\.code)
      }
      last = codes
      return codes.first { device.findings.contains($0) }
    }
  }
}
