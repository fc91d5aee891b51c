import Foundation
import GBCore
import MPEGCore
import SIPCore
import Synchronization
import Testing
import WireBytes

@testable import DeviceSimulator

@Suite("Cameras that move their picture")
struct CameraPictureTests {
  @Test("a window shows a part of the scene, and the whole scene goes round")
  func window() {
    var street = StreetScene(variant: 0, width: 320, height: 180, frameRate: 25)
    let all = Picture(street.frame(0, clock: ""), width: 320, height: 180)
    func seen(_ pan: Double, _ tilt: Double, _ zoom: Double) -> [UInt8] {
      var picture = Picture(width: 320, height: 180)
      picture.show(SceneWindow(pan: pan, tilt: tilt, zoom: zoom), of: all)
      return picture.bytes
    }
    #expect(seen(0, 0, 1) != all.bytes && seen(0, 0, 1) != seen(20, 0, 1))
    #expect(seen(0, 0, 1) != seen(0, 8, 1) && seen(0, 0, 1) != seen(0, 0, 4))
    // Four streets to a turn, and no further up or down than the picture reaches.
    #expect(seen(10, 0, 2) == seen(100, 0, 2) && seen(10, 0, 2) == seen(370, 0, 2))
    #expect(seen(0, 60, 2) == seen(0, 90, 2))
    let area = SceneWindow(pan: 0, tilt: 0, zoom: 2).area
    #expect(abs(area.left + area.width / 2 - 0.5) < 1e-9 && abs(area.width - 1.0 / 3) < 1e-9)
  }

  @Test("the picture follows the camera, and stands still when the camera does")
  func follows() async throws {
    let settings = MediaSettings(
      source: .liveStreet(scenes: 1), hasAudio: false, width: 320, height: 180, keyFrameInterval: 1)
    let view = SceneView()
    let seen = Mutex<[(payload: SharedBytes, isKeyFrame: Bool)]>([])
    let encoder = LiveSceneEncoder(settings, variant: 0, zone: .zero, view: view) { _, payload, isKeyFrame in
      seen.withLock { $0.append((payload, isKeyFrame)) }
    }
    try encoder.start()
    defer { encoder.stop() }
    func next() async throws -> [UInt8] {
      let count = seen.withLock { $0.count } + 30
      #expect(await eventually { seen.withLock { $0.count } >= count })
      return try Decoded.lastPicture(of: seen.withLock { $0 })
    }
    let (one, two) = (try await next(), try await next())
    view.follow { _ in SceneWindow(pan: 15, tilt: 0, zoom: 1.5) }
    let (three, four) = (try await next(), try await next())
    // Cars and the clock always move; the street only when the camera does.
    let still = max(Decoded.difference(one, two), Decoded.difference(three, four))
    #expect(Decoded.difference(two, three) > still * 3)
  }

  @Test("a camera that is told to move moves its picture, and stands still when it is told to stop")
  func moves() async throws {
    let platform = try TestPlatform()
    defer { platform.close() }
    let id = try #require(DeviceID(FaultyFleet.device))
    var camera = ChannelDescription(id: try #require(DeviceID(FaultyFleet.camera)), name: "Dome")
    (camera.isMovable, camera.ptzType) = (true, 1)
    let media = MediaSettings(
      source: .liveStreet(scenes: 1), hasAudio: false, width: 320, height: 180, keyFrameInterval: 1)
    var peer = PeerDescription(.nvr, id: id, name: "R", password: "secret", media: media, channels: [camera])
    peer.keepaliveInterval = 1
    let fleet = SimulatedFleet(
      FleetDescription(
        sipPort: Int(platform.port), platformID: try #require(DeviceID(TestPlatform.id)), peers: [peer]))
    let running = Task { try await fleet.run() }
    #expect(await eventually { fleet.snapshot().registered == 1 })
    let call = try await TestCall(platform, device: id.text, channel: camera.id, transport: .udp)
    /// The picture that comes next, decoded: the newest of those so far and 30 more.
    func next() async throws -> [UInt8] {
      let count = call.receiver.pictures.count + 30
      #expect(await eventually { call.receiver.pictures.count >= count })
      return try Decoded.lastPicture(
        of: call.receiver.pictures.map { ($0.payload, $0.isKeyFrame) })
    }
    func order(_ hex: String) {
      var request = platform.request(.message, to: camera.id.text)
      request.headers.append(.contentType, MANSCDPDocument.contentType)
      let document = MANSCDPDocument(
        .control, .deviceControl, sn: 1, deviceID: camera.id, fields: [XMLElement("PTZCmd", hex)])
      request.body = document.body(.gb2312, codec: .utf8)
      platform.send(request, to: id.text)
    }
    let (one, two) = (try await next(), try await next())
    let still = Decoded.difference(one, two)
    order("A50F0101FF0000B5")  // right, as fast as it can
    let moved = try await next()
    order("A50F0100000000B5")  // stop
    let (three, four) = (try await next(), try await next())
    // Cars and the clock move always; the street only when the camera does.
    #expect(Decoded.difference(two, moved) > still * 1.5)
    #expect(Decoded.difference(three, four) < Decoded.difference(two, moved) / 2)
    #expect(Decoded.difference(two, four) > still * 1.5)
    call.hangUp()
    #expect(await eventually { fleet.snapshot().streams == 0 })
    running.cancel()
    try await running.value
  }
}

/// Pictures through FFmpeg.
enum Decoded {
  /// The luma of the last picture, 320 × 180.
  static func lastPicture(of pictures: [(payload: SharedBytes, isKeyFrame: Bool)]) throws -> [UInt8] {
    let key = pictures.lastIndex(where: \.isKeyFrame) ?? 0
    var stream: [UInt8] = []
    for picture in pictures[key...] { stream += annexB(picture.payload.array) }
    let path = NSTemporaryDirectory() + "simulator-picture-\(UUID().uuidString).h264"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(stream).write(to: URL(fileURLWithPath: path))
    let arguments = [
      "-nostdin", "-loglevel", "quiet", "-f", "h264", "-i", path, "-f", "rawvideo", "-pix_fmt", "gray",
      "pipe:1",
    ]
    let bytes = try #require(try ToolProcess.output(of: "ffmpeg", arguments))
    #expect(bytes.count >= 320 * 180)
    return bytes.suffix(320 * 180)
  }

  /// The mean difference of two pictures, in levels.
  static func difference(_ one: [UInt8], _ other: [UInt8]) -> Double {
    let sum = zip(one, other).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(max(one.count, 1))
  }

  /// Lengths before units become start codes.
  private static func annexB(_ units: [UInt8]) -> [UInt8] {
    var (result, position): ([UInt8], Int) = ([], 0)
    while position + 4 <= units.count {
      let length = units[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      result += [0, 0, 0, 1] + units[position + 4..<min(position + 4 + length, units.count)]
      position += 4 + length
    }
    return result
  }
}

extension Picture {
  /// A picture with these bytes.
  init(_ bytes: [UInt8], width: Int, height: Int) {
    self.init(width: width, height: height)
    withMutableBytes { $0.copyBytes(from: bytes) }
  }
}
