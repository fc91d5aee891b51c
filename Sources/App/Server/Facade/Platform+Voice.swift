import Access
import GBCore
import HTTPAPI
import Registry
import Voice
import VoiceTransport

/// Speaking through cameras and loudspeakers.
extension Platform {
  func openVoice(channel id: String, _ request: API.VoiceRequest, by caller: Caller) async throws
    -> API.VoiceOpened
  {
    let key = try channelKey(id)
    let mode = request.mode ?? .broadcast
    if mode == .talk, !caller.principal.may(.watchLive) {
      throw Problem.forbidden("A talk shows the camera's picture; this role may not see it.")
    }
    let entry = try await speaking(key, mode, request, by: caller)
    var opened = API.VoiceOpened(
      session: entry.id, url: "/media/\(entry.id)/voice", voice: entry.resource)
    guard mode == .talk, entry.machine.way == .broadcast else { return opened }
    do {
      let picture = try await openLive(
        channel: id, Self.live(request), by: caller)
      guard services.voice.join(picture: picture.session, to: entry.id) else {
        await services.desk.end(picture.session)
        throw Problem.voice(.deviceHungUp, key.device)
      }
      opened.listen = picture
    } catch {
      try? services.voice.close(key, by: Self.holder(caller))
      throw error
    }
    return opened
  }

  /// Opens a voice that the rights allow, and has it ended when they do not any more.
  private func speaking(
    _ key: ChannelKey, _ mode: API.VoiceMode, _ request: API.VoiceRequest, by caller: Caller
  ) async throws -> VoiceEntry {
    let look = try services.rights.begin(
      .audio, key, request.statement(of: caller), by: caller.principal)
    let caller = caller.admitted(by: look.permit)
    let voice = services.voice
    services.downward.note(
      services.book.looker(look.permit.question, name: caller.principal.name, role: caller.principal.role),
      key, .audio)
    let entry: VoiceEntry
    do {
      entry = try await voice.open(
        key, mode: mode, purpose: look.permit.purpose, take: request.take ?? false, by: caller)
    } catch {
      services.rights.abandon(look)
      throw error
    }
    services.rights.attach(
      look, isAlive: { voice.find(entry.id) != nil },
      end: { _ in if voice.find(entry.id) != nil { try? voice.close(key, by: entry.holder) } })
    return entry
  }

  private static func live(_ request: API.VoiceRequest) -> API.LiveRequest {
    var live = API.LiveRequest(purpose: request.purpose)
    (live.caseNumber, live.approver) = (request.caseNumber, request.approver)
    return live
  }

  func voice(channel id: String) async throws -> API.Voice? {
    services.voice.current(try channelKey(id).device)?.resource
  }

  func closeVoice(channel id: String, by caller: Caller) async throws {
    try services.voice.close(try channelKey(id), by: Self.holder(caller))
  }

  func voices() async throws -> [API.Voice] { services.voice.all.map(\.resource) }

  // MARK: Metrics

  /// Voices.
  func addVoices(to text: inout PrometheusText) {
    let figures = services.voice.figures
    let states = Dictionary(grouping: services.voice.all, by: \.state).mapValues(\.count)
    for state in API.VoiceState.allCases where state != .ended {
      text.gauge(
        "tributary_voices", "People who speak through devices, by state.", Double(states[state] ?? 0),
        ["state": state.rawValue])
    }
    text.counter("tributary_voices_opened_total", "Voice sessions that were begun.", Double(figures.opened))
    for end in ["released", "device-hung-up", "taken", "failed"] {
      text.counter(
        "tributary_voices_ended_total", "Voice sessions that ended, by how.",
        Double(figures.ended[end] ?? 0), ["end": end])
    }
    text.counter(
      "tributary_voice_strangers_total", "INVITEs of devices that no broadcast waited for.",
      Double(figures.strangers))
    text.counter(
      "tributary_voice_packets_total", "RTP packets of voices sent.", Double(figures.lines.packets))
    text.counter(
      "tributary_voice_silent_packets_total", "Those of them that were silence.", Double(figures.lines.silent)
    )
    text.counter(
      "tributary_voice_delayed_packets_total", "Packets that a full connection did not take.",
      Double(figures.lines.delayed))
    text.counter(
      "tributary_voice_dropped_samples_total", "Samples lost because more came than real time.",
      Double(figures.lines.dropped))
    text.counter(
      "tributary_voice_received_packets_total", "RTP packets that came back in talks of one session.",
      Double(figures.lines.received))
  }
}
