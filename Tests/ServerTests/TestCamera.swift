import Foundation
import GBCore
import Glibc
import MPEGCore
import MediaTime
import RTPCore

@testable import Server

/// Sends the two seconds of the fixture as a program stream over UDP, over and over, until it is stopped.
final class TestCamera: Sendable {
  private let isStopped = Locked(false)

  /// Pictures of the fixture, read once.
  static let clip = FileManager.default.contents(atPath: Cameras.fixture)
    .flatMap { ElementaryStreamReader([UInt8]($0), codec: .h264) }

  /// Starts sending at once, one picture every 10 ms: four times as fast as life.
  init(to port: UInt16, ssrc: UInt32) {
    Thread.detachNewThread { [self] in run(port, ssrc) }
  }

  func stop() { isStopped.with { $0 = true } }

  private func run(_ port: UInt16, _ ssrc: UInt32) {
    guard let clip = Self.clip else { return }
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    var muxer = PSMuxer(formats: [clip.format])
    var packetizer = RTPPacketizer(ssrc: ssrc)
    var offset: Int64 = 0
    while true {
      for unit in clip.units(start: MediaTicks(offset)) {
        if isStopped.with({ $0 }) { return }
        var frame: [UInt8] = []
        muxer.pack(unit, into: &frame)
        var (bytes, ranges) = ([UInt8](), [Range<Int>]())
        packetizer.append(
          frame.span, timestamp: UInt32(truncatingIfNeeded: unit.pts.value), framing: .datagram, to: &bytes,
          packets: &ranges)
        for range in ranges { _ = send(descriptor, Array(bytes[range]), range.count, Int32(MSG_NOSIGNAL)) }
        usleep(10_000)
      }
      offset += Int64(clip.count) * 3_600
    }
  }
}
