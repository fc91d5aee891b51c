import Access
import Federation
import GBCore
import HTTPAPI
import Logging
import MediaTime
import NIOPosix
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Synchronization
import Voice
import VoiceTransport

/// Speech of the platforms above to loudspeakers here (§12.4): a voice session at the device, and a call of ours to
/// the superior that brings the sound.
///
/// ```text
///   Broadcast ─► the device's session ── speaks ─► Response OK, our INVITE ── 200, ACK ─► sound passes
///                     │ refused, silent: Response ERROR     │ refused                     │ BYE of either side
///                     └─► over                              └─► over ◄────────────────────┘
/// ```
final class UpwardVoices: Sendable {
  private struct Entry: Sendable {
    let superior: DeviceID
    let voice: String
    let line: VoiceLine
    let branch: SIPBranch
    let target: SIPTarget
    var dialog: Dialog?
  }

  private struct State {
    var entries: [String: Entry] = [:]
    var byVoice: [String: String] = [:]
  }

  /// A superior waits ten seconds for the answer to a Broadcast; a device may take longer to call in.
  private static let patience: Duration = .seconds(6)

  private let voice: VoiceService
  private let signalling: Signalling
  private let gate: UpwardGate
  private let logger: Logger
  private let state = Mutex(State())

  init(voice: VoiceService, signalling: Signalling, gate: UpwardGate, logger: Logger) {
    (self.voice, self.signalling, self.gate, self.logger) = (voice, signalling, gate, logger)
  }

  /// Calls that bring sound from above, or are being placed.
  var count: Int { state.withLock { $0.entries.count } }

  /// Calls the loudspeaker, and then the superior for what is to be said.
  ///
  /// - Parameters:
  ///   - answer: tells the superior whether it will be heard; called once.
  ///   - invite: an INVITE to the superior, and where it goes.
  func begin(
    _ notice: BroadcastNotice, _ permit: UpwardPermit, superior: Superior, host: String,
    answer: @escaping @Sendable (Bool) -> Void, invite: @escaping @Sendable () -> (SIPRequest, SIPTarget)?
  ) async {
    let answered = Once(answer)
    let timer = Task {
      try? await Task.sleep(for: Self.patience)
      if !Task.isCancelled { answered(true) }
    }
    defer { timer.cancel() }
    do {
      let asker = VoiceAsker(
        holder: CameraGrips.Holder(
          name: permit.viewer, priority: permit.priority, credential: gate.credential(permit)),
        user: permit.viewer, role: .machine, source: host, correlation: "", basis: permit.basis)
      let entry = try await voice.open(
        permit.channel, mode: .broadcast, purpose: permit.question?.purpose.line ?? "", take: true, by: asker)
      answered(true)
      try await call(notice, entry.id, superior, host, invite)
    } catch {
      answered(false)
      logger.notice(
        "a superior could not speak",
        metadata: [
          "superior.id": "\(superior.id)", "channel.id": "\(permit.channel)",
          "error": "\((error as? Problem)?.detail ?? "\(error)")",
        ])
    }
  }

  private func call(
    _ notice: BroadcastNotice, _ session: String, _ superior: Superior, _ host: String,
    _ invite: () -> (SIPRequest, SIPTarget)?
  ) async throws {
    let ssrc = voice.ownSSRC()
    let plan = VoiceLinePlan(
      path: .udp, format: VoiceFormat(.pcma), ssrc: ssrc.value, host: host, port: 9, trusted: host)
    let voice = voice
    let line = try await VoiceLine.open(
      plan, ports: voice.ports, on: voice.group,
      events: VoiceLine.Events(heard: { voice.say($0, in: session) }, lost: {}))
    guard let (made, target) = invite(), let endpoint = signalling.endpoint, let callID = made.callID
    else {
      line.close()
      return voice.end(session)
    }
    var request = made
    request.headers.append(
      .subject, Subject(sender: notice.source, ssrc: ssrc, receiver: notice.target).description)
    request.headers.append(.contentType, InviteOffer.contentType)
    request.body = Self.offer(
      own: superior.ownID, address: endpoint.localAddress(towards: host), port: line.port, ssrc: ssrc)
    let branch = SIPEndpoint.makeBranch()
    let entry = Entry(superior: superior.id, voice: session, line: line, branch: branch, target: target)
    state.withLock { state in
      state.entries[callID] = entry
      state.byVoice[session] = callID
    }
    // It may have ended while this was made ready.
    guard voice.onEnd(of: session, { [weak self] in self?.voiceEnded(session) }) else {
      return voiceEnded(session)
    }
    let placed = request
    endpoint.send(placed, branch: branch, to: target, timeout: .seconds(20)) { [weak self] event in
      self?.answered(event, callID, placed, branch)
    }
  }

  /// What we want of the superior: A-law to our port. `f=` because some refuse without it (§14.2 #57).
  private static func offer(own: DeviceID, address: String, port: Int, ssrc: StreamSSRC) -> [UInt8] {
    var description = SessionDescription(
      name: "Play", origin: OriginLine(user: own.text, address: address),
      connection: ConnectionLine(address: address))
    description.media = [
      MediaDescription(
        kind: "audio", port: port, transport: .udp, payloadTypes: [8],
        attributes: [
          SDPAttribute("recvonly"), RTPMap(payloadType: 8, encoding: "PCMA", clockRate: 8_000).attribute,
        ])
    ]
    description.ssrc = ssrc
    description.format = MediaFormatLine(video: nil, audio: .init(codec: "1", bitRate: "8", sampleRate: "1"))
    return description.serialised()
  }

  private func answered(
    _ event: SIPClientEvent, _ callID: String, _ request: SIPRequest, _ branch: SIPBranch
  ) {
    switch event {
    case .provisional: break
    case .timeout, .transportError: end(callID, tells: false)
    case .final(let response, let source):
      guard response.isSuccess, let dialog = Dialog(calling: request, answeredBy: response, from: source)
      else { return end(callID, tells: false) }
      signalling.endpoint?.sendACK(dialog.acknowledgement(), for: branch)
      let isWanted = state.withLock { state in
        guard state.entries[callID] != nil else { return false }
        state.entries[callID]?.dialog = dialog
        return true
      }
      guard !isWanted, let peer = dialog.peer else { return }
      var late = dialog
      signalling.endpoint?.send(late.request(.bye), to: SIPTarget(peer), timeout: .seconds(10)) { _ in }
    }
  }

  /// BYE of the superior. True when it belongs to one of these calls.
  func received(_ request: SIPRequest, from source: SIPSource) -> Bool {
    guard request.method == .bye, let callID = request.callID else { return false }
    let isMine = state.withLock { state in
      guard var dialog = state.entries[callID]?.dialog else { return false }
      let isIn = dialog.receive(request, from: source) == .accepted
      if isIn { state.entries[callID]?.dialog = dialog }
      return isIn
    }
    if isMine { end(callID, tells: false) }
    return isMine
  }

  private func voiceEnded(_ session: String) {
    if let callID = state.withLock({ $0.byVoice[session] }) { end(callID, tells: true) }
  }

  private func end(_ callID: String, tells: Bool) {
    let entry = state.withLock { state -> Entry? in
      guard let entry = state.entries.removeValue(forKey: callID) else { return nil }
      state.byVoice[entry.voice] = nil
      return entry
    }
    guard let entry else { return }
    entry.line.close()
    if var dialog = entry.dialog {
      if tells {
        signalling.endpoint?.send(dialog.request(.bye), to: entry.target, timeout: .seconds(10)) { _ in }
      }
    } else if tells {
      signalling.endpoint?.cancel(entry.branch)
    }
    voice.end(entry.voice)
  }

  /// Ends everything of a superior that is gone.
  func endAll(of superior: DeviceID) {
    let all = state.withLock { state in state.entries.filter { $0.value.superior == superior }.map(\.key) }
    for callID in all { end(callID, tells: true) }
  }
}

/// Something that is said once.
private final class Once: Sendable {
  private let body: @Sendable (Bool) -> Void
  private let isSaid = Mutex(false)

  init(_ body: @escaping @Sendable (Bool) -> Void) { self.body = body }

  func callAsFunction(_ value: Bool) {
    let isFirst = isSaid.withLock { isSaid in
      defer { isSaid = true }
      return !isSaid
    }
    if isFirst { body(value) }
  }
}
