import Access
import DeviceSimulator
import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

@Suite("Recorded material on links that do not bear everything, over real sockets", .serialized)
struct LinkRecordingsTests: OnBoardTests {
  private func declare(_ server: RunningServer, _ device: DeviceID, _ capacity: Int) async throws {
    _ = try await server.http.json(
      "PUT", "/api/v1/links/down-\(device)", API.LinkDeclaration(capacity: capacity), as: API.Link.self)
  }

  private func link(_ server: RunningServer) async throws -> API.Link {
    try #require(try await server.http.json("GET", "/api/v1/links", as: API.Page<API.Link>.self).items.first)
  }

  @Test("A download counts by its pace, is refused with who has the link, and leaves when it is over")
  func downloads() async throws {
    try await with { server, keys, _ in
      // Nothing is known of the camera: 4 Mbit/s, eight times that for this download.
      try await declare(server, keys[0].device, 20_000_000)
      let start = moment(ago: 3_600)
      let refused = try await fetched(server, keys[0], start, start + .seconds(5))
      #expect(refused.state == .failed && refused.cause?.code == "link-full")
      #expect(refused.cause?.text.contains("lacks 12.0 Mbit/s") == true)
      #expect(try await link(server).refused > 0)
      try await declare(server, keys[0].device, 40_000_000)
      let job = try await fetched(server, keys[0], start, start + .seconds(5))
      #expect(job.state == .complete && job.cause == nil)
      #expect(try await eventually { try await link(server).streams.isEmpty })
    }
  }

  @Test("Something more urgent takes the place of a replay, and its viewer learns why")
  func displaced() async throws {
    try await with { server, keys, _ in
      try await declare(server, keys[0].device, 5_000_000)
      let (key, _) = try await server.services.gatekeeper.addToken(name: "desk", role: .operator, by: "test")
      let desk = HTTPClient(port: server.runtime.addresses.http, token: key)
      let start = moment(ago: 3_600)
      let opened = try await desk.json(
        "POST", "/api/v1/channels/\(keys[0])/playback",
        API.PlaybackRequest(
          from: API.Time(start), to: API.Time(start + .seconds(900)), source: "device", purpose: "test"),
        as: API.MediaSessionOpened.self)
      let viewer = try await ReplayViewer(server, opened)
      _ = try await viewer.position { $0.wall >= start }
      let before = try await link(server)
      #expect(before.streams.count == 1 && before.streams[0].user.hasSuffix("for desk"))
      let live = try await server.http.json(
        "POST", "/api/v1/channels/\(keys[0])/live", API.LiveRequest(purpose: "test"),
        as: API.MediaSessionOpened.self)
      try await viewer.text(containing: "link-full")
      #expect(try await server.http.stream(live.urls.fmp4, bytes: 10_000).body.count >= 10_000)
      let after = try await link(server)
      #expect(after.displaced == 1 && after.streams.map(\.user).allSatisfy { !$0.hasSuffix("for desk") })
    }
  }
}
