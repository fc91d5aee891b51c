@testable import HTTPAPI

/// Speaking.
extension FakePlatform {
  private static let speaker = API.Voice(
    channel: "a_b", device: "a", by: "chen", priority: 100, mode: .talk, state: .speaking, since: moment,
    target: "b", coding: "pcma", transport: "udp", packets: 50, silent: 3, received: 0,
    cause: API.Cause(code: "voice-hung-up", text: "The device ended the session."))

  func openVoice(channel id: String, _ request: API.VoiceRequest, by caller: Caller) async throws
    -> API.VoiceOpened
  {
    try check(caller)
    let picture = API.MediaSessionOpened(
      session: "s1", urls: API.MediaURLs(fmp4: "/media/s1/live.mp4", websocket: "/media/s1/ws"),
      expires: Self.moment, state: .connecting)
    return API.VoiceOpened(session: "s2", url: "/media/s2/voice", voice: Self.speaker, listen: picture)
  }

  func voice(channel id: String) async throws -> API.Voice? {
    try check()
    return Self.speaker
  }

  func closeVoice(channel id: String, by caller: Caller) async throws { try check(caller) }

  func voices() async throws -> [API.Voice] {
    try check()
    return [Self.speaker]
  }
}
