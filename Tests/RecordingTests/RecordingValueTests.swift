import GBCore
import MP4Core
import MPEGCore
import MediaTime
import Recording
import TestSupport
import Testing
import WireBytes

@Suite("Recording values")
struct RecordingValueTests {
  @Test("a segment's name, path and text lead back to it, and foreign paths lead nowhere")
  func names() throws {
    let id = SegmentID(channel: try channel(), startMilliseconds: 1_700_000_000_123)
    #expect(id.path == "2023-11-14/34020000001320000001_34020000001320000001/1700000000123.mp4")
    #expect(SegmentID(path: id.path) == id)
    #expect(SegmentID(id.description) == id)
    for path in [
      "../a_b/1.mp4", "2023-11-14/a_b/x.mp4", "2023-11-14/a_b/-1.mp4", "a_b/1.mp4", "d/a/1.mp4", "",
    ] {
      #expect(SegmentID(path: path).map { $0.path == path } != true)
    }
  }

  @Test("metadata survives the file and maps file time to wall time both ways")
  func metadata() throws {
    let metadata = SegmentMetadata(
      channel: try channel(), run: 77, origin: MediaTicks(-5), anchor: 900, start: at(0.25),
      retentionClass: .important)
    #expect(SegmentMetadata(metadata.encoded) == metadata)
    #expect(metadata.wallTime(ofFileTime: 900 + 90_000) == at(1.25))
    #expect(metadata.fileTime(of: at(1.25)) == 90_900)
    for length in 0..<metadata.encoded.count {
      #expect(SegmentMetadata(Array(metadata.encoded.prefix(length))) == nil)
    }
    var random = SeededRandom(seed: 5)
    for _ in 0..<2_000 { _ = SegmentMetadata(ByteMutation.mutate(metadata.encoded, using: &random)) }
  }

  @Test("ticks and durations convert without drift, and saturate instead of trapping")
  func ticks() {
    for ticks in [0, 1, -1, 90_000, 3_003, 1 << 40, -(1 << 40)] as [Int64] {
      #expect(MediaClock.ticks(in: MediaClock.duration(ofTicks: ticks)) == ticks)
    }
    for ticks in [Int64.max, .min] { _ = MediaClock.ticks(in: MediaClock.duration(ofTicks: ticks)) }
    _ = MediaClock.ticks(in: .seconds(Int64.max))
    _ = MediaClock.ticks(in: .seconds(Int64.min))
  }

  @Test("plans have a text form, and a weekly schedule repeats in its own zone")
  func plans() throws {
    let schedule = WeeklySchedule(minutes: [0..<60, 1_440..<1_500])
    for plan in [RecordingPlan.off, .continuous, .weekly(schedule)] {
      #expect(RecordingPlan(plan.text) == plan)
    }
    for text in ["", "weekly", "weekly:0:5-4", "weekly:0:-1-4", "weekly:x:0-1", "weekly:0:0-99999", "always"]
    {
      #expect(RecordingPlan(text) == nil)
    }
    // 2023-11-13 is a Monday; 00:00 in Beijing is 16:00 UTC the day before.
    let monday = CivilTime(year: 2023, month: 11, day: 12, hour: 16).wallTime()
    let planned = schedule.planned(in: WallInterval(monday, monday + .seconds(14 * 86_400)))
    #expect(planned.duration == .seconds(4 * 3_600))
    #expect(planned.intervals.first == WallInterval(monday, monday + .seconds(3_600)))
  }

  @Test("output ticks of a replay only grow, at every rate and across seeks")
  func replayClock() {
    for rate in [0.125, 0.5, 1, 2, 4, 8, 32, -1, -16] {
      var clock = ReplayClock(rate: rate)
      var last: Int64 = .min
      for round in 0..<3 {
        for index in 0..<50 {
          let seconds = Double(round * 100 + (rate < 0 ? -index : index)) / 25
          let unit = clock.retime(SegmentCutterTests.unit(seconds, key: true))
          #expect(unit.dts.value > last)
          last = unit.dts.value
        }
        clock.restart()
      }
    }
    var fast = ReplayClock(rate: 2)
    let ticks = [0.0, 1, 2].map { fast.retime(SegmentCutterTests.unit($0)).dts.value }
    #expect(ticks[1] - ticks[0] == 45_000 && ticks[2] - ticks[1] == 45_000)
    #expect(ReplayClock.usable(0) == 1)
    #expect(ReplayClock.usable(.nan) == 1)
    #expect(ReplayClock.usable(1_000) == 32)
    #expect(ReplayClock.usable(-0.5) == -1)
  }
}
