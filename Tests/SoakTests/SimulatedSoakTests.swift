import MPEGCore
import MediaTime
import Testing
import WireBytes

@testable import Soak

extension SoakSuite {
  @Suite struct SimulatedSoakTests {
    @Test("Random faults for hours: no foreign picture, no broken group, no silent hole, nothing grows")
    func faults() throws {
      var figures: [ProcessFigures] = []
      let outcome = SimulatedSoak(streams: 6, hours: 2, seed: 1).run { outcome in
        figures = outcome.figures
        return true
      }
      #expect(outcome.violations.isEmpty)
      #expect(outcome.pictures > 70_000 && outcome.interruptions > 100 && outcome.wholeGroups > 8_000)
      #expect(outcome.foreignPackets > 10_000 && outcome.gaps > 100)
      #expect(Set(outcome.faults.keys) == Set(Fault.allCases))
      // Fewer are other suites of this process that closed theirs.
      #expect((figures.last?.descriptors ?? .max) <= (figures.first?.descriptors ?? 0))
    }

    @Test("The same seed gives the same run")
    func repeatable() {
      let runs = (0..<2).map { _ in SimulatedSoak(streams: 1, hours: 1, seed: 7).run() }
      #expect(runs[0].packets == runs[1].packets && runs[0].pictures == runs[1].pictures)
      #expect(runs[0].faults == runs[1].faults)
    }

    @Test("A changed byte, a missing piece and a foreign piece are noticed")
    func tags() throws {
      let tag = TaggedPicture.Tag(stream: 3, number: 70_000)
      for variant in TaggedPicture.Variant.allCases {
        let unit = TaggedPicture.make(tag, variant: variant, isKey: true, pieces: 40, time: .init(0))
        #expect(TaggedPicture.read(unit) == tag)
        var bytes = unit.payload.array
        bytes[bytes.count - 20] ^= 1
        #expect(TaggedPicture.read(unit.with(bytes)) == nil)
        #expect(TaggedPicture.read(unit.with(Array(unit.payload.array.dropLast(16)))) == nil)
      }
    }
  }
}
