import Glibc
import MPEGCore
import MediaTime
import RTPCore

/// An IPv4 socket address of the loopback network.
func loopback(_ port: UInt16, lastByte: UInt32 = 1) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = (UInt32(0x7F00_0000) | lastByte).bigEndian
  return address
}

func withSocketAddress<Result>(
  _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  withUnsafePointer(to: address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

/// A camera that sends a program stream over real sockets.
final class TestCamera {
  private(set) var descriptor: Int32
  private var muxer: PSMuxer
  private var packetizer: RTPPacketizer
  private let isStream: Bool
  /// Packets that went out whole.
  private(set) var packetsSent: UInt64 = 0

  /// A UDP sender.
  ///
  /// - Parameter lastByte: sends from 127.0.0.x.
  init(udp port: UInt16, ssrc: UInt32, formats: [TrackFormat], lastByte: UInt32 = 1) {
    descriptor = Self.connected(Int32(SOCK_DGRAM.rawValue), port, lastByte)
    muxer = PSMuxer(formats: formats)
    packetizer = RTPPacketizer(ssrc: ssrc, sequenceNumber: 65_500)
    isStream = false
  }

  /// A TCP sender that connects, or that takes over a connected socket.
  init(tcp port: UInt16, ssrc: UInt32, formats: [TrackFormat], connected: Int32? = nil, lastByte: UInt32 = 1)
  {
    descriptor = connected ?? Self.connected(Int32(SOCK_STREAM.rawValue), port, lastByte)
    muxer = PSMuxer(formats: formats)
    packetizer = RTPPacketizer(ssrc: ssrc)
    isStream = true
  }

  private static func connected(_ type: Int32, _ port: UInt16, _ lastByte: UInt32) -> Int32 {
    let descriptor = socket(AF_INET, type, 0)
    _ = withSocketAddress(loopback(0, lastByte: lastByte)) { bind(descriptor, $0, $1) }
    _ = withSocketAddress(loopback(port)) { connect(descriptor, $0, $1) }
    return descriptor
  }

  deinit { hangUp() }

  func hangUp() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  /// The packets of one unit, framed for the transport.
  func packets(_ unit: AccessUnit) -> [[UInt8]] {
    var frame: [UInt8] = []
    muxer.pack(unit, into: &frame)
    var (bytes, ranges) = ([UInt8](), [Range<Int>]())
    packetizer.append(
      frame.span, timestamp: UInt32(truncatingIfNeeded: unit.pts.value),
      framing: isStream ? .rfc4571 : .datagram, to: &bytes, packets: &ranges)
    return ranges.map { Array(bytes[$0]) }
  }

  func send(_ packets: [[UInt8]]) {
    for packet in packets {
      var offset = 0
      while offset < packet.count {
        let sent = packet.withUnsafeBytes {
          Glibc.send(descriptor, $0.baseAddress! + offset, packet.count - offset, Int32(MSG_NOSIGNAL))
        }
        if sent < 0 { return }
        offset += sent
      }
      packetsSent += 1
    }
  }

  func send(_ units: [AccessUnit]) {
    for unit in units { send(packets(unit)) }
  }
}

/// Descriptors this process has open.
func openDescriptors() -> Int {
  guard let folder = opendir("/proc/self/fd") else { return 0 }
  defer { closedir(folder) }
  var count = 0
  while readdir(folder) != nil { count += 1 }
  return count
}
