import Foundation
import MPEGCore
import MediaTime
import RTPCore
import Synchronization

/// Receives one stream and takes it apart.
final class MediaReceiver: Sendable {
  struct Received {
    var units: [AccessUnit] = []
    var formats: [TrackFormat] = []
    var ssrcs: Set<UInt32> = []
    var packets = 0
    var sequenceGaps = 0
    /// Sequence numbers in the order in which they came.
    var sequence: [UInt16] = []
    var last: UInt16?
  }

  let port: UInt16
  private let descriptor: Int32
  private let received = Mutex(Received())

  /// - Parameter tcp: listens for a connection and reads RFC 4571 from it; otherwise receives datagrams.
  init(tcp: Bool) throws {
    (descriptor, port) = try LoopbackSocket.bound(tcp: tcp)
    Thread.detachNewThread { [self] in
      if tcp { readConnection(accept(descriptor, nil, nil)) } else { readDatagrams() }
    }
  }

  /// Connects to a device that listens.
  init(connectingTo port: UInt16) throws {
    self.port = 0
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard status == 0 else { throw CancellationError() }
    Thread.detachNewThread { [self] in readConnection(descriptor) }
  }

  var result: Received { received.withLock { $0 } }
  var pictures: [AccessUnit] { result.units.filter(\.codec.isVideo) }

  func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  private func readDatagrams() {
    var demuxer = StreamDemuxer()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      let packet = Array(buffer[..<count])
      take(packet.span, &demuxer)
    }
  }

  private func readConnection(_ connection: Int32) {
    var demuxer = StreamDemuxer()
    var pending: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      pending += buffer[..<count]
      var start = 0
      while pending.count - start >= 2 {
        let length = Int(pending[start]) << 8 | Int(pending[start + 1])
        guard pending.count - start - 2 >= length else { break }
        let packet = Array(pending[start + 2..<start + 2 + length])
        take(packet.span, &demuxer)
        start += 2 + length
      }
      pending.removeFirst(start)
    }
    Glibc.close(connection)
  }

  private func take(_ packet: Span<UInt8>, _ demuxer: inout StreamDemuxer) {
    guard let header = try? RTPHeader(parsing: packet) else { return }
    var units: [AccessUnit] = []
    var formats: [TrackFormat]?
    demuxer.receive(
      packet.extracting(header.payload),
      header: RTPTimestampInfo(
        timestamp: header.timestamp, marker: header.marker, payloadType: header.payloadType),
      gapBefore: false,
      arrival: WallTime(seconds: 0)
    ) { event in
      switch event {
      case .formats(let found): formats = found
      case .unit(let unit): units.append(unit)
      case .damaged, .unsupported: break
      }
    }
    received.withLock { state in
      state.packets += 1
      state.ssrcs.insert(header.ssrc)
      if let last = state.last, header.sequenceNumber != last &+ 1 { state.sequenceGaps += 1 }
      state.sequence.append(header.sequenceNumber)
      state.last = header.sequenceNumber
      state.units += units
      if let formats { state.formats = formats }
    }
  }
}
