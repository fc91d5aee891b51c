import Glibc
import SIPCore
import SIPTransport
import Synchronization

/// Answers requests with a closure and remembers them.
final class Answering: SIPRequestHandler {
  typealias Body = @Sendable (SIPRequest, SIPSource, SIPServerTransaction) -> Void

  private let body: Body
  private let seen = Mutex<[SIPRequest]>([])

  init(
    _ body: @escaping Body = { request, _, transaction in
      transaction.respond(SIPResponse(to: request, status: 200))
    }
  ) {
    self.body = body
  }

  var requests: [SIPRequest] { seen.withLock { $0 } }

  func count(_ method: SIPMethod) -> Int { requests.count { $0.method == method } }

  func handle(_ request: SIPRequest, from source: SIPSource, transaction: SIPServerTransaction) {
    seen.withLock { $0.append(request) }
    body(request, source, transaction)
  }
}

/// A list that grows on other threads.
final class Collected<Element: Sendable>: Sendable {
  private let items = Mutex<[Element]>([])

  func add(_ item: Element) { items.withLock { $0.append(item) } }

  var all: [Element] { items.withLock { $0 } }
}

struct TimedOut: Error {}

/// Polls until `condition` holds. Generous, because the machine may be busy.
func eventually(_ condition: () async -> Bool) async throws {
  for _ in 0..<3000 {
    if await condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  throw TimedOut()
}

/// A configuration on a free loopback port with timers a hundred times faster than real ones.
func quick() -> SIPEndpointConfiguration {
  var configuration = SIPEndpointConfiguration(host: "127.0.0.1", port: 0)
  configuration.timers = SIPTimers(t1: .milliseconds(20), t2: .milliseconds(80), t4: .milliseconds(50))
  return configuration
}

/// Runs `body` with a started endpoint and stops it whatever happens.
func withEndpoint<Result>(
  _ configuration: SIPEndpointConfiguration = quick(), _ handler: any SIPRequestHandler = Answering(),
  _ body: (SIPEndpoint) async throws -> Result
) async throws -> Result {
  let endpoint = SIPEndpoint(configuration: configuration)
  do {
    try await endpoint.start(handler: handler)
    let result = try await body(endpoint)
    await endpoint.stop()
    return result
  } catch {
    await endpoint.stop()
    throw error
  }
}

func makeRequest(_ method: SIPMethod, callID: String = "call-\(UInt64.random(in: 0 ... .max))") -> SIPRequest
{
  SIPRequest(
    method: method, uri: SIPURI(user: "34020000001320000001", host: "127.0.0.1"),
    from: NameAddress(uri: SIPURI(user: "34020000002000000001", host: "3402000000"), tag: "from"),
    to: NameAddress(uri: SIPURI(user: "34020000001320000001", host: "3402000000")), callID: callID, cseq: 1)
}

func udp(_ endpoint: SIPEndpoint) -> SIPTarget { .udp(SIPHostPort(host: "127.0.0.1", port: endpoint.port)) }
func tcp(_ endpoint: SIPEndpoint) -> SIPTarget { .tcp(SIPHostPort(host: "127.0.0.1", port: endpoint.port)) }

/// A plain socket, to be a peer that does as it likes.
final class RawPeer: Sendable {
  private let descriptor: CInt

  init(stream: Bool = false, connectedTo port: Int) throws {
    descriptor = socket(AF_INET, Int32((stream ? SOCK_STREAM : SOCK_DGRAM).rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw TimedOut() }
  }

  deinit { close(descriptor) }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  /// What arrives within `timeout`, nil when nothing does.
  func receive(timeout milliseconds: Int32 = 20_000) -> String? {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, milliseconds) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
  }

  /// Whether the other side closes the connection.
  func isClosedByPeer() -> Bool {
    var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&poller, 1, 20_000) > 0 else { return false }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, 0) <= 0
  }
}

/// A bare UDP socket, to be a device that answers as it likes.
final class RawServer: Sendable {
  private let descriptor: CInt
  private let sender = Mutex<sockaddr_in>(sockaddr_in())
  let port: Int

  init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    port = Int(UInt16(bigEndian: address.sin_port))
    guard bound else { throw TimedOut() }
  }

  deinit { close(descriptor) }

  /// The next request with this method; others are skipped.
  func receive(_ method: SIPMethod) -> SIPRequest? {
    for _ in 0..<50 {
      var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&poller, 1, 20_000) > 0 else { return nil }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      var address = sockaddr_in()
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      let count = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
        }
      }
      guard count > 0 else { return nil }
      sender.withLock { $0 = address }
      let bytes = Array(buffer[..<count])
      if case .request(let request)? = try? SIPParser.parse(bytes.span), request.method == method {
        return request
      }
    }
    return nil
  }

  /// Sends to whoever was received from last.
  func send(_ response: SIPResponse) {
    var address = sender.withLock { $0 }
    let bytes = response.serialised()
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}

func messageText(callID: String = "raw", branch: String = "z9hG4bKraw", body: String = "hello") -> String {
  [
    "MESSAGE sip:34020000002000000001@3402000000 SIP/2.0",
    "Via: SIP/2.0/UDP 10.9.9.9:5060;rport;branch=\(branch)",
    "From: <sip:34020000001320000001@3402000000>;tag=1", "To: <sip:34020000002000000001@3402000000>",
    "Call-ID: \(callID)", "CSeq: 1 MESSAGE", "Content-Type: Application/MANSCDP+xml",
    "Content-Length: \(body.utf8.count)", "", body,
  ].joined(separator: "\r\n")
}
