import DeviceSimulator
import Foundation
import GBCore
import HTTPAPI
import MPEGCore
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

@Suite("Voices at their edges", .serialized)
struct VoiceEdgeTests {
  private static let id = Cameras.first
  private static let channel = "34020000001320000001"
  private static let offer = """
    v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=Play\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n\
    a=recvonly\r\ny=0200005678\r\n
    """

  /// A registered device with one camera that does what a test says, and its server.
  private func with(
    _ answer: @escaping SIPPeer.Answer, _ body: (RunningServer, SIPPeer, ChannelKey) async throws -> Void
  ) async throws {
    try await RunningServer.with { server in
      let device = try #require(DeviceID(Self.id))
      try await server.announce(device)
      let peer = try SIPPeer(Self.id, port: server.runtime.addresses.sip, answer: answer)
      defer { peer.close() }
      #expect(try await peer.register(password: RunningServer.password) == 200)
      let catalog = peer.request(
        .message,
        body: """
          <Notify><CmdType>Catalog</CmdType><SN>1</SN><DeviceID>\(Self.id)</DeviceID><SumNum>1</SumNum>\
          <DeviceList Num="1"><Item><DeviceID>\(Self.channel)</DeviceID><Event>ADD</Event><Name>Gate</Name>\
          <Status>ON</Status></Item></DeviceList></Notify>
          """)
      #expect(try await peer.exchange(catalog).status == 200)
      let key = ChannelKey(device: device, channel: try #require(DeviceID(Self.channel)))
      #expect(await eventually { server.services.directory.channel(key) != nil })
      try await body(server, peer, key)
    }
  }

  private func invite(_ peer: SIPPeer, _ body: String = offer) -> SIPRequest {
    var invite = peer.request(.invite, body: body)
    invite.headers.set(.contentType, "Application/SDP")
    return invite
  }

  private static func text(_ request: SIPRequest) -> String { String(decoding: request.body, as: UTF8.self) }

  @Test("An INVITE that no broadcast waits for gets 403 and is counted")
  func stranger() async throws {
    try await with(SIPPeer.agreeable) { server, peer, _ in
      let answer = try await peer.exchange(invite(peer))
      #expect(answer.status == 403)
      #expect(server.services.voice.figures.strangers == 1 && server.services.voice.all.isEmpty)
    }
  }

  @Test(
    "Without a Response a session stands all the same once the device calls; ACK, refresh and BYE find it")
  func scripted() async throws {
    try await with(SIPPeer.agreeable) { server, peer, key in
      async let opening = VoiceTests.open(server, key)
      #expect(await eventually { peer.requests.contains { Self.text($0).contains("<CmdType>Broadcast<") } })
      let told = try #require(peer.requests.first { Self.text($0).contains("<CmdType>Broadcast<") })
      #expect(Self.text(told).contains("<TargetID>\(Self.channel)</TargetID>"))
      #expect(!Self.text(told).contains("<DeviceID>"))
      let call = invite(peer)
      let agreed = try await peer.exchange(call)
      #expect(agreed.status == 200 && agreed.contact != nil)
      let opened = try await opening
      #expect(opened.voice.state == .speaking)
      var refresh = invite(peer)
      refresh.headers.set(.callID, try #require(call.callID))
      refresh.headers.set(.to, try #require(agreed.headers[.to]))
      refresh.headers.set(.cseq, "77 INVITE")
      let again = try await peer.exchange(refresh)
      #expect(again.status == 200 && again.body == agreed.body)
      var bye = peer.request(.bye, callID: try #require(call.callID))
      bye.headers.set(.to, try #require(agreed.headers[.to]))
      bye.headers.set(.cseq, "78 BYE")
      #expect(try await peer.exchange(bye).status == 200)
      #expect(await eventually { server.services.voice.all.isEmpty })
      #expect(try await peer.exchange(invite(peer)).status == 403)
    }
  }

  @Test(
    "A call for a coding that does not exist here is refused with 488, unreadable ones with 400, with a reason"
  )
  func offers() async throws {
    for (body, status) in [
      ("v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 40000 RTP/AVP 18\r\n", 488), ("not a description", 400),
    ] {
      try await with(SIPPeer.agreeable) { server, peer, key in
        async let opening = server.http.send("POST", "/api/v1/channels/\(key)/voice")
        #expect(await eventually { !server.services.voice.all.isEmpty })
        #expect(await eventually { peer.requests.contains { Self.text($0).contains("<CmdType>Broadcast<") } })
        #expect(try await peer.exchange(invite(peer, body)).status == status)
        let answer = try await opening
        #expect(answer.status == 502 && answer.text.contains("/problems/voice-no-format"))
      }
    }
  }

  @Test("DELETE takes back a session that is still being opened")
  func impatient() async throws {
    try await with(SIPPeer.agreeable) { server, _, key in
      async let opening = server.http.send("POST", "/api/v1/channels/\(key)/voice")
      #expect(await eventually { server.services.voice.all.first?.state == .asking })
      let ended = try await server.http.send("DELETE", "/api/v1/channels/\(key)/voice")
      let answer = try await opening
      let again = try await server.http.send("DELETE", "/api/v1/channels/\(key)/voice")
      #expect(ended.status == 204 && answer.status == 410 && again.status == 410)
    }
  }

  @Test("A microphone may speak G.711; one that breaks a rule is let go with the code that says so")
  func microphones() async throws {
    try await VoiceTests.with { server, key, fleet in
      let opened = try await VoiceTests.open(server, key)
      let said = Microphone.tone(seconds: 0.2)
      for law in [MediaCodec.g711A, .g711U] {
        let microphone = Microphone(socket: try await server.http.webSocket(opened.url))
        let name = law == .g711A ? "pcma" : "pcmu"
        microphone.send(.text, Array(#"{"format":"\#(name)"}"#.utf8))
        let before = await VoiceTests.heard(fleet).samples.count
        microphone.send(.binary, said.map { G711.encode($0, law: law) })
        #expect(
          await eventually {
            let heard = Array(await VoiceTests.heard(fleet).samples.dropFirst(before))
            return Voices.place(of: said, in: heard, within: 12) != nil
          }, "\(name)")
      }
      for wrong in ["{}", "nonsense", #"{"format":"mp3"}"#] {
        let microphone = Microphone(socket: try await server.http.webSocket(opened.url))
        microphone.send(.text, Array(wrong.utf8))
        while case .text = try await microphone.socket.next() {}
      }
      let bare = try await server.http.webSocket(opened.url)
      // §5.1: what is not masked comes from no browser.
      bare.connection.send([0x82, 2, 0, 0])
      while case .text = try await bare.next() {}
      #expect(server.services.voice.find(opened.session) != nil)
      let none = try await server.http.send("GET", "/media/\(opened.session)/voice")
      #expect(none.status == 426)
    }
  }

  @Test("Sessions that were opened and ended leave no socket behind")
  func churn() async throws {
    // An address that nothing else in this process uses: what other tests open does not count.
    func sockets() -> Int {
      let all = ["tcp", "udp"].compactMap {
        try? String(contentsOfFile: "/proc/self/net/\($0)", encoding: .utf8)
      }
      return all.joined().split(separator: "\n").count {
        // Local address, byte by byte from the back; 06 is one that only waits for stragglers.
        let columns = $0.split(separator: " ")
        return columns.count > 3 && columns[1].hasPrefix("4D05007F:") && columns[3] != "06"
      }
    }
    try await VoiceTests.with(VoiceHabits(transport: .tcpPassive), mediaHost: "127.0.5.77") {
      server, key, fleet in
      func cycle() async throws {
        let opened = try await VoiceTests.open(server, key)
        let socket = try await server.http.webSocket(opened.url)
        #expect(try await server.http.send("DELETE", "/api/v1/channels/\(key)/voice").status == 204)
        while case .text = try await socket.next() {}
      }
      try await cycle()
      #expect(await eventually { await VoiceTests.heard(fleet).standing == 0 })
      // The media port over TCP and UDP.
      let before = sockets()
      #expect(before > 0)
      for _ in 0..<25 { try await cycle() }
      #expect(await eventually { sockets() <= before })
      #expect(await eventually { await VoiceTests.heard(fleet).byes == 26 })
      #expect(server.services.voice.all.isEmpty && server.services.voice.figures.opened == 26)
    }
  }
}
