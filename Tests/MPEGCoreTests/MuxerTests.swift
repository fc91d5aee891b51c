import MPEGCore
import MediaTime
import Testing
import WireBytes

/// The program stream we send, against the vectors of GB/T 28181 §9.4.
@Suite struct MuxerTests {
  private func pack(_ formats: [TrackFormat], dts: Int64 = 3_600 + 90_000, rate: UInt32 = 6_106) throws
    -> [UInt8]
  {
    var muxer = PSMuxer(formats: formats, muxRate: rate)
    let video = formats[0].codec
    let slice: [UInt8] = video == .h265 ? [0x26, 0x01, 0xAF] : [0x65, 0x88, 0x80]
    let unit = AccessUnit(
      codec: video, isKeyFrame: true, pts: MediaTicks(dts), dts: MediaTicks(dts),
      arrival: WallTime(seconds: 0),
      payload: lengthPrefixed([slice]))
    var bytes: [UInt8] = []
    muxer.pack(unit, into: &bytes)
    return bytes
  }

  private let h264 = TrackFormat(codec: .h264)
  private let h265 = TrackFormat(codec: .h265)
  private let aac = TrackFormat(codec: .aac, sampleRate: 8_000, channels: 1, audioConfig: [0x15, 0x88])

  @Test("The pack header is the vector")
  func packHeader() throws {
    let bytes = try pack([h264])
    #expect(Hex.lowercase(bytes.prefix(14)) == "000001ba440016fc8401005f6bf8")
  }

  @Test("The program stream maps are the vectors, CRC included")
  func maps() throws {
    let first = try pack([h264, G711.format(.g711A)])
    let second = try pack([h265, aac])
    let firstMap = "000001bc0012e1ff00000008" + "1be00000" + "90c00000" + "b9287f16"
    let secondMap = "000001bc0012e1ff00000008" + "24e00000" + "0fc00000" + "ad322adc"
    #expect(Hex.lowercase(first).contains(firstMap))
    #expect(Hex.lowercase(second).contains(secondMap))
  }

  @Test("A PES header carries the time stamp of the vector")
  func pesHeader() throws {
    let bytes = try pack([h264], dts: 93_600)
    #expect(
      Hex.lowercase(bytes.suffix(7 + 9 + 5)) == "000001e0000f" + "848005" + "210005db41" + "00000001658880")
  }

  @Test("A picture beyond 64 KiB is split into packets, the first with the time stamp")
  func split() throws {
    var muxer = PSMuxer(formats: [h264])
    let slice = [0x65] + [UInt8](repeating: 0x88, count: 150_000)
    let unit = AccessUnit(
      codec: .h264, isKeyFrame: true, pts: MediaTicks(7_200), dts: MediaTicks(3_600),
      arrival: WallTime(seconds: 0),
      payload: lengthPrefixed([slice]))
    var bytes: [UInt8] = []
    muxer.pack(unit, into: &bytes)
    var position = 14
    var lengths: [Int] = []
    var flags: [UInt8] = []
    while position < bytes.count {
      let length = Int(bytes[position + 4]) << 8 | Int(bytes[position + 5])
      if bytes[position + 3] == 0xE0 {
        lengths.append(length)
        flags.append(bytes[position + 7])
      }
      position += 6 + length
    }
    #expect(position == bytes.count)
    #expect(lengths.count == 3)
    #expect(lengths.allSatisfy { $0 <= 0xFF80 })
    #expect(flags == [0xC0, 0, 0])
  }

  @Test("Headers come with key frames only")
  func headersOnKeyFrames() throws {
    let reader = try clip()
    for (index, pack) in packs(reader).enumerated() {
      #expect((pack.firstRange(of: [0, 0, 1, 0xBC]) != nil) == reader.isKeyFrame(index))
      #expect((pack.firstRange(of: [0, 0, 1, 0xBB]) != nil) == reader.isKeyFrame(index))
    }
  }

  @Test("Sound alone repeats the map every thirty units")
  func soundAlone() {
    var muxer = PSMuxer(formats: [G711.format(.g711A)])
    var maps: [Int] = []
    for index in 0..<90 {
      var bytes: [UInt8] = []
      muxer.pack(soundUnit([1, 2, 3], at: MediaTicks(Int64(index) * 900)), into: &bytes)
      if bytes.firstRange(of: [0, 0, 1, 0xBC]) != nil { maps.append(index) }
    }
    #expect(maps == [0, 30, 60])
  }
}
