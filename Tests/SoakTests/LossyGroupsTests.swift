import Foundation
import MPEGCore
import MediaTime
import MediaTransport
import RTPCore
import Streaming
import Synchronization
import Testing
import WireBytes

@testable import Soak

extension AccessUnit {
  func with(_ bytes: [UInt8]) -> AccessUnit {
    AccessUnit(
      codec: codec, isKeyFrame: isKeyFrame, pts: pts, dts: dts, arrival: arrival, payload: SharedBytes(bytes))
  }
}

extension SoakSuite {
  /// Real pictures over a bad network, and a decoder as judge.
  @Suite struct LossyGroupsTests {
    @Test(
      "1 % loss, 50 ms jitter and reordering: groups that arrived whole come out whole, and all output decodes"
    )
    func decodes() throws {
      let reader = try #require(ElementaryStreamReader(try Tool.clip(), codec: .h264))
      let sink = KeepingSink()
      var sender = LossySender(reader, seed: 5)
      let whole = sender.run(into: sink)
      let shown = sink.units
      try #require(whole.count >= 5 && sender.lost > 20 && !shown.isEmpty && shown.count < sender.sent)
      let numbers = Set(shown.map { Int($0.pts.value - shown[0].pts.value) })
      let first = try #require(sender.number(of: shown[0]))
      for group in whole {
        #expect(
          group.allSatisfy { numbers.contains(($0 - first) * 3_600) },
          "group from picture \(group.lowerBound)")
      }
      var bytes: [UInt8] = []
      for unit in shown { unit.payload.withBytes { AnnexB.append(lengthPrefixed: $0, to: &bytes) } }
      #expect(try Tool.decodeErrors(bytes) == "")
      #expect(try Tool.decodedPictures(bytes) == shown.count)
    }
  }
}

/// Keeps all it gets.
private final class KeepingSink: StreamSink {
  private let all = Mutex<[AccessUnit]>([])
  var units: [AccessUnit] { all.withLock { $0 } }
  func formatsChanged(_ formats: [TrackFormat]) {}
  func receive(_ units: [AccessUnit]) { all.withLock { $0 += units } }
  func ended(_ reason: StreamEnd) {}
}

/// A camera that repeats a clip for a minute over a network that loses, delays and repeats.
private struct LossySender {
  private let reader: ElementaryStreamReader
  private var random: SoakRandom
  private var network = FaultyNetwork()
  private(set) var sent = 0
  var lost: Int { network.lost }

  init(_ reader: ElementaryStreamReader, seed: UInt64) {
    self.reader = reader
    random = SoakRandom(seed: seed)
  }

  /// The number of the picture at which it was sent, by its bytes.
  func number(of unit: AccessUnit) -> Int? {
    (0..<reader.count).first { reader.unit($0).payload.array == unit.payload.array }
  }

  /// - Returns: the picture numbers of the groups all of whose packets arrived, without the first.
  mutating func run(into sink: KeepingSink) -> [Range<Int>] {
    let source = MediaAddress.simulated(2, port: 9_000)
    let path = StreamPath(
      ssrc: 9, host: source.host, now: MonotonicTime(nanoseconds: 1), wall: WallTime(nanoseconds: 1))
    path.attach(sink)
    var muxer = PSMuxer(formats: [reader.format])
    var packetizer = RTPPacketizer(ssrc: 9, sequenceNumber: 65_000)
    var whole: [Range<Int>] = []
    var group = (start: 0, isWhole: false)
    for number in 0..<1_500 {
      if reader.isKeyFrame(number % reader.count) {
        if group.isWhole { whole.append(group.start..<number) }
        group = (number, number > 0)
      }
      let now = Int64(number + 1) * 40_000_000
      let unit = reader.unit(number % reader.count).at(MediaTicks(Int64(number) * 3_600))
      var (frame, bytes, ranges) = ([UInt8](), [UInt8](), [Range<Int>]())
      muxer.pack(unit, into: &frame)
      packetizer.append(frame.span, timestamp: UInt32(number * 3_600), to: &bytes, packets: &ranges)
      for range in ranges {
        if !network.send(bytes[range], from: source, at: now, .bad, using: &random) { group.isWhole = false }
      }
      sent += 1
      network.deliver(until: now + 40_000_000) { packet in
        let moment = (MonotonicTime(nanoseconds: packet.arrival), WallTime(nanoseconds: packet.arrival))
        path.receive(packet.bytes.span, from: packet.source, now: moment.0, wall: moment.1)
      }
      path.sweep(
        now: MonotonicTime(nanoseconds: now + 40_000_000), wall: WallTime(nanoseconds: now + 40_000_000))
    }
    path.end()
    return whole
  }
}

extension AccessUnit {
  fileprivate func at(_ time: MediaTicks) -> AccessUnit {
    AccessUnit(
      codec: codec, isKeyFrame: isKeyFrame, pts: time, dts: time, arrival: arrival, payload: payload)
  }
}

/// The ffmpeg tool as encoder and judge.
private enum Tool {
  /// 10 s with a key frame of more than a hundred packets every second and small pictures in between: noise that
  /// stands still, and a corner that counts, so that no picture is like another.
  static func clip() throws -> [UInt8] {
    try run([
      "-f", "lavfi", "-i",
      "color=c=gray:size=1280x720:rate=25,noise=alls=12[a];testsrc2=size=96x96:rate=25[b];[a][b]overlay",
      "-t", "10", "-pix_fmt", "yuv420p",
      "-c:v", "libx264", "-preset", "ultrafast", "-qp", "30", "-x264-params",
      "keyint=25:min-keyint=25:scenecut=0:bframes=0", "-f", "h264", "-",
    ]).output
  }

  static func decodeErrors(_ bytes: [UInt8]) throws -> String {
    try run(["-f", "h264", "-i", "-", "-f", "null", "-"], input: bytes).errors
  }

  static func decodedPictures(_ bytes: [UInt8]) throws -> Int {
    let text = try run(
      ["-f", "h264", "-i", "-", "-f", "framemd5", "-fps_mode", "passthrough", "-"], input: bytes
    ).output
    return String(decoding: text, as: UTF8.self).split(separator: "\n").count { !$0.hasPrefix("#") }
  }

  /// Runs the tool with files for input and output, so that no pipe can fill up.
  private static func run(_ arguments: [String], input: [UInt8] = []) throws -> (
    output: [UInt8], errors: String
  ) {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
    try Data(input).write(to: files[0])
    for file in files.dropFirst() { try Data().write(to: file) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["ffmpeg", "-v", "error"] + arguments
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    return (
      [UInt8](try Data(contentsOf: files[1])), String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)
    )
  }
}
