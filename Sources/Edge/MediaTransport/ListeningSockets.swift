import CMediaIO
import Glibc

/// The sockets of the single port: UDP for each media thread, TCP once.
struct ListeningSockets: Sendable {
  private(set) var datagrams: [Int32] = []
  private(set) var listener: Int32 = -1
  private(set) var port: UInt16 = 0

  /// Tries to find a free port that is free for both UDP and TCP.
  private static let freePortAttempts = 64

  init(_ configuration: MediaPlaneConfiguration, threads: Int) throws(MediaPlaneError) {
    guard let host = MediaAddress(host: configuration.bindHost, port: 0) else {
      throw MediaPlaneError(
        .badAddress,
        "\"\(configuration.bindHost)\" is not an IP address; set listen.media to one of this machine")
    }
    switch configuration.mode {
    case .portRange(let range):
      guard range.contains(where: { $0 % 2 == 0 && $0 < .max && $0 > 0 }) else {
        throw MediaPlaneError(.noFreePort, "the media port range \(range) holds no even port")
      }
      port = range.lowerBound
    case .singlePort(let wanted):
      var failure = MediaPlaneError(.noFreePort, "no media port is free for both UDP and TCP")
      for _ in 0..<(wanted == 0 ? Self.freePortAttempts : 1) {
        do throws(MediaPlaneError) {
          try open(host.with(port: wanted), configuration, threads: threads)
          return
        } catch {
          closeAll()
          self = ListeningSockets()
          failure = error
        }
      }
      throw failure
    }
  }

  private init() {}

  private mutating func open(
    _ address: MediaAddress, _ configuration: MediaPlaneConfiguration, threads: Int
  ) throws(MediaPlaneError) {
    // The first bind is exclusive even when the port will be shared between our threads, so that a second
    // instance of the program is noticed.
    var bound = try Self.bindDatagrams(address, configuration, shares: false)
    if threads > 1 {
      Glibc.close(bound.descriptor)
      for _ in 0..<threads {
        let next = try Self.bindDatagrams(bound.address, configuration, shares: true)
        datagrams.append(next.descriptor)
        bound.address = next.address
      }
      let failure = tio_steer_by_ssrc(datagrams[0], UInt32(threads))
      guard failure == 0 else { throw .system("cannot share the media port between threads", -failure) }
    } else {
      datagrams = [bound.descriptor]
    }
    port = bound.address.port
    var (native, result) = (bound.address.native, tio_address())
    listener = tio_tcp_listen(&native, &result)
    guard listener >= 0 else { throw .bind("TCP", bound.address, -listener) }
  }

  private static func bindDatagrams(
    _ address: MediaAddress, _ configuration: MediaPlaneConfiguration, shares: Bool
  ) throws(MediaPlaneError) -> (descriptor: Int32, address: MediaAddress) {
    var (native, bound) = (address.native, tio_address())
    let descriptor = tio_udp_bind(&native, Int32(clamping: configuration.receiveBuffer), shares, true, &bound)
    guard descriptor >= 0 else { throw .bind("UDP", address, -descriptor) }
    return (descriptor, MediaAddress(bound))
  }

  func closeAll() {
    for descriptor in datagrams + [listener] where descriptor >= 0 { Glibc.close(descriptor) }
  }
}

extension DedicatedSockets {
  /// Binds the next free even port of the range: media, reports one above, and a listener when asked for.
  static func open(
    _ configuration: MediaPlaneConfiguration, range: ClosedRange<UInt16>, next: inout UInt16, listens: Bool
  ) throws(MediaPlaneError) -> (DedicatedSockets, UInt16) {
    guard let host = MediaAddress(host: configuration.bindHost, port: 0) else {
      throw MediaPlaneError(.badAddress, "\"\(configuration.bindHost)\" is not an IP address")
    }
    let ports = range.filter { $0 % 2 == 0 && $0 < .max && $0 > 0 }
    // Go round the range, so that a port that was just closed rests before it is used again.
    let start = ports.firstIndex { $0 >= next } ?? 0
    for offset in ports.indices {
      let port = ports[(start + offset) % ports.count]
      guard let sockets = bind(host.with(port: port), configuration, listens: listens) else { continue }
      next = port &+ 2
      return (sockets, port)
    }
    throw MediaPlaneError(
      .noFreePort, "all media ports of \(range.lowerBound)-\(range.upperBound) are in use; widen media.ports")
  }

  private static func bind(
    _ address: MediaAddress, _ configuration: MediaPlaneConfiguration, listens: Bool
  ) -> DedicatedSockets? {
    var sockets = DedicatedSockets()
    var (native, bound) = (address.native, tio_address())
    let buffer = Int32(clamping: configuration.dedicatedReceiveBuffer)
    sockets.datagrams = tio_udp_bind(&native, buffer, false, false, &bound)
    guard sockets.datagrams >= 0 else { return nil }
    native = address.with(port: address.port + 1).native
    sockets.reports = tio_udp_bind(&native, 4_096, false, false, &bound)
    if listens {
      native = address.native
      sockets.listener = tio_tcp_listen(&native, &bound)
    }
    guard sockets.reports >= 0, !listens || sockets.listener >= 0 else {
      sockets.closeAll()
      return nil
    }
    return sockets
  }
}

extension MediaPlaneError {
  fileprivate static func bind(_ protocolName: String, _ address: MediaAddress, _ number: Int32)
    -> MediaPlaneError
  {
    switch number {
    case EADDRINUSE:
      MediaPlaneError(
        .portOccupied,
        "\(protocolName) port \(address.port) on \(address.host) is in use by another program; stop that program "
          + "or choose another port for listen.media")
    case EADDRNOTAVAIL:
      MediaPlaneError(
        .badAddress, "\(address.host) is not an address of this machine; correct the host of listen.media")
    case EACCES:
      MediaPlaneError(
        .system,
        "\(protocolName) port \(address.port) needs a privilege; choose a port above 1023 for listen.media")
    default:
      .system("cannot open \(protocolName) port \(address.port) on \(address.host)", number)
    }
  }
}
