import Cryptography
import GBCore
import Logging
import MediaTime
import Registry
import SDPCore
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Calls to a scripted device", .serialized)
struct CallServiceTests {
  private static let id = Cameras.first

  /// A registered device that treats INVITEs as `answer` says, and the server that calls it.
  private func with(
    _ answer: @escaping SIPPeer.Answer, _ body: (RunningServer, SIPPeer, CallRequest) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip) { peer, request in
        if [.invite, .cancel, .bye].contains(request.method) {
          answer(peer, request)
        } else {
          SIPPeer.agreeable(peer, request)
        }
      }
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let channel = ChannelKey(device: device, channel: try #require(DeviceID("34020000001320000001")))
      let request = CallRequest(
        channel: channel, path: .udp, port: 9_000, ssrc: 200_001_234, streamNumber: nil)
      try await body(server, peer, request)
    }
  }

  private static func sdp(ssrc: String) -> [UInt8] {
    Array(
      "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 40000 RTP/AVP 96\r\na=rtpmap:96 PS/90000\r\na=sendonly\r\ny=\(ssrc)\r\n"
        .utf8)
  }

  @Test("an accepted call is acknowledged and ended with BYE in its dialog")
  func callsAndHangsUp() async throws {
    try await with { peer, request in
      switch request.method {
      case .invite:
        peer.reply(request, 100)
        peer.reply(request, 200, body: Self.sdp(ssrc: "0200001234"), tag: "dialog")
      default: peer.reply(request, 200)
      }
    } _: { server, peer, request in
      let events = Collected<CallEvent>()
      let handle = try #require(await server.services.calls.place(request) { events.add($0) })
      #expect(await eventually { peer.count(.ack) >= 1 })
      #expect(
        await eventually {
          events.all == [.answered(ssrc: nil, host: "127.0.0.1", port: 40_000, connects: false)]
        })
      let invite = try #require(peer.requests.first { $0.method == .invite })
      let offer = try SessionDescription(parsing: invite.body)
      #expect(offer.ssrc?.value == 200_001_234 && offer.primaryMedia?.port == 9_000)
      #expect(invite.headers[.subject]?.contains("34020000001320000001:0200001234") == true)
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.bye) >= 1 })
      let bye = try #require(peer.requests.first { $0.method == .bye })
      #expect(
        bye.callID == invite.callID && bye.to?.tag == "dialog"
          && (bye.cseq?.number ?? 0) > (invite.cseq?.number ?? 0))
      #expect(server.services.calls.count == 0)
      // A second hang-up is harmless.
      await server.services.calls.hangUp(handle)
      #expect(server.services.calls.record(request.channel)?.lastStatus == 200)
    }
  }

  @Test("every call is acknowledged, also when the 200 is here before the INVITE's sender has returned")
  func acknowledged() async throws {
    try await with { peer, request in
      if request.method == .invite { peer.reply(request, 200, body: Self.sdp(ssrc: "0200001234")) }
    } _: { server, peer, request in
      // A few at a time: the peer repeats no answer, so nothing may be lost in its socket.
      for round in 1...20 {
        await withTaskGroup { group in
          for _ in 0..<10 { group.addTask { _ = await server.services.calls.place(request) { _ in } } }
        }
        #expect(
          await eventually {
            Set(peer.requests.filter { $0.method == .ack }.map(\.callID)).count == 10 * round
          })
      }
    }
  }

  @Test("a 200 that crosses the CANCEL is acknowledged and ended with BYE, and nobody is told of it")
  func crossing() async throws {
    let invites = Locked<[SIPRequest]>([])
    try await with { peer, request in
      switch request.method {
      case .invite:
        peer.reply(request, 100)
        peer.reply(request, 180)
        invites.with { $0.append(request) }
      case .cancel:
        peer.reply(request, 200)
        if let invite = invites.with({ $0.first }) {
          peer.reply(invite, 200, body: Self.sdp(ssrc: "0200001234"))
        }
      default: peer.reply(request, 200)
      }
    } _: { server, peer, request in
      let events = Collected<CallEvent>()
      let handle = try #require(await server.services.calls.place(request) { events.add($0) })
      #expect(await eventually { !invites.with { $0.isEmpty } })
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.cancel) >= 1 && peer.count(.ack) >= 1 && peer.count(.bye) >= 1 })
      #expect(await eventually { server.services.calls.count == 0 })
      #expect(events.all.isEmpty)
    }
  }

  @Test("a call that is given up before any answer is cancelled and forgotten at the 487")
  func cancelled() async throws {
    let invites = Locked<[SIPRequest]>([])
    try await with { peer, request in
      switch request.method {
      case .invite:
        peer.reply(request, 100)
        invites.with { $0.append(request) }
      case .cancel:
        peer.reply(request, 200)
        if let invite = invites.with({ $0.first }) { peer.reply(invite, 487) }
      default: peer.reply(request, 200)
      }
    } _: { server, peer, request in
      let events = Collected<CallEvent>()
      let handle = try #require(await server.services.calls.place(request) { events.add($0) })
      #expect(await eventually { !invites.with { $0.isEmpty } })
      await server.services.calls.hangUp(handle)
      #expect(await eventually { peer.count(.ack) >= 1 && server.services.calls.count == 0 })
      #expect(peer.count(.bye) == 0 && events.all.isEmpty)
    }
  }

  @Test("a refusal is reported with its status; another stream number in the answer is passed on")
  func refusalAndSSRC() async throws {
    let status = Locked(486)
    try await with { peer, request in
      guard request.method == .invite else { return peer.reply(request, 200) }
      let now = status.with { $0 }
      peer.reply(request, now, body: now == 200 ? Self.sdp(ssrc: "0200009999") : [])
    } _: { server, peer, request in
      let events = Collected<CallEvent>()
      _ = await server.services.calls.place(request) { events.add($0) }
      #expect(await eventually { events.all == [.refused(status: 486)] })
      #expect(server.services.calls.count == 0)
      status.with { $0 = 200 }
      _ = await server.services.calls.place(request) { events.add($0) }
      #expect(
        await eventually {
          events.all.last == .answered(ssrc: 200_009_999, host: "127.0.0.1", port: 40_000, connects: false)
        })
    }
  }

  @Test("BYE from the device ends the call, gets 200, and a second one 481")
  func byeFromDevice() async throws {
    try await with { peer, request in
      peer.reply(
        request, 200, body: request.method == .invite ? Self.sdp(ssrc: "0200001234") : [], tag: "dialog")
    } _: { server, peer, request in
      let events = Collected<CallEvent>()
      _ = await server.services.calls.place(request) { events.add($0) }
      #expect(await eventually { peer.count(.ack) >= 1 })
      let invite = try #require(peer.requests.first { $0.method == .invite })
      var bye = peer.request(.bye, callID: try #require(invite.callID))
      var (from, to) = (try #require(invite.to), try #require(invite.from))
      from.tag = "dialog"
      bye.headers.set(.from, from.description)
      bye.headers.set(.to, to.description)
      to.tag = "stranger"
      var foreign = bye
      foreign.headers.set(.callID, "nobody-knows")
      #expect(try await peer.exchange(foreign).status == 481)
      #expect(try await peer.exchange(bye).status == 200)
      #expect(await eventually { events.all.last == .hungUp && server.services.calls.count == 0 })
      var second = bye
      second.headers.set(.cseq, "99 BYE")
      #expect(try await peer.exchange(second).status == 481)
    }
  }

  @Test("a device that is not registered cannot be called")
  func unregistered() async throws {
    try await RunningServer.with { server in
      let id = try #require(DeviceID(Self.id))
      let request = CallRequest(
        channel: ChannelKey(device: id, channel: id), path: .udp, port: 9, ssrc: 1, streamNumber: nil)
      #expect(await server.services.calls.place(request) { _ in } == nil)
      #expect(server.services.calls.count == 0)
    }
  }
}
