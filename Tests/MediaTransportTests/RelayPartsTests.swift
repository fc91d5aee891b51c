import MPEGCore
import MediaTime
import Testing
import WireBytes

@testable import MediaTransport

/// Pace, ring and refusals, on a clock of their own.
@Suite struct RelayPartsTests {
  private let millisecond: Int64 = 1_000_000

  /// Sends `bytes` at `rate` in passes of `pass` nanoseconds; returns what each pass sent.
  private func passes(_ bytes: Int, rate: Int, pass: Int64, _ pace: inout RelayPace, from start: Int64)
    -> [Int]
  {
    var (left, now, sent) = (bytes, start, [Int]())
    while left > 0 {
      guard now >= pace.due else {
        now += pass
        continue
      }
      // Whole packets, as the outbox cuts them.
      let packets = max(0, (pace.allowance(now: now, rate: rate) + 1_399) / 1_400)
      let part = min(left, packets * 1_400)
      pace.spend(packets * 1_400)
      left -= part
      sent.append(part)
      now += pass
    }
    pace.rest()
    return sent
  }

  @Test("A picture of a few packets goes out at once, a large one within its window in even parts")
  func spread() {
    var pace = RelayPace()
    let small = passes(
      20_000, rate: RelayPace.rate(bytes: 20_000, window: 20 * millisecond), pass: 5 * millisecond, &pace,
      from: 0)
    #expect(small == [20_000])
    let rate = RelayPace.rate(bytes: 400_000, window: 20 * millisecond)
    #expect(rate == 100_000)
    let large = passes(400_000, rate: rate, pass: 5 * millisecond, &pace, from: 40 * millisecond)
    #expect(large.count <= 5 && large.allSatisfy { $0 <= 100_000 + 1_400 })
    #expect(large.reduce(0, +) == 400_000)
  }

  @Test("A late pass makes up for what it missed, and no rest saves up more than one part")
  func credit() {
    var pace = RelayPace()
    _ = pace.allowance(now: 0, rate: 50_000)
    pace.spend(50_000)
    let late = pace.allowance(now: 15 * millisecond, rate: 50_000)
    let veryLate = pace.allowance(now: 60_000 * millisecond, rate: 50_000)
    pace.rest()
    let rested = pace.allowance(now: 120_000 * millisecond, rate: 50_000)
    #expect(late <= 150_000 && veryLate == 200_000 && rested == 50_000)
  }

  @Test("The window of a picture is half the time to the next, within bounds")
  func spacing() {
    func windows(_ step: Int64) -> Int64 {
      var spacing = PictureSpacing()
      var last: Int64 = 0
      for index in 0..<4 {
        let time = MediaTicks(Int64(index) * step)
        last = spacing.window(
          for: AccessUnit(
            codec: .h264, isKeyFrame: true, pts: time, dts: time, arrival: WallTime(nanoseconds: 0),
            payload: SharedBytes([0])))
      }
      return last
    }
    #expect(windows(3_600) == 20 * millisecond)
    #expect(windows(1_800) == 10 * millisecond)
    #expect(windows(90_000) == 20 * millisecond)
    #expect(windows(90) == 5 * millisecond)
    #expect(windows(0) == 20 * millisecond)
  }

  @Test("The ring gives back what it was given, through growth and trimming")
  func ring() {
    var ring = ParcelRing()
    var kept: [UInt64] = []
    for number in 0..<1_000 as Range<UInt64> {
      ring.append(
        Parcel(bytes: SharedBytes([UInt8(truncatingIfNeeded: number)]), timestamp: UInt32(number), pace: 1))
      kept.append(number)
      if number % 7 == 0 {
        ring.trim(to: number - number / 10)
        kept.removeAll { $0 < number - number / 10 }
      }
      #expect(ring.byteCount == kept.count)
      #expect(ring[kept[0]]?.timestamp == UInt32(kept[0]) && ring[number]?.timestamp == UInt32(number))
    }
    #expect(ring[ring.end] == nil && ring[kept[0] &- 1] == nil)
  }

  @Test("Refusals count when they follow each other for long enough")
  func refusals() {
    var refusals = Refusals()
    let second: Int64 = 1_000_000_000
    // The pause between 12 s and 15 s is too long: they count anew.
    let verdicts = [10, 12, 15, 17, 18].map { refusals.note(now: $0 * second, patience: 3 * second) }
    #expect(verdicts == [false, false, false, false, true])
  }
}
