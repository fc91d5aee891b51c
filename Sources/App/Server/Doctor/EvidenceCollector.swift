import Doctor
import GBCore
import HTTPAPI
import MediaTime
import MediaTransport
import Registry
import SDPCore
import Streaming

/// Gathers what is known of a device and its last call.
struct EvidenceCollector {
  let services: Services
  let directory: DeviceDirectory

  /// How long the device may take to answer the question for its state.
  private static let patience: Duration = .seconds(4)

  /// What is known without calling a camera.
  ///
  /// - Parameter asks: whether to ask the device for its state, which takes up to four seconds.
  func device(_ id: DeviceID, asks: Bool) async -> Evidence {
    var evidence = Evidence()
    let device = directory.device(id)
    let door = services.signalling.chronicle.door(id)
    evidence.registering.presence =
      switch device?.status {
      case .online: .online
      case .suspect: .suspect
      case .offline: .offline
      case .unknown, nil: .never
      }
    evidence.registering.hasCredential = device?.hasCredential ?? false
    evidence.registering.isQuarantined = directory.quarantine.contains { $0.id == id }
    evidence.registering.refusal = door.refusal
    evidence.registering.digestRealm = door.digestRealm
    evidence.registering.ownRealm = services.signalling.realm
    evidence.registering.addressedPlatform = door.addressedPlatform
    evidence.registering.ownCode = services.signalling.platform.text
    evidence.registering.saidGoodbye = door.saidGoodbye
    evidence.registering.unansweredChallenges = door.unansweredChallenges
    evidence.registering.address = device?.contact?.address.description
    let now = SystemClock.wall()
    if let heard = services.signalling.lastHeard(id) {
      evidence.living.silence = Int(max((now - heard).inSeconds, 0))
    }
    let rule = device?.settings.livenessRule(habits: directory.habits(of: id)) ?? LivenessRule()
    evidence.living.interval = Int(rule.interval.inSeconds)
    (evidence.living.returns, evidence.living.hosts) = services.signalling.chronicle.unrest(id, at: now)
    evidence.listing = listing(id)
    if asks, device?.status == .online || device?.status == .suspect {
      await ask(id, &evidence.living)
    }
    return evidence
  }

  private func listing(_ id: DeviceID) -> Evidence.Listing {
    var listing = Evidence.Listing()
    let problems = directory.problems(of: id).count
    let known = directory.read { $0.channels(of: id).count }
    if let last = services.signalling.lastCatalog(id) {
      listing.wasAnswered = last.wasAnswered
      (listing.announced, listing.arrived, listing.broken) = (last.announced, last.arrived, last.broken)
    } else if known + problems > 0 {
      // From before a restart: what is here was announced.
      listing.wasAnswered = true
      (listing.announced, listing.arrived, listing.broken) = (known + problems, known, problems)
    }
    return listing
  }

  private func ask(_ id: DeviceID, _ living: inout Evidence.Living) async {
    let question = Exchange(command: .deviceStatus, device: id, target: id, patience: Self.patience)
    do {
      let began = SystemClock.wall()
      let replies = try await services.signalling.exchange(question)
      living.answersQueries = true
      guard let message = replies.messages.first, let reply = DeviceStatusReply(message),
        let time = reply.deviceTime.flatMap({ GBTime.parse($0) }).map({ directory.ours($0, from: id) })
      else { return }
      let middle = began + (SystemClock.wall() - began) / 2
      living.clockOffset = Int((time - middle).inSeconds.rounded())
    } catch {
      switch error {
      // Its SIP side took the message: the way is open, whatever it knows of the question.
      case .noReply, .refused, .declined: living.answersQueries = true
      case .noAnswer: living.answersQueries = false
      case .notRegistered, .busy, .cancelled: break
      }
    }
  }

  /// Adds what the last call of a channel showed.
  func call(
    _ key: ChannelKey, _ evidence: inout Evidence, status: LiveService.Status?, media: IngestDiagnosis?
  ) {
    if case .live = status?.state { evidence.isLive = true }
    guard let record = services.calls.record(key) else { return }
    var call = Evidence.Calling()
    call.status = record.lastStatus
    call.isTrying = record.isTrying
    call.wasHungUp = record.wasHungUp
    call.channelIsOff = directory.channel(key).map { $0.status != .on } ?? false
    call.deviceHost = record.peer
    let offer = try? SessionDescription(parsing: Array(record.sdpSent.utf8))
    call.offeredHost = offer?.connection?.address ?? ""
    if let received = record.sdpReceived {
      let answer = InviteAnswer(parsing: Array(received.utf8))
      call.hasMedia = answer.port != nil || answer.ssrc != nil || answer.setup != nil
    }
    if case .resources(let what) = status?.failure { call.exhausted = what }
    evidence.call = call
    if let media { evidence.arriving = arriving(media, status) }
  }

  private func arriving(_ media: IngestDiagnosis, _ status: LiveService.Status?) -> Evidence.Arriving {
    var arriving = Evidence.Arriving()
    arriving.port = Int(media.port)
    arriving.isTCP = media.transport.map { $0 != .udp } ?? false
    arriving.packets = Int(clamping: media.packets)
    arriving.pictures = Int(clamping: media.pictures)
    arriving.damaged = Int(clamping: media.damagedUnits)
    arriving.strangers = media.sources.filter { !$0.accepted }.map { "\($0.address)" }
    arriving.otherNumbers = media.wrongSSRCs
    arriving.connections = media.connections
    arriving.connectError = media.lastConnectError
    arriving.unsupported = media.unsupported
    if case .unsupported(let what) = status?.failure { arriving.unsupported = what }
    if case .mediaLost = status?.failure { arriving.hasStopped = true }
    arriving.hasUnits =
      media.damagedUnits > 0 || media.firstPayloads.contains { $0.starts(with: [0, 0, 1]) }
    let figures = status?.stream.flatMap { id in
      services.plane.snapshot().streams.first { $0.id == id }
    }
    arriving.lost = Int(clamping: figures?.lost ?? 0)
    return arriving
  }
}
