import Foundation
public import GBCore
import NIOCore
import NIOPosix
public import SIPCore
import Synchronization

/// Asks a person to act, for systems whose interface this program does not know.
public final class Prompted: PeerActions {
  private let isInteractive: Bool
  private let say: @Sendable (String) -> Void
  private let readLine: @Sendable () -> String?
  private let next = Mutex(0)

  /// - Parameters:
  ///   - isInteractive: false skips every case that needs somebody.
  ///   - say: prints a line for the person.
  ///   - readLine: waits for the person's line; nil at the end of the input.
  public init(
    isInteractive: Bool, say: @escaping @Sendable (String) -> Void,
    readLine: @escaping @Sendable () -> String? = { Swift.readLine() }
  ) {
    (self.isInteractive, self.say, self.readLine) = (isInteractive, say, readLine)
  }

  /// Says what to do and waits for Enter, or for an answer.
  @discardableResult
  private func prompt(_ text: String) async throws -> String {
    guard isInteractive else {
      throw ActionFailure.notPossible("needs a person: \(text)")
    }
    say("→ \(text)")
    let line = try await NIOThreadPool.singleton.runIfActive { [readLine] in readLine() }
    guard let line else { throw ActionFailure.notPossible("nobody answered: \(text)") }
    if line.lowercased() == "skip" { throw ActionFailure.notPossible("skipped by the person: \(text)") }
    return line.trimmingCharacters(in: .whitespaces)
  }

  public func provision(_ identity: TestIdentity) async throws {
    try await prompt(
      "Add device \(identity.id) with password \(identity.password), heartbeat \(identity.keepaliveInterval) s × "
        + "\(identity.keepaliveCount), then press Enter (or type “skip”).")
  }

  public func openLive(_ channel: TestChannel, stream: Int?) async throws -> OpenedPicture {
    let which = stream.map { $0 == 0 ? " (main stream)" : " (sub-stream)" } ?? ""
    try await prompt("Open the live picture of \(channel.channel)\(which), then press Enter.")
    return picture(channel)
  }

  public func openPlayback(_ channel: TestChannel, from: String, to: String) async throws -> OpenedPicture {
    try await prompt("Replay \(channel.channel) on the device from \(from) to \(to), then press Enter.")
    return picture(channel)
  }

  public func openDownload(_ channel: TestChannel, from: String, to: String) async throws {
    try await prompt("Download \(channel.channel) from the device, from \(from) to \(to), then press Enter.")
  }

  private func picture(_ channel: TestChannel) -> OpenedPicture {
    let number = next.withLock { value in
      value += 1
      return value
    }
    return OpenedPicture(handle: "\(channel.channel) #\(number)", address: "")
  }

  public func control(_ picture: OpenedPicture, _ change: PlaybackChange) async throws {
    let what =
      switch change {
      case .pause: "Pause"
      case .resume: "Go on with"
      case .rate(let rate): "Play at \(rate)× speed"
      case .seek(let seconds): "Go to \(Int(seconds)) s after the start of"
      }
    try await prompt("\(what) the replay of \(picture.handle), then press Enter.")
  }

  public func close(_ picture: OpenedPicture) async throws {
    try await prompt("Close the picture of \(picture.handle), then press Enter.")
  }

  public func order(_ order: PeerOrder, of channel: TestChannel) async throws {
    try await prompt("\(channel.channel): \(order.sentence), then press Enter.")
  }

  public func configure(_ channel: TestChannel, block: String, _ values: [String: Int]) async throws {
    let list = values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    try await prompt("Set \(block) of \(channel.channel) to \(list), then press Enter.")
  }

  public func upgrade(_ device: DeviceID, file: [UInt8], firmware: String) async throws {
    try await prompt("Upgrade \(device) to version \(firmware) with any small file, then press Enter.")
  }

  public func redirector(for identity: TestIdentity) async throws -> SIPHostPort {
    let answer = try await prompt(
      "Let a server that knows device \(identity.id) with password \(identity.password) send devices to the "
        + "server under test, then type its HOST:PORT.")
    guard let colon = answer.lastIndex(of: ":"), let port = Int(answer[answer.index(after: colon)...]) else {
      throw ActionFailure.notPossible("“\(answer)” is no HOST:PORT")
    }
    return SIPHostPort(host: String(answer[..<colon]), port: port)
  }

  public func ask(_ question: PeerQuestion) async throws -> String {
    let answer = try await prompt(question.sentence)
    return answer.lowercased() == "y" ? "yes" : answer.lowercased() == "n" ? "no" : answer
  }

  public func lower(_ order: LowerOrder) async throws {
    let what =
      switch order {
      case .start: "Let the lower platform register at this tester"
      case .stop: "Let the lower platform unregister"
      case .startWithWrongPassword: "Let the lower platform register with a wrong password"
      case .raiseAlarm: "Raise an alarm at a device of the lower platform"
      case .cut: "Cut the lower platform's network"
      }
    try await prompt("\(what), then press Enter.")
  }
}
