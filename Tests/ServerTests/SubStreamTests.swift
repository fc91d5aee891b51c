import GBCore
import HTTPAPI
import MediaTime
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Main and sub-stream over real sockets", .serialized)
struct SubStreamTests {
  private static let id = "34020000001180000001"
  private static let camera = "34020000001320000001"
  private static let live = "/api/v1/channels/\(id)_\(camera)/live"

  private func text(_ request: SIPRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  /// A camera that has no sub-stream: it refuses the call for it and rings for ever for the other.
  private static let single: SIPPeer.Answer = { peer, request in
    let text = String(decoding: request.body, as: UTF8.self)
    switch request.method {
    case .ack: return
    case .invite: return peer.reply(request, text.contains("a=streamnumber:1") ? 404 : 180)
    default: peer.reply(request, 200)
    }
    guard request.method == .message, text.contains("<Query>"),
      let sn = text.firstMatch(of: /<SN>(\d+)<\/SN>/).map({ String($0.1) }),
      let command = text.firstMatch(of: /<CmdType>(\w+)<\/CmdType>/).map({ String($0.1) })
    else { return }
    let item = "<Item><DeviceID>\(camera)</DeviceID><Name>Gate</Name><Status>ON</Status></Item>"
    let list = "<SumNum>1</SumNum><DeviceList Num=\"1\">\(item)</DeviceList>"
    let body =
      "<Response><CmdType>\(command)</CmdType><SN>\(sn)</SN><DeviceID>\(peer.id)</DeviceID>"
      + (command == "Catalog" ? list : "<Result>OK</Result>") + "</Response>"
    Task { try await peer.exchange(peer.request(.message, body: body)) }
  }

  private func with(_ body: (RunningServer, SIPPeer) async throws -> Void) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, answer: Self.single)
      defer { peer.close() }
      let status = try await peer.register(password: RunningServer.password)
      #expect(status == 200)
      #expect(await eventually { server.services.directory.read { $0.channels(of: device).count } == 1 })
      try await body(server, peer)
    }
  }

  private func calls(_ peer: SIPPeer) -> [String] { peer.requests.filter { $0.method == .invite }.map(text) }

  @Test("the two streams of a camera are two calls, and each asks for its own")
  func two() async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Cameras.first))
      try await server.announce(device)
      let configuration = try Cameras.configuration(sip: server.runtime.addresses.sip, channels: 1)
      try await Cameras.with(configuration) { _ in
        #expect(await eventually { server.services.directory.read { $0.channels(of: device).count } == 1 })
        let channel = try #require(server.services.directory.read { $0.channels(of: device).first?.key })
        var sessions: [API.MediaSessionOpened] = []
        for word in ["main", "sub", nil, "sub"] {
          sessions.append(
            try await server.http.json(
              "POST", "/api/v1/channels/\(channel)/live", API.LiveRequest(stream: word),
              as: API.MediaSessionOpened.self))
        }
        for session in sessions {
          let picture = try await server.http.stream(session.urls.fmp4, bytes: 10_000)
          #expect(picture.body.count >= 10_000)
        }
        let listed = try await server.http.json(
          "GET", "/api/v1/media-sessions", as: API.Page<API.MediaSession>.self)
        let streams = Dictionary(
          listed.items.map { ($0.session, $0.stream) }, uniquingKeysWith: { $1 })
        #expect(sessions.map { streams[$0.session] } == ["main", "sub", "main", "sub"])
        let numbers = await server.services.live.states.keys.map(\.number).sorted()
        #expect(numbers == [0, 1], "one call for each stream, however many look")
        #expect(
          try await server.http.send(
            "POST", "/api/v1/channels/\(channel)/live", API.LiveRequest(stream: "best")
          )
          .status == 422)
        for session in sessions {
          _ = try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
        }
        #expect(await eventually { await server.services.live.states.isEmpty })
      }
    }
  }

  @Test(
    "a camera that gives no sub-stream is shown by its main stream, at once the next time, and the session says so"
  )
  func fallback() async throws {
    try await with { server, peer in
      let first = try await server.http.json(
        "POST", Self.live, API.LiveRequest(stream: "sub"), as: API.MediaSessionOpened.self)
      let picture = Task { try? await server.http.stream(first.urls.fmp4, bytes: 1) }
      #expect(await eventually { calls(peer).contains { $0.contains("a=streamnumber:1") } })
      #expect(await eventually { calls(peer).contains { !$0.contains("a=stream") } })
      func shown(_ session: String) async throws -> String? {
        try await server.http.json("GET", "/api/v1/media-sessions/\(session)", as: API.MediaSession.self)
          .stream
      }
      #expect(try await shown(first.session) == "main")
      let asked = calls(peer).count { $0.contains("a=streamnumber:1") }
      let second = try await server.http.json(
        "POST", Self.live, API.LiveRequest(stream: "sub"), as: API.MediaSessionOpened.self)
      #expect(try await shown(second.session) == "main")
      for session in [first, second] {
        _ = try await server.http.send("DELETE", "/api/v1/media-sessions/\(session.session)")
      }
      #expect(calls(peer).count { $0.contains("a=streamnumber:1") } == asked)
      _ = await picture.value
      #expect(await eventually { await server.services.live.states.isEmpty })
    }
  }
}
