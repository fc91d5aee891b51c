import GBCore
import Testing

@testable import Voice

@Suite struct VoiceMatchTests {
  static let platform = VoiceSessionTests.id("34020000002000000001")
  static let recorder = VoiceSessionTests.id("34020000001180000001")
  static let gate = VoiceSessionTests.id("34020000001320000001")
  static let yard = VoiceSessionTests.id("34020000001320000002")

  private func pending(
    _ session: String, _ target: DeviceID, host: String = "192.0.2.10", device: DeviceID? = nil
  )
    -> PendingVoice
  {
    PendingVoice(
      session: session, source: Self.platform, target: target, device: device ?? Self.recorder, host: host)
  }

  private func caller(
    subject: String? = nil, to: DeviceID? = platform, from: DeviceID? = nil, host: String = "192.0.2.10"
  ) -> VoiceCaller {
    VoiceCaller(subject: subject.map { Subject(parsing: $0) }, to: to, from: from, host: host)
  }

  @Test("One that waits at the address is found without a Subject, whatever To and From say")
  func alone() {
    let waiting = [pending("a", Self.gate)]
    for caller in [
      caller(), caller(to: nil), caller(to: Self.yard, from: Self.yard), caller(from: Self.recorder),
      caller(subject: "\(Self.platform):0,\(Self.gate):0"), caller(subject: ",,:"),
    ] { #expect(VoiceMatch.find(caller, among: waiting)?.session == "a") }
  }

  @Test("Of several behind one address the Subject, From as target or From as recorder decides")
  func several() {
    let other = VoiceSessionTests.id("34020000001180000002")
    let waiting = [pending("a", Self.gate), pending("b", Self.yard, device: other)]
    let subject = "\(Self.platform):0200005678,\(Self.yard):0"
    #expect(VoiceMatch.find(caller(subject: subject), among: waiting)?.session == "b")
    #expect(VoiceMatch.find(caller(from: Self.gate), among: waiting)?.session == "a")
    #expect(VoiceMatch.find(caller(from: other), among: waiting)?.session == "b")
    #expect(VoiceMatch.find(caller(), among: waiting) == nil)
  }

  @Test("Nobody calls for a voice from another address, however well he knows its codes")
  func stranger() {
    let waiting = [pending("a", Self.gate)]
    let subject = "\(Self.platform):0,\(Self.gate):0"
    #expect(
      VoiceMatch.find(caller(subject: subject, from: Self.gate, host: "203.0.113.9"), among: waiting) == nil)
    #expect(VoiceMatch.find(caller(), among: []) == nil)
  }
}
