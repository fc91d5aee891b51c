import GBCore
import Glibc
import MediaTime
import NIOCore
import SIPCore

/// One run of one case: the words that a case is written in.
///
/// A case makes itself devices, sends, expects and checks. Everything it opened is closed when it ends.
final class Script: Sendable {
  let test: ConformCase
  let edition: Edition
  let settings: ConformSettings
  let ladder = Ladder()
  let loop: any EventLoop
  /// The address that this case's sockets have: its own on loopback, so that limits per source hit it alone.
  let host: String
  private let opened = Guarded<[@Sendable () async -> Void]>([])
  private let counted = Guarded(0)
  /// The upper platform that the lower one under test has registered at; only in cases of list U.
  let upper: UpperPlatform?

  init(
    _ test: ConformCase, _ edition: Edition, _ settings: ConformSettings, loop: any EventLoop,
    upper: UpperPlatform?
  ) {
    (self.test, self.edition, self.settings, self.loop, self.upper) = (test, edition, settings, loop, upper)
    let list = test.list == .downLink ? 1 : test.list == .robustness ? 2 : 3
    host =
      settings.isLoopback
      ? "127.\(list * 10 + (edition == .edition2022 ? 1 : 0)).\(test.number).1" : settings.localHost
  }

  /// Another address of this machine, for what a stranger does; nil when there is none.
  var otherHost: String? { settings.isLoopback ? String(host.dropLast()) + "2" : nil }

  var actions: any PeerActions { settings.actions }

  // MARK: Who the tester is

  /// A new device or lower platform with a code of its own, known to the server.
  ///
  /// - Parameters:
  ///   - type: digits 11–13 of the code.
  ///   - channels: what its catalog lists, unless the case answers otherwise.
  func device(
    type: String = "118", channels: Int = 1, overTCP: Bool = false, keepalive: Int = 60, count: Int = 3,
    isKnown: Bool = true, edition: Edition? = nil
  ) async throws -> TestDevice {
    let index = counted.withLock { value in
      value += 1
      return value
    }
    let list = test.list == .downLink ? 1 : 2
    let serial = "\(list)" + padded(test.number, 2) + "\(self.edition == .edition2022 ? 2 : 1)"
    guard let id = DeviceID(settings.domain.prefix(10) + type + serial + padded(index, 3)) else {
      throw TesterError("\(settings.domain) gives no codes for devices")
    }
    let identity = TestIdentity(
      id: id, name: "Conform \(test.id) \(index)", password: settings.password,
      keepaliveInterval: keepalive, keepaliveCount: count)
    if isKnown { try await actions.provision(identity) }
    let device = TestDevice(
      identity, index: index, channels: channels, edition: edition ?? self.edition, script: self)
    onEnd { await device.leave() }
    try await device.connect(overTCP: overTCP)
    return device
  }

  /// What the case opened and the end of it closes.
  func onEnd(_ body: @escaping @Sendable () async -> Void) { opened.withLock { $0.append(body) } }

  func end() async {
    let all = opened.withLock { list in
      defer { list = [] }
      return list
    }
    for body in all.reversed() { await body() }
  }

  func padded(_ number: Int, _ digits: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  // MARK: Judging

  /// The case fails unless `condition` holds.
  func check(
    _ condition: Bool, _ cause: @autoclosure () -> String, expected: @autoclosure () -> String? = nil,
    came: @autoclosure () -> String? = nil
  ) throws {
    if !condition { throw CaseFailure(cause: cause(), expected: expected(), came: came()) }
  }

  /// The value, or the case fails.
  func require<Value>(_ value: Value?, _ cause: @autoclosure () -> String) throws -> Value {
    guard let value else { throw CaseFailure(cause: cause()) }
    return value
  }

  /// Asks until the condition holds, or fails with what was seen last.
  func eventually(
    _ cause: String, within: Duration, every: Duration = .milliseconds(100), came: Guarded<String>? = nil,
    _ condition: () async throws -> Bool
  ) async throws {
    let deadline = ContinuousClock.now + within
    while true {
      if try await condition() { return }
      guard ContinuousClock.now < deadline else {
        throw CaseFailure(cause: cause, expected: "within \(Self.text(within))", came: came?.value)
      }
      try await Task.sleep(for: every)
    }
  }

  /// Asks the system under test until it gives the answer.
  func eventually(_ question: PeerQuestion, is answer: String, within: Duration, _ cause: String) async throws
  {
    let last = Guarded("")
    try await eventually(cause, within: within, every: .milliseconds(200), came: last) {
      let said = try await actions.ask(question)
      last.withLock { $0 = "\(question.sentence) \(said)" }
      return said == answer
    }
  }

  /// Waits: for something that must take so long, or must not happen meanwhile.
  func pass(_ duration: Duration, _ why: String) async throws {
    ladder.note("waits \(Self.text(duration)): \(why)")
    try await Task.sleep(for: duration)
  }

  static func text(_ duration: Duration) -> String {
    let seconds = duration.seconds
    return seconds == seconds.rounded() ? "\(Int(seconds)) s" : "\((seconds * 10).rounded() / 10) s"
  }

  /// Beijing time.
  func now() -> WallTime { TesterClock.now() }
}

/// The machine's clock.
enum TesterClock {
  static func now() -> WallTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
