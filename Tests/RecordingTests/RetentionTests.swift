import GBCore
import MPEGCore
import MediaTime
import Recording
import Testing

@Suite("Retention")
struct RetentionTests {
  private let day = 86_400.0

  private func old(_ days: Double, class retention: RetentionClass = .normal) throws -> SegmentRecord {
    var record = try segment(-days * day, -days * day + 60)
    record.retentionClass = retention
    return record
  }

  private func decide(
    _ policy: RetentionPolicy, _ candidates: [SegmentRecord], free: Int64
  ) -> RetentionDecision {
    .make(policy: policy, candidates: candidates, disk: DiskFigures(total: 1_000_000, free: free), now: at(0))
  }

  @Test("age deletes what is older than the maximum, and nothing else")
  func age() throws {
    let policy = RetentionPolicy(maximumAge: .seconds(10 * 86_400), reserveBytes: 0)
    let decision = decide(policy, [try old(11), try old(9), try old(10.5)], free: 1)
    #expect(decision.deletions.map(\.rule) == [.age, .age])
    #expect(decision.bytes == 2_000)
  }

  @Test("space takes the lowest class first and the oldest of it, and no more than is missing")
  func space() throws {
    let policy = RetentionPolicy(maximumAge: nil, reserveBytes: 10_000)
    let candidates = [
      try old(9, class: .important), try old(5), try old(8), try old(1, class: .expendable),
      try old(2, class: .expendable),
    ]
    let decision = decide(policy, candidates, free: 7_000)
    #expect(decision.deletions.map(\.segment.start) == [at(-2 * day), at(-day), at(-8 * day)])
    #expect(decision.deletions.allSatisfy { $0.rule == .space })
    #expect(!decision.breaksPromise)
  }

  @Test("a minimum age that cannot be met raises the alarm, then sheds or stops as configured")
  func promise() throws {
    var policy = RetentionPolicy(maximumAge: nil, minimumAge: .seconds(7 * 86_400), reserveBytes: 10_000)
    let shed = decide(policy, [try old(8), try old(3), try old(2)], free: 8_000)
    #expect(shed.deletions.map(\.rule) == [.space, .spaceBelowMinimum])
    #expect(shed.breaksPromise)
    policy.exhaustion = .stop
    let stop = decide(policy, [try old(3), try old(2)], free: 8_000)
    #expect(stop.deletions.isEmpty)
    #expect(stop.breaksPromise && stop.mustStop)
    #expect(stop.missingBytes == 2_000)
  }

  @Test("files that are being written or deleted are never chosen")
  func untouchable() throws {
    let policy = RetentionPolicy(maximumAge: .seconds(60), reserveBytes: 1_000_000)
    let decision = decide(
      policy, [try segment(-9e5, -8e5, state: .open), try segment(-9e5, -8e5, state: .deleting)], free: 0)
    #expect(decision.deletions.isEmpty)
    #expect(decision.mustStop)
  }

  @Test("the forecast tells when the reserve is reached and how far back recordings will reach")
  func forecast() {
    let policy = RetentionPolicy(reserveBytes: 1_000)
    let disk = DiskFigures(total: 100_000, free: 11_000)
    let forecast = DiskForecast(disk: disk, policy: policy, recordedBytes: 40_000, bytesPerSecond: 10)
    #expect(forecast.timeToFull == .seconds(1_000))
    #expect(forecast.retention == .seconds(5_000))
    let idle = DiskForecast(disk: disk, policy: policy, recordedBytes: 1, bytesPerSecond: 0)
    #expect(idle.timeToFull == nil)
  }
}

@Suite("Space alarm")
struct SpaceAlarmTests {
  @Test("it warns once before the disk is full, and again only after there was time in between")
  func hysteresis() {
    var alarm = SpaceAlarm()
    func hours(_ count: Int64) -> Duration { .seconds(count * 3_600) }
    #expect(alarm.judge(nil) == nil)
    #expect(alarm.judge(hours(25)) == nil)
    #expect(alarm.judge(hours(23)) == .warn(hours(23)))
    #expect(alarm.judge(hours(20)) == nil)
    #expect(alarm.judge(hours(28)) == nil)
    #expect(alarm.judge(hours(31)) == .clear)
    #expect(alarm.judge(hours(10)) == .warn(hours(10)))
    #expect(alarm.judge(nil) == .clear)
  }

  @Test("the rate is smoothed, so that one busy minute is no alarm")
  func smoothing() {
    var alarm = SpaceAlarm()
    alarm.measured(1_000)
    #expect(alarm.bytesPerSecond == 1_000)
    alarm.measured(16_000)
    #expect(alarm.bytesPerSecond == 2_000)
    for _ in 0..<200 { alarm.measured(16_000) }
    #expect(abs((alarm.bytesPerSecond ?? 0) - 16_000) < 10)
  }
}

@Suite("Coverage keeper")
struct CoverageKeeperTests {
  @Test("a planned channel that is not recorded has exactly one open gap, with the strongest reason")
  func reasons() throws {
    var keeper = CoverageKeeper(channel: try channel(), isPlanned: false)
    #expect(keeper.planned(true, at: at(0)) == [.put(try gap(0, nil, .unknown))])
    #expect(
      keeper.reason(.network, since: at(5)) == [
        .put(try gap(0, 5, .unknown)), .put(try gap(5, nil, .network)),
      ])
    #expect(keeper.reason(.network, since: at(6)).isEmpty)
    #expect(
      keeper.reason(.deviceOffline, since: at(9))
        == [.put(try gap(5, 9, .network)), .put(try gap(9, nil, .deviceOffline))])
    #expect(keeper.recordingBegan(at: at(20)) == [.put(try gap(9, 20, .deviceOffline))])
    #expect(keeper.isRecording)
  }

  @Test("a recording that ends opens a gap at the end of its last picture")
  func ending() throws {
    var keeper = CoverageKeeper(channel: try channel(), isPlanned: true)
    _ = keeper.recordingBegan(at: at(0))
    #expect(keeper.recordingEnded(at: at(60), cause: .network) == [.put(try gap(60, nil, .network))])
    #expect(keeper.planned(false, at: at(70)) == [.put(try gap(60, 70, .network))])
    #expect(keeper.recordingEnded(at: at(80), cause: .network).isEmpty)
  }

  @Test("a gap that was open before a restart is continued and closed")
  func restart() throws {
    var keeper = CoverageKeeper(
      channel: try channel(), isPlanned: true, open: try gap(0, nil, .recorderStopped))
    #expect(keeper.reason(.network, since: at(3)).isEmpty)
    #expect(keeper.recordingBegan(at: at(9)) == [.put(try gap(0, 9, .recorderStopped))])
  }
}
