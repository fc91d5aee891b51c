import Access
import Foundation
import Logging
import MediaTime
import Synchronization

@testable import HTTPAPI

/// Accounts in memory.
actor MemoryAccess: AccessStore {
  private var people: [String: UserRecord] = [:]
  private var open: [String: SessionRecord] = [:]
  private var keys: [String: TokenRecord] = [:]
  private var links: [String: FirstRunRecord] = [:]

  func users() -> [UserRecord] { Array(people.values) }
  func saveUser(_ user: UserRecord) { people[user.name] = user }
  func deleteUser(named name: String) { people[name] = nil }
  func sessions() -> [SessionRecord] { Array(open.values) }
  func session(tokenHash: String) -> SessionRecord? { open[tokenHash] }
  func saveSession(_ session: SessionRecord) { open[session.tokenHash] = session }
  func deleteSession(tokenHash: String) { open[tokenHash] = nil }
  func deleteSessions(expiredBy now: WallTime) { open = open.filter { $0.value.expires > now } }
  func tokens() -> [TokenRecord] { Array(keys.values) }
  func token(tokenHash: String) -> TokenRecord? { keys[tokenHash] }
  func saveToken(_ token: TokenRecord) { keys[token.tokenHash] = token }
  func deleteToken(id: String) { keys = keys.filter { $0.value.id != id } }
  func saveFirstRun(_ link: FirstRunRecord) { links[link.tokenHash] = link }
  func consumeFirstRun(tokenHash: String, now: WallTime) -> Bool {
    links.removeValue(forKey: tokenHash).map { $0.expires > now } ?? false
  }
}

/// A running service with a fake platform behind it.
final class Fixture: Sendable {
  let platform = FakePlatform()
  let journal = FakeJournal()
  let gate: Gatekeeper
  let service: HTTPService
  let media: Mutex<MediaHandler>
  let keys: [Role: String]

  var port: UInt16 { service.port ?? 0 }
  func client() throws -> SocketClient { try SocketClient(port: port) }
  func bearer(_ role: Role) -> [String: String] { ["Authorization": "Bearer \(keys[role] ?? "")"] }

  static func gatekeeper() -> Gatekeeper {
    Gatekeeper(
      store: MemoryAccess(),
      cryptography: AccessCryptography(
        random: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } },
        fingerprint: { "print:" + String(decoding: $0, as: UTF8.self) },
        hashPassword: { "hash:" + $0 }, verifyPassword: { $1 == "hash:" + $0 }),
      clock: AccessClock(
        wall: { WallTime(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9)) },
        monotonic: {
          MonotonicTime(nanoseconds: Int64(clamping: DispatchTime.now().uptimeNanoseconds))
        }))
  }

  /// Only the key of the example in RFC 6455 §1.3 is ever used, so its digest will do.
  static let exampleKey = "dGhlIHNhbXBsZSBub25jZQ=="
  static let exampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
  static let exampleDigest: [UInt8] = [
    0xb3, 0x7a, 0x4f, 0x2c, 0xc0, 0x62, 0x4f, 0x16, 0x90, 0xf6, 0x46, 0x06, 0xcf, 0x38, 0x59, 0x45, 0xb2,
    0xbe,
    0xc4, 0xea,
  ]

  static var logger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  init(_ configure: (inout HTTPConfiguration) -> Void = { _ in }) async throws {
    var configuration = HTTPConfiguration(host: "127.0.0.1", port: 0, metricsHost: nil, metricsPort: 0)
    configuration.drain = .milliseconds(500)
    configure(&configuration)
    gate = Self.gatekeeper()
    try await gate.addAccount(name: "root", role: .administrator, password: "correct horse")
    var keys: [Role: String] = [:]
    for role in Role.allCases {
      keys[role] = try await gate.addToken(name: "key", role: role, by: "root").key
    }
    self.keys = keys
    let media = MediaBox()
    service = HTTPService(
      configuration: configuration,
      dependencies: HTTPDependencies(
        operations: platform, gatekeeper: gate, journal: journal,
        asset: { path in
          path == "/"
            ? ConsoleAsset(contentType: "text/html", etag: "\"v1\"", bytes: Array("<html>".utf8)) : nil
        },
        media: { request, socket in media.handler.withLock { $0 }(request, socket) },
        sha1: { _ in Self.exampleDigest }, logger: Self.logger))
    self.media = Mutex { request, socket in .refused(.notFound("There is no such session.")) }
    media.handler.withLock {
      $0 = { [weak self] request, socket in
        guard let self else { return .refused(.internal) }
        return self.media.withLock { $0 }(request, socket)
      }
    }
    try service.bind()
  }

  private final class MediaBox: Sendable {
    let handler = Mutex<MediaHandler>({ _, _ in .refused(.internal) })
  }

  /// Serves while `body` runs on a thread of its own: it may block, the server's tasks may not be blocked by it.
  func serving(_ body: @escaping @Sendable (Fixture) throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.service.run() }
      defer { service.shutdown() }
      try await Self.onThread { try body(self) }
    }
  }

  static func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      Thread { continuation.resume(with: Result { try body() }) }.start()
    }
  }
}

/// Waits until `condition` holds, for at most 20 s.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<2_000 {
    if try condition() { return true }
    usleep(10_000)
  }
  return false
}
