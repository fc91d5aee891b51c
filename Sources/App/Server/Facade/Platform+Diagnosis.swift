import CharacterSets
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
    return explain(key, last, diagnosis)
  }

  private func explain(
    _ key: ChannelKey, _ status: LiveService.Status?, _ media: IngestDiagnosis?
  ) -> API.MediaDiagnosis {
    let device = directory.device(key.device)
    let record = services.calls.record(key)
    let isOnline = device?.status == .online || device?.status == .suspect
    let isLive = if case .live = status?.state { true } else { false }
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
    let (verdict, fix) = verdict(isLive, isOnline, record, status, media)
    let code = record?.callID ?? key.channel.text
    return API.MediaDiagnosis(
      verdict: verdict, fix: fix, sdpSent: record?.sdpSent, sdpReceived: record?.sdpReceived,
      messages: record.map { record in
        services.ladder.messages(peer: record.peer, mentioning: code).map {
          $0.message(decode: ChineseText.decode)
        }
      } ?? messages(of: key.device, mentioning: key.device.text),
      port: media.map { media in
        API.PortDiagnosis(
          number: Int(media.port), packets: Int(clamping: media.packets),
          sources: media.sources.map { "\($0.address) ssrc \($0.ssrc)\($0.accepted ? "" : " refused")" },
          wrongSSRC: media.wrongSSRCs.map { "\($0)" })
      }, steps: steps)
  }

  private func verdict(
    _ isLive: Bool, _ isOnline: Bool, _ record: CallService.Record?, _ status: LiveService.Status?,
    _ media: IngestDiagnosis?
  ) -> (String, String?) {
    if isLive { return ("The picture arrives.", nil) }
    guard isOnline else {
      return (
        "The device is not registered, so it cannot be called.",
        "Check its power and network, and the server address, port and platform code in its menu."
      )
    }
    if let unsupported = media?.unsupported {
      return (
        "The device sends what nobody else can read: \(unsupported).",
        "Switch stream encryption and private streams off in the device."
      )
    }
    if let media, media.packets > 0 {
      return (
        "Packets arrive but no picture can be decoded from them.",
        "Check that the device sends H.264 or H.265 and that encryption is off."
      )
    }
    if let refused = media?.sources.first(where: { !$0.accepted }) {
      return (
        "Media arrives from \(refused.address), a machine that the call is not with; it is refused.",
        "If the device really sends from there, let it register from that address or name it in its SDP."
      )
    }
    if record?.lastStatus == 200 {
      return (
        "The device accepted the call, but nothing reached the media port by any transport.",
        "The device must reach the address and port of the SDP below. Open UDP and TCP \(media?.port ?? 0), do not remap it, and set “advertise” when the server is known by another address."
      )
    }
    if let failure = status?.failure { return (failure.sentence, nil) }
    return ("The device did not answer the call.", "It may be restarting or overloaded; try again.")
  }
}
