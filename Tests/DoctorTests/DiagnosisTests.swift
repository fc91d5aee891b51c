import Foundation
import GBCore
import Testing

@testable import Doctor

@Suite struct DiagnosisTests {
  /// A device that is there and was called with success.
  private static func sound() -> Evidence {
    var evidence = Evidence()
    evidence.registering.presence = .online
    evidence.registering.ownCode = "34020000002000000001"
    evidence.registering.ownRealm = "3402000000"
    evidence.registering.address = "192.0.2.20:5060"
    evidence.living.silence = 3
    evidence.living.answersQueries = true
    evidence.listing.wasAnswered = true
    evidence.listing.announced = 2
    evidence.listing.arrived = 2
    var call = Evidence.Calling()
    call.status = 200
    call.offeredHost = "192.0.2.10"
    call.deviceHost = "192.0.2.20"
    evidence.call = call
    var media = Evidence.Arriving()
    media.port = 10_000
    evidence.arriving = media
    return evidence
  }

  private static func absent(_ change: (inout Evidence) -> Void) -> Evidence {
    var evidence = sound()
    evidence.registering.presence = .offline
    (evidence.call, evidence.arriving) = (nil, nil)
    change(&evidence)
    return evidence
  }

  private static func called(_ status: Int?, _ change: (inout Evidence.Calling) -> Void = { _ in })
    -> Evidence
  {
    var evidence = sound()
    evidence.call?.status = status
    if var call = evidence.call {
      change(&call)
      evidence.call = call
    }
    return evidence
  }

  private static func arriving(_ change: (inout Evidence.Arriving) -> Void) -> Evidence {
    var evidence = sound()
    if var media = evidence.arriving {
      change(&media)
      evidence.arriving = media
    }
    return evidence
  }

  /// One case of every cause: the facts that tell it, and nothing else found beside it.
  static let cases: [(Cause, Evidence)] = [
    (.neverHeard, absent { ($0.registering.presence, $0.living.silence) = (.never, nil) }),
    (
      .challengeIgnored,
      absent { ($0.registering.presence, $0.registering.unansweredChallenges) = (.never, 4) }
    ),
    (.waitsForApproval, absent { $0.registering.isQuarantined = true }),
    (.wrongPassword, absent { $0.registering.refusal = .wrongPassword }),
    (.wrongUser, absent { $0.registering.refusal = .wrongUser }),
    (.noCredential, absent { $0.registering.refusal = .noCredential }),
    (.lockedOut, absent { $0.registering.refusal = .rateLimited }),
    (
      .wrongRealm,
      absent { ($0.registering.refusal, $0.registering.digestRealm) = (.wrongPassword, "6401000000") }
    ),
    (
      .wrongPlatformCode,
      absent {
        ($0.registering.presence, $0.living.silence) = (.never, nil)
        $0.registering.addressedPlatform = "34020000002000000009"
      }
    ),
    (.saidGoodbye, absent { $0.registering.saidGoodbye = true }),
    (.silent, absent { $0.living.silence = 600 }),
    (.flapping, live { $0.living.returns = 4 }),
    (.twoDevicesOneCode, live { ($0.living.hosts, $0.living.returns) = (2, 1) }),
    (.clockWrong, live { $0.living.clockOffset = -28_800 }),
    (.oneWaySignalling, silentCall()),
    (.catalogUnanswered, live { $0.listing.wasAnswered = false }),
    (.catalogEmpty, live { ($0.listing.announced, $0.listing.arrived) = (0, 0) }),
    (.catalogIncomplete, live { ($0.listing.announced, $0.listing.arrived) = (140, 10) }),
    (.catalogDamaged, live { ($0.listing.announced, $0.listing.arrived, $0.listing.broken) = (3, 2, 1) }),
    (.callUnanswered, called(nil)),
    (.ringsForEver, called(nil) { $0.isTrying = true }),
    (.busy, called(486)),
    (.channelUnknown, called(404)),
    (.cameraOffline, called(480)),
    (.callForbidden, called(403)),
    (.mediaRefused, called(488)),
    (.deviceError, called(500)),
    (.answerWithoutMedia, withoutMedia()),
    (.noResources, called(nil) { $0.exhausted = "media ports" }),
    (.unreachableAddress, unreachable()),
    (.mediaBlocked, arriving { _ in }),
    (.connectionFailed, arriving { $0.isTCP = true }),
    (.mediaFromElsewhere, arriving { $0.strangers = ["203.0.113.9:4000"] }),
    (.wrongStreamNumber, arriving { $0.otherNumbers = [7] }),
    (.heavyLoss, live { $0.arriving?.lost = 100 }),
    (.mediaStopped, arriving { ($0.packets, $0.pictures, $0.hasStopped) = (900, 20, true) }),
    (.hungUp, called(200) { $0.wasHungUp = true }),
    (.encrypted, arriving { ($0.packets, $0.unsupported) = (900, "a private stream (HIKVISION)") }),
    (.unsupportedCodec, arriving { ($0.packets, $0.unsupported) = (900, "SVAC video") }),
    (.noKeyFrame, arriving { ($0.packets, $0.hasUnits) = (900, true) }),
    (.notAStream, arriving { $0.packets = 900 }),
    (.transcodingFull, live { $0.isTranscodingFull = true }),
  ]

  private static func live(_ change: (inout Evidence) -> Void) -> Evidence {
    var evidence = sound()
    evidence.isLive = true
    evidence.arriving?.packets = 900
    evidence.arriving?.pictures = 20
    change(&evidence)
    return evidence
  }

  private static func silentCall() -> Evidence {
    var evidence = called(nil)
    evidence.living.answersQueries = false
    return evidence
  }

  private static func withoutMedia() -> Evidence {
    var evidence = called(200) { $0.hasMedia = false }
    evidence.arriving = nil
    return evidence
  }

  private static func unreachable() -> Evidence {
    called(200) { ($0.offeredHost, $0.deviceHost) = ("127.0.0.1", "192.0.2.20") }
  }

  @Test("Each cause is told by its facts, and no other before it", arguments: cases)
  func tells(_ cause: Cause, _ evidence: Evidence) {
    #expect(Diagnosis.findings(evidence).first?.cause == cause)
  }

  @Test("Every cause has a case here, and a sentence and advice in both languages, with all blanks filled")
  func complete() {
    #expect(Set(Self.cases.map(\.0)) == Set(Cause.allCases))
    for (cause, evidence) in Self.cases {
      guard let finding = Diagnosis.findings(evidence).first else { continue }
      for language in Language.allCases {
        for text in [finding.sentence(language), finding.fix(language)] {
          #expect(!text.isEmpty && !text.contains("{") && !text.contains("?"), "\(cause): \(text)")
        }
        #expect(finding.sentence(.english) != finding.sentence(.chinese))
      }
    }
  }

  @Test("The reference lists every code")
  func documented() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../docs/ref/doctor.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    for cause in Cause.allCases { #expect(text.contains("| `\(cause.rawValue)` | \(cause.hop.rawValue) |")) }
  }

  @Test("A picture that is there is not explained away, but what makes it bad is told")
  func alive() {
    #expect(Diagnosis.findings(Self.live { _ in }).isEmpty)
    let found = Diagnosis.findings(
      Self.live {
        ($0.living.returns, $0.listing.broken) = (5, 1)
        $0.living.answersQueries = false
      })
    #expect(found.map(\.cause) == [.flapping, .catalogDamaged])
  }

  @Test("An absent device is not blamed for a call")
  func nearest() {
    let found = Diagnosis.findings(
      Self.absent {
        $0.registering.refusal = .wrongPassword
        $0.call = Evidence.Calling()
      })
    #expect(found.map(\.cause) == [.wrongPassword])
  }

  @Test("The way is shown hop by hop: what works, what fails, and what nobody can know behind it")
  func way() {
    let blocked = Self.arriving { _ in }
    let states = Diagnosis.hops(blocked, Diagnosis.findings(blocked)).map(\.state)
    #expect(states == [.works, .works, .works, .works, .fails, .unknown, .unknown])
    let absent = Self.absent { $0.registering.refusal = .wrongPassword }
    #expect(Diagnosis.hops(absent, Diagnosis.findings(absent)).first?.state == .fails)
    let lossy = Self.live { $0.arriving?.lost = 100 }
    let live = Diagnosis.hops(lossy, Diagnosis.findings(lossy)).map(\.state)
    #expect(live == [.works, .works, .works, .works, .suffers, .works, .works])
  }

  @Test(
    "What a device cannot reach is told by the ranges of both addresses",
    arguments: [
      ("127.0.0.1", "192.0.2.20", true), ("127.0.0.1", "127.0.0.1", false), ("0.0.0.0", "10.0.0.5", true),
      ("192.168.1.2", "203.0.113.4", true), ("192.168.1.2", "10.9.9.9", false),
      ("100.64.0.1", "198.51.100.3", true), ("::1", "2001:db8::4", true), ("fd00::1", "2001:db8::4", true),
      ("2001:db8::1", "2001:db8::4", false), ("fe80::1", "fe80::2", false),
    ])
  func reach(_ host: String, _ peer: String, _ cannot: Bool) {
    #expect(Reachability.cannotReach(host, from: peer) == cannot)
  }
}
