import Testing

@testable import Soak

extension SoakSuite {
  @Suite struct PresenceSoakTests {
    private static var day: PresenceSoak {
      var soak = PresenceSoak(devices: 10_000, hours: 24, seed: 1)
      soak.expires = 86_400
      return soak
    }

    @Test("A day of heartbeats, with jitter, losses and restarts: nobody who lives is called offline")
    func aDay() {
      let outcome = Self.day.run()
      #expect(outcome.violations.isEmpty, "\(outcome.violations.prefix(5))")
      #expect(outcome.simulatedHours == 24 && outcome.heartbeats > 12_000_000)
      #expect(outcome.lostHeartbeats > 100_000 && outcome.rebindings > 10_000)
      #expect(outcome.serverRestarts == 4 && outcome.doubts > 1_000 && outcome.deviceRestarts > 500)
      // Those who really fell silent were noticed, all but the last ones that there was no time for.
      #expect(outcome.outages > 500 && outcome.detectedOutages >= outcome.outages - 100)
    }

    @Test("A rule that is too strict for its devices is caught")
    func tooStrict() {
      var soak = PresenceSoak(devices: 50, hours: 1, seed: 2)
      soak.allowedInterval = 20
      #expect(soak.run().violations.contains { $0.contains("while it lived") })
    }

    @Test("The same seed gives the same day")
    func repeatable() {
      let runs = (0..<2).map { _ in PresenceSoak(devices: 50, hours: 2, seed: 7).run() }
      #expect(runs[0].heartbeats == runs[1].heartbeats && runs[0].rebindings == runs[1].rebindings)
      #expect(runs[0].registrations == runs[1].registrations)
    }
  }
}
