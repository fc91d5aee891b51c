import MediaTime
import Recording
import Testing

@Suite("Coverage with a disk away")
struct CoverageTests {
  @Test("what lies on a disk that is away is not recorded, and not forgotten")
  func away() throws {
    let (here, gone) = (DiskID(bits: 1), DiskID(bits: 2))
    func on(_ disk: DiskID, _ from: Double, _ to: Double, _ state: SegmentState = .closed) throws
      -> SegmentRecord
    {
      var record = try segment(from, to, state: state)
      record.disk = disk
      return record
    }
    let all = [
      try on(here, 0, 60), try on(gone, 60, 120), try on(here, 110, 180), try on(gone, 180, 240, .deleting),
      try on(here, 240, 300, .deleting), try on(gone, 300, 330, .open),
    ]
    var coverage = RecordedCoverage(segments: all, absent: [gone])
    #expect(coverage.stretches.intervals == [span(0, 60), span(110, 180)])
    #expect(coverage.away[gone]?.intervals == [span(60, 110), span(180, 240), span(300, 330)])
    #expect(coverage.openEnd == nil)
    coverage.add(open: [try on(here, 300, 310, .open)])
    #expect(coverage.away[gone]?.intervals.last == span(310, 330))
    #expect(RecordedCoverage(segments: all, absent: []).away.isEmpty)
  }

  @Test("an identity is sixteen digits, and none but the former is zero")
  func identity() {
    #expect(DiskID("0123456789abcdef")?.text == "0123456789abcdef")
    for text in ["", "0123456789abcde", "0123456789ABCDEF", "0123456789abcdeg", "../456789abcdef0"] {
      #expect(DiskID(text) == nil)
    }
    #expect(DiskID(bits: 0) != .former && DiskID(bits: 255).text == "00000000000000ff")
  }
}
