import Foundation
import GBCore
import SIPCore
import Synchronization

@testable import DeviceSimulator

/// The other side of a simulated device: challenges, answers and asks, over one UDP socket or one TCP connection.
final class TestPlatform: Sendable {
  static let id = "34020000002000000001"
  static let domain = "3402000000"

  struct Seen {
    var requests: [SIPRequest] = []
    var responses: [SIPResponse] = []
    /// Where a device was heard last, by its code; the TCP connection for all.
    var addresses: [String: sockaddr_in] = [:]
    var connection: Int32 = -1
    /// All ports that a device was heard from.
    var ports: [String: Set<UInt16>] = [:]
  }

  /// How it behaves.
  struct Manner: Sendable {
    var password = "secret"
    /// Whether its challenge says which algorithm is meant.
    var namesAlgorithm = true
    /// The `Date` of its answer to REGISTER.
    var date: String?
  }

  let port: UInt16
  private let descriptor: Int32
  private let isTCP: Bool
  private let manner: Manner
  private let seen = Mutex(Seen())
  private let isClosed = Mutex(false)

  convenience init(password: String = "secret", tcp: Bool = false) throws {
    try self.init(Manner(password: password), tcp: tcp)
  }

  init(_ manner: Manner, tcp: Bool = false) throws {
    (descriptor, port) = try LoopbackSocket.bound(tcp: tcp)
    (isTCP, self.manner) = (tcp, manner)
    Thread.detachNewThread { [self] in
      if isTCP { serveConnection() } else { serveDatagrams() }
    }
  }

  func close() {
    isClosed.withLock { $0 = true }
    Glibc.shutdown(descriptor, Int32(SHUT_RDWR))
  }

  var requests: [SIPRequest] { seen.withLock { $0.requests } }
  var responses: [SIPResponse] { seen.withLock { $0.responses } }

  /// Requests of a kind.
  func requests(_ method: SIPMethod) -> [SIPRequest] { requests.filter { $0.method == method } }

  /// All ports that a device was heard from.
  func ports(of device: String) -> Set<UInt16> { seen.withLock { $0.ports[device] ?? [] } }

  /// Bodies of documents that devices sent, as they came, but for heartbeats.
  var bodies: [[UInt8]] {
    requests(.message).map(\.body).filter {
      !$0.isEmpty && !String(decoding: $0, as: UTF8.self).contains("Keepalive")
    }
  }

  /// Documents that devices sent.
  var documents: [MANSCDPMessage] {
    requests.filter { $0.method == .message }.compactMap {
      try? MANSCDPMessage(parsing: $0.body, codec: .utf8)
    }
  }

  /// Sends to the device whose code is given.
  func send(_ request: SIPRequest, to device: String) {
    var request = request
    let via = Via(
      transport: isTCP ? .tcp : .udp, host: "127.0.0.1", port: Int(port),
      branch: Via.magicCookie + Token.random())
    if request.via == nil { request.headers.prepend(.via, via.description) }
    let (address, connection) = seen.withLock { ($0.addresses[device], $0.connection) }
    write(request.serialised(), to: address, connection)
  }

  func request(_ method: SIPMethod, to device: String, callID: String = Token.random(), cseq: UInt32 = 1)
    -> SIPRequest
  {
    let uri = SIPURI(user: device, host: Self.domain)
    var request = SIPRequest(
      method: method, uri: uri,
      from: NameAddress(uri: SIPURI(user: Self.id, host: Self.domain), tag: "platform"),
      to: NameAddress(uri: uri), callID: callID, cseq: cseq)
    request.headers.append(.contact, "<sip:\(Self.id)@127.0.0.1:\(port)>")
    return request
  }

  func query(_ command: CmdType, of device: String, sn: Int) throws {
    var request = request(.message, to: device)
    request.headers.append(.contentType, MANSCDPDocument.contentType)
    let target = DeviceID(device) ?? DeviceID("0")
    guard let target else { throw CancellationError() }
    request.body = MANSCDPDocument.query(command, sn: sn, of: target).body(.gb2312, codec: .utf8)
    send(request, to: device)
  }

  private func serveDatagrams() {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isClosed.withLock({ $0 }) {
      var address = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let count = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
        }
      }
      guard count > 0 else { continue }
      let datagram = Array(buffer[..<count])
      guard let message = try? SIPParser.parse(datagram.span) else { continue }
      take(message, from: address, connection: -1)
    }
    Glibc.close(descriptor)
  }

  private func serveConnection() {
    let connection = accept(descriptor, nil, nil)
    seen.withLock { $0.connection = connection }
    var framer = SIPStreamFramer()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !isClosed.withLock({ $0 }) {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      let bytes = Array(buffer[..<count])
      framer.feed(bytes.span)
      while let event = framer.next() {
        if case .message(let message) = event { take(message, from: nil, connection: connection) }
      }
    }
    Glibc.close(connection)
    Glibc.close(descriptor)
  }

  private func take(_ message: SIPMessage, from address: sockaddr_in?, connection: Int32) {
    switch message {
    case .response(let response):
      seen.withLock { $0.responses.append(response) }
    case .request(let request):
      let device = request.from?.uri.user ?? ""
      seen.withLock {
        $0.requests.append(request)
        if let address {
          $0.addresses[device] = address
          $0.ports[device, default: []].insert(UInt16(bigEndian: address.sin_port))
        }
      }
      guard request.method != .ack else { return }
      write(answer(to: request).serialised(), to: address, connection)
    }
  }

  private func answer(to request: SIPRequest) -> SIPResponse {
    guard request.method == .register else { return SIPResponse(to: request, status: 200, toTag: "p") }
    guard let text = request.headers[.authorization], let credentials = DigestCredentials(text) else {
      var response = SIPResponse(to: request, status: 401, toTag: "p")
      let challenge = DigestChallenge(realm: Self.domain, nonce: Token.random())
      let text = challenge.headerValue
      response.headers.append(
        .wwwAuthenticate, manner.namesAlgorithm ? text : text.replacing(", algorithm=MD5", with: ""))
      return response
    }
    let isRight = Digest.verify(
      credentials, password: manner.password, method: .register, hash: MessageDigest.function)
    var response = SIPResponse(to: request, status: isRight ? 200 : 403, toTag: "p")
    response.headers.append(.expires, request.headers[.expires] ?? "60")
    if let date = manner.date { response.headers.append(.date, date) }
    return response
  }

  private func write(_ bytes: [UInt8], to address: sockaddr_in?, _ connection: Int32) {
    if connection >= 0 {
      Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    } else if var address {
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
    }
  }
}

/// Random text for tags, branches and Call-IDs.
enum Token {
  static func random() -> String { String(UInt64.random(in: 0...UInt64.max), radix: 36) }
}

/// Sockets on loopback with a free port.
enum LoopbackSocket {
  static func bound(tcp: Bool) throws -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, Int32(tcp ? SOCK_STREAM.rawValue : SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    var buffer: Int32 = 4 << 20
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, 4)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard status, !tcp || listen(descriptor, 64) == 0 else { throw CancellationError() }
    return (descriptor, UInt16(bigEndian: address.sin_port))
  }
}

/// Polls until the condition holds; false after thirty seconds.
func eventually(_ condition: () -> Bool) async -> Bool {
  let deadline = ContinuousClock.now + .seconds(30)
  while ContinuousClock.now < deadline {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return condition()
}
