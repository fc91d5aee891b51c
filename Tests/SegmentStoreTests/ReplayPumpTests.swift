import MPEGCore
import MediaTime
import Recording
import SegmentStore
import Synchronization
import TestSupport
import Testing

@Suite("Replay")
struct ReplayPumpTests {
  /// Runs a replay and keeps what it gave out.
  final class Session: Sendable {
    let pump: ReplayPump
    let outputs: Box
    private let task: Task<Void, Never>

    final class Box: Sendable {
      let value = Mutex<[ReplayOutput]>([])
      var all: [ReplayOutput] { value.withLock { $0 } }
      var units: [AccessUnit] {
        all.flatMap { output -> [AccessUnit] in if case .units(let units) = output { units } else { [] } }
      }
      var gaps: [WallInterval] {
        all.compactMap { if case .gap(let from, let to) = $0 { WallInterval(from, to) } else { nil } }
      }
      var ends: Int { all.count { if case .ended = $0 { true } else { false } } }
      var restarts: Int { all.count { if case .formats = $0 { true } else { false } } }
    }

    init(_ bench: Bench, _ range: WallInterval, rate: Double, index: ReplayPump.Index? = nil) {
      let box = Box()
      outputs = box
      let pump = ReplayPump(root: bench.root, range: range, rate: rate, index: index ?? bench.index()) {
        output in
        box.value.withLock { $0.append(output) }
      }
      self.pump = pump
      task = Task { await pump.run() }
    }

    func finish() async {
      pump.stop()
      await task.value
    }
  }

  private func bench(_ units: [AccessUnit]) throws -> Bench {
    let bench = try Bench("replay")
    _ = try bench.record([Plain.format], units)
    return bench
  }

  private func growing(_ units: [AccessUnit]) -> Bool {
    zip(units, units.dropFirst()).allSatisfy { $0.dts < $1.dts }
  }

  @Test("every picture comes once, in order, re-timed to the rate")
  func forwards() async throws {
    let bench = try bench(Plain.pictures(0, 8))
    let session = Session(bench, WallInterval(at(0), at(8)), rate: 4)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    let units = session.outputs.units
    #expect(units.map(\.arrival) == Plain.pictures(0, 8).map(\.arrival))
    #expect(zip(units, units.dropFirst()).allSatisfy { $1.dts - $0.dts == 900 })
    #expect(session.outputs.gaps.isEmpty)
    #expect(session.outputs.restarts == 1)
    await session.finish()
  }

  @Test("the output never runs more than its lead ahead of real time")
  func pacing() async throws {
    let bench = try bench(Plain.pictures(0, 8))
    let session = Session(bench, WallInterval(at(0), at(8)), rate: 1)
    let start = ContinuousClock.now
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.units.count > 40 })
    let given = session.outputs.units.count
    let allowed = (ContinuousClock.now - start).inSeconds + 1
    #expect(Double(given) / 25 <= allowed + 0.1)
    await session.finish()
  }

  @Test("a gap is reported with its edges and skipped")
  func gap() async throws {
    let bench = try bench(Plain.pictures(0, 4) + Plain.pictures(60, 64))
    let session = Session(bench, WallInterval(at(0), at(100)), rate: 4)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    #expect(session.outputs.gaps == [WallInterval(at(4), at(60))])
    #expect(session.outputs.units.count == 200)
    #expect(growing(session.outputs.units))
    await session.finish()
  }

  @Test("fast forward and backwards show key frames only, in the order of play")
  func keyFrames() async throws {
    let bench = try bench(Plain.pictures(0, 12))
    let forwards = Session(bench, WallInterval(at(0), at(12)), rate: 32)
    #expect(await eventually(timeout: .seconds(60)) { forwards.outputs.ends == 1 })
    #expect(forwards.outputs.units.map(\.arrival) == (0..<12).map { at(Double($0)) })
    await forwards.finish()
    let backwards = Session(bench, WallInterval(at(0), at(12)), rate: -16)
    backwards.pump.order(position: at(12))
    #expect(
      await eventually(timeout: .seconds(60)) {
        backwards.outputs.ends >= 1 && backwards.outputs.units.count >= 12
      })
    #expect(backwards.outputs.units.suffix(12).map(\.arrival) == (0..<12).reversed().map { at(Double($0)) })
    #expect(growing(backwards.outputs.units))
    await backwards.finish()
  }

  @Test("a seek goes to the key frame before the moment and starts the viewers afresh")
  func seek() async throws {
    let bench = try bench(Plain.pictures(0, 20))
    let session = Session(bench, WallInterval(at(0), at(20)), rate: 1)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.units.count > 5 })
    session.pump.order(position: at(15.5))
    #expect(
      await eventually(timeout: .seconds(60)) { session.outputs.units.contains { $0.arrival >= at(15) } })
    let after = session.outputs.units.drop { $0.arrival < at(10) }
    #expect(after.first?.arrival == at(15) && after.first?.isKeyFrame == true)
    #expect(session.outputs.restarts == 2)
    #expect(growing(session.outputs.units))
    #expect(session.pump.position.wall >= at(15))
    await session.finish()
  }

  @Test("a seek into a gap reports it and goes on after it; the end is not the end of the session")
  func seekIntoGap() async throws {
    let bench = try bench(Plain.pictures(0, 4) + Plain.pictures(60, 62))
    let session = Session(bench, WallInterval(at(0), at(62)), rate: 4)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    session.pump.order(position: at(30))
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 2 })
    #expect(session.outputs.gaps.last == WallInterval(at(30), at(60)))
    await session.finish()
  }

  @Test("a pause holds the output, and going on loses and repeats nothing")
  func pause() async throws {
    let bench = try bench(Plain.pictures(0, 8))
    let session = Session(bench, WallInterval(at(0), at(8)), rate: 2)
    #expect(await eventually(timeout: .seconds(60)) { !session.outputs.units.isEmpty })
    session.pump.order(isPaused: true)
    #expect(session.pump.position.isPaused)
    session.pump.order(isPaused: false)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    #expect(session.outputs.units.map(\.arrival) == Plain.pictures(0, 8).map(\.arrival))
    await session.finish()
  }

  @Test("a change of rate goes on from the present picture")
  func rateChange() async throws {
    let bench = try bench(Plain.pictures(0, 16))
    let session = Session(bench, WallInterval(at(0), at(16)), rate: 1)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.units.count > 20 })
    session.pump.order(rate: 32)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    #expect(session.outputs.units.last?.arrival == at(15))
    #expect(growing(session.outputs.units))
    #expect(session.pump.position.rate == 32)
    await session.finish()
  }

  @Test("a rate, a moment and going on, ordered together, are one stride")
  func orderedTogether() async throws {
    let bench = try bench(Plain.pictures(0, 20))
    let session = Session(bench, WallInterval(at(0), at(20)), rate: 1)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.units.count > 5 })
    session.pump.order(isPaused: true)
    session.pump.order(rate: 4, position: at(12), isPaused: false)
    #expect(await eventually(timeout: .seconds(60)) { session.outputs.ends == 1 })
    #expect(session.outputs.restarts == 2)
    #expect(session.outputs.units.first { $0.arrival >= at(10) }?.arrival == at(12))
    #expect(session.pump.position.rate == 4 && !session.pump.position.isPaused)
    await session.finish()
  }

  @Test("an index or a file that cannot be read is reported, and the session survives")
  func failures() async throws {
    let bench = try bench(Plain.pictures(0, 8))
    struct Down: Error {}
    let lost = Session(bench, WallInterval(at(0), at(8)), rate: 4) { _ in throw Down() }
    #expect(
      await eventually(timeout: .seconds(60)) {
        lost.outputs.all.contains { if case .failed = $0 { true } else { false } }
      })
    await lost.finish()
    var broken = bench.closed[0]
    broken.path = broken.path.replacing("1.mp4", with: "9.mp4")
    let records = [broken] + bench.closed.dropFirst()
    let partly = Session(bench, WallInterval(at(0), at(8)), rate: 4) { range in
      records.filter { $0.end > range.start && $0.start < range.end }
    }
    #expect(await eventually(timeout: .seconds(60)) { partly.outputs.ends == 1 })
    #expect(!partly.outputs.units.isEmpty || bench.closed.count == 1)
    await partly.finish()
  }
}
