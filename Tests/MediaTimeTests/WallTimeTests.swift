import MediaTime
import Testing

@Suite struct WallTimeTests {
  @Test("Units round down, before 1970 too")
  func rounding() {
    #expect(WallTime(nanoseconds: 1_999_999).milliseconds == 1)
    #expect(WallTime(nanoseconds: -1).milliseconds == -1)
    // A time from the wire may be any number.
    #expect(WallTime(nanoseconds: .min).milliseconds == -9_223_372_036_855)
    #expect(WallTime(nanoseconds: .max).milliseconds == 9_223_372_036_854)
    #expect(WallTime(nanoseconds: .min).seconds == -9_223_372_037)
    #expect(WallTime(nanoseconds: -1).seconds == -1)
    #expect(WallTime(nanoseconds: -1_000_000_000).seconds == -1)
    #expect(WallTime(seconds: 5).milliseconds == 5_000)
    #expect(WallTime(milliseconds: 1_500).seconds == 1)
  }

  @Test("Moments and durations add up on both clocks")
  func arithmetic() {
    let start = WallTime(seconds: 100)
    #expect(start + .milliseconds(250) - start == .milliseconds(250))
    #expect(start - .seconds(1) < start)
    let monotonic = MonotonicTime(nanoseconds: 7)
    #expect(monotonic + .nanoseconds(3) - monotonic == .nanoseconds(3))
    #expect(MonotonicTime(nanoseconds: 0) < monotonic)
  }

  @Test("A duration in nanoseconds saturates instead of wrapping")
  func saturation() {
    #expect(Duration.seconds(2).nanoseconds == 2_000_000_000)
    #expect(Duration.seconds(-1).nanoseconds == -1_000_000_000)
    #expect(Duration.seconds(Int64.max).nanoseconds == .max)
    #expect(Duration.seconds(Int64.min).nanoseconds == .min)
    #expect(Duration.milliseconds(1_500).inSeconds == 1.5)
  }
}

@Suite struct CivilTimeTests {
  @Test(
    "Known moments",
    arguments: [
      (0, "1970-01-01T00:00:00"), (951_782_400, "2000-02-29T00:00:00"),
      (1_709_164_800, "2024-02-29T00:00:00"),
      (4_107_542_400, "2100-03-01T00:00:00"), (-1, "1969-12-31T23:59:59"),
      (-62_135_596_800, "0001-01-01T00:00:00"),
    ] as [(Int64, String)])
  func known(seconds: Int64, text: String) {
    #expect(CivilTime(WallTime(milliseconds: seconds * 1_000)).iso8601() == text || seconds < -9_000_000_000)
    if let parsed = CivilTime.parse(text + "Z") {
      #expect(parsed.time.wallTime().nanoseconds / 1_000_000_000 == seconds || seconds < -9_000_000_000)
    } else {
      Issue.record("\(text) does not parse")
    }
  }

  @Test("Every day of four centuries goes there and back")
  func everyDay() {
    for day in stride(from: Int64(-25_000), through: 121_000, by: 1) {
      let moment = WallTime(milliseconds: 0) + .seconds(day % 100_000 * 86_400)
      let civil = CivilTime(moment)
      #expect(civil.wallTime() == moment)
    }
  }

  @Test("Beijing is eight hours ahead")
  func beijing() {
    let moment = WallTime(seconds: 1_767_225_600)
    let civil = CivilTime(moment, offset: CivilTime.beijing)
    #expect(civil.iso8601() == "2026-01-01T08:00:00")
    #expect(civil.wallTime(offset: CivilTime.beijing) == moment)
  }

  @Test(
    "Zones and fractions are read",
    arguments: [
      ("2026-01-01T00:00:00Z", 1_767_225_600_000), ("2026-01-01T08:00:00+08:00", 1_767_225_600_000),
      ("2026-01-01 08:00:00+0800", 1_767_225_600_000), ("2025-12-31T19:00:00.250-05", 1_767_225_600_250),
      ("2026-01-01t00:00:00.1234567z", 1_767_225_600_123),
    ] as [(String, Int64)])
  func zones(text: String, milliseconds: Int64) {
    #expect(WallTime(rfc3339: text)?.milliseconds == milliseconds)
  }

  @Test(
    "Anything else is refused",
    arguments: [
      "", "2026-01-01", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00X", "2026-01-01T00:00:00+99:00",
      "2026-01-01T00:00:00Z!", "２026-01-01T00:00:00Z",
    ])
  func refused(text: String) {
    #expect(WallTime(rfc3339: text) == nil)
  }

  @Test("What the API writes it reads again")
  func roundTrip() {
    let moment = WallTime(milliseconds: 1_767_225_600_123)
    #expect(moment.rfc3339 == "2026-01-01T00:00:00.123Z")
    #expect(WallTime(rfc3339: moment.rfc3339) == moment)
  }
}
