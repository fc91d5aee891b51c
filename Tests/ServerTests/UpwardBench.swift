import Access
import DeviceSimulator
import Foundation
import GBCore
import Glibc
import HTTPAPI
import MediaTime
import MediaTransport
import Registry
import SIPCore
import TestSupport
import Testing

@testable import Server

/// A server with a recorder of two cameras, and a platform above it made of a plain socket.
struct UpwardBench: Sendable {
  let server: RunningServer
  let peer: SIPPeer
  let fleet: SimulatedFleet
  let camera: DeviceID
  let granted: Locked<Bool>
  /// Where pictures may go: a port that is open, so that nobody is told that it is not.
  let media: MediaPort

  static let device = Cameras.first

  /// - Parameters:
  ///   - edition: of the device.
  ///   - since: the beginning of what is granted of recordings.
  ///   - answer: what the platform above does with what it gets.
  static func with(
    edition: GBVersion = .v2022, granted: Bool = true, since: WallTime? = nil,
    recordings: OnBoardRecordings? = OnBoardRecordings(),
    answer: @escaping SIPPeer.Answer = SuperiorTests.registrar,
    version: String? = nil, sharesGroups: Bool = true, _ body: (UpwardBench) async throws -> Void
  ) async throws {
    try await Folder.with { folder in
      let flag = Locked(granted)
      var grants = UpwardGrants(sees: { _, _ in true }, looks: { _, _ in flag.with { $0 } })
      if let since {
        grants.decides = { question in
          if let footage = question.footage, footage.lowerBound < since {
            return .denied(Denial(.outsideFootage))
          }
          return .allowed(Allowance(grant: "g", until: nil, priority: 30, earliestFootage: since))
        }
      }
      let server = try await RunningServer.start(folder: folder, grants: grants)
      do {
        let peer = try SIPPeer(SuperiorTests.above, port: server.runtime.addresses.sip, answer: answer)
        defer { peer.close() }
        var superior = API.NewSuperior(
          name: "City", password: "upward-1", servers: ["127.0.0.1:\(peer.localPort)"])
        superior.encoding = "UTF-8"
        (superior.gbVersion, superior.sharesGroups) = (version, sharesGroups)
        #expect(try await server.http.send("PUT", SuperiorTests.path, superior).status < 300)
        let device = try #require(DeviceID(Self.device))
        try await server.announce(device)
        let configuration = try Cameras.configuration(
          sip: server.runtime.addresses.sip, channels: 2, edition: edition)
        var fleet = try configuration.fleet()
        fleet.peers[0].recordings = recordings
        let camera = configuration.channelID(device: 0, channel: 0)
        try await SimulatedPeers.with(fleet) { fleet in
          let key = ChannelKey(device: device, channel: camera)
          #expect(await eventually { await server.services.superiors.views.channel(peer.id, camera) == key })
          #expect(await eventually { server.services.superiors.server(peer.id) != nil })
          #expect(await eventually { server.services.directory.channel(key)?.status == .on })
          try await body(
            UpwardBench(
              server: server, peer: peer, fleet: fleet, camera: camera, granted: flag, media: MediaPort()))
        }
      } catch {
        try? await server.stop()
        throw error
      }
      try await server.stop()
    }
  }

  var key: ChannelKey { ChannelKey(device: DeviceID(Self.device) ?? camera, channel: camera) }

  /// Sent to platforms above so far.
  var packets: UInt64 {
    server.services.plane.snapshot().streams.flatMap(\.relays).reduce(0) { $0 + $1.packets }
  }

  /// A datagram socket that takes everything and reads nothing.
  final class MediaPort: Sendable {
    let number: Int
    private let descriptor: Int32

    init() {
      descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let descriptor = descriptor
      withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = bind(descriptor, $0, length)
          _ = getsockname(descriptor, $0, &length)
        }
      }
      number = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
  }

  // MARK: Asking

  static func document(
    _ command: String, of code: DeviceID, root: String = "Query", sn: Int = 17, more: String = ""
  ) -> String {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<\(root)><CmdType>\(command)</CmdType><SN>\(sn)</SN>"
      + "<DeviceID>\(code)</DeviceID>\(more)</\(root)>"
  }

  /// Sends a document about the camera and returns the status of its answer.
  func tell(_ command: String, root: String = "Query", more: String = "", of code: DeviceID? = nil)
    async throws -> Int
  {
    let body = Self.document(command, of: code ?? camera, root: root, more: more)
    return try await peer.exchange(peer.request(.message, body: body)).status
  }

  /// What was answered in documents.
  func answers(_ command: String) -> [MANSCDPMessage] {
    peer.requests.filter { $0.method == .message }.compactMap {
      try? MANSCDPMessage(text: String(decoding: $0.body, as: UTF8.self))
    }.filter { $0.root == .response && $0.cmdType.name == command }
  }

  /// Asks about the camera, and waits for the document.
  func ask(_ command: String, root: String = "Query", more: String = "", of code: DeviceID? = nil)
    async throws -> MANSCDPMessage
  {
    let before = answers(command).count
    #expect(try await tell(command, root: root, more: more, of: code) == 200)
    #expect(await eventually { answers(command).count > before })
    return try #require(answers(command).last)
  }

  // MARK: Calling

  func invite(
    _ session: String, time: String = "0 0", port: Int = 9, more: String = "", of code: DeviceID? = nil
  )
    -> SIPRequest
  {
    var invite = peer.request(.invite)
    invite.requestURI = "sip:\(code ?? camera)@3402000000"
    invite.headers.set(.to, "<sip:\(code ?? camera)@3402000000>")
    invite.headers.append(.contentType, "Application/SDP")
    let sdp =
      "v=0\r\no=\(peer.id) 0 0 IN IP4 127.0.0.1\r\ns=\(session)\r\nu=\(camera):0\r\nc=IN IP4 127.0.0.1\r\n"
      + "t=\(time)\r\nm=video \(port) RTP/AVP 96\r\na=recvonly\r\na=rtpmap:96 PS/90000\r\n\(more)"
    invite.body = Array(sdp.utf8)
    return invite
  }

  /// A request inside the dialog of an answered INVITE.
  func inside(
    _ method: SIPMethod, _ invite: SIPRequest, _ answer: SIPResponse, body: String = "", type: String? = nil
  ) -> SIPRequest {
    var request = peer.request(method, callID: invite.callID ?? "")
    request.requestURI = invite.requestURI
    request.headers.set(.to, answer.headers[.to] ?? "")
    request.headers.set(.from, invite.headers[.from] ?? "")
    if method == .ack {
      request.headers.set(.cseq, "\(invite.cseq?.number ?? 1) ACK")
    }
    if let type { request.headers.set(.contentType, type) }
    request.body = Array(body.utf8)
    return request
  }

  /// ACK has no answer.
  func acknowledge(_ invite: SIPRequest, _ answer: SIPResponse, body: String = "") {
    var ack = inside(.ack, invite, answer, body: body, type: body.isEmpty ? nil : "Application/SDP")
    ack.headers.prepend(
      .via,
      Via(
        transport: .udp, host: "127.0.0.1", port: peer.localPort,
        branch: Via.magicCookie + UUID().uuidString
      ).description)
    ack.headers.set(.contentLength, "\(ack.body.count)")
    peer.send(ack.serialised())
  }
}
