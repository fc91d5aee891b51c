import MPEGCore
import MediaTime
import Registry
import Testing
import WireBytes

@testable import Recording

/// A device that plays a recording with a key frame every second and ten pictures per second.
private struct PlayingDevice {
  var clock: DeviceReplayClock
  var ticks: Int64 = 900_000
  var now = MonotonicTime(nanoseconds: 0)
  var shown: [(unit: AccessUnit, startsOver: Bool, skipped: WallInterval?)] = []
  var hasEnded = false

  /// - Parameters: ticks between pictures, our time between pictures, every how-manieth is a key frame.
  mutating func play(
    _ count: Int, step: Int64 = 9_000, every interval: Duration = .milliseconds(100), group: Int = 10
  ) {
    for index in 0..<count {
      send(isKeyFrame: index % group == 0)
      ticks += step
      now = now + interval
    }
  }

  mutating func send(isKeyFrame: Bool, codec: MediaCodec = .h264) {
    let unit = AccessUnit(
      codec: codec, isKeyFrame: isKeyFrame, pts: MediaTicks(ticks), dts: MediaTicks(ticks),
      arrival: WallTime(seconds: 0), payload: SharedBytes([0]))
    switch clock.receive(unit, now: now) {
    case .show(let unit, let startsOver, let skipped): shown.append((unit, startsOver, skipped))
    case .drop: break
    case .end: hasEnded = true
    }
  }

  /// Seconds of output between the first and the last of the latest `count` pictures.
  func outputSeconds(_ count: Int) -> Double {
    let units = shown.suffix(count).map(\.unit.dts)
    return ((units.last ?? MediaTicks(0)) - (units.first ?? MediaTicks(0))).seconds
  }
}

extension Int64 {
  fileprivate var seconds: Double { Double(self) / 90_000 }
}

@Suite struct DeviceReplayClockTests {
  private let start = WallTime(seconds: 1_704_159_000)

  private func moment(_ seconds: Double) -> WallTime { start + .milliseconds(Int64(seconds * 1_000)) }
  private func range(_ seconds: Int) -> WallInterval { WallInterval(start, start + .seconds(seconds)) }

  private func device(_ seconds: Int = 600, recorded: [WallInterval] = []) -> PlayingDevice {
    PlayingDevice(clock: DeviceReplayClock(range: range(seconds), recorded: IntervalSet(recorded)))
  }

  @Test("At life's pace positions follow the stream's times, from the first key frame")
  func normal() {
    var device = device()
    device.send(isKeyFrame: false)
    device.play(31)
    #expect(device.shown.first?.unit.isKeyFrame == true)
    #expect(device.shown.first?.unit.arrival == start)
    #expect(device.shown.first?.startsOver == true)
    #expect(device.clock.position == moment(3))
    #expect(device.shown.dropFirst().allSatisfy { !$0.startsOver })
    #expect(abs(device.outputSeconds(31) - 3) < 0.01)
  }

  @Test("The position does not care how irregularly packets come")
  func jitter() {
    var device = device()
    device.play(10, every: .milliseconds(400))
    device.play(21, every: .milliseconds(1))
    #expect(device.clock.position == moment(3))
  }

  @Test("A replay that begins where nothing is recorded shows the first recorded second")
  func beginsLater() {
    var device = device(recorded: [WallInterval(start + .seconds(100), start + .seconds(600))])
    device.play(11)
    #expect(device.shown.first?.unit.arrival == moment(100))
    #expect(device.clock.position == moment(101))
  }

  @Test(
    "A device that sends faster with the times as recorded is re-timed to the rate", arguments: [2.0, 4.0])
  func unscaled(rate: Double) {
    var device = device()
    device.play(31)
    device.clock.setRate(rate, pace: .unscaled, now: device.now)
    device.play(100, every: .milliseconds(Int64(100 / rate)))
    #expect(device.clock.pace == .unscaled)
    #expect(abs((device.clock.position - start).inSeconds - 13) < 0.11)
    #expect(abs(device.outputSeconds(51) - 5 / rate) < 0.02)
  }

  @Test("A device that compresses its times is found out, and the position is right from the change on")
  func scaled() {
    var device = device()
    device.play(31)
    device.clock.setRate(2, pace: .unscaled, now: device.now)
    device.play(100, step: 4_500, every: .milliseconds(50))
    #expect(device.clock.pace == .scaled)
    #expect(abs((device.clock.position - start).inSeconds - 13) < 0.25)
    #expect(abs(device.outputSeconds(51) - 2.5) < 0.02)
  }

  @Test("The other way round: believed to compress, found not to")
  func believedScaled() {
    var device = device()
    device.play(31)
    device.clock.setRate(4, pace: .scaled, now: device.now)
    device.play(100, every: .milliseconds(25))
    #expect(device.clock.pace == .unscaled)
    #expect(abs((device.clock.position - start).inSeconds - 13) < 0.25)
  }

  @Test("Key frames alone tell it as well", arguments: [ReplayPace.scaled, .unscaled])
  func keyFramesOnly(kind: ReplayPace) {
    var device = device()
    device.play(31)
    device.clock.setRate(4, pace: kind == .scaled ? .unscaled : .scaled, now: device.now)
    device.play(12, step: kind == .scaled ? 22_500 : 90_000, every: .milliseconds(250), group: 1)
    #expect(device.clock.pace == kind)
    #expect(abs((device.clock.position - start).inSeconds - 14) < 1.2)
  }

  @Test("Slow motion: re-timed, or left as it is", arguments: [ReplayPace.scaled, .unscaled])
  func slow(kind: ReplayPace) {
    var device = device()
    device.play(31)
    device.clock.setRate(0.5, pace: kind == .scaled ? .unscaled : .scaled, now: device.now)
    device.play(40, step: kind == .scaled ? 18_000 : 9_000, every: .milliseconds(200))
    #expect(device.clock.pace == kind)
    #expect(abs((device.clock.position - start).inSeconds - 7) < 0.25)
    #expect(abs(device.outputSeconds(11) - 2) < 0.02)
  }

  @Test("An order that changes nothing is noticed, and the rate shown is the true one")
  func ignored() {
    var device = device()
    device.play(31)
    device.clock.setRate(4, pace: .unscaled, now: device.now)
    device.play(60)
    #expect(device.clock.pace == .ignored)
    #expect(device.clock.effectiveRate == 1)
    #expect(abs((device.clock.position - start).inSeconds - 9) < 0.11)
  }

  @Test("After a seek what still comes from the old place is not shown")
  func seek() {
    var device = device()
    device.play(31)
    device.clock.seek(to: moment(300), now: device.now)
    let before = device.shown.count
    device.play(8, group: 4)
    #expect(device.shown.count == before)
    device.ticks = 900_000 + 299 * 90_000
    device.play(11)
    #expect(device.shown[before].startsOver)
    // The device began with the key frame before the wanted moment, and its times say so.
    #expect(abs((device.shown[before].unit.arrival - start).inSeconds - 299) < 0.01)
    let output = device.shown.map(\.unit.dts.value)
    #expect(zip(output, output.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("A seek by a device whose times go on as if nothing had been is believed after a while")
  func seekWithContinuousTimes() {
    var device = device()
    device.play(31)
    device.clock.seek(to: moment(300), now: device.now)
    device.play(31)
    #expect(abs((device.clock.position - start).inSeconds - 301) < 1.6)
    #expect(device.clock.position >= moment(300))
  }

  @Test("A seek backwards is seen by times that go back")
  func seekBack() {
    var device = device()
    device.play(101)
    device.clock.seek(to: moment(2), now: device.now)
    device.ticks = 900_000 + 2 * 90_000
    device.play(11)
    #expect(device.clock.position == moment(3))
  }

  @Test(
    "Between two files nothing happened, whether the stream's times jump or go on", arguments: [true, false])
  func hole(jumps: Bool) {
    var device = device(
      recorded: [
        WallInterval(start, start + .seconds(10)), WallInterval(start + .seconds(70), start + .seconds(600)),
      ])
    device.play(100)
    if jumps { device.ticks += 60 * 90_000 }
    device.play(31)
    #expect(abs((device.clock.position - start).inSeconds - 73) < 1.6)
    let skipped = device.shown.compactMap(\.skipped)
    #expect(skipped.count == 1)
    #expect(abs((skipped.first?.duration.inSeconds ?? 0) - 60) < 2)
    #expect(device.outputSeconds(131) < 13.2)
  }

  @Test("A sender that starts its clock again at the next file goes on there")
  func clockStartsAgain() {
    var device = device(
      recorded: [
        WallInterval(start, start + .seconds(10)), WallInterval(start + .seconds(70), start + .seconds(600)),
      ])
    device.play(100)
    device.ticks = 0
    device.play(11)
    #expect(abs((device.clock.position - start).inSeconds - 71) < 0.2)
  }

  @Test("Backwards only key frames are shown, whether times fall or grow", arguments: [true, false])
  func backwards(timesFall: Bool) {
    var device = device()
    device.play(101)
    device.clock.setRate(-1, pace: .scaled, now: device.now)
    for _ in 0..<5 {
      let key = timesFall ? device.ticks - 90_000 : device.ticks + 90_000
      device.ticks = key
      device.send(isKeyFrame: true)
      device.ticks = key + 45_000
      device.send(isKeyFrame: false)
      device.ticks = key
      device.now = device.now + .seconds(1)
    }
    #expect(abs((device.clock.position - start).inSeconds - 5) < 1.2)
    #expect(device.shown.suffix(5).allSatisfy { $0.unit.isKeyFrame })
    let output = device.shown.map(\.unit.dts.value)
    #expect(zip(output, output.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test("The end of the interval is the end, even if the device goes on")
  func end() {
    var device = device(10)
    device.play(95)
    #expect(device.clock.isAtEnd)
    #expect(!device.hasEnded)
    device.play(20)
    #expect(device.hasEnded)
    #expect(device.shown.last.map { $0.unit.arrival < moment(10) } == true)
  }

  @Test("Sound goes with the picture at life's pace and is left out at others")
  func sound() {
    var device = device()
    device.play(11)
    device.send(isKeyFrame: true, codec: .g711A)
    #expect(device.shown.last?.unit.codec == .g711A)
    device.clock.setRate(2, pace: .unscaled, now: device.now)
    device.play(1)
    let count = device.shown.count
    device.send(isKeyFrame: true, codec: .g711A)
    #expect(device.shown.count == count)
  }

  @Test("A new call goes on at the moment it was placed for")
  func restart() {
    var device = device()
    device.play(31)
    device.clock.restart(at: moment(200))
    device.ticks = 5
    device.play(11)
    #expect(device.clock.position == moment(201))
  }
}
