import Foundation
import MPEGCore
import MediaTime
import SIPCore
import Synchronization
import Testing
import WireBytes

@testable import DeviceSimulator

@Suite("Generated pictures and sound")
struct SceneTests {
  @Test("traffic moves, repeats after a minute without a jump, and scenes differ")
  func traffic() {
    var scene = StreetScene(variant: 0, width: 320, height: 180, frameRate: 25)
    let first = scene.frame(0, clock: "")
    let later = scene.frame(10, clock: "")
    let again = scene.frame(StreetScene.loopSeconds * 25, clock: "")
    #expect(first.count == 320 * 180 * 3 / 2)
    #expect(first != later)
    #expect(first == again)
    var other = StreetScene(variant: 1, width: 320, height: 180, frameRate: 25)
    #expect(other.frame(0, clock: "") != first)
  }

  @Test("the clock shows date, time and tenths in its zone")
  func clock() throws {
    let moment = try #require(WallTime(rfc3339: "2026-05-04T12:34:56.789Z"))
    #expect(StreetScene.clockText(moment, zone: .seconds(8 * 3_600)) == "2026-05-04 20:34:56.7")
    #expect(StreetScene.loopClockText(frame: 1_499, frameRate: 25) == "SECOND 59.9")
    var scene = StreetScene(variant: 0, width: 320, height: 180, frameRate: 25)
    #expect(scene.frame(0, clock: "12:00") != scene.frame(0, clock: "12:01"))
  }

  @Test("an encoder's output is cut at its delimiters, however it arrives")
  func splitter() {
    func picture(_ key: Bool) -> [UInt8] {
      [0, 0, 0, 1, 9, 0x10] + (key ? [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x68, 2] : [])
        + [0, 0, 1, key ? 0x65 : 0x41, 0x88, 0x80, 5, 5]
    }
    let stream = picture(true) + picture(false) + picture(false) + picture(true) + picture(false)
    for step in [1, 2, 3, 7, 1_000] {
      var splitter = PictureSplitter(codec: .h264)
      var found: [(payload: SharedBytes, isKeyFrame: Bool)] = []
      for start in stride(from: 0, to: stream.count, by: step) {
        found += splitter.feed(Array(stream[start..<min(start + step, stream.count)]))
      }
      #expect(found.map(\.isKeyFrame) == [true, false, false, true])
      #expect(found.first?.payload.array.prefix(6) == [0, 0, 0, 2, 0x67, 1])
      #expect(found[1].payload.array == [0, 0, 0, 5, 0x41, 0x88, 0x80, 5, 5])
    }
  }

  @Test("a live scene is encoded while it runs and every picture gets its number")
  func live() async throws {
    let settings = MediaSettings(
      source: .liveStreet(scenes: 1), hasAudio: false, width: 320, height: 180, keyFrameInterval: 1)
    let seen = Mutex<[(number: Int, isKeyFrame: Bool)]>([])
    let encoder = LiveSceneEncoder(settings, variant: 0, zone: .zero) { number, payload, isKeyFrame in
      if payload.count > 0 { seen.withLock { $0.append((number, isKeyFrame)) } }
    }
    try encoder.start()
    #expect(await eventually { seen.withLock { $0.count } >= 30 })
    encoder.stop()
    let pictures = seen.withLock { $0 }
    #expect(pictures.first?.isKeyFrame == true)
    #expect(pictures[25].isKeyFrame)
    for (one, next) in zip(pictures, pictures.dropFirst()) { #expect(next.number > one.number) }
    let now = MediaFeed.number(at: LiveSceneEncoder.now(), frameRate: 25)
    #expect(abs(now - (pictures.last?.number ?? 0)) < 25 * 20)
  }

  @Test("every frame that is drawn is a picture of the clip", arguments: [MediaCodec.h264, .h265])
  func wholeClip(codec: MediaCodec) throws {
    let directory = NSTemporaryDirectory() + "simulator-clips-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = try ClipLibrary.benchClip(
      codec: codec, width: 192, height: 108, kilobits: 200, seconds: 3, directory: directory)
    let reader = try #require(
      ElementaryStreamReader(Array(try Data(contentsOf: URL(fileURLWithPath: path))), codec: codec))
    #expect(reader.count == 75)
    #expect((0..<75).filter { reader.isKeyFrame($0) } == [0, 50])
    #expect(reader.format.width == 192)
  }

  @Test("a feed of a clip keeps step with the clock and its streams begin at a key frame")
  func feed() throws {
    let clip = try PreparedClip(video: SampleFile.bytes, codec: .h264, frameRate: 25, sound: nil)
    #expect(clip.pictures.count == 10)
    let feed = MediaFeed(clip: clip)
    let start = WallTime(seconds: 1_000_000) + .milliseconds(280)
    feed.advance(to: start)
    let newest = MediaFeed.number(at: start, frameRate: 25)
    #expect(feed.newest == newest)
    #expect(feed.newestKeyFrame == newest - newest % 5)
    #expect(feed.frame(from: newest + 1) == nil)
    feed.advance(to: start + .milliseconds(400))
    #expect(feed.frame(from: newest + 1)?.number == newest + 1)
    #expect(feed.keyFrame(from: newest + 1)?.isKeyFrame == true)
    // Long unread: it begins anew at the present.
    feed.advance(to: start + .seconds(3_600))
    #expect(feed.frame(from: newest)?.isKeyFrame == true)
    #expect(feed.newest == newest + 90_000)
  }

  @Test("the hashes are those of their specifications")
  func hashes() {
    // RFC 1321 §A.5 and FIPS 180-4's example.
    #expect(Hex.lowercase(MessageDigest.md5([])) == "d41d8cd98f00b204e9800998ecf8427e")
    #expect(
      Hex.lowercase(MessageDigest.md5(Array("message digest".utf8))) == "f96b697d7cb7938d525a2f31aaf161d0")
    #expect(
      Hex.lowercase(MessageDigest.sha256(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let long = [UInt8](repeating: 97, count: 200)
    #expect(MessageDigest.md5(long).count == 16)
    #expect(MessageDigest.sha256(long).count == 32)
  }

  @Test("the pip of the sound falls on the full second")
  func sound() {
    let loop = StreetSound.loop
    #expect(loop.count == 480_000)
    func loudness(_ range: Range<Int>) -> Int { loop[range].map { abs(Int(G711.aLaw[Int($0)])) }.max() ?? 0 }
    #expect(loudness(8_000..<8_320) > 4_000)
    #expect(loudness(8_400..<15_900) < 1_500)
  }
}
