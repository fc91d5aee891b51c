import Foundation
import LoadGenerator
import Synchronization
import Testing

@Suite("Load of registrations")
struct SIPLoadTests {
  private func options(port: UInt16, devices: Int) -> SIPLoad.Options {
    SIPLoad.Options(
      port: port, platformID: "34020000002000000001", domain: "3402000000", password: "Gb28181@pw",
      firstDevice: "34020000001320000001", devices: devices)
  }

  @Test("the echo floor completes every registration with two datagrams each way")
  func echo() throws {
    let floor = RunningJob(.echoFloor(.init(seconds: 2)))
    var options = options(port: floor.port, devices: 500)
    options.againstEcho = true
    let result = try SIPLoad.run(options)
    #expect(result.completed == 500)
    #expect(result.failed == 0)
    #expect(result.datagramsOut >= 1_000)
    #expect(result.latency.median > 0)
    guard case .echoFloor(let echo) = try floor.outcome() else { throw CancellationError() }
    #expect(echo.datagrams >= 1_000)
  }

  /// GB/T 28181 reference §2.3: the load uses the vector's client nonce, so the answer is known.
  @Test("the credentials are those of the reference's vector")
  func digestVector() throws {
    let registrar = try OneShotRegistrar()
    let result = try SIPLoad.run(options(port: registrar.port, devices: 1))
    #expect(result.completed == 1)
    #expect(registrar.authorization.contains(#"response="d10a048eb08d01bd0e88e8cce98d6039""#))
    #expect(registrar.authorization.contains(#"username="34020000001320000001""#))
  }

  @Test("a refusal is counted with its status")
  func refused() throws {
    let registrar = try OneShotRegistrar(final: "403 Forbidden")
    let result = try SIPLoad.run(options(port: registrar.port, devices: 1))
    #expect(result.failed == 1)
    #expect(result.badStatus == 403)
  }
}

/// Challenges with the reference's nonce, then answers with the given status; remembers the credentials.
private final class OneShotRegistrar: Sendable {
  let port: UInt16
  private let seen: Seen

  private final class Seen: Sendable {
    let authorization = Mutex("")
  }

  var authorization: String { seen.authorization.withLock { $0 } }

  init(final: String = "200 OK") throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard status else { throw CancellationError() }
    port = UInt16(bigEndian: address.sin_port)
    let seen = Seen()
    self.seen = seen
    Thread.detachNewThread {
      for _ in 0..<2 {
        var peer = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        withUnsafeMutablePointer(to: &peer) { pointer in
          pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            let count = recvfrom(descriptor, &buffer, buffer.count, 0, address, &size)
            let lines = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).split(separator: "\r\n")
            let answer = Self.answer(to: lines, final: final, seen: seen)
            sendto(descriptor, answer, answer.utf8.count, 0, address, size)
          }
        }
      }
      close(descriptor)
    }
  }

  private static func answer(to lines: [Substring], final: String, seen: Seen) -> String {
    let authorization = lines.first { $0.hasPrefix("Authorization:") }
    if let authorization { seen.authorization.withLock { $0 = String(authorization) } }
    let copied = lines.filter { line in
      ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].contains { line.hasPrefix($0) }
    }
    let challenge = """
      WWW-Authenticate: Digest realm="3402000000", qop="auth", \
      nonce="6fe9ba44a76be22a9d1c3b7e5f204a10", algorithm=MD5
      """
    let first = authorization == nil ? ["SIP/2.0 401 Unauthorized"] : ["SIP/2.0 \(final)"]
    let rest = authorization == nil ? [Substring(challenge)] : []
    return (first.map { Substring($0) } + copied + rest + ["Content-Length: 0", "", ""]).joined(
      separator: "\r\n")
  }
}
