import GBCore
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

/// What devices get wrong when they replay what they have recorded.
extension DeviceTraceTests {
  private func history(
    _ server: RunningServer, _ peer: SIPPeer, _ session: InviteOffer.Session, _ events: Collected<CallEvent>
  ) async throws -> CallHandle {
    let channel = ChannelKey(device: peer.id, channel: try #require(DeviceID(Self.camera)))
    let request = CallRequest(
      channel: channel, path: .udp, port: 9_000, ssrc: 1_200_001_234, streamNumber: nil, session: session)
    return try #require(await server.services.calls.place(request) { events.add($0) })
  }

  @Test(
    "34: the end of a file, told under the channel's code and in no dialog, ends the only replay it can mean")
  func endOfFile() async throws {
    try await with { peer, request in
      guard request.method != .ack else { return }
      let body = request.method == .invite ? Self.answer.replacing("0200001234", with: "1200001234") : ""
      peer.reply(request, 200, body: Array(body.utf8))
    } _: { server, peer in
      let events = Collected<CallEvent>()
      _ = try await history(server, peer, .playback(start: 1_704_159_000, end: 1_704_160_800), events)
      #expect(await eventually { peer.count(.ack) >= 1 })
      let body =
        "<?xml version=\"1.0\" encoding=\"GB2312\"?>\r\n<Notify>\r\n<CmdType>MediaStatus</CmdType>\r\n<SN>8</SN>\r\n"
        + "<DeviceID>\(Self.camera)</DeviceID>\r\n<NotifyType>121</NotifyType>\r\n</Notify>\r\n"
      peer.send(Self.mail("nobody-knows-this", from: Self.camera, Array(body.utf8)))
      #expect(await status(peer, "nobody-knows-this") == 200)
      #expect(await eventually { events.all.last == .fileEnded })
      // One that belongs to nothing is answered all the same, or it would be repeated.
      peer.send(
        Self.mail("and-this", from: Self.camera, Array(body.replacing(Self.camera, with: "340200").utf8)))
      #expect(await status(peer, "and-this") == 200)
    }
  }

  @Test(
    "38: a file size of 0 or -1 in the answer to a download is none", arguments: ["0", "-1", "734003200"])
  func fileSizes(_ size: String) async throws {
    try await with { peer, request in
      guard request.method != .ack else { return }
      let body = request.method == .invite ? Self.answer.replacing("y=", with: "a=filesize:\(size)\ny=") : ""
      peer.reply(request, 200, body: Array(body.utf8))
    } _: { server, peer in
      let events = Collected<CallEvent>()
      _ = try await history(
        server, peer, .download(start: 1_704_159_000, end: 1_704_160_800, speed: 4), events)
      #expect(await eventually { events.all.contains { if case .answered = $0 { true } else { false } } })
      let told = events.all.compactMap { if case .announced(let bytes) = $0 { bytes } else { nil } }
      #expect(told == (size == "734003200" ? [734_003_200] : []))
      let invite = try #require(peer.requests.first { $0.method == .invite })
      #expect(String(decoding: invite.body, as: UTF8.self).contains("a=downloadspeed:4\r\n"))
    }
  }
}
