import Foundation
import GBCore
import MediaTime
import Recording
import Registry

@testable import StoreSQLite

/// A database in a directory of its own that goes away with the test.
final class StoreFixture: Sendable {
  let directory: String
  var path: String { directory + "/tributary.db" }

  init() throws {
    directory = NSTemporaryDirectory() + "/store-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  struct WrongOwner: Error {}

  /// Sealing that can be seen: reversed bytes behind the context.
  static let secrets = SecretSeal(
    seal: { secret, context in context + [0] + secret.reversed() },
    open: { sealed, context in
      guard sealed.starts(with: context + [0]) else { throw WrongOwner() }
      return sealed.dropFirst(context.count + 1).reversed()
    })

  func open() throws -> SQLiteStore { try SQLiteStore(path: path, secrets: Self.secrets) }

  static func code(_ number: Int) -> DeviceID {
    DeviceID("3402000000132" + String(format: "%07d", number)) ?? plain
  }
  static func channel(_ number: Int) -> ChannelKey { ChannelKey(device: code(1), channel: code(number)) }
  static let plain = DeviceID("x")!
  static let start = WallTime(nanoseconds: 1_700_000_000_123_456_789)
}
