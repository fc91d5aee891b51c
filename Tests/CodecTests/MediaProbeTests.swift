import Codec
import Foundation
import MPEGCore
import Testing
import WireBytes

@Suite("Media probe")
struct MediaProbeTests {
  private static var stream: [UInt8] {
    var bytes: [UInt8] = []
    for unit in SampleStream.h264 { unit.payload.withBytes { AnnexB.append(lengthPrefixed: $0, to: &bytes) } }
    return bytes
  }

  @Test("a file and the same bytes in memory give the same report")
  func fileAndMemory() throws {
    let path = NSTemporaryDirectory() + "probe-\(UUID().uuidString).h264"
    try Data(Self.stream).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let report = try MediaProbe.inspect(path: path)
    #expect(try MediaProbe.inspect(bytes: Self.stream) == report)
    #expect(report.video?.codec == "h264")
    #expect(report.video?.decoded == 10)
    #expect(report.video?.distinct == 10)
    #expect(report.video?.keyFrames == 2)
    #expect(report.video?.width == 128)
    #expect(report.audio == nil)
    #expect(report.errors == 0)
  }

  @Test("a frozen picture is told from a moving one")
  func frozen() throws {
    let key = try #require(SampleStream.h264.first)
    var bytes: [UInt8] = []
    for _ in 0..<5 { key.payload.withBytes { AnnexB.append(lengthPrefixed: $0, to: &bytes) } }
    let report = try MediaProbe.inspect(bytes: bytes)
    #expect(report.video?.decoded == 5)
    #expect(report.video?.distinct == 1)
  }

  @Test("what is no media is an error, and no other protocol is opened")
  func refuses() {
    #expect(throws: CodecError.self) { try MediaProbe.inspect(path: "/nonexistent.mp4") }
    #expect(throws: CodecError.self) { try MediaProbe.inspect(path: "http://127.0.0.1:1/x.mp4") }
    #expect(throws: CodecError.self) { try MediaProbe.inspect(bytes: []) }
    #expect(throws: CodecError.self) { try MediaProbe.inspect(bytes: Array("hello".utf8)) }
  }
}
