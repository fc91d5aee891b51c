import GBCore
import MP4Core
import MPEGCore
import MediaTime
import Recording
import Registry
import TestSupport
import Testing
import WireBytes

@Suite("Segment cutter")
struct SegmentCutterTests {
  static let video = TrackFormat(codec: .h264, parameterSets: [[0x67], [0x68]], width: 16, height: 16)
  static let sound = TrackFormat(codec: .g711A, sampleRate: 8_000, channels: 1)

  /// What the cutter did with a stream, checked for the promises it makes.
  struct Result {
    var files: [(opening: SegmentOpening, fragments: [FragmentContent], end: WallTime?)] = []
    var gaps: [(from: WallTime, to: WallTime, cause: GapCause)] = []

    mutating func take(_ action: CutAction) {
      switch action {
      case .open(let opening): files.append((opening, [], nil))
      case .write(let content): files[files.count - 1].fragments.append(content)
      case .close(let end): files[files.count - 1].end = end
      case .gap(let from, let to, let cause, _): gaps.append((from, to, cause))
      }
    }

    var units: [AccessUnit] { files.flatMap { $0.fragments.flatMap(\.units) } }
  }

  static func unit(
    _ seconds: Double, key: Bool = false, late: Double = 0, ticksOffset: Int64 = 0, codec: MediaCodec = .h264
  ) -> AccessUnit {
    let ticks = MediaTicks(Int64((seconds * 90_000).rounded()) + ticksOffset)
    return AccessUnit(
      codec: codec, isKeyFrame: key || !codec.isVideo, pts: ticks, dts: ticks, arrival: at(seconds + late),
      payload: SharedBytes([1, 2, 3, 4]))
  }

  /// Pictures at 25 per second with a key frame every two seconds.
  static func pictures(_ from: Double, _ to: Double, every: Double = 2, late: Double = 0) -> [AccessUnit] {
    (Int(from * 25)..<Int(to * 25)).map { index in
      unit(Double(index) / 25, key: index % Int(every * 25) == 0, late: late)
    }
  }

  static func cutter() throws -> SegmentCutter {
    var cutter = SegmentCutter(channel: try channel(), run: 1)
    cutter.formatsChanged([video])
    return cutter
  }

  @Test("every picture from the first key frame on is written once, in order, and the files meet exactly")
  func nothingLost() throws {
    var cutter = try Self.cutter()
    var result = Result()
    let stream = Self.pictures(0.4, 200)
    for unit in stream { cutter.receive(unit) { result.take($0) } }
    cutter.end { result.take($0) }
    let expected = stream.drop { !$0.isKeyFrame }
    #expect(result.units.map(\.dts) == expected.map(\.dts))
    #expect(result.files.count == 4)
    #expect(result.gaps.isEmpty)
    for (file, next) in zip(result.files, result.files.dropFirst()) {
      #expect(file.end == next.opening.metadata.start)
      #expect(file.fragments.last?.videoEnd == next.fragments.first?.units.first?.dts)
      #expect(next.fragments.first?.units.first?.isKeyFrame == true)
      #expect(next.opening.metadata.run == file.opening.metadata.run)
    }
    for file in result.files.dropLast() {
      #expect(file.fragments.allSatisfy { $0.units.first?.isKeyFrame == true && $0.units.count == 50 })
      let (first, last) = (file.opening.metadata.start, try #require(file.end))
      #expect((60...62).contains((last - first).inSeconds))
    }
    #expect(result.files.last?.end == at(200))
  }

  @Test("a group longer than four seconds is written in parts, so that a crash loses little")
  func longGroups() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for unit in Self.pictures(0, 21, every: 20) { cutter.receive(unit) { result.take($0) } }
    #expect(result.files[0].fragments.map(\.units.count) == [100, 100, 100, 100, 100])
  }

  @Test("sound stays beside the pictures it came with, and none of it is lost")
  func sound() throws {
    var cutter = try Self.cutter()
    cutter.formatsChanged([Self.video, Self.sound])
    var result = Result()
    let pictures = Self.pictures(0, 130)
    let blocks = (0..<(130 * 25)).map { Self.unit(Double($0) / 25 - 0.01, codec: .g711A) }
    for (picture, block) in zip(pictures, blocks) {
      cutter.receive(block) { result.take($0) }
      cutter.receive(picture) { result.take($0) }
    }
    cutter.end { result.take($0) }
    #expect(result.units.filter { !$0.codec.isVideo }.count == blocks.count - 1)
    #expect(result.units.filter(\.codec.isVideo).count == pictures.count)
    for file in result.files {
      let earliest = file.fragments.flatMap(\.units).map(\.dts).min()
      #expect(earliest == file.opening.metadata.origin)
    }
  }

  @Test("a new picture format begins a new file at its key frame; new sound waits for one")
  func formatChanges() throws {
    var cutter = try Self.cutter()
    var result = Result()
    let stream = Self.pictures(0, 12)
    let larger = TrackFormat(codec: .h264, parameterSets: [[0x67, 1], [0x68]], width: 32, height: 32)
    for (index, unit) in stream.enumerated() {
      if index == 75 { cutter.formatsChanged([Self.video, Self.sound]) }
      if index == 200 { cutter.formatsChanged([larger, Self.sound]) }
      cutter.receive(unit) { result.take($0) }
    }
    cutter.end { result.take($0) }
    #expect(result.units.count == stream.count)
    #expect(
      result.files.map(\.opening.formats) == [[Self.video], [Self.video, Self.sound], [larger, Self.sound]])
    #expect(result.files.map { $0.fragments.flatMap(\.units).count } == [100, 100, 100])
    #expect(result.files[0].end == result.files[1].opening.metadata.start)
    #expect(result.gaps.isEmpty)
  }

  @Test("sound discovered before anything is written simply joins the first file")
  func earlySound() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for (index, unit) in Self.pictures(0, 4).enumerated() {
      if index == 10 { cutter.formatsChanged([Self.video, Self.sound]) }
      cutter.receive(unit) { result.take($0) }
    }
    cutter.end { result.take($0) }
    #expect(result.files.count == 1)
    #expect(result.units.count == 100)
    #expect(result.files[0].opening.formats.count == 2)
  }

  @Test("missing pictures end the file and become a gap with a cause")
  func hole() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for unit in Self.pictures(0, 10) + Self.pictures(30, 40) { cutter.receive(unit) { result.take($0) } }
    cutter.end { result.take($0) }
    #expect(result.files.count == 2)
    #expect(result.gaps.map(\.cause) == [.network])
    #expect(result.gaps.first?.from == at(10))
    #expect(result.gaps.first?.to == at(30))
    #expect(result.files[0].opening.metadata.run != result.files[1].opening.metadata.run)
  }

  @Test("a scene that sends a picture every five seconds is not a row of holes")
  func slowCamera() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for index in 0..<24 { cutter.receive(Self.unit(Double(index) * 5, key: true)) { result.take($0) } }
    cutter.end { result.take($0) }
    #expect(result.units.count == 24)
    #expect(result.files.count <= 4)
    #expect(result.gaps.count <= 1)
  }

  @Test("jitter and drift of arrivals never show as gaps or overlaps between files")
  func jitterAndDrift() throws {
    var cutter = try Self.cutter()
    var result = Result()
    var random = SeededRandom(seed: 3)
    for unit in Self.pictures(0, 600) {
      // The camera's clock runs 0.2 % slow, and every arrival is up to half a second late.
      let seconds = unit.dts.seconds
      let late = seconds * 0.002 + Double.random(in: 0...0.5, using: &random)
      cutter.receive(Self.unit(seconds, key: unit.isKeyFrame, late: late)) { result.take($0) }
    }
    cutter.end { result.take($0) }
    #expect(result.gaps.isEmpty)
    for (file, next) in zip(result.files, result.files.dropFirst()) {
      #expect(file.end == next.opening.metadata.start)
    }
    let error = try #require(result.files.last?.end) - at(601.2)
    #expect(abs(error.inSeconds) < 0.4)
  }

  @Test("a step of our clock begins a new file at a key frame, without losing a picture")
  func clockStep() throws {
    for step in [-3_600.0, 3_600] {
      var cutter = try Self.cutter()
      var result = Result()
      let stream = Self.pictures(0, 10) + Self.pictures(10, 30, late: step)
      for unit in stream { cutter.receive(unit) { result.take($0) } }
      cutter.end { result.take($0) }
      #expect(result.units.count == stream.count)
      #expect(result.files.count == 2)
      #expect(result.gaps.map(\.cause) == (step > 0 ? [.clockStep] : []))
    }
  }

  @Test("a stall of the network is not a step of a clock")
  func stall() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for unit in Self.pictures(0, 60) {
      // Everything due between 20 and 23 s arrives at 23 s.
      let seconds = unit.dts.seconds
      let late = (20..<23).contains(seconds) ? 23 - seconds : 0
      cutter.receive(Self.unit(seconds, key: unit.isKeyFrame, late: late)) { result.take($0) }
    }
    cutter.end { result.take($0) }
    #expect(result.files.count == 1)
    #expect(result.gaps.isEmpty)
  }

  @Test("after a failed write the next file begins at a key frame and the gap names the reason")
  func abandoned() throws {
    var cutter = try Self.cutter()
    var result = Result()
    for unit in Self.pictures(0, 5) { cutter.receive(unit) { result.take($0) } }
    cutter.abandon(lastEnd: at(2), cause: .diskFull, detail: "full")
    for unit in Self.pictures(5, 20) { cutter.receive(unit) { result.take($0) } }
    cutter.end { result.take($0) }
    #expect(result.gaps.map(\.cause) == [.diskFull])
    #expect(result.gaps.first?.from == at(2))
    #expect(result.gaps.first?.to == at(6))
    #expect(result.files.last?.fragments.first?.units.first?.isKeyFrame == true)
  }

  @Test("times at the ends of the range and units of unknown tracks do not trap")
  func extremes() throws {
    var cutter = try Self.cutter()
    for ticks in [Int64.min, .max, 0, -1, .max, .min + 1] {
      let unit = AccessUnit(
        codec: .h264, isKeyFrame: true, pts: MediaTicks(ticks), dts: MediaTicks(ticks),
        arrival: WallTime(nanoseconds: ticks), payload: SharedBytes([]))
      cutter.receive(unit) { _ in }
      cutter.receive(Self.unit(1, codec: .aac)) { _ in }
    }
    cutter.end { _ in }
  }
}
