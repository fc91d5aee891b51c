import Glibc
import MediaTransport
import Streaming

/// A stream of a running media plane, fed through real sockets: each simulated sender has one of its own.
final class SocketTarget: PacketTarget {
  /// The camera's machine and the stranger's, on the loopback network.
  static let cameraHost: UInt32 = 0x7F00_0001
  static let strangerHost: UInt32 = 0x7F00_0002
  private static let maximumSockets = 4

  let stream: StreamID
  private let plane: MediaPlane
  private let requests: KeyFrameRequests
  private var sockets: [(source: MediaAddress, descriptor: Int32)] = []
  private let port: UInt16

  init(
    _ plane: MediaPlane, ssrc: UInt32, requests: KeyFrameRequests, sinks: [any StreamSink]
  ) throws(MediaPlaneError) {
    self.plane = plane
    self.requests = requests
    let lease = try plane.openIngest(
      IngestRequest(ssrc: ssrc, transport: .udp, expectedHost: "127.0.0.1", label: "soak \(ssrc)"))
    (stream, port) = (lease.stream, lease.port)
    for sink in sinks { plane.attachSink(lease.stream, sink, fromCache: true) }
  }

  deinit { closeSockets() }

  func receive(_ packet: FaultyNetwork.Packet) {
    let descriptor = socket(for: packet.source)
    // A full buffer of the kernel is loss like any other.
    _ = packet.bytes.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT)) }
  }

  func sweep(at now: Int64) {}

  func end() {
    plane.close(stream, .closed)
    closeSockets()
  }

  var keyFrameRequests: Int { requests.count }
  var foreignPackets: UInt64 {
    plane.snapshot().streams.first { $0.id == stream }?.foreignPackets ?? 0
  }

  private func closeSockets() {
    for entry in sockets { close(entry.descriptor) }
    sockets = []
  }

  private func socket(for source: MediaAddress) -> Int32 {
    if let known = sockets.first(where: { $0.source == source }) { return known.descriptor }
    if sockets.count >= Self.maximumSockets { close(sockets.removeFirst().descriptor) }
    let isStranger = source.isSameHost(as: MediaAddress.simulated(3, port: 0))
    let descriptor = LoopbackSocket.connected(
      from: isStranger ? Self.strangerHost : Self.cameraHost, to: port, stream: false)
    sockets.append((source, descriptor))
    return descriptor
  }
}

/// Sockets of the loopback network.
enum LoopbackSocket {
  /// A socket on `host` that is connected to 127.0.0.1; -1 when the system refuses.
  static func connected(from host: UInt32, to port: UInt16, stream: Bool) -> Int32 {
    let kind = stream ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue
    let descriptor = socket(AF_INET, Int32(kind) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return -1 }
    _ = with(address(host, 0)) { bind(descriptor, $0, $1) }
    guard with(address(SocketTarget.cameraHost, port), { connect(descriptor, $0, $1) }) == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }

  private static func address(_ host: UInt32, _ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host.bigEndian
    return address
  }

  private static func with<Result>(
    _ address: sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
