import MPEGCore
import MediaTime
import Testing
import WireBytes

/// How long pictures wait, and for what.
@Suite struct WaitingTests {
  /// The packs of the clip in a stream whose map lists sound that never comes.
  private func silentPacks() throws -> [[UInt8]] {
    packs(try clip(), audio: G711.format(.g711A))
  }

  @Test("Without sound in the map the first picture does not wait")
  func noSoundListed() throws {
    var bench = Bench()
    bench.frame(packs(try clip())[0], timestamp: 0)
    #expect(bench.output.events == ["formats", "key"])
  }

  @Test("With sound in the map that does not come, the first pictures wait 300 ms")
  func soundListed() throws {
    var bench = Bench()
    for (index, pack) in try silentPacks().prefix(12).enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
      #expect(bench.output.units.isEmpty == (index < 8))
    }
    #expect(bench.output.formats.map(\.count) == [1])
    #expect(bench.output.video.count == 12)
  }

  @Test("Sound that comes after the wait joins at the next key frame")
  func lateSound() throws {
    var bench = Bench()
    for (index, pack) in try silentPacks().enumerated() {
      bench.frame(pack, timestamp: UInt32(index * 3_600))
      guard index >= 10 else { continue }
      var muxer = PSMuxer(formats: [G711.format(.g711A)])
      var sound: [UInt8] = []
      muxer.pack(
        soundUnit([UInt8](repeating: 0xD5, count: 320), at: MediaTicks(Int64(index) * 3_600)), into: &sound)
      bench.payload(sound.removing(header: 0xBC), timestamp: UInt32(index * 3_600), marker: true)
    }
    let output = bench.finish()
    #expect(output.formats.map(\.count) == [1, 2])
    for (index, event) in output.events.enumerated() where event == "formats" {
      #expect(output.events[index + 1] == "key")
    }
    #expect(output.audio.first?.pts == MediaTicks(25 * 3_600))
  }

  @Test("Sound does not join pictures of which a part was announced differently")
  func soundAfterChange() throws {
    var bench = Bench()
    let first = try clip("plain.h264")
    let second = try clip("plain.h265")
    // Three key frames within the wait, the middle one of another codec.
    let pictures = [(first, 0), (second, 0), (first, 25)]
    for (index, (reader, picture)) in pictures.enumerated() {
      var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
      var pack: [UInt8] = []
      muxer.pack(reader.unit(picture).at(MediaTicks(Int64(index) * 3_600)), into: &pack)
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    var muxer = PSMuxer(formats: [first.format, G711.format(.g711A)])
    var sound: [UInt8] = []
    muxer.pack(soundUnit([1, 2, 3], at: MediaTicks(7_200)), into: &sound)
    bench.frame(sound, timestamp: 7_200)
    let output = bench.finish()
    #expect(output.formats.map { $0.map(\.codec) } == [[.h264], [.h265], [.h264]])
    #expect(output.audio.isEmpty)
  }

  @Test("A stream that pauses hands on the picture whose end only the next one would have shown")
  func settles() throws {
    var bench = Bench()
    bench.frame(packs(try clip())[0], timestamp: 0, marker: .never)
    #expect(bench.output.units.isEmpty)
    var output = bench.output
    bench.demuxer.settle(isLong: false) { output.add($0) }
    #expect(output.events == ["formats", "key"])
  }

  @Test("A pause also ends the wait for sound")
  func settlesSound() throws {
    var bench = Bench()
    bench.frame(try silentPacks()[0], timestamp: 0)
    #expect(bench.output.units.isEmpty)
    var output = bench.output
    bench.demuxer.settle(isLong: false) { output.add($0) }
    #expect(output.events == ["formats", "key"])
  }
}
