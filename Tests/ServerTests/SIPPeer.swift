import Cryptography
import Foundation
import GBCore
import Glibc
import SIPCore
import TestSupport

/// A device made of one plain socket, which does exactly what a test says.
final class SIPPeer: Sendable {
  typealias Answer = @Sendable (SIPPeer, SIPRequest) -> Void

  private struct Seen: Sendable {
    var requests: [SIPRequest] = []
    var responses: [SIPResponse] = []
    var sequence: UInt32 = 0
  }

  let id: DeviceID
  let localPort: Int
  private let descriptor: Int32
  private let isTCP: Bool
  /// What its Contact says; behind NAT an address that leads nowhere.
  private let contactHost: String
  private let answer: Answer
  private let seen = Locked(Seen())

  /// - Parameter answer: called on the peer's thread for every request; the default says 200 to everything but ACK.
  init(
    _ id: String, port: Int, tcp: Bool = false, contactHost: String = "127.0.0.1",
    answer: @escaping Answer = SIPPeer.agreeable
  ) throws {
    guard let id = DeviceID(id) else { throw CancellationError() }
    (self.id, isTCP, self.contactHost, self.answer) = (id, tcp, contactHost, answer)
    let descriptor = socket(AF_INET, Int32((tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue), 0)
    self.descriptor = descriptor
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var local = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
    }
    guard result == 0 else { throw CancellationError() }
    _ = withUnsafeMutablePointer(to: &local) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    localPort = Int(UInt16(bigEndian: local.sin_port))
    Thread.detachNewThread { [self] in serve() }
  }

  /// The thread ends, and with it the socket.
  func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  static let agreeable: Answer = { peer, request in
    if request.method != .ack { peer.reply(request, 200) }
  }

  var requests: [SIPRequest] { seen.with { $0.requests } }
  var responses: [SIPResponse] { seen.with { $0.responses } }

  func count(_ method: SIPMethod) -> Int { requests.count { $0.method == method } }

  // MARK: Sending

  func send(_ bytes: [UInt8]) { _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

  func reply(_ request: SIPRequest, _ status: Int, body: [UInt8] = [], tag: String = "peer") {
    var response = SIPResponse(to: request, status: status)
    if var to = response.headers[.to].flatMap({ NameAddress($0) }), to.tag == nil {
      to.tag = tag
      response.headers.set(.to, to.description)
    }
    response.headers.set(.contact, "<sip:\(id)@\(contactHost):\(localPort)>")
    if !body.isEmpty { response.headers.set(.contentType, "application/sdp") }
    response.body = body
    response.headers.set(.contentLength, "\(body.count)")
    send(response.serialised())
  }

  /// A request of our own, with everything but its purpose.
  func request(_ method: SIPMethod, callID: String = UUID().uuidString, body: String = "") -> SIPRequest {
    let sequence = seen.with { seen in
      seen.sequence += 1
      return seen.sequence
    }
    let domain = "3402000000"
    var request = SIPRequest(
      method: method, uri: SIPURI(user: RunningServer.platformID, host: domain),
      from: NameAddress(uri: SIPURI(user: id.text, host: domain), tag: "t"),
      to: NameAddress(
        uri: SIPURI(user: method == .register ? id.text : RunningServer.platformID, host: domain)),
      callID: callID, cseq: sequence)
    request.headers.append(.contact, "<sip:\(id)@\(contactHost):\(localPort)>")
    if !body.isEmpty { request.headers.append(.contentType, "Application/MANSCDP+xml") }
    request.body = Array(body.utf8)
    return request
  }

  /// Sends and waits for the final answer.
  func exchange(_ request: SIPRequest) async throws -> SIPResponse {
    var request = request
    let branch = Via.magicCookie + UUID().uuidString
    request.headers.prepend(
      .via,
      Via(transport: isTCP ? .tcp : .udp, host: "127.0.0.1", port: localPort, branch: branch).description)
    request.headers.set(.contentLength, "\(request.body.count)")
    send(request.serialised())
    func final() -> SIPResponse? {
      responses.first { $0.headers[.via]?.contains(branch) == true && $0.status >= 200 }
    }
    guard await eventually({ final() != nil }), let response = final() else { throw CancellationError() }
    return response
  }

  /// Registers with digest. Returns the last status.
  @discardableResult
  func register(
    password: String, expires: Int = 3_600, version: GBVersion? = nil
  ) async throws -> Int {
    let callID = UUID().uuidString
    func attempt() -> SIPRequest {
      var request = request(.register, callID: callID)
      request.headers.append(.expires, "\(expires)")
      if let version { request.headers.append(SIPHeaderName("X-GB-Ver"), version.description) }
      return request
    }
    let first = try await exchange(attempt())
    guard first.status == 401,
      let challenge = first.headers[.wwwAuthenticate].flatMap({ DigestChallenge($0) })
    else { return first.status }
    var second = attempt()
    let credentials = DigestCredentials(
      answering: challenge, username: id.text, password: password, method: .register, uri: second.requestURI,
      cnonce: "c0ffee", hash: { ($0 == .md5 ? Hash.md5 : Hash.sha256).digest($1) })
    second.headers.append(.authorization, credentials.headerValue)
    return try await exchange(second).status
  }

  func heartbeat() async throws -> Int {
    try await exchange(
      request(
        .message,
        body: "<?xml version=\"1.0\"?>\r\n<Notify>\r\n<CmdType>Keepalive</CmdType>\r\n<SN>1</SN>\r\n"
          + "<DeviceID>\(id)</DeviceID>\r\n<Status>OK</Status>\r\n</Notify>\r\n")
    ).status
  }

  // MARK: Receiving

  private func serve() {
    var framer = SIPStreamFramer()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == ECONNREFUSED { continue }
      guard count > 0 else { break }
      let bytes = Array(buffer[..<count])
      guard isTCP else {
        if let message = try? SIPParser.parse(bytes.span) { take(message) }
        continue
      }
      framer.feed(bytes.span)
      while let event = framer.next() {
        if case .message(let message) = event { take(message) }
      }
    }
    Glibc.close(descriptor)
  }

  private func take(_ message: SIPMessage) {
    switch message {
    case .request(let request):
      seen.with { $0.requests.append(request) }
      answer(self, request)
    case .response(let response): seen.with { $0.responses.append(response) }
    }
  }
}
