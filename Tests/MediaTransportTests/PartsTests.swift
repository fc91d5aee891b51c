import MPEGCore
import MediaTime
import Streaming
import TestSupport
import Testing

@testable import MediaTransport

@Suite struct WebSocketInputTests {
  private func frame(_ opcode: UInt8, _ content: [UInt8], masked: Bool = true, first: UInt8 = 0x80) -> [UInt8]
  {
    var bytes: [UInt8] = [first | opcode]
    let flag: UInt8 = masked ? 0x80 : 0
    if content.count < 126 {
      bytes.append(flag | UInt8(content.count))
    } else {
      bytes += [flag | 126, UInt8(content.count >> 8), UInt8(content.count & 0xff)]
    }
    guard masked else { return bytes + content }
    let mask: [UInt8] = [9, 8, 7, 6]
    return bytes + mask + content.enumerated().map { $1 ^ mask[$0 & 3] }
  }

  @Test("Pings and closes are found, whole and byte by byte, between ignored texts")
  func reads() {
    let bytes =
      frame(1, [UInt8](repeating: 65, count: 300)) + frame(9, [1, 2, 3]) + frame(10, [])
      + frame(8, [3, 0xE9])
    let expected: [WebSocketInput.Message] = [.ping([1, 2, 3]), .close(code: 1_001)]
    var whole = WebSocketInput()
    #expect(whole.feed(bytes.span) == expected)
    var dripped = WebSocketInput()
    var messages: [WebSocketInput.Message] = []
    for byte in bytes { messages += dripped.feed([byte].span) }
    #expect(messages == expected)
  }

  @Test("What RFC 6455 forbids and what is too long is a violation, once")
  func violations() {
    let bad: [([UInt8], UInt16)] = [
      (frame(9, [1], masked: false), 1_002), (frame(3, []), 1_002), (frame(1, [], first: 0xC0), 1_002),
      (frame(9, [], first: 0), 1_002), ([0x89, 0xFE, 0, 200], 1_002), ([0x82, 0xFE, 0x40, 0], 1_009),
      ([0x82, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], 1_009),
    ]
    for (bytes, code) in bad {
      var input = WebSocketInput()
      #expect(input.feed((bytes + bytes).span) == [.violation(code: code)])
    }
  }

  @Test("No input makes it trap or grow")
  func random() {
    var random = SeededRandom(seed: 7)
    for _ in 0..<2_000 {
      var input = WebSocketInput()
      var count = 0
      for _ in 0..<8 {
        let bytes = (0..<Int.random(in: 0..<40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        count += input.feed(bytes.span).count
      }
      #expect(count <= 320)
    }
  }
}

@Suite struct TableTests {
  @Test("The SSRC table agrees with a dictionary over random changes")
  func ssrcTable() {
    var random = SeededRandom(seed: 11)
    let streams = (0..<50).map { number in
      MediaStream(
        id: StreamID(serial: UInt64(number), thread: 0), label: "", ingest: nil, cacheLimit: 0,
        events: { _ in })
    }
    var table = SSRCTable()
    var model: [UInt32: MediaStream] = [:]
    for _ in 0..<5_000 {
      let ssrc = UInt32.random(in: 0..<400, using: &random) &* 65_536
      let stream = streams[Int.random(in: 0..<50, using: &random)]
      if Int.random(in: 0..<20, using: &random) == 0 {
        table.remove(stream)
        model = model.filter { $0.value !== stream }
      } else {
        table.insert(stream, at: ssrc)
        model[ssrc] = stream
      }
      let probe = UInt32.random(in: 0..<400, using: &random) &* 65_536
      #expect(table[probe] === model[probe])
      #expect(table.count == model.count)
    }
  }

  @Test("The cache holds the latest group, and nothing of a group that is too large")
  func cache() {
    var cache = GroupCache(limit: 5_000)
    cache.formatsChanged([TrackFormat(codec: .h264)])
    for index in 0..<30 { cache.append(TestMedia.picture(at: index, isKey: index % 10 == 0)) }
    #expect(cache.units.count == 10 && cache.units[0].isKeyFrame && cache.byteCount == 2_000)
    for index in 30..<60 { cache.append(TestMedia.picture(at: index, isKey: index == 30)) }
    #expect(cache.units.isEmpty && cache.byteCount == 0)
    cache.append(TestMedia.picture(at: 60, isKey: true))
    #expect(cache.units.count == 1)
  }

  @Test("Sound alone makes a group every two seconds")
  func soundCache() {
    var cache = GroupCache(limit: 1 << 20)
    cache.formatsChanged([TrackFormat(codec: .g711A)])
    for index in 0..<120 { cache.append(TestMedia.picture(at: index, isKey: true, codec: .g711A)) }
    #expect((1...50).contains(cache.units.count))
  }

  @Test("A busy thread reads more often when the kernel's buffer would not last")
  func tick() {
    var tick = ReadTick(interval: 5_000_000, buffer: 425_984)
    var (now, last) = (Int64(0), Int64(0))
    for _ in 0..<20 {
      tick.count(datagrams: 100)
      last = now
      now = tick.next(after: now)
    }
    #expect(now - last < 2_000_000)
    for _ in 0..<40 {
      tick.count(datagrams: 1)
      last = now
      now = tick.next(after: now)
    }
    #expect(now - last == 5_000_000)
  }
}

@Suite struct HLSWindowTests {
  @Test("Segments of whole groups with their playlist decode to the pictures that were sent")
  func segments() throws {
    let (units, formats) = try clip()
    let window = HLSWindow()
    #expect(window.playlist(baseName: "") == nil)
    window.formatsChanged(formats)
    for unit in units { window.receive([unit]) }
    window.ended(.closed)
    let playlist = try #require(window.playlist(baseName: "hls/"))
    #expect(
      playlist.hasPrefix("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n"))
    #expect(playlist.contains("#EXT-X-MAP:URI=\"hls/init-1.mp4\"\n#EXTINF:2.000,\nhls/segment-0.m4s\n"))
    #expect(playlist.hasSuffix("hls/segment-2.m4s\n#EXT-X-ENDLIST\n"))
    var bytes = try #require(window.initSegment(1))
    for number in 0..<3 { bytes += try #require(window.segment(UInt64(number))) }
    #expect(TestMedia.decodedPictures(bytes).count == units.count)
    #expect(window.segment(3) == nil)
  }

  @Test("Only the last six segments are listed, and a new format is a discontinuity with its own map")
  func window() throws {
    let (_, formats) = try clip()
    let window = HLSWindow()
    window.formatsChanged(formats)
    for index in 0..<600 { window.receive([TestMedia.picture(at: index, isKey: index % 25 == 0)]) }
    var playlist = try #require(window.playlist(baseName: ""))
    #expect(playlist.split(separator: "\n").count { $0.hasSuffix(".m4s") } == 6)
    #expect(playlist.contains("#EXT-X-MEDIA-SEQUENCE:5\n"))
    #expect(window.segment(0) == nil && window.segment(5) != nil)
    window.formatsChanged(try clip(.h265).formats)
    for unit in try clip(.h265).units { window.receive([unit]) }
    playlist = try #require(window.playlist(baseName: ""))
    #expect(playlist.contains("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"init-2.mp4\"\n"))
  }
}

@Suite struct RateMeterTests {
  private let second: Int64 = 1_000_000_000

  @Test("A second look a moment later tells what the first one told")
  func steady() {
    var meter = RateMeter()
    _ = meter.rates(now: 5 * second)
    for _ in 0..<50 { meter.count(TestMedia.picture(at: 0, isKey: true, bytes: 1_000)) }
    let first = meter.rates(now: 7 * second)
    #expect(first.pictures == 25)
    #expect(first.bits == 200_000)
    #expect(meter.rates(now: 7 * second + 1_000_000) == first)
    #expect(meter.rates(now: 8 * second) == (0, 0))
  }
}
