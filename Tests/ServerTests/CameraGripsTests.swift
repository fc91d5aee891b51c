import GBCore
import HTTPAPI
import MediaTime
import Registry
import TestSupport
import Testing

@testable import Server

@Suite struct CameraGripsTests {
  private let start = MonotonicTime(nanoseconds: 1_000_000_000)
  private let channel: ChannelKey
  private let low = CameraGrips.Holder(name: "low", priority: 10, credential: "a")
  private let high = CameraGrips.Holder(name: "high", priority: 20, credential: "b")

  init() throws { channel = try #require(ChannelKey("34020000001180000001_34020000001320000001")) }

  @Test("Whoever moves a camera keeps it for five seconds, or as long as it moves")
  func keeping() {
    var grips = CameraGrips()
    #expect(grips.take(channel, low, now: start) == .granted(stop: []))
    let equal = CameraGrips.Holder(name: "other", priority: 10, credential: "c")
    guard case .held(let grip) = grips.take(channel, equal, now: start + .seconds(4)) else {
      Issue.record("it was given away")
      return
    }
    #expect(grip.holder == low && grip.release == start + .seconds(5))
    grips.moves(channel, .view, until: start + .seconds(9))
    #expect(grips.take(channel, equal, now: start + .seconds(8)) == .held(grips.grips[channel] ?? grip))
    #expect(grips.take(channel, equal, now: start + .seconds(9)) == .granted(stop: [.view]))
    #expect(grips.grip(channel, now: start + .seconds(9))?.holder == equal)
  }

  @Test("A higher priority takes a camera, and what moved must be stopped")
  func taking() {
    var grips = CameraGrips()
    _ = grips.take(channel, low, now: start)
    grips.moves(channel, .view, until: start + .seconds(2))
    grips.moves(channel, .lens, until: start + .seconds(2))
    #expect(grips.take(channel, high, now: start) == .granted(stop: [.view, .lens]))
    guard case .held = grips.take(channel, low, now: start) else {
      Issue.record("the lower got it back")
      return
    }
    #expect(grips.expire(now: start + .seconds(2)).isEmpty)
  }

  @Test("The same person in another window is the same holder")
  func windows() {
    var grips = CameraGrips()
    _ = grips.take(channel, low, now: start)
    grips.moves(channel, .view, until: start + .seconds(2))
    let window = CameraGrips.Holder(name: "low", priority: 10, credential: "z")
    #expect(grips.take(channel, window, now: start) == .granted(stop: []))
    #expect(grips.grips[channel]?.isMoving == true)
    #expect(grips.release { $0.credential == "a" }.isEmpty)
    #expect(grips.release { $0.credential == "z" }.map(\.1) == [.view])
    #expect(grips.isEmpty)
  }

  @Test("Movements end at their time, cameras are let go at theirs")
  func ends() {
    var grips = CameraGrips()
    _ = grips.take(channel, low, now: start)
    grips.moves(channel, .view, until: start + .seconds(2))
    #expect(grips.next == start + .seconds(2))
    #expect(grips.expire(now: start + .seconds(1)).isEmpty)
    #expect(grips.expire(now: start + .seconds(2)).map(\.1) == [.view])
    #expect(grips.next == start + .seconds(5))
    #expect(grips.expire(now: start + .seconds(5)).isEmpty)
    #expect(grips.isEmpty && grips.next == nil)
  }

  @Test("Whatever happens, nothing moves without an end, and an end is told once")
  func random() {
    var random = SeededRandom(seed: 7)
    var grips = CameraGrips()
    var now = start
    var moving: Set<CameraGrips.Motion> = []
    for _ in 0..<5_000 {
      now = now + .milliseconds(Int.random(in: 0...800, using: &random))
      let holder = Bool.random(using: &random) ? low : high
      switch Int.random(in: 0..<5, using: &random) {
      case 0, 1:
        guard case .granted(let stop) = grips.take(channel, holder, now: now) else { continue }
        #expect(stop.isSubset(of: moving))
        moving.subtract(stop)
        let motion = CameraGrips.Motion.allCases.randomElement(using: &random) ?? .view
        grips.moves(channel, motion, until: now + .seconds(2))
        moving.insert(motion)
      case 2:
        for motion in CameraGrips.Motion.allCases { grips.stopped(channel, motion) }
        moving = []
      case 3:
        for (_, motion) in grips.release(where: { $0 == holder }) { #expect(moving.remove(motion) != nil) }
      default: for (_, motion) in grips.expire(now: now) { #expect(moving.remove(motion) != nil) }
      }
      #expect(Set(grips.grips[channel].map { Array($0.motions.keys) } ?? []) == moving)
      if !moving.isEmpty { #expect(grips.next != nil) }
    }
  }

  @Test("Orders become the codes of the standard, with speeds that devices take for a movement")
  func orders() throws {
    func hex(_ request: API.PTZRequest) throws -> String? {
      if case .ptz(let command, _) = try CameraOrder(request).control { command.hex } else { nil }
    }
    #expect(try hex(.init(action: .move, pan: 1)) == "A50F0101FF0000B5")
    #expect(try hex(.init(action: .move, pan: -0.01))?.dropFirst(8).prefix(2) == "22")
    #expect(try hex(.init(action: .move, zoom: 0.01))?.dropFirst(12).prefix(1) == "1")
    #expect(try CameraOrder(.init(action: .move)) == .stop)
    #expect(try CameraOrder(.init(action: .lens, focus: 0)) == .stop)
    #expect(try hex(.init(action: .presetCall, number: 5)) == "A50F01820005003C")
    #expect(try hex(.init(action: .cruiseStop)) == "A50F0100000000B5")
    #expect(try hex(.init(action: .cruiseStay, group: 1, value: 300)) == "A50F0187012C1079")
    #expect(try hex(.init(action: .scanLeft, group: 1)) == "A50F018901010040")
    #expect(try hex(.init(action: .auxiliary, number: 1, on: false)) == "A50F018D01000043")
  }

  @Test(
    "What an order lacks or overdoes is refused with a sentence",
    arguments: [
      API.PTZRequest(action: .move, pan: 1.1), .init(action: .move, pan: .nan),
      .init(action: .move, pan: 1, hold: 50),
      .init(action: .move, pan: 1, hold: 60_000), .init(action: .presetCall),
      .init(action: .presetSet, number: 0),
      .init(action: .presetSet, number: 1, name: String(repeating: "北", count: 17)),
      .init(action: .cruiseAdd, group: 1),
      .init(action: .cruiseSpeed, group: 1, value: 4_096), .init(action: .scanStart), .init(action: .precise),
      .init(action: .auxiliary, number: 1), .init(action: .dragZoomIn),
      .init(
        action: .dragZoomIn,
        box: .init(windowWidth: 10, windowHeight: 10, centreX: 5, centreY: 5, width: 0, height: 3)),
    ])
  func refusals(_ request: API.PTZRequest) {
    #expect { try CameraOrder(request) } throws: { ($0 as? Problem)?.status == 422 }
  }
}
