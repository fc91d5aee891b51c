/// What a decision must know of a channel, given by the caller: this module knows no registry.
public struct ChannelFacts: Sendable, Hashable {
  /// The channel as grants and logs write it.
  public var key: String
  /// Everything it hangs below, at any depth, and its own code: devices, systems, administrative areas.
  public var ancestors: Set<String>
  /// Business groups and virtual organisations it belongs to, at any depth.
  public var groups: Set<String>
  public var labels: Set<String>

  public init(key: String, ancestors: Set<String> = [], groups: Set<String> = [], labels: Set<String> = []) {
    (self.key, self.ancestors, self.groups, self.labels) = (key, ancestors, groups, labels)
  }
}

/// Which channels a grant is about.
public enum GrantScope: Sendable, Hashable {
  /// Every channel of this level, also those to come.
  case all
  /// Everything below a device, a system or an administrative area.
  case subtree(String)
  /// Everything in a business group or virtual organisation.
  case group(String)
  case list(Set<String>)
  case label(String)

  /// Whether the channel is meant.
  public func contains(_ channel: ChannelFacts) -> Bool {
    switch self {
    case .all: true
    case .subtree(let node): channel.ancestors.contains(node)
    case .group(let code): channel.groups.contains(code)
    case .list(let keys): keys.contains(channel.key)
    case .label(let label): channel.labels.contains(label)
    }
  }
}
