import MPEGCore
import MediaTime
import TestSupport
import Testing
import WireBytes

/// What real devices get wrong (GB/T 28181 §9.5), row by row.
@Suite struct ToleranceTests {
  /// The packs of a clip after `change`, sent with markers; every unit must come out.
  private func expectAllUnits(
    _ name: String = "plain.h264", marker: Bench.MarkerStyle = .last, _ change: (Int, [UInt8]) -> [UInt8]
  ) throws -> Collected {
    let reader = try clip(name)
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() {
      bench.frame(change(index, pack), timestamp: UInt32(index * 3_600), marker: marker)
    }
    let output = bench.finish()
    let isSame = output.annexB.nalUnits == fixture(name).nalUnits
    #expect(isSame)
    #expect(output.video.count == reader.count)
    #expect(output.damages.isEmpty)
    return output
  }

  @Test("1, 2: a wrong CRC and wrong inner lengths of the map are ignored")
  func brokenMap() throws {
    _ = try expectAllUnits { _, pack in
      var pack = pack
      if let map = pack.firstRange(of: [0, 0, 1, 0xBC]) {
        pack[map.lowerBound + 11] = 0xFF
        pack[map.lowerBound + 14] = 0x7F
        pack[map.lowerBound + 17] ^= 0xFF
      }
      return pack
    }
  }

  @Test("3: without a map the data tells the codec", arguments: ["plain.h264", "plain.h265"])
  func noMap(name: String) throws {
    _ = try expectAllUnits(name) { _, pack in pack.removing(header: 0xBC) }
  }

  @Test("4: a map that names the other codec does not mislead", arguments: ["plain.h264", "plain.h265"])
  func lyingMap(name: String) throws {
    let output = try expectAllUnits(name) { _, pack in
      var pack = pack
      if let map = pack.firstRange(of: [0, 0, 1, 0xBC]) {
        pack[map.lowerBound + 12] = pack[map.lowerBound + 12] == 0x1B ? 0x24 : 0x1B
      }
      return pack
    }
    #expect(output.formats.count == 1)
  }

  @Test("6: a pack header without a body is stepped over")
  func barePackHeader() throws {
    _ = try expectAllUnits { _, pack in [0, 0, 1, 0xBA] + pack.removing(header: 0xBA) }
  }

  @Test(
    "7: video packets of length zero run to the next pack",
    arguments: [Bench.MarkerStyle.last, .never, .always])
  func lengthZero(marker: Bench.MarkerStyle) throws {
    _ = try expectAllUnits(marker: marker) { _, pack in
      var pack = pack
      if let video = pack.firstRange(of: [0, 0, 1, 0xE0]) {
        pack[video.lowerBound + 4] = 0
        pack[video.lowerBound + 5] = 0
      }
      return pack
    }
  }

  @Test("8: a picture cut into packets, with or without a pack header each", arguments: [false, true])
  func split(withPackHeader: Bool) throws {
    for marker in [Bench.MarkerStyle.last, .never] {
      _ = try expectAllUnits(marker: marker) { _, pack in
        pack.splitting(at: 1_000, withPackHeader: withPackHeader)
      }
    }
  }

  @Test("9: private and padding streams are skipped, with right and with wrong lengths")
  func privateStreams() throws {
    _ = try expectAllUnits { index, pack in
      guard let video = pack.firstRange(of: [0, 0, 1, 0xE0]) else { return pack }
      let length: UInt8 = index % 3 == 0 ? 40 : 20
      let data: [UInt8] =
        [0, 0, 1, [0xBD, 0xBE, 0xBF, 0xFA][index % 4], 0, length] + Array(repeating: 0x77, count: 20)
      return Array(pack[..<video.lowerBound]) + data + Array(pack[video.lowerBound...])
    }
  }

  @Test(
    "10: the codec may change in the middle of a stream, and back",
    arguments: [Bench.MarkerStyle.last, .never])
  func codecChange(marker: Bench.MarkerStyle) throws {
    var bench = Bench()
    let clips = [try clip("plain.h264"), try clip("plain.h265"), try clip("plain.h264")]
    let all = clips.flatMap { packs($0) }
    for (index, pack) in all.enumerated() {
      bench.frame(pack.stamped(UInt64(index * 3_600)), timestamp: UInt32(index * 3_600), marker: marker)
    }
    let output = bench.finish()
    #expect(output.video.map(\.codec) == clips.flatMap { Array(repeating: $0.codec, count: 50) })
    #expect(output.formats.map { $0.map(\.codec) } == [[.h264], [.h265], [.h264]])
    let dts = output.video.map(\.dts.value)
    #expect(zip(dts, dts.dropFirst()).allSatisfy { $1 - $0 == 3_600 })
    #expect(output.damages.isEmpty)
  }

  @Test("11: parameter sets and slices in packets of their own are one unit", arguments: [false, true])
  func separateSets(withPackHeader: Bool) throws {
    for marker in [Bench.MarkerStyle.last, .never] {
      _ = try expectAllUnits(marker: marker) { _, pack in pack.splittingUnits(withPackHeader: withPackHeader)
      }
    }
  }

  @Test("12: sets that come once are kept in the format, the camera's bytes stay as they are")
  func setsOnce() throws {
    let reader = try clip()
    var bench = Bench()
    var muxer = PSMuxer(formats: [reader.format])
    for index in 0..<reader.count {
      let unit = reader.unit(index)
      let slices = unit.payload.array.lengthPrefixedUnits.filter {
        index == 0 || ![7, 8].contains($0[0] & 0x1F)
      }
      let bare = AccessUnit(
        codec: .h264, isKeyFrame: unit.isKeyFrame, pts: unit.pts, dts: unit.dts, arrival: unit.arrival,
        payload: lengthPrefixed(slices))
      var pack: [UInt8] = []
      muxer.pack(bare, into: &pack)
      bench.frame(pack, timestamp: UInt32(index * 3_600), dropping: index == 10 ? [0] : [])
    }
    let output = bench.finish()
    #expect(output.formats == [[reader.format]])
    #expect(output.video.last?.pts == MediaTicks(49 * 3_600))
    let second = output.video.last { $0.isKeyFrame }
    #expect(second?.payload.array.lengthPrefixedUnits.contains { $0[0] & 0x1F == 7 } == false)
  }

  @Test("20: units of scalable coding pass through")
  func scalableUnits() throws {
    let reader = try clip()
    var bench = Bench()
    var pack = packs(reader)[0]
    // A prefix unit and an extension slice behind the picture, inside the PES packet.
    let extra: [UInt8] = [0, 0, 0, 1, 0x6E, 0x40, 0x80, 0x07, 0, 0, 0, 1, 0x74, 0x40, 0x80, 0x07]
    pack.appendToLastPacket(extra)
    bench.frame(pack, timestamp: 0)
    let units = bench.finish().video.first?.payload.array.lengthPrefixedUnits.suffix(2)
    #expect(units.map(Array.init) == [[0x6E, 0x40, 0x80, 0x07], [0x74, 0x40, 0x80, 0x07]])
  }

  @Test("21: after loss nothing comes before the next key frame, and it is reported once")
  func loss() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, pack) in packs(reader).enumerated() {
      if index == 8 {
        bench.payload(Array(pack[100...]), timestamp: UInt32(index * 3_600), marker: true, gap: true)
        bench.arrival = bench.arrival + .milliseconds(40)
      } else {
        bench.frame(pack, timestamp: UInt32(index * 3_600))
      }
    }
    let output = bench.finish()
    #expect(output.damages == [.packetLoss])
    let expected = Array(0..<8) + Array(25..<50)
    #expect(output.video.map(\.pts.value) == expected.map { Int64($0 * 3_600) })
    #expect(output.events.firstIndex(of: "damaged") == 9)
  }

  @Test("22: a start code inside a packet of known length is data")
  func emulation() throws {
    let reader = try clip()
    let sound =
      [UInt8](repeating: 0, count: 100) + [0, 0, 1, 0xBA, 0x44, 0, 0, 1, 0xE0, 0, 0]
      + [UInt8](repeating: 0x55, count: 209)
    var muxer = PSMuxer(formats: [reader.format, G711.format(.g711A)])
    var bench = Bench()
    for index in 0..<reader.count {
      let picture = reader.unit(index)
      var pack: [UInt8] = []
      muxer.pack(picture, into: &pack)
      muxer.pack(
        AccessUnit(
          codec: .g711A, isKeyFrame: true, pts: picture.pts, dts: picture.pts, arrival: picture.arrival,
          payload: SharedBytes(sound)), into: &pack)
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    let output = bench.finish()
    #expect(output.video.count == 50)
    #expect(output.audio.count >= 25)
    #expect(output.audio.allSatisfy { $0.payload.array == sound })
    #expect(output.damages.isEmpty)
  }

  @Test(
    "A length that is too small or too large costs nothing when the pictures begin with packs",
    arguments: [-40, -1, 1, 40])
  func wrongLength(error: Int) throws {
    for marker in [Bench.MarkerStyle.last, .never] {
      let reader = try clip()
      var bench = Bench()
      for (index, var pack) in packs(reader).enumerated() {
        if let video = pack.lastRange(of: [0, 0, 1, 0xE0]) {
          let length = Int(pack[video + 4]) << 8 | Int(pack[video + 5])
          pack[video + 4] = UInt8((length + error) >> 8)
          pack[video + 5] = UInt8((length + error) & 0xFF)
        }
        bench.frame(pack, timestamp: UInt32(index * 3_600), marker: marker)
      }
      let output = bench.finish()
      #expect(output.video.count >= 49, "\(error) \(marker)")
    }
  }

  @Test("23: scrambled packets are reported once")
  func scrambled() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, var pack) in packs(reader).enumerated() {
      if let video = pack.firstRange(of: [0, 0, 1, 0xE0]) { pack[video.lowerBound + 6] |= 0x10 }
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    #expect(bench.finish().unsupported == [.encrypted])
  }

  @Test("18: private containers are named")
  func privateContainer() {
    for magic in ["IMKH", "DHAV"] {
      var bench = Bench()
      for index in 0..<5 {
        bench.payload(Array(magic.utf8) + [UInt8](repeating: 1, count: 500), timestamp: UInt32(index * 3_600))
      }
      let output = bench.finish()
      #expect(output.unsupported == [.privateContainer])
      #expect(output.units.isEmpty)
    }
  }

  @Test("Video of an unknown codec is named by its stream type")
  func svac() throws {
    let reader = try clip()
    var bench = Bench()
    for (index, var pack) in packs(reader).enumerated() {
      if let map = pack.firstRange(of: [0, 0, 1, 0xBC]) { pack[map.lowerBound + 12] = 0x80 }
      // Units that neither codec knows.
      for unit in AnnexB.units(in: pack.span) where pack[unit.lowerBound] < 0x80 {
        pack[unit.lowerBound] = 0x1F
      }
      bench.frame(pack, timestamp: UInt32(index * 3_600))
    }
    let output = bench.finish()
    #expect(output.unsupported == [.videoCodec(0x80)])
    #expect(output.units.isEmpty)
  }

  @Test("A picture beyond the limit is dropped and the stream goes on")
  func tooLarge() throws {
    let reader = try clip()
    var bench = Bench(DemuxerOptions(maximumUnitBytes: 20_000))
    for (index, pack) in packs(reader).enumerated() {
      let large = index == 3 ? pack + [UInt8](repeating: 0x33, count: 30_000) : pack
      bench.frame(large, timestamp: UInt32(index * 3_600), marker: .never)
    }
    let output = bench.finish()
    #expect(output.damages.contains(.tooLarge))
    #expect(output.video.last?.pts == MediaTicks(49 * 3_600))
  }

  @Test("The unit carries the arrival of its last byte")
  func arrival() throws {
    let reader = try clip()
    var bench = Bench()
    let pack = packs(reader)[0]
    bench.payload(Array(pack[..<500]), timestamp: 0)
    bench.arrival = bench.arrival + .milliseconds(7)
    bench.payload(Array(pack[500...]), timestamp: 0, marker: true)
    #expect(bench.output.video.first?.arrival == WallTime(seconds: 1_000) + .milliseconds(7))
  }
}

extension [UInt8] {
  /// Without the header of that id, which has a length field (or is a 14-byte pack header).
  func removing(header id: UInt8) -> [UInt8] {
    guard let range = firstRange(of: [0, 0, 1, id]) else { return self }
    let start = range.lowerBound
    let length = id == 0xBA ? 14 : 6 + Int(self[start + 4]) << 8 + Int(self[start + 5])
    return Array(self[..<start] + self[(start + length)...])
  }

  func firstRange(of pattern: [UInt8]) -> Range<Int>? {
    guard count >= pattern.count else { return nil }
    for start in 0...(count - pattern.count) where self[start..<start + pattern.count].elementsEqual(pattern)
    {
      return start..<start + pattern.count
    }
    return nil
  }

  func lastRange(of pattern: [UInt8]) -> Int? {
    guard count >= pattern.count else { return nil }
    for start in stride(from: count - pattern.count, through: 0, by: -1)
    where self[start..<start + pattern.count].elementsEqual(pattern) { return start }
    return nil
  }

  /// The pack with its one video packet cut into several, whose payloads `cut` gives.
  private func repacking(withPackHeader: Bool, _ cut: ([UInt8]) -> [[UInt8]]) -> [UInt8] {
    guard let video = firstRange(of: [0, 0, 1, 0xE0])?.lowerBound else { return self }
    let headerEnd = video + 9 + Int(self[video + 8])
    var result = Array(self[..<video])
    for (index, part) in cut(Array(self[headerEnd...])).enumerated() {
      if index > 0, withPackHeader { result += self[..<14] }
      let header = index == 0 ? Array(self[(video + 6)..<headerEnd]) : [0x80, 0, 0]
      let length = header.count + part.count
      result += [0, 0, 1, 0xE0, UInt8(length >> 8), UInt8(length & 0xFF)] + header + part
    }
    return result
  }

  func splitting(at size: Int, withPackHeader: Bool) -> [UInt8] {
    repacking(withPackHeader: withPackHeader) { payload in
      stride(from: 0, to: payload.count, by: size).map {
        Array(payload[$0..<Swift.min($0 + size, payload.count)])
      }
    }
  }

  func splittingUnits(withPackHeader: Bool) -> [UInt8] {
    repacking(withPackHeader: withPackHeader) { payload in payload.nalUnits.map { [0, 0, 0, 1] + $0 } }
  }

  /// Lengthens the last packet of the pack.
  mutating func appendToLastPacket(_ bytes: [UInt8]) {
    guard let video = lastRange(of: [0, 0, 1, 0xE0]) else { return }
    let length = Int(self[video + 4]) << 8 + Int(self[video + 5]) + bytes.count
    self[video + 4] = UInt8(length >> 8)
    self[video + 5] = UInt8(length & 0xFF)
    self += bytes
  }
}
