import CharacterSets
import Doctor
import GBCore
import HTTPAPI
import MediaTime
import MediaTransport
import Registry
import Streaming

extension Platform {
  /// Calls the camera, waits for a picture or a failure, and explains what happened on the way.
  func diagnosis(channel id: String) async throws -> API.MediaDiagnosis {
    let key = try channelKey(id)
    let hold = await services.live.hold(key, sink: nil)
    let end = SystemClock.monotonic() + .seconds(45)
    var last: LiveService.Status?
    var diagnosis: IngestDiagnosis?
    while SystemClock.monotonic() < end {
      last = await services.live.status(key)
      if let stream = last?.stream {
        let seen = services.plane.diagnosis(stream)
        if seen.openedAt != nil { diagnosis = seen }
      }
      guard let state = last?.state else { break }
      if case .live = state { break }
      if case .resting = state { break }
      try? await Task.sleep(for: .milliseconds(200))
    }
    // The figures of the media plane are published once a second: wait for those of the last moment.
    if let stream = last?.stream {
      try? await Task.sleep(for: .milliseconds(1_100))
      let seen = services.plane.diagnosis(stream)
      if seen.openedAt != nil { diagnosis = seen }
    }
    await services.live.release(hold)
    return await explain(key, last, diagnosis)
  }

  /// Explains a device without calling a camera.
  func diagnosis(device id: String) async throws -> API.MediaDiagnosis {
    let device = try deviceID(id)
    let collector = EvidenceCollector(services: services, directory: directory)
    let evidence = await collector.device(device, asks: true)
    return diagnosis(evidence, messages: messages(of: device, mentioning: device.text))
  }

  private func explain(
    _ key: ChannelKey, _ status: LiveService.Status?, _ media: IngestDiagnosis?
  ) async -> API.MediaDiagnosis {
    let collector = EvidenceCollector(services: services, directory: directory)
    let isLive = if case .live = status?.state { true } else { false }
    var evidence = await collector.device(key.device, asks: !isLive)
    collector.call(key, &evidence, status: status, media: media)
    let record = services.calls.record(key)
    let messages =
      record.map { record in
        services.ladder.messages(peer: record.peer, mentioning: record.callID).map {
          $0.message(decode: ChineseText.decode)
        }
      } ?? self.messages(of: key.device, mentioning: key.device.text)
    var diagnosis = diagnosis(evidence, messages: messages)
    (diagnosis.sdpSent, diagnosis.sdpReceived) = (record?.sdpSent, record?.sdpReceived)
    diagnosis.port = media.map { media in
      API.PortDiagnosis(
        number: Int(media.port), packets: Int(clamping: media.packets),
        sources: media.sources.map { "\($0.address) ssrc \($0.ssrc)\($0.accepted ? "" : " refused")" },
        wrongSSRC: media.wrongSSRCs.map { "\($0)" })
    }
    diagnosis.steps = steps(key, record, media)
    return diagnosis
  }

  private func diagnosis(_ evidence: Evidence, messages: [API.LadderMessage]) -> API.MediaDiagnosis {
    let found = Diagnosis.findings(evidence)
    let findings = found.map { finding in
      API.DiagnosisFinding(
        code: finding.cause.rawValue, hop: finding.cause.hop.rawValue, fatal: finding.cause.isFatal,
        text: .init(en: finding.sentence(.english), zh: finding.sentence(.chinese)),
        fix: .init(en: finding.fix(.english), zh: finding.fix(.chinese)),
        message: finding.proof.flatMap { proof in messages.lastIndex { proof.marks($0) } })
    }
    let wellWords = evidence.call == nil ? "The device is there and answers." : "The picture arrives."
    let isWell = evidence.isLive || evidence.call == nil
    let fallback =
      isWell ? wellWords : "The call did not bring a picture; the messages below say how far it came."
    return API.MediaDiagnosis(
      verdict: findings.first?.text.en ?? fallback, fix: findings.first?.fix.en, messages: messages,
      findings: findings,
      hops: Diagnosis.hops(evidence, found).map { .init(hop: $0.hop.rawValue, state: $0.state.rawValue) })
  }

  private func steps(
    _ key: ChannelKey, _ record: CallService.Record?, _ media: IngestDiagnosis?
  ) -> [API.DiagnosisStep] {
    let device = directory.device(key.device)
    let isOnline = device?.status == .online || device?.status == .suspect
    var steps = [
      API.DiagnosisStep(
        name: "registered", ok: isOnline,
        detail: isOnline
          ? "The device is registered from \(device?.contact?.address.description ?? "?")."
          : services.signalling.lastRefusal(key.device)?.text ?? "The device is not registered.")
    ]
    if let record {
      let answered = record.lastStatus.map { "The device answered \($0)." } ?? "The device did not answer."
      steps.append(
        API.DiagnosisStep(name: "called", ok: record.lastStatus == 200, detail: answered))
    } else if isOnline {
      steps.append(API.DiagnosisStep(name: "called", ok: false, detail: "No call was placed."))
    }
    if let media {
      steps.append(
        API.DiagnosisStep(
          name: "media arrived", ok: media.packets > 0,
          detail: media.packets > 0
            ? "\(media.packets) packets arrived on port \(media.port)."
            : "Nothing with this call's stream number arrived on port \(media.port)."))
      steps.append(
        API.DiagnosisStep(
          name: "picture decoded", ok: media.pictures > 0,
          detail: media.unsupported ?? "\(media.pictures) pictures, \(media.damagedUnits) damaged."))
    }
    return steps
  }
}

extension MessageMark {
  /// Whether this is the message: its summary is `INVITE`, `200 OK (INVITE)` or `MESSAGE Catalog`.
  fileprivate func marks(_ message: API.LadderMessage) -> Bool {
    guard let status else { return message.summary.split(separator: " ").first.map(String.init) == method }
    return message.summary.hasPrefix("\(status) ") && message.summary.hasSuffix("(\(method))")
  }
}
