import GBCore
import MediaTime

/// One upgrade of one device (2022, §13.4): a value, with time as a parameter.
///
/// ```text
///  offered ──accepted──► accepted ──it fetches──► downloading ──all bytes──► downloaded
///     │                                                                          │ goes away, comes back
///     │                                                                          ▼
///     └─refused─► failed ◄──no fetch, no result in time, result ERROR──────── restarted ──result OK──► done
/// ```
/// The notice may come at any time after the acceptance: devices differ in what they do first.
struct UpgradeSession: Sendable, Hashable, Codable {
  enum State: String, Sendable, Hashable, Codable {
    case offered, accepted, downloading, downloaded, restarted, done, failed

    var isOver: Bool { self == .done || self == .failed }
  }

  /// Seconds that a device has to begin fetching, and to tell its result after that: it is away in between.
  static let fetching = 600
  static let finishing = 2_700

  let id: String
  let device: String
  let file: String
  let firmware: String
  let by: String
  /// Milliseconds since 1970.
  let started: Int64
  var state = State.offered
  var changed: Int64
  var reason: String?

  init(id: String, device: String, file: String, firmware: String, by: String, now: WallTime) {
    (self.id, self.device, self.file, self.firmware, self.by) = (id, device, file, firmware, by)
    (started, changed) = (now.milliseconds, now.milliseconds)
  }

  /// Whether the device may still fetch the file.
  var mayFetch: Bool { state == .offered || state == .accepted || state == .downloading }

  mutating func accepted(now: WallTime) { go(.accepted, from: [.offered], now) }

  mutating func refused(_ reason: String, now: WallTime) { fail(reason, now) }

  mutating func began(now: WallTime) { go(.downloading, from: [.offered, .accepted], now) }

  /// - Parameter isWhole: false when the transfer broke off: the device may try again.
  mutating func fetched(isWhole: Bool, now: WallTime) {
    if isWhole { go(.downloaded, from: [.offered, .accepted, .downloading], now) }
  }

  /// The device registered anew.
  mutating func returned(now: WallTime) { go(.restarted, from: [.downloaded], now) }

  mutating func result(_ result: UpgradeResult, now: WallTime) {
    guard !state.isOver else { return }
    if result.isOK {
      (state, changed, reason) = (.done, now.milliseconds, nil)
    } else {
      fail((result.failure ?? .other).word, now)
    }
  }

  /// Time passes.
  /// - Parameter firmware: what the device last said it runs.
  mutating func tick(now: WallTime, firmware present: String?) {
    guard !state.isOver else { return }
    let age = (now.milliseconds - changed) / 1_000
    switch state {
    case .offered, .accepted: if age >= Self.fetching { fail("not-fetched", now) }
    case .downloading: if age >= Self.finishing { fail("download-broken-off", now) }
    case .downloaded, .restarted:
      guard age >= Self.finishing else { return }
      // Some never tell; what they run tells it, too.
      if present == firmware { (state, changed) = (.done, now.milliseconds) } else { fail("no-result", now) }
    case .done, .failed: break
    }
  }

  private mutating func go(_ next: State, from allowed: Set<State>, _ now: WallTime) {
    guard allowed.contains(state) else { return }
    (state, changed) = (next, now.milliseconds)
  }

  private mutating func fail(_ why: String, _ now: WallTime) {
    guard !state.isOver else { return }
    (state, changed, reason) = (.failed, now.milliseconds, why)
  }
}

extension UpgradeResult.Failure {
  /// The word of the API.
  var word: String {
    switch self {
    case .downloadTimeout: "download-timeout"
    case .corruptPackage: "corrupt-package"
    case .systemError: "system-error"
    case .other: "other"
    }
  }
}
