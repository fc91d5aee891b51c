import GBCore
import Logging
import MediaTime
import Registry
import SDPCore
import SIPCore
import SIPTransport
import Synchronization
import Voice
import VoiceTransport

/// A talk in one session, `s=Talk`, for devices of 2016 that want it (§12.3).
extension VoiceService {
  /// How long a device may take to answer the INVITE.
  private static let answerLimit: Duration = .seconds(20)

  func call(_ entry: VoiceEntry) {
    let host = entry.registration.source.remote.host
    let ssrc = ownSSRC()
    let coding = directory.habits(of: entry.device).voiceCoding ?? .pcma
    let plan = VoiceLinePlan(
      path: .udp, format: VoiceFormat(coding), ssrc: ssrc.value, host: host, port: 9, trusted: host)
    Task { [self] in
      do {
        let line = try await VoiceLine.open(plan, ports: ports, on: group, events: events(of: entry.id))
        place(entry, ssrc, plan, line)
      } catch {
        logger.error("no port for a voice", metadata: ["error": "\(error)"])
        apply(entry.id) { $0.machine.callFailed(.noPort) }
      }
    }
  }

  private func place(_ entry: VoiceEntry, _ ssrc: StreamSSRC, _ plan: VoiceLinePlan, _ line: VoiceLine) {
    guard let endpoint = signalling.endpoint, let registration = signalling.registration(of: entry.device)
    else {
      line.close()
      return apply(entry.id) { $0.machine.deviceLeft() }
    }
    let description = VoiceDescription(
      .talk, platform: signalling.platform, address: endpoint.localAddress(towards: plan.trusted),
      port: line.port, path: plan.path, formats: [plan.format], ssrc: ssrc)
    var invite = signalling.outOfDialog(.invite, to: entry.channel.channel, at: registration)
    let subject = Subject(sender: entry.channel.channel, ssrc: ssrc, receiver: signalling.platform)
    invite.headers.append(.subject, subject.description)
    invite.headers.append(.contentType, InviteOffer.contentType)
    invite.body = description.offer()
    let branch = SIPEndpoint.makeBranch()
    let request = invite
    let isWanted = state.withLock { state in
      guard state.entries[entry.id]?.machine.state == .calling else { return false }
      state.entries[entry.id]?.invite = request
      state.entries[entry.id]?.branch = branch
      state.entries[entry.id]?.line = line
      if let callID = request.callID { state.byCallID[callID] = entry.id }
      return true
    }
    guard isWanted else { return line.close() }
    endpoint.send(invite, branch: branch, to: registration.target, timeout: Self.answerLimit) { event in
      self.answered(event, entry.id, request, branch, plan)
    }
  }

  private func answered(
    _ event: SIPClientEvent, _ id: String, _ invite: SIPRequest, _ branch: SIPBranch, _ plan: VoiceLinePlan
  ) {
    switch event {
    case .provisional: break
    case .timeout, .transportError: apply(id) { $0.machine.callFailed(.notDelivered) }
    case .final(let response, let source):
      guard response.isSuccess, let dialog = Dialog(calling: invite, answeredBy: response, from: source)
      else {
        return apply(id) { $0.machine.callFailed(.rejected(status: response.status)) }
      }
      signalling.endpoint?.sendACK(dialog.acknowledgement(), for: branch)
      agreed(response, dialog, id, plan)
    }
  }

  private func agreed(_ response: SIPResponse, _ dialog: Dialog, _ id: String, _ plan: VoiceLinePlan) {
    let offer = try? VoiceOffer(parsing: response.body)
    var isOver = true
    apply(id) { entry in
      guard entry.machine.state == .calling else { return [] }
      isOver = false
      entry.dialog = dialog
      guard let offer, offer.path == .udp, let port = offer.port else {
        return [.bye] + entry.machine.callFailed(.noCommonFormat)
      }
      var aimed = plan
      let format = offer.formats.first { $0.coding == plan.format.coding } ?? offer.format() ?? plan.format
      (aimed.host, aimed.port, aimed.format) = (offer.destination(source: plan.trusted), port, format)
      if let ssrc = offer.ssrc { aimed.ssrc = ssrc.value }
      (entry.offer, entry.format) = (offer, format)
      entry.line?.aim(aimed)
      return entry.machine.acknowledged()
    }
    // Taken back while the 200 was on its way: the device must not go on.
    guard isOver, let endpoint = signalling.endpoint, let peer = dialog.peer else { return }
    var dialog = dialog
    endpoint.send(dialog.request(.bye), to: SIPTarget(peer), timeout: .seconds(10)) { _ in }
  }

  func cancel(_ entry: VoiceEntry) {
    if let branch = entry.branch { signalling.endpoint?.cancel(branch) }
  }
}
