public import MediaTime

/// The shapes of requests and answers of the HTTP interface: what is here is the public contract.
///
/// Times are RFC 3339 in UTC, identifiers are strings, absent values are left out.
public enum API {
  /// A moment, written as RFC 3339 with milliseconds.
  public struct Time: Codable, Sendable, Hashable, Comparable {
    public var wall: WallTime

    public init(_ wall: WallTime) { self.wall = wall }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let wall = WallTime(rfc3339: text) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "expected a time such as 2026-01-31T08:00:00Z, with a zone")
      }
      self.wall = wall
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      try container.encode(wall.rfc3339)
    }

    public static func < (left: Time, right: Time) -> Bool { left.wall < right.wall }
  }

  /// One page of a list. `next` is the cursor of the following page, absent at the end.
  public struct Page<Item: Codable & Sendable & Hashable>: Codable, Sendable, Hashable {
    public var items: [Item]
    public var next: String?
    /// How many there are in all, where that is cheap to know.
    public var total: Int?

    public init(items: [Item], next: String? = nil, total: Int? = nil) {
      (self.items, self.next, self.total) = (items, next, total)
    }
  }

  /// Whether a device answers.
  public enum DeviceStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case online, suspect, offline, unknown
  }

  /// Whether a channel can be expected to deliver.
  public enum ChannelStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case online, suspect, offline, unknown
  }

  /// What a node of the catalog is.
  public enum ChannelKind: String, Codable, Sendable, Hashable, CaseIterable {
    case camera, group, organisation, area, device, alarm, audio, other
  }

  /// What the recorder does with a channel.
  public enum RecordingState: String, Codable, Sendable, Hashable, CaseIterable {
    case recording, planned, off, failed
  }

  /// The plans there are.
  public enum RecordingPlanName: String, Codable, Sendable, Hashable, CaseIterable {
    case continuous, off
  }

  /// How the nodes of a tree are arranged.
  public enum TreeView: String, Codable, Sendable, Hashable, CaseIterable {
    case device, civil, business
  }

  /// Which way a message went, seen from here.
  public enum MessageDirection: String, Codable, Sendable, Hashable {
    case `in`, out
  }

  /// What a media session is doing.
  public enum MediaSessionState: String, Codable, Sendable, Hashable, CaseIterable {
    case connecting, live, stale, ended, error
  }

  /// What a media session shows.
  public enum MediaSessionKind: String, Codable, Sendable, Hashable, CaseIterable {
    case live, playback
  }

  /// How a check came out, from best to worst.
  public enum CheckStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case ok, warn, fail
  }
}
