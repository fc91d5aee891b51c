import GBCore
import Registry

/// Whom to call so that somebody is heard at a channel (§12.1).
enum VoiceTargets {
  /// The loudspeaker of the channel, or the only one of its device; then the channel, then the device: what has no
  /// loudspeaker in its catalog may have one all the same.
  static func of(_ key: ChannelKey, channels: [Channel]) -> [DeviceID] {
    var targets: [DeviceID] = []
    let loudspeakers = channels.filter { $0.key.device == key.device && $0.key.channel.typeCode == 137 }
    if key.channel.typeCode != 137 {
      if let own = loudspeakers.first(where: { $0.placement.parent == key.channel }) {
        targets.append(own.key.channel)
      } else if loudspeakers.count == 1 {
        targets.append(loudspeakers[0].key.channel)
      }
    }
    for code in [key.channel, key.device] where !targets.contains(code) { targets.append(code) }
    return targets
  }
}
