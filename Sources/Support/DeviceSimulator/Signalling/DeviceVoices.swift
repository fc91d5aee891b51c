import GBCore
import MPEGCore
import NIOCore
import RTPCore
import SDPCore
import SIPCore

/// The loudspeaker of a device: calls for voices, hears them, talks back.
///
/// Proof for @unchecked, here and of its sessions: everything is touched on the signalling event loop only.
final class DeviceVoices: @unchecked Sendable {
  /// One session, by Call-ID.
  private final class Session: @unchecked Sendable {
    let socket: LoudspeakerSocket
    var invite: VoiceInvite?
    var dialog: Dialog?
    /// The 200 came or went.
    var isAgreed = false
    var last: RTPHeader?

    init(_ socket: LoudspeakerSocket) { self.socket = socket }
  }

  private unowned let device: SimulatedDevice
  private var sessions: [String: Session] = [:]
  private var counted = HeardVoice()
  private var echo = RTPPacketizer(ssrc: 0, payloadType: 8)

  init(_ device: SimulatedDevice) { self.device = device }

  private var habits: VoiceHabits { device.peer.voice ?? device.peer.dialect.voice }

  var heard: HeardVoice {
    var heard = counted
    heard.standing = sessions.values.count { $0.isAgreed }
    return heard
  }

  /// The power is cut.
  func forget() {
    for session in sessions.values {
      session.invite?.stop()
      session.socket.close()
    }
    sessions = [:]
  }

  // MARK: Broadcast

  func called(_ notice: BroadcastNotice, _ order: DeviceOrder) {
    counted.broadcasts += 1
    // It has one loudspeaker: who wants it must end what plays there.
    let isDeaf = habits.deafCodes.contains(notice.target) || !sessions.isEmpty
    guard habits.answer != .refuses, !isDeaf else { return device.reply(order, isOK: false) }
    let answers = habits.answer == .agrees
    switch habits.order {
    case .responseFirst:
      if answers { device.reply(order, isOK: true) }
      if habits.calls { later(habits.delay) { $0.call(notice) } }
    case .callFirst:
      if habits.calls { call(notice) }
      if answers { later(.milliseconds(200)) { $0.device.reply(order, isOK: true) } }
    }
  }

  private func later(_ delay: Duration, _ body: @escaping (DeviceVoices) -> Void) {
    _ = device.schedule(TimeAmount(max(delay, .milliseconds(1)))) { [weak self] in
      if let self, self.device.isRunning { body(self) }
    }
  }

  private func call(_ notice: BroadcastNotice) {
    guard let link = device.link else { return }
    let callID = device.token() + "@sim"
    let session = session(callID, habits.transport)
    session.socket.open(host: link.local.host).hop(to: device.loop).whenSuccess { [weak self] port in
      self?.invite(notice, callID, session, port)
    }
  }

  private func session(_ callID: String, _ transport: MediaTransportChoice) -> Session {
    let socket = LoudspeakerSocket(transport, on: device.loop) { [weak self] header, samples in
      self?.hear(header, samples, callID)
    }
    let session = Session(socket)
    sessions[callID] = session
    return session
  }

  private func invite(_ notice: BroadcastNotice, _ callID: String, _ session: Session, _ port: Int) {
    guard let link = device.link, sessions[callID] === session else { return session.socket.close() }
    counted.calls += 1
    let ssrc = StreamSSRC(200_005_678)
    let caller = habits.caller == .target ? notice.target : device.peer.id
    let uri = SIPURI(user: notice.source.text, host: device.domain)
    var request = SIPRequest(
      method: .invite, uri: uri,
      from: NameAddress(uri: SIPURI(user: caller.text, host: device.domain), tag: device.token()),
      to: NameAddress(uri: uri), callID: callID, cseq: 1)
    let branch = device.stamp(&request, link: link)
    request.headers.append(.contact, "<\(device.contact(link))>")
    if habits.hasSubject {
      let subject = Subject(sender: notice.source, ssrc: ssrc, receiver: notice.target)
      request.headers.append(.subject, subject.description)
    }
    request.headers.append(.contentType, InviteOffer.contentType)
    request.body = VoiceBodies.offer(
      habits, from: notice.target, host: link.local.host, port: port, ssrc: ssrc)
    let invite = VoiceInvite(request, branch: branch, over: link, on: device.loop) { [weak self] response in
      self?.answered(response, callID)
    }
    session.invite = invite
    invite.start()
  }

  /// - Returns: whether the answer was to one of its INVITEs.
  func received(_ response: SIPResponse) -> Bool {
    sessions.values.contains { $0.invite?.received(response) == true }
  }

  private func answered(_ response: SIPResponse?, _ callID: String) {
    guard let session = sessions[callID], let invite = session.invite else { return }
    guard let response, response.isSuccess,
      let dialog = Dialog(calling: invite.request, answeredBy: response, from: nil)
    else {
      counted.refusals.append(response?.status ?? 408)
      end(callID)
      return
    }
    session.dialog = dialog
    session.isAgreed = true
    counted.description = String(decoding: response.body, as: UTF8.self)
    if habits.acknowledges, let link = device.link {
      var ack = dialog.acknowledgement()
      _ = device.stamp(&ack, link: link)
      invite.acknowledge(ack)
    }
    if let (host, port) = VoiceBodies.address(response.body) { session.socket.aim(host: host, port: port) }
  }

  // MARK: Talk

  /// Takes an INVITE for a talk.
  func answerTalk(_ request: SIPRequest, _ call: SimulatedCall, over link: DeviceLink) {
    guard let (host, port) = VoiceBodies.address(request.body), habits.takesTalk else {
      return call.respond(488)
    }
    let session = session(call.callID, .udp)
    session.socket.open(host: link.local.host).hop(to: device.loop).whenSuccess { [weak self] own in
      guard let self, sessions[call.callID] === session else { return session.socket.close() }
      counted.talks += 1
      session.isAgreed = true
      session.socket.aim(host: host, port: port)
      let body = VoiceBodies.talk(request.body, from: device.peer.id, host: link.local.host, port: own)
      counted.description = String(decoding: request.body, as: UTF8.self)
      call.respond(200, body: body, contact: device.contact(link))
    }
  }

  // MARK: Sound

  private func hear(_ header: RTPHeader, _ samples: [Int16], _ callID: String) {
    guard let session = sessions[callID] else { return }
    if counted.packets == 0 { counted.beganWithMarker = header.marker }
    counted.packets += 1
    counted.markers += header.marker ? 1 : 0
    counted.early += session.isAgreed ? 0 : 1
    counted.payloadTypes.insert(header.payloadType)
    if let last = session.last {
      let step = header.timestamp &- last.timestamp
      let isNext = header.sequenceNumber == last.sequenceNumber &+ 1
      if !isNext || (step != 160 && step != 1_800) { counted.gaps += 1 }
    }
    session.last = header
    counted.samples += samples.prefix(HeardVoice.mostSamples - counted.samples.count)
    if session.invite == nil { talkBack(samples, header, session) }
  }

  private func talkBack(_ samples: [Int16], _ header: RTPHeader, _ session: Session) {
    var packets: [Range<Int>] = []
    var bytes: [UInt8] = []
    let codes = samples.map { G711.encode($0, law: .g711A) }
    echo.append(codes.span, timestamp: header.timestamp, to: &bytes, packets: &packets)
    session.socket.send(bytes)
  }

  // MARK: Ends

  /// A BYE of the platform. True when it was for a voice.
  func hungUp(_ callID: String) -> Bool {
    guard sessions[callID] != nil else { return false }
    counted.byes += 1
    end(callID)
    return true
  }

  /// Ends every session from this side.
  func hangUp() {
    for (callID, session) in sessions {
      if var dialog = session.dialog, let link = device.link {
        var bye = dialog.request(.bye)
        let branch = device.stamp(&bye, link: link)
        device.requests.send(bye, branch: branch, over: link) { _ in }
      }
      end(callID)
    }
  }

  func end(_ callID: String) {
    guard let session = sessions.removeValue(forKey: callID) else { return }
    session.invite?.stop()
    session.socket.close()
  }
}
