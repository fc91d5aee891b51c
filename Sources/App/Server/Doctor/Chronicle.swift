import GBCore
import MediaTime
import Synchronization

/// What happened at the door with each device lately: the facts that a diagnosis needs and that nobody else keeps.
///
/// Written when something changes, not for every heartbeat. Bounded by the devices that are provisioned.
final class Chronicle: Sendable {
  /// What the last attempt to register ended with.
  struct Door: Sendable, Hashable {
    var refusal: RegistrationRefusal?
    /// The realm in the digest that was refused.
    var digestRealm: String?
    /// The code that its REGISTER was sent to.
    var addressedPlatform: String?
    var host: String?
    var saidGoodbye = false
    var unansweredChallenges = 0
  }

  private struct Story: Sendable {
    var door = Door()
    /// When it came back after silence, and from which hosts it registered; within ``window``.
    var returns: [WallTime] = []
    var hosts: [(host: String, at: WallTime)] = []
  }

  static let window: Duration = .seconds(3_600)
  /// More of a kind say nothing new.
  private static let most = 16

  private let stories = Mutex<[DeviceID: Story]>([:])

  func challenged(_ device: DeviceID, host: String, platform: String?) {
    stories.withLock { stories in
      stories[device, default: Story()].door.unansweredChallenges += 1
      stories[device]?.door.host = host
      stories[device]?.door.addressedPlatform = platform
    }
  }

  func refused(_ device: DeviceID, _ reason: RegistrationRefusal, host: String, realm: String?) {
    stories.withLock { stories in
      let platform = stories[device]?.door.addressedPlatform
      stories[device, default: Story()].door = Door(
        refusal: reason, digestRealm: realm, addressedPlatform: platform, host: host)
    }
  }

  func registered(_ device: DeviceID, host: String, at now: WallTime) {
    stories.withLock { stories in
      stories[device, default: Story()].door = Door(host: host)
      guard stories[device]?.hosts.last?.host != host else { return }
      stories[device]?.hosts.append((host, now))
      if let count = stories[device]?.hosts.count, count > Self.most { stories[device]?.hosts.removeFirst() }
    }
  }

  /// It signed off.
  func left(_ device: DeviceID) {
    stories.withLock { stories in
      let host = stories[device]?.door.host
      stories[device, default: Story()].door = Door(host: host, saidGoodbye: true)
    }
  }

  func changed(_ change: LivenessChange, at now: WallTime) {
    switch change.cause {
    case .unregistered: left(change.device)
    case .heard, .registered:
      // The first registration of its life is no return.
      guard change.state == .online, change.previous == .offline else { return }
      stories.withLock { stories in
        guard stories[change.device]?.hosts.isEmpty == false else { return }
        stories[change.device]?.returns.append(now)
        if let count = stories[change.device]?.returns.count, count > Self.most {
          stories[change.device]?.returns.removeFirst()
        }
      }
    case .silent, .expired, .disconnected, .notRegistered: break
    }
  }

  func forget(_ device: DeviceID) { stories.withLock { $0[device] = nil } }

  func door(_ device: DeviceID) -> Door { stories.withLock { $0[device]?.door } ?? Door() }

  /// Returns after silence, and different hosts, within the last hour.
  func unrest(_ device: DeviceID, at now: WallTime) -> (returns: Int, hosts: Int) {
    guard let story = stories.withLock({ $0[device] }) else { return (0, 1) }
    let begin = now - Self.window
    let recent = story.hosts.filter { $0.at >= begin }.map(\.host)
    // The host it came from before the window still is one of those it takes turns with.
    let hosts = Set(recent + story.hosts.suffix(1).map(\.host))
    return (story.returns.count { $0 >= begin }, max(1, hosts.count))
  }
}
