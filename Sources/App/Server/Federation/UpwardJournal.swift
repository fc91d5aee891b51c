import AccessLog
import Federation
import GBCore
import MediaTime
import Registry
import SIPCore
import Synchronization

/// What platforms above order, and what they are refused, in the access log: an order is written before it is carried
/// out, and one that cannot be written is not.
///
/// A hand on a camera sends orders again and again, and a superior that was refused may ask again and again: what
/// follows soon upon the same is not written anew.
final class UpwardJournal: Sendable {
  private struct Key: Hashable {
    let viewer: String
    let channel: ChannelKey
    let act: UpwardAct
    let reason: String
  }

  /// A movement goes on while orders follow each other so soon, and is written anew after so long.
  private static let pause: Duration = .seconds(5)
  private static let longest: Duration = .seconds(60)
  /// Kept at the same time; then the oldest are forgotten, and written again.
  private static let most = 10_000

  private let log: AccessLogService
  private let known = Mutex<[Key: (first: MonotonicTime, last: MonotonicTime)]>([:])

  init(log: AccessLogService) { self.log = log }

  /// - Throws: `Problem`, when it cannot be written.
  func willDo(_ act: UpwardAct, _ permit: UpwardPermit, source: String) async throws {
    let key = Key(viewer: permit.viewer, channel: permit.channel, act: act, reason: "")
    if act == .ptz, isRepetition(key, within: Self.pause) { return }
    try await log.append(
      AccessEvent(
        .control, [.channel: permit.channel.description, .operation: act.rawValue, .grant: permit.grant],
        words: [.user: permit.viewer, .source: source]))
  }

  func refused(_ request: UpwardRequest, _ refusal: UpwardRefusal) async {
    let viewer = request.superior.id.text
    let key = Key(viewer: viewer, channel: request.channel, act: request.act, reason: refusal.reason)
    guard !isRepetition(key, within: Self.longest) else { return }
    await log.note(
      AccessEvent(
        .denial,
        [
          .channel: request.channel.description, .operation: request.act.rawValue, .reason: refusal.reason,
        ], words: [.user: viewer, .source: request.message.receivedFrom?.host]))
  }

  private func isRepetition(_ key: Key, within pause: Duration) -> Bool {
    let now = SystemClock.monotonic()
    return known.withLock { known in
      if let times = known[key], now - times.last < pause, now - times.first < Self.longest {
        known[key] = (times.first, now)
        return true
      }
      if known.count >= Self.most { known = known.filter { now - $0.value.last < Self.longest } }
      if known.count < Self.most { known[key] = (now, now) }
      return false
    }
  }
}
