import Cryptography
import Foundation
import GBCore
import MPEGCore
import NIOCore
import NIOPosix
import SDPCore
import SIPCore

@testable import Conformance

/// The digests of the library.
enum Hashes {
  static let function: DigestFunction = { algorithm, bytes in
    switch algorithm {
    case .md5: Hash.md5.digest(bytes)
    case .sha256: Hash.sha256.digest(bytes)
    }
  }
}

/// A lower platform with one camera, right in everything but one thing.
final class ScriptedLower: PeerActions {
  enum Flaw: String, CaseIterable, Sendable {
    case none
    case noVersion
    case sequenceNotCounted
    case wrongSN
    case wrongSumNum
    case wrongNum
    case listOfNothing
    case strangeStatusWord
    case noSSRCLine
    case wrongSSRC
    case byeUnanswered
    case mediaAfterBye
    case secondAnswer
    case unknownCameraAccepted
  }

  static let id = DeviceID("34020000002000000009")
  static let camera = DeviceID("34020000001320000091")

  private let flaw: Flaw
  private let edition: Edition
  private let upper: SocketAddress
  private let peer: ConformPeer
  private let password: String
  private let route = Guarded<Route?>(nil)
  private let senders = Guarded<[String: MediaSender]>([:])
  private let sequence = Guarded(UInt32(0))

  init(_ flaw: Flaw, _ edition: Edition, upperPort: Int, password: String) throws {
    (self.flaw, self.edition, self.password) = (flaw, edition, password)
    upper = try SocketAddress(ipAddress: "127.0.0.1", port: upperPort)
    peer = ConformPeer(
      "scripted lower", ladder: Ladder(), loop: MultiThreadedEventLoopGroup.singleton.next(), codec: .utf8,
      manners: { _ in .leave })
  }

  func end() async {
    for sender in senders.value.values { await sender.close() }
    await peer.close()
  }

  // MARK: Registering

  func lower(_ order: LowerOrder) async throws {
    switch order {
    case .start:
      try await peer.setManners { [weak self] in self?.manner($0) ?? .ignore }
      let wire = try await peer.openUDP(host: "127.0.0.1")
      route.withLock { $0 = Route(wire: wire, remote: upper) }
      try await register(expires: 3_600)
    case .stop: try await register(expires: 0)
    case .cut: await end()
    case .startWithWrongPassword, .raiseAlarm: throw ActionFailure.notPossible("not scripted")
    }
  }

  private func register(expires: Int) async throws {
    guard let route = route.value, let id = Self.id else { return }
    let callID = Token.random()
    var challenge: DigestChallenge?
    for round in 0..<2 {
      var request = self.request(.register, id, callID)
      if round == 1, flaw == .sequenceNotCounted {
        request.headers.set(.cseq, "\((request.cseq?.number ?? 2) + 7) REGISTER")
      }
      if flaw == .noVersion { request.headers.remove(.gbVersion) }
      request.headers.append(.contact, "<sip:\(id)@\(route.wire.local)>")
      request.headers.append(.expires, String(expires))
      if let challenge {
        let credentials = DigestCredentials(
          answering: challenge, username: id.text, password: password, method: .register,
          uri: request.requestURI, cnonce: Token.random(), hash: Hashes.function)
        request.headers.append(.authorization, credentials.headerValue)
      }
      guard case .response(let response) = try await peer.send(request, over: route, patience: .seconds(5)),
        response.status == 401
      else { return }
      challenge = response.headers[.wwwAuthenticate].flatMap { DigestChallenge($0) }
    }
  }

  private func request(_ method: SIPMethod, _ id: DeviceID, _ callID: String) -> SIPRequest {
    let number = sequence.withLock { value in
      value += 1
      return value
    }
    let own = SIPURI(user: id.text, host: "3402000000")
    let server = SIPURI(user: "34000000002000000001", host: "3400000000")
    var request = SIPRequest(
      method: method, uri: server, from: NameAddress(uri: own, tag: Token.random()),
      to: NameAddress(uri: method == .register ? own : server), callID: callID, cseq: number)
    request.headers.append(.gbVersion, edition.version.description)
    return request
  }

  // MARK: Answering

  private func manner(_ incoming: IncomingRequest) -> ConformPeer.Manner {
    switch incoming.method {
    case .message:
      guard let document = incoming.document else { return .answer(400) }
      let answers = answers(document)
      peer.loop.execute { for answer in answers { self.send(answer) } }
      return .answer(200)
    case .invite:
      guard incoming.request.uri?.user == Self.camera?.text || flaw == .unknownCameraAccepted else {
        return .answer(404)
      }
      guard let offer = OfferedMedia(incoming), offer.media.kind == "video" else { return .answer(488) }
      peer.loop.makeFutureWithTask { try await self.accept(incoming, offer) }.whenComplete { _ in }
      return .leave
    case .bye:
      let sender = senders.value[incoming.callID]
      if flaw != .mediaAfterBye {
        peer.loop.makeFutureWithTask { await sender?.close() }.whenComplete { _ in }
      }
      if flaw == .byeUnanswered { return .ignore }
      return .answer(sender == nil ? 481 : 200)
    default: return .answer(405)
    }
  }

  private func send(_ document: MANSCDPDocument) {
    guard let route = route.value, let id = Self.id else { return }
    var message = request(.message, id, Token.random())
    message.headers.append(.contentType, MANSCDPDocument.contentType)
    message.body = document.body(edition.version.declaredEncoding, codec: .utf8)
    peer.post(message, over: route, patience: .seconds(5)).whenComplete { _ in }
  }

  private func answers(_ query: MANSCDPMessage) -> [MANSCDPDocument] {
    guard let id = Self.id, let camera = Self.camera, query.root == .query else { return [] }
    let sn = (query.sn ?? 0) + (flaw == .wrongSN && query.cmdType == .deviceInfo ? 1 : 0)
    switch query.cmdType {
    case .catalog:
      guard query.deviceID == id else { return [nothing(sn, query.deviceID ?? id)] }
      let item = TestDevice.item(camera, "Gate", of: id)
      var document = MANSCDPDocument.catalog(
        sn: sn, from: id, total: flaw == .wrongSumNum ? 2 : 1, items: [item], edition: edition.version)
      if flaw == .wrongNum, let index = document.fields.firstIndex(where: { $0.isNamed("DeviceList") }) {
        document.fields[index].attributes = [XMLAttribute("Num", "5")]
      }
      return [document]
    case .deviceInfo:
      let answer = MANSCDPDocument.deviceInfo(
        sn: sn, from: id,
        DeviceInfoReply(name: "Lower", manufacturer: "Test", model: "Script", firmware: "1", channels: 1))
      return flaw == .secondAnswer ? [answer, answer] : [answer]
    case .deviceStatus:
      var document = MANSCDPDocument.deviceStatus(sn: sn, from: id, DeviceStatusReply())
      if flaw == .strangeStatusWord {
        document.fields = document.fields.map { $0.isNamed("Online") ? XMLElement("Online", "YES") : $0 }
      }
      return [document]
    default: return []
    }
  }

  private func nothing(_ sn: Int, _ target: DeviceID) -> MANSCDPDocument {
    var document = MANSCDPDocument.catalog(
      sn: sn, from: target, total: 0, items: [], edition: edition.version)
    if flaw == .listOfNothing {
      document.fields.append(XMLElement("DeviceList", attributes: [XMLAttribute("Num", "0")]))
    }
    return document
  }

  private func accept(_ invite: IncomingRequest, _ offer: OfferedMedia) async throws {
    guard let clip = MediaClip(video: .h264), let camera = Self.camera, let route = route.value else {
      return
    }
    let agreed = offer.ssrc ?? StreamSSRC(200_000_001)
    let sender = try await MediaSender.open(
      offer.transport, clip: clip, ssrc: agreed.value &+ (flaw == .wrongSSRC ? 9 : 0), host: "127.0.0.1",
      on: peer.loop)
    senders.withLock { $0[invite.callID] = sender }
    var body = offer.answer(
      channel: camera, host: "127.0.0.1", port: sender.port, ssrc: agreed, format: "v/2/128x96/10/1/64a///")
    if flaw == .noSSRCLine {
      let lines = String(decoding: body, as: UTF8.self).components(separatedBy: "\r\n")
      body = Array(lines.filter { !$0.hasPrefix("y=") }.joined(separator: "\r\n").utf8)
    }
    let answer = body
    try await peer.answer(invite, 200) { response in
      response.headers.append(.contact, "<sip:\(camera)@\(route.wire.local)>")
      response.headers.append(.contentType, InviteOffer.contentType)
      response.body = answer
    }
    let callID = invite.callID
    guard try await peer.expect(within: .seconds(5), { $0.method == .ack && $0.callID == callID }) != nil
    else { return }
    try await sender.begin(to: offer.host, port: offer.port)
  }

  // MARK: What a server would do

  func provision(_ identity: TestIdentity) async throws {}
  func close(_ picture: OpenedPicture) async throws {}
  func openDownload(_ channel: TestChannel, from: String, to: String) async throws {
    throw ActionFailure.missing("no function for downloads")
  }

  func control(_ picture: OpenedPicture, _ change: PlaybackChange) async throws {}
  func order(_ order: PeerOrder, of channel: TestChannel) async throws {}
  func ask(_ question: PeerQuestion) async throws -> String { "unknown" }
  func openLive(_ channel: TestChannel, stream: Int?) async throws -> OpenedPicture {
    throw ActionFailure.missing("no function for pictures")
  }
  func openPlayback(_ channel: TestChannel, from: String, to: String) async throws -> OpenedPicture {
    throw ActionFailure.missing("no function for recordings")
  }
}
